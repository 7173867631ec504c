"""The long form of a decision: every layer, every statement whose action matches, every condition."""

from __future__ import annotations

from watchword.iam._assume import WITHOUT_OWN_SIDE, trust_needs
from watchword.iam._search import lacks_session_policy
from watchword.iam._tri import Tri, all_of, any_of
from watchword.iam.compile import Rule
from watchword.iam.context import Folded
from watchword.iam.decision import (
    ConditionTrace,
    Element,
    LayerTrace,
    Match,
    Request,
    StatementTrace,
)
from watchword.iam.evaluate import service_rule
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy import Effect
from watchword.iam.policy_set import PolicySet, Side
from watchword.iam.principal import PrincipalKind
from watchword.iam.service_rules import RuleEffect


def layers(request: Request, policies: PolicySet) -> tuple[LayerTrace, ...]:
    """Return what each layer says to a request, in the order in which they are looked at.

    Layers that cannot change the answer any more are there too: a service rule is shown with the
    policies that it overrules.
    """
    found = [*_service(request), *_root(request)]
    own_sides = () if request.principal.kind in WITHOUT_OWN_SIDE else policies.own_sides
    for layer, side in own_sides:
        found.append(_layer(layer, side, request, policies, request.folded))
    if lacks_session_policy(request, policies):
        note = "a federated user session without a session policy may do nothing by itself"
        found.append(LayerTrace(layer=Layer.SESSION, outcome=Outcome.IMPLICIT_DENY, statements=(), note=note))
    if policies.trust_side is not None:
        found.append(_layer(Layer.TRUST, policies.trust_side, request, policies, request.folded_trust))
    elif request.cross_account:
        note = "the resource is another account's, and no policy of that account is given"
        found.append(
            LayerTrace(layer=Layer.RESOURCE, outcome=Outcome.IMPLICIT_DENY, statements=(), note=note)
        )
    return tuple(found)


def _service(request: Request) -> list[LayerTrace]:
    rule = service_rule(request)
    if rule is None:
        return []
    if rule.effect is RuleEffect.ALLOW:
        note = f"{request.action} needs no permission"
        return [LayerTrace(layer=Layer.SERVICE, outcome=Outcome.ALLOWED, statements=(), note=note)]
    note = f"{rule.aws_code}: {rule.aws_message}"
    return [LayerTrace(layer=Layer.SERVICE, outcome=Outcome.IMPLICIT_DENY, statements=(), note=note)]


def _root(request: Request) -> list[LayerTrace]:
    if request.principal.kind is not PrincipalKind.ROOT:
        return []
    note = "root is allowed by itself: identity policies and boundaries do not bind it"
    return [LayerTrace(layer=Layer.ROOT, outcome=Outcome.ALLOWED, statements=(), note=note)]


def _layer(layer: Layer, side: Side, request: Request, policies: PolicySet, context: Folded) -> LayerTrace:
    denying, allowing = (
        [_statement(rule, request, policies, context) for rule in shelf.rules(request.operation)]
        for shelf in side.of(request.service)
    )
    return LayerTrace(
        layer=layer,
        outcome=_outcome([each for each, _ in denying], [each for each, _ in allowing]),
        statements=tuple(trace for _, trace in denying + allowing),
    )


def _outcome(denying: list[Tri], allowing: list[Tri]) -> Outcome:
    denied, allowed = any_of(denying), any_of(allowing)
    if denied is True:
        return Outcome.EXPLICIT_DENY
    if allowed is False:
        return Outcome.IMPLICIT_DENY
    return Outcome.ALLOWED if allowed is True and denied is False else Outcome.UNDETERMINED


def _statement(
    rule: Rule, request: Request, policies: PolicySet, context: Folded
) -> tuple[Tri, StatementTrace]:
    named: Tri = rule.principal is None or trust_needs(rule, request, policies) is not None
    resource: Tri = rule.resource is None or rule.resource(request.resource, context)
    results = [test(context) for _, test in rule.conditions]
    conditions = all_of(results)
    overall = all_of((named, resource, conditions))
    return overall, StatementTrace(
        ref=rule.ref,
        effect=Effect.DENY if rule.deny else Effect.ALLOW,
        match=_match(overall),
        failed=_failed(named, resource, conditions),
        conditions=_conditions(rule, results),
        missing=tuple(sorted(overall)) if isinstance(overall, frozenset) else (),
    )


def _failed(named: Tri, resource: Tri, conditions: Tri) -> Element | None:
    if named is False:
        return Element.PRINCIPAL
    if resource is False:
        return Element.RESOURCE
    return Element.CONDITION if conditions is False else None


def _conditions(rule: Rule, results: list[Tri]) -> tuple[ConditionTrace, ...]:
    traces = []
    for (condition, _), result in zip(rule.conditions, results, strict=True):
        place = rule.policy.place(condition.key.offset)
        trace = ConditionTrace(
            operator=str(condition.operator),
            key=condition.key.text,
            values=condition.values,
            line=place.line,
            column=place.column,
            match=_match(result),
        )
        traces.append(trace)
    return tuple(traces)


def _match(result: Tri) -> Match:
    if isinstance(result, bool):
        return Match.YES if result else Match.NO
    return Match.UNKNOWN
