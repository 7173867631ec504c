"""The decision: one request, the policies that apply to it, one answer.

Source: IAM User Guide, reference_policies_evaluation-logic and what follows it.
"""

from __future__ import annotations

from typing import TypeAlias

from watchword.iam._arn import account_of
from watchword.iam._principals import NOTHING_MORE, OWN_SIDE, Needs
from watchword.iam._tri import Tri, all_of, any_of
from watchword.iam.compile import Rule
from watchword.iam.context import AGE_KEY, PRESENT_KEY, UNKNOWN, Folded
from watchword.iam.decision import Decision, Request
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet, Shelf, Side
from watchword.iam.principal import PrincipalKind
from watchword.iam.service_rules import RuleEffect, ServiceRule, service_rules

_PRESENT = PRESENT_KEY.lower()
_AGE = AGE_KEY.lower()
_RULED_SERVICES = frozenset({"iam", "sts"})
_WITHOUT_OWN_SIDE = frozenset(
    {PrincipalKind.SERVICE, PrincipalKind.IDENTITY_PROVIDER, PrincipalKind.ANONYMOUS}
)

Pending: TypeAlias = list[tuple[Rule, frozenset[str]]]
"""Rules that match if what they miss turns out so."""

Found: TypeAlias = Rule | Pending | None
"""The first rule that certainly matches; else those that may; None when none can."""


def evaluate(request: Request, policies: PolicySet) -> Decision:
    """Return the decision on one request.

    `undetermined` is answered only when the outcome depends on a key that is `UNKNOWN`; which one is in
    `Decision.missing`. For `aws:MultiFactorAuthPresent` all three states are tried before saying so.
    """
    if request.credential is not None and request.service in _RULED_SERVICES:
        rule = service_rule(request)
        if rule is not None:
            return _ruled(rule, request, policies)
    decision = _decide(request, policies, request.folded, request.folded_trust)
    if decision.outcome is Outcome.UNDETERMINED and _PRESENT in _unknown_keys(request):
        return _by_mfa_state(request, policies) or decision
    return decision


def service_rule(request: Request) -> ServiceRule | None:
    """Return the service rule that settles the request, if the credential is known and there is one."""
    if request.credential is None:
        return None
    root = request.principal.kind is PrincipalKind.ROOT
    return service_rules(request.action, request.credential, root=root)


def _ruled(rule: ServiceRule, request: Request, policies: PolicySet) -> Decision:
    return Decision(
        outcome=Outcome.ALLOWED if rule.effect is RuleEffect.ALLOW else Outcome.IMPLICIT_DENY,
        layer=Layer.SERVICE,
        aws_code=rule.aws_code or None,
        aws_message=rule.aws_message or None,
        _request=request,
        _policies=policies,
    )


# -- one context


def _decide(request: Request, policies: PolicySet, own: Folded, trust: Folded) -> Decision:
    if policies.trust_side is not None:
        return _decide_trust(request, policies, policies.trust_side, own, trust)
    if request.principal.kind is PrincipalKind.ROOT:
        return _answer(request, policies, Outcome.ALLOWED, Layer.ROOT)
    layers = own_layers(policies)
    denial, doubts = _denied(request, layers, own)
    if denial is not None:
        return _answer(request, policies, Outcome.EXPLICIT_DENY, denial[0], denial[1])
    decided: Rule | None = None
    for layer, side in layers:
        allowing = find(side.of(request.service)[1], request, own)
        if allowing is None:
            return _answer(request, policies, Outcome.IMPLICIT_DENY, layer)
        if isinstance(allowing, list):
            doubts += [(layer, allowing)]
        elif layer is Layer.IDENTITY:
            decided = allowing
    if is_cross_account(request):
        return _answer(request, policies, Outcome.IMPLICIT_DENY, Layer.RESOURCE)
    if doubts:
        return _undetermined(request, policies, doubts)
    return _answer(request, policies, Outcome.ALLOWED, Layer.IDENTITY, decided)


def own_layers(policies: PolicySet) -> list[tuple[Layer, Side]]:
    """Return the layers of the caller's own side, in the order in which they are looked at."""
    layers = [(Layer.IDENTITY, policies.identity_side)]
    if policies.boundary_side is not None:
        layers.append((Layer.BOUNDARY, policies.boundary_side))
    if policies.session_side is not None:
        layers.append((Layer.SESSION, policies.session_side))
    return layers


def is_cross_account(request: Request) -> bool:
    """Whether the resource is another account's, so that its own policies would have to allow too."""
    owner = account_of(request.resource)
    return owner is not None and owner != request.principal.account


def find(shelf: Shelf, request: Request, context: Folded) -> Found:
    """Look for a rule of this shelf that covers the request."""
    name, resource = request.operation, request.resource
    pending: Pending | None = None
    for rule in shelf.exact.get(name, ()):
        result = rule.applies is None or rule.applies(resource, context)
        if result is True:
            return rule
        if result is not False:
            pending = [*(pending or ()), (rule, result)]
    for covers, rule in shelf.general:
        if covers is None or covers(name):
            result = rule.applies is None or rule.applies(resource, context)
            if result is True:
                return rule
            if result is not False:
                pending = [*(pending or ()), (rule, result)]
    return pending


Doubts: TypeAlias = list[tuple[Layer, Pending]]


def _denied(
    request: Request, layers: list[tuple[Layer, Side]], context: Folded
) -> tuple[tuple[Layer, Rule] | None, Doubts]:
    """Return the first certain Deny, and the Denies that are not certain."""
    doubts: Doubts = []
    for layer, side in layers:
        found = find(side.of(request.service)[0], request, context)
        if isinstance(found, Rule):
            return (layer, found), doubts
        if found is not None:
            doubts.append((layer, found))
    return None, doubts


def _answer(
    request: Request, policies: PolicySet, outcome: Outcome, layer: Layer, rule: Rule | None = None
) -> Decision:
    return Decision(
        outcome=outcome,
        layer=layer,
        statements=() if rule is None else (rule.ref,),
        _request=request,
        _policies=policies,
    )


def _undetermined(request: Request, policies: PolicySet, doubts: Doubts) -> Decision:
    pending = [each for _, rules in doubts for each in rules]
    return Decision(
        outcome=Outcome.UNDETERMINED,
        layer=doubts[0][0],
        statements=tuple(rule.ref for rule, _ in pending),
        missing=tuple(sorted({key for _, missing in pending for key in missing})),
        _request=request,
        _policies=policies,
    )


# -- a role's trust policy


def _decide_trust(request: Request, policies: PolicySet, side: Side, own: Folded, trust: Folded) -> Decision:
    """A role is assumed: its trust policy must allow, and so must some of the caller's own policies.

    Which ones depends on how the trust policy names the caller.
    """
    layers = [] if _has_no_own_side(request) else own_layers(policies)
    denial, doubts = _denied(request, layers, own)
    if denial is None:
        refused, maybe = trust_rules(side.of(request.service)[0], request, policies, trust)
        if refused:
            denial = (Layer.TRUST, refused[0][0])
        doubts += [(Layer.TRUST, [(rule, missing) for rule, missing, _ in maybe])] if maybe else []
    if denial is not None:
        return _answer(request, policies, Outcome.EXPLICIT_DENY, denial[0], denial[1])
    return _trusted(request, policies, side, doubts, own, trust)


def _has_no_own_side(request: Request) -> bool:
    kind = request.principal.kind
    return kind in _WITHOUT_OWN_SIDE or kind is PrincipalKind.ROOT


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
    if _has_no_own_side(request):
        return NOTHING_MORE
    return OWN_SIDE if is_cross_account(request) else needs


def _trusted(
    request: Request, policies: PolicySet, side: Side, doubts: Doubts, own: Folded, trust: Folded
) -> Decision:
    certain, maybe = trust_rules(side.of(request.service)[1], request, policies, trust)
    if not certain and not maybe:
        return _answer(request, policies, Outcome.IMPLICIT_DENY, Layer.TRUST)
    own_side = {} if _has_no_own_side(request) else _own_side(request, policies, own)
    results = [
        (
            rule,
            all_of(
                (missing or True, *(_settled(found) for layer, found in own_side.items() if layer in needs))
            ),
        )
        for rule, missing, needs in certain + maybe
    ]
    overall = any_of(result for _, result in results)
    if overall is False:
        refusing = _first_refusing(own_side)
        return _answer(request, policies, Outcome.IMPLICIT_DENY, refusing)
    allowing = next((rule for rule, result in results if result is True), None)
    if allowing is not None and not doubts:
        return _answer(request, policies, Outcome.ALLOWED, Layer.TRUST, allowing)
    if allowing is None:
        doubts.append(
            (Layer.TRUST, [(rule, result) for rule, result in results if isinstance(result, frozenset)])
        )
    return _undetermined(request, policies, doubts)


def _own_side(request: Request, policies: PolicySet, context: Folded) -> dict[Layer, Found]:
    return {
        layer: find(side.of(request.service)[1], request, context) for layer, side in own_layers(policies)
    }


def _settled(found: Found) -> Tri:
    if isinstance(found, list):
        return frozenset(key for _, missing in found for key in missing)
    return found is not None


def _first_refusing(own_side: dict[Layer, Found]) -> Layer:
    return next((layer for layer, found in own_side.items() if found is None), Layer.TRUST)


# -- the three states of MFA


def _unknown_keys(request: Request) -> set[str]:
    contexts = (request.folded, request.folded_trust)
    return {key for context in contexts for key, value in context.items() if value is UNKNOWN}


def _by_mfa_state(request: Request, policies: PolicySet) -> Decision | None:
    """Return the decision when it is the same whatever the MFA state is, else None."""
    decisions = [
        _decide(request, policies, _with_mfa(request.folded, state), _with_mfa(request.folded_trust, state))
        for state in (None, "false", "true")
    ]
    if len({decision.outcome for decision in decisions}) > 1:
        return None
    return decisions[0] if decisions[0].outcome is not Outcome.UNDETERMINED else None


def _with_mfa(context: Folded, state: str | None) -> Folded:
    """Return the context with one state of MFA put where it is not known. The age exists only with MFA."""
    if context.get(_PRESENT) is not UNKNOWN:
        return context
    changed = {key: value for key, value in context.items() if key not in {_PRESENT, _AGE}}
    if state is not None:
        changed[_PRESENT] = state
    if state == "true":
        changed[_AGE] = context.get(_AGE, UNKNOWN)
    return changed
