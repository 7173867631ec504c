"""The long form of a decision: every layer, every statement whose action matches, every condition."""

from __future__ import annotations

from collections.abc import Iterator

from watchword.iam._plan import Documents, layers_binding
from watchword.iam._principals import Needs
from watchword.iam._search import about_caller, needs_beside
from watchword.iam._standing import Caller, rcp_exemption, scp_exemption
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
from watchword.iam.service_rules import RuleEffect

_RESOURCE_SIDE = frozenset({Layer.RESOURCE, Layer.TRUST, Layer.KEY})
_ORDER = tuple(Layer)


def layers(request: Request, policies: PolicySet) -> tuple[LayerTrace, ...]:
    """Return what each layer says to a request, in the order in which AWS looks at them.

    Layers that cannot change the answer any more are there too: a service rule is shown with the
    policies that it overrules. Policies that are given and have no say are there with the reason.
    """
    found = [*_service(request), *_root(request), *_without_say(request, policies)]
    found += [
        _layer(layer, level, documents, request, policies)
        for layer, level, documents in layers_binding(policies, request.standing)
    ]
    found += _not_given(request, policies)
    return tuple(sorted(found, key=lambda trace: _ORDER.index(trace.layer)))


def _service(request: Request) -> Iterator[LayerTrace]:
    rule = service_rule(request)
    if rule is None:
        return
    refusal = f"{rule.aws_code}: {rule.aws_message}"
    match rule.effect:
        case RuleEffect.ALLOW:
            yield _noted(Layer.SERVICE, Outcome.ALLOWED, f"{request.action} needs no permission")
        case RuleEffect.REFUSE:
            yield _noted(Layer.SERVICE, Outcome.IMPLICIT_DENY, refusal)
        case RuleEffect.MAY_REFUSE:
            note = f"contested ({rule.contested}): {refusal}"
            yield _noted(Layer.SERVICE, Outcome.UNDETERMINED, note)


def _root(request: Request) -> Iterator[LayerTrace]:
    if request.standing.caller is not Caller.ROOT:
        return
    if request.cross_account or request.standing.side is Layer.KEY:
        note = "root has all permissions on its own side: identity policies and boundaries do not bind it"
    else:
        note = "root is allowed by itself: identity policies and boundaries do not bind it"
    yield _noted(Layer.ROOT, Outcome.ALLOWED, note)


def _without_say(request: Request, policies: PolicySet) -> Iterator[LayerTrace]:
    """Policies that were given, and why they do not count here."""
    principal = request.principal
    if policies.resource_control:
        why = rcp_exemption(principal, request.service, request.operation, request.resource)
        if why is not None:
            yield _noted(Layer.RESOURCE_CONTROL, Outcome.ALLOWED, why)
    if policies.service_control:
        why = scp_exemption(principal)
        if why is not None:
            yield _noted(Layer.SERVICE_CONTROL, Outcome.ALLOWED, why)
    if policies.resource is not None and request.standing.past_resource:
        why = "root of the bucket's owner may always read and change its policy"
        yield _noted(Layer.RESOURCE, Outcome.ALLOWED, why)


def _not_given(request: Request, policies: PolicySet) -> Iterator[LayerTrace]:
    """The resource's own policy, where it would have to allow and there is none."""
    standing = request.standing
    plan = policies.plan(request)
    if plan.missing is not None:
        yield _noted(standing.side, Outcome.UNDETERMINED, f"the {plan.missing} is not given, and must allow")
    elif (
        plan.side is not None
        and (policies.trust if standing.side is Layer.TRUST else policies.resource) is None
    ):
        whose = "another account's" if request.cross_account else "an account's"
        note = f"the resource is {whose}, and no policy of it is given that lets this caller in"
        yield _noted(standing.side, Outcome.IMPLICIT_DENY, note)


def _noted(layer: Layer, outcome: Outcome, note: str) -> LayerTrace:
    return LayerTrace(layer=layer, outcome=outcome, statements=(), note=note)


def _layer(
    layer: Layer, level: int | None, documents: Documents, request: Request, policies: PolicySet
) -> LayerTrace:
    rules = [
        rule
        for document in documents
        for rule in document.rules
        if request.operation in rule.actions.of(request.service)
    ]
    judged = [(rule, *_statement(rule, layer, request, policies)) for rule in rules]
    judged.sort(key=lambda each: not each[0].deny)
    denying = [result for rule, result, _ in judged if rule.deny]
    allowing = [(rule, result) for rule, result, _ in judged if not rule.deny]
    # What AWS attaches at every level of RCPs allows everything.
    allowed: list[Tri] = [True] if layer is Layer.RESOURCE_CONTROL else [result for _, result in allowing]
    return LayerTrace(
        layer=layer,
        outcome=_outcome(denying, allowed),
        statements=tuple(trace for _, _, trace in judged),
        note=_note(layer, documents, request, policies, [rule for rule, result in allowing if result]),
        level=level,
    )


def _note(
    layer: Layer, documents: Documents, request: Request, policies: PolicySet, allowing: list[Rule]
) -> str | None:
    if layer is Layer.SESSION and policies.session is None:
        return "a federated user session without a session policy may do nothing by itself"
    if layer in {Layer.SERVICE_CONTROL, Layer.SESSION} and not documents:
        return "no policy here: nothing is allowed"
    if layer not in _RESOURCE_SIDE or not allowing or request.standing.caller is not Caller.OWN_POLICIES:
        return None
    if request.cross_account:
        return "the caller is another account's: its own policies must allow too"
    needs = [each for rule in allowing if (each := needs_beside(rule, request, policies)) is not None]
    return _beside(min(needs, key=len), policies)


def _beside(needs: Needs, policies: PolicySet) -> str | None:
    words = {
        Layer.IDENTITY: "identity policies" if Layer.IDENTITY in needs else None,
        Layer.BOUNDARY: "permissions boundary" if policies.permissions_boundary is not None else None,
        Layer.SESSION: "session policies" if policies.session is not None else None,
    }
    named = [word for layer, word in words.items() if layer in needs and word is not None]
    return f"the caller's {' and '.join(named)} must allow too" if named else None


def _outcome(denying: list[Tri], allowing: list[Tri]) -> Outcome:
    denied, allowed = any_of(denying), any_of(allowing)
    if denied is True:
        return Outcome.EXPLICIT_DENY
    if allowed is False:
        return Outcome.IMPLICIT_DENY
    return Outcome.ALLOWED if allowed is True and denied is False else Outcome.UNDETERMINED


def _statement(rule: Rule, layer: Layer, request: Request, policies: PolicySet) -> tuple[Tri, StatementTrace]:
    """A statement with principals is judged in the context of the resource's side."""
    by_name = rule.principal is not None
    context = request.folded_trust if by_name else request.folded
    named = _named(rule, layer, request, policies) if by_name else True
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


def _named(rule: Rule, layer: Layer, request: Request, policies: PolicySet) -> Tri:
    named = about_caller(((None, None, rule, layer),), request, policies)
    if not named:
        return False
    unclear = named[0][1]
    return True if unclear is None else unclear({})


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
