"""Looks for the rules that cover a request, and puts answers together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from watchword.iam.compile import Rule
from watchword.iam.context import Folded
from watchword.iam.decision import Decision, Request
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet, Shelf
from watchword.iam.principal import PrincipalKind

Pending: TypeAlias = list[tuple[Rule, frozenset[str]]]
"""Rules that match if what they miss turns out so."""

Doubts: TypeAlias = Sequence[tuple[Layer, Pending]]

Found: TypeAlias = Rule | Pending | None
"""The first rule that certainly matches; else those that may; None when none can."""


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


def denied(
    request: Request, policies: PolicySet, context: Folded
) -> tuple[tuple[Layer, Rule] | None, Doubts]:
    """Return the first certain Deny of the caller's own side, and the Denies that are not certain."""
    doubts: Doubts = ()
    for layer, side in policies.own_sides:
        found = find(side.of(request.service)[0], request, context)
        if found is None:
            continue
        if isinstance(found, Rule):
            return (layer, found), ()
        doubts = [*doubts, (layer, found)]
    return None, doubts


def lacks_session_policy(request: Request, policies: PolicySet) -> bool:
    """Whether this is a federated user session without a session policy, which grants nothing.

    Source: STS API Reference, GetFederationToken (`Policy`).
    """
    return policies.session is None and request.principal.kind is PrincipalKind.FEDERATED_USER


def answer(
    request: Request, policies: PolicySet, outcome: Outcome, layer: Layer, rule: Rule | None = None
) -> Decision:
    return Decision(
        outcome=outcome,
        layer=layer,
        statements=() if rule is None else (rule.ref,),
        _request=request,
        _policies=policies,
    )


def undetermined(request: Request, policies: PolicySet, doubts: Doubts) -> Decision:
    pending = [each for _, rules in doubts for each in rules]
    return Decision(
        outcome=Outcome.UNDETERMINED,
        layer=doubts[0][0],
        statements=tuple(rule.ref for rule, _ in pending),
        missing=tuple(sorted({key for _, missing in pending for key in missing})),
        _request=request,
        _policies=policies,
    )
