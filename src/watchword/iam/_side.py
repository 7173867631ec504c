"""The resource's own policy: beside the caller's policies, or in their place.

Source: IAM User Guide, reference_policies_evaluation-logic_policy-eval-denyallow (how a principal that
is named is limited), reference_policies_evaluation-logic-cross-account; AWS KMS Developer Guide,
key-policies.
"""

from __future__ import annotations

from collections.abc import Iterable

from watchword.iam._plan import Entry, Plan
from watchword.iam._principals import Needs
from watchword.iam._search import (
    Doubts,
    Found,
    Pending,
    applies,
    doubted,
    find,
    named_by,
    silence,
    undetermined,
)
from watchword.iam._tri import Tri, all_of
from watchword.iam.context import Folded
from watchword.iam.decision import Decision, Request
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet


def decide_side(
    request: Request, policies: PolicySet, plan: Plan, doubts: Doubts, own: Folded, trust: Folded
) -> Decision:
    """Decide where the resource's policy has a say; all that is needed in any case has been found.

    Each statement of it that names the caller is a way in, together with those of the caller's own
    layers that it does not stand in for. In the same account the caller's own policies are another way,
    but not to a role or a key.
    """
    if plan.missing is not None:
        return undetermined(request, policies, doubts, layer=request.standing.side, also=(plan.missing,))
    found = {layer: find(entries, request.resource, own) for layer, entries in plan.own}
    named = _naming_caller(request, policies, plan, trust)
    ways: list[tuple[Entry, Tri]] = [
        (entry, all_of((result, *_settled(found, needs)))) for entry, needs, result in named
    ]
    identity = found.get(Layer.IDENTITY)
    own_way = plan.own_suffices and all_of(_settled(found, found))
    if own_way is True and isinstance(identity, tuple):
        ways.insert(0, (identity, True))
    allowing = next((entry for entry, result in ways if result is True), None)
    if allowing is not None and not doubts:
        return Decision(Outcome.ALLOWED, allowing[3], request, policies, allowing[2].refs)
    if allowing is not None:
        return undetermined(request, policies, doubts)
    open_ways: Pending = [(entry, result) for entry, result in ways if isinstance(result, frozenset)]
    if isinstance(own_way, frozenset):
        open_ways += [each for pending in found.values() if isinstance(pending, list) for each in pending]
    if open_ways:
        return undetermined(request, policies, [*doubts, *open_ways])
    needed = frozenset[Layer]().union(*(needs for _, needs, _ in named))
    if not named and plan.own_suffices:
        needed = frozenset(found)
    return silence(request, policies, _first_refusing(found, needed) or request.standing.side)


def _naming_caller(
    request: Request, policies: PolicySet, plan: Plan, context: Folded
) -> list[tuple[Entry, Needs, Tri]]:
    """Return the statements that name the caller and match, or may, with what each needs beside it."""
    found: list[tuple[Entry, Needs, Tri]] = []
    for entry in plan.side:
        named = named_by(entry, request, policies)
        if named is None:
            continue
        result = applies(doubted(entry, named.doubt), request.resource, context)
        if result is not False:
            found.append((entry, named.needs, result))
    return found


def _settled(found: dict[Layer, Found], layers: Iterable[Layer]) -> Iterable[Tri]:
    """Say of each layer that is looked at whether it allows."""
    for layer in layers:
        if layer in found:
            each = found[layer]
            if isinstance(each, list):
                yield frozenset(key for _, missing in each for key in missing)
            else:
                yield each is not None


def _first_refusing(found: dict[Layer, Found], needed: Needs) -> Layer | None:
    return next((layer for layer, each in found.items() if each is None and layer in needed), None)
