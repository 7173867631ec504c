"""The long form of a decision: every layer, every statement whose action matches, every condition."""

from __future__ import annotations

from typing import Final

from watchword.iam._notes import by_itself, note_on
from watchword.iam._plan import Documents, Entry, covering, layers_binding
from watchword.iam._search import named_by
from watchword.iam._tri import Tri, all_of, any_of
from watchword.iam.compile import Rule
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
from watchword.iam.policy_set import PolicySet

_ORDER: Final = tuple(Layer)


def layers(request: Request, policies: PolicySet) -> tuple[LayerTrace, ...]:
    """Return what each layer says to a request, in the order in which AWS looks at them.

    Layers that cannot change the answer any more are there too: a service rule is shown with the
    policies that it overrules. Policies that are given and have no say are there with the reason.
    """
    found = [
        LayerTrace(layer=layer, outcome=outcome, statements=(), note=note)
        for layer, outcome, note in by_itself(request, policies, service_rule(request))
    ]
    found += [
        _layer(layer, level, documents, request, policies)
        for layer, level, documents in layers_binding(policies, request.standing)
    ]
    return tuple(sorted(found, key=lambda trace: _ORDER.index(trace.layer)))


def _layer(
    layer: Layer, level: int | None, documents: Documents, request: Request, policies: PolicySet
) -> LayerTrace:
    entries = sorted(
        covering(layer, documents, request.service, request.operation), key=lambda entry: not entry[2].deny
    )
    judged = [(entry, *_statement(entry, request, policies)) for entry in entries]
    denying = [result for (_, _, rule, _), result, _ in judged if rule.deny]
    allowing = [(entry, result) for entry, result, _ in judged if not entry[2].deny]
    # What AWS attaches at every level of RCPs allows everything.
    allowed: list[Tri] = [True] if layer is Layer.RESOURCE_CONTROL else [result for _, result in allowing]
    ways = [named_by(entry, request, policies) for entry, result in allowing if result is not False]
    return LayerTrace(
        layer=layer,
        outcome=_outcome(denying, allowed),
        statements=tuple(trace for _, _, trace in judged),
        note=note_on(layer, documents, request, policies, [each.needs for each in ways if each is not None]),
        level=level,
    )


def _outcome(denying: list[Tri], allowing: list[Tri]) -> Outcome:
    denied, allowed = any_of(denying), any_of(allowing)
    if denied is True:
        return Outcome.EXPLICIT_DENY
    if allowed is False:
        return Outcome.IMPLICIT_DENY
    return Outcome.ALLOWED if allowed is True and denied is False else Outcome.UNDETERMINED


def _statement(entry: Entry, request: Request, policies: PolicySet) -> tuple[Tri, StatementTrace]:
    """A statement with principals is judged in the context of the resource's side."""
    rule = entry[2]
    by_name = rule.principal is not None
    context = request.folded_trust if by_name else request.folded
    named = _named(entry, request, policies) if by_name else True
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


def _named(entry: Entry, request: Request, policies: PolicySet) -> Tri:
    named = named_by(entry, request, policies)
    return False if named is None else named.doubt or True


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
