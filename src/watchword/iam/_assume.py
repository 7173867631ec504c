"""Who may assume a role: the one place where a policy names its principals.

Source: IAM User Guide, reference_policies_evaluation-logic (how a principal that is named is limited)
and access_policies-cross-account-resource-access.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from watchword.iam._principals import NOTHING_MORE, OWN_SIDE, Needs
from watchword.iam._search import Doubts, Found, answer, denied, find, lacks_session_policy, undetermined
from watchword.iam._tri import Tri, all_of
from watchword.iam.compile import Rule
from watchword.iam.context import Folded
from watchword.iam.decision import Decision, Request
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet, Shelf, Side
from watchword.iam.principal import PrincipalKind

WITHOUT_OWN_SIDE: Final = frozenset(
    {PrincipalKind.ROOT, PrincipalKind.SERVICE, PrincipalKind.IDENTITY_PROVIDER, PrincipalKind.ANONYMOUS}
)


def decide_trust(request: Request, policies: PolicySet, side: Side, own: Folded, trust: Folded) -> Decision:
    """A role is assumed: its trust policy must allow, and so must some of the caller's own policies.

    Which ones depends on how the trust policy names the caller.
    """
    denial: tuple[Layer, Rule] | None = None
    doubts: Doubts = ()
    if request.principal.kind not in WITHOUT_OWN_SIDE:
        denial, doubts = denied(request, policies, own)
    if denial is None:
        refused, maybe = trust_rules(side.of(request.service)[0], request, policies, trust)
        if refused:
            denial = (Layer.TRUST, refused[0][0])
        if maybe:
            doubts = [*doubts, (Layer.TRUST, [(rule, missing) for rule, missing, _ in maybe])]
    if denial is not None:
        return answer(request, policies, Outcome.EXPLICIT_DENY, denial[0], denial[1])
    return _trusted(request, policies, side, doubts, own, trust)


TrustRules: TypeAlias = list[tuple[Rule, frozenset[str], Needs]]


def trust_rules(
    shelf: Shelf, request: Request, policies: PolicySet, context: Folded
) -> tuple[TrustRules, TrustRules]:
    """Return the rules that name the caller and certainly match, and those that may match."""
    certain: TrustRules = []
    maybe: TrustRules = []
    for rule in shelf.rules(request.operation):
        needs = trust_needs(rule, request, policies)
        if needs is None:
            continue
        result = rule.applies is None or rule.applies(request.resource, context)
        if result is True:
            certain.append((rule, frozenset(), needs))
        elif result is not False:
            maybe.append((rule, result, needs))
    return certain, maybe


def trust_needs(rule: Rule, request: Request, policies: PolicySet) -> Needs | None:
    """Return what must allow beside this rule; None when the rule is not about the caller."""
    if rule.principal is None:
        return None
    needs = rule.principal(request.principal, policies.permissions_boundary is not None)
    if needs is None:
        return None
    if request.principal.kind in WITHOUT_OWN_SIDE:
        return NOTHING_MORE
    return OWN_SIDE if request.cross_account else needs


def _trusted(
    request: Request, policies: PolicySet, side: Side, doubts: Doubts, own: Folded, trust: Folded
) -> Decision:
    certain, maybe = trust_rules(side.of(request.service)[1], request, policies, trust)
    if not certain and not maybe:
        return answer(request, policies, Outcome.IMPLICIT_DENY, Layer.TRUST)
    own_side = {} if request.principal.kind in WITHOUT_OWN_SIDE else _own_side(request, policies, own)
    results = [(rule, _with_own_side(missing, needs, own_side)) for rule, missing, needs in certain + maybe]
    allowing = next((rule for rule, result in results if result is True), None)
    if allowing is not None and not doubts:
        return answer(request, policies, Outcome.ALLOWED, Layer.TRUST, allowing)
    open_rules = [(rule, result) for rule, result in results if isinstance(result, frozenset)]
    if allowing is None and not open_rules:
        needed = frozenset[Layer]().union(*(needs for _, _, needs in certain + maybe))
        return answer(request, policies, Outcome.IMPLICIT_DENY, _first_refusing(own_side, needed))
    if allowing is None:
        doubts = [*doubts, (Layer.TRUST, open_rules)]
    return undetermined(request, policies, doubts)


def _with_own_side(missing: frozenset[str], needs: Needs, own_side: dict[Layer, Found]) -> Tri:
    needed = (_settled(found) for layer, found in own_side.items() if layer in needs)
    return all_of((missing or True, *needed))


def _own_side(request: Request, policies: PolicySet, context: Folded) -> dict[Layer, Found]:
    found = {layer: find(side.of(request.service)[1], request, context) for layer, side in policies.own_sides}
    return {**found, Layer.SESSION: None} if lacks_session_policy(request, policies) else found


def _settled(found: Found) -> Tri:
    if isinstance(found, list):
        return frozenset(key for _, missing in found for key in missing)
    return found is not None


def _first_refusing(own_side: dict[Layer, Found], needed: Needs) -> Layer:
    refusing = (layer for layer, found in own_side.items() if found is None and layer in needed)
    return next(refusing, Layer.TRUST)
