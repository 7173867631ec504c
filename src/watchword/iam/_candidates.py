"""The changes that are worth trying to turn an answer: few, and in order of what they take to make."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from watchword.iam._samples import samples
from watchword.iam.change import (
    AddStatement,
    Question,
    SendCode,
    SetKey,
    Step,
    TakeAwayCondition,
    TakeAwayStatement,
    UseCredential,
)
from watchword.iam.context import AGE_KEY, UNKNOWN
from watchword.iam.credential import CredentialKind, MfaState, mfa_state
from watchword.iam.decision import ConditionTrace, Element, LayerTrace, Match, Request, StatementTrace
from watchword.iam.errors import PolicySyntaxError
from watchword.iam.outcome import Layer
from watchword.iam.parse import parse_policy
from watchword.iam.policy import Effect
from watchword.iam.principal import Principal, PrincipalKind, principal_context
from watchword.iam.signing import KEYS_OF_THE_CREDENTIAL, kinds_of

_VALUES_A_KEY: Final = 12
# Source: IAM User Guide, reference_policies_condition-keys: these are in every request (and the issue
# time and the age in every one that can have them).
_NEVER_ABSENT: Final = frozenset(
    {"aws:currenttime", "aws:epochtime", "aws:securetransport", "aws:tokenissuetime", AGE_KEY.lower()}
)
_WITH_PRINCIPAL: Final = frozenset({Layer.RESOURCE, Layer.TRUST, Layer.KEY, Layer.ENDPOINT})


def candidates(question: Question, layers: tuple[LayerTrace, ...], *, to_allow: bool) -> list[Step]:
    """Return the steps to try, the smallest kind first.

    Another credential, to be allowed one with MFA first; a code in the call; a key with another value, or
    absent; a statement, then a condition, taken away; a statement added. `to_allow` says to which side the
    answer should turn.
    """
    return list(
        chain(
            _credentials(question, with_mfa_first=to_allow),
            _codes(question),
            _keys(question.request, layers),
            _statements(layers, Effect.DENY if to_allow else Effect.ALLOW),
            _conditions(layers, Effect.ALLOW if to_allow else Effect.DENY),
            _additions(question, layers) if to_allow else (),
        )
    )


def fresh_credentials(
    question: Question, layers: tuple[LayerTrace, ...]
) -> list[tuple[UseCredential, SetKey]]:
    """Return credentials with MFA, each with an age of it that a condition on the age names."""
    ages = {
        value: None
        for condition in _conditions_met(layers)
        if condition.key.lower() == AGE_KEY.lower()
        for value in samples(condition.operator, condition.values)
        if value.isdecimal()
    }
    return [
        (step, SetKey(key=AGE_KEY, value=value))
        for step in _credentials(question, with_mfa_first=True)
        if _has_mfa(step.kind, question.request)
        for value in ages
    ]


def _credentials(question: Question, *, with_mfa_first: bool) -> Iterator[UseCredential]:
    """Whoever wants in is told the way with MFA before any other.

    A role is made by its service as a service-linked one, or never is one.
    """
    if question.signed_with is None or question.request.trust_context is not None:
        return
    kinds = kinds_of(question.request.principal)
    if with_mfa_first:
        kinds = tuple(sorted(kinds, key=lambda kind: not _has_mfa(kind, question.request)))
    for kind in kinds:
        if kind not in {question.signed_with, CredentialKind.SERVICE_LINKED_ROLE}:
            yield UseCredential(kind=kind)


def _has_mfa(kind: CredentialKind, request: Request) -> bool:
    return mfa_state(kind, request.assumptions) is MfaState.TRUE


def _codes(question: Question) -> Iterator[Step]:
    """A code goes with the call of a long-term key.

    Source: STS API Reference, AssumeRole (`SerialNumber`, `TokenCode`).
    """
    request = question.request
    assumes = (request.service, request.operation) == ("sts", "assumerole")
    if assumes and question.signed_with is CredentialKind.ACCESS_KEY:
        yield SendCode(sent=request.trust_context is None)


def _keys(request: Request, layers: tuple[LayerTrace, ...]) -> Iterator[Step]:
    fixed = {key.lower() for key in principal_context(request.principal)} | KEYS_OF_THE_CREDENTIAL
    tried: dict[str, dict[str, None]] = {}
    names: dict[str, str] = {}
    for condition in _conditions_met(layers):
        key = condition.key.lower()
        context = request.folded if key in request.folded else request.folded_trust
        if key in fixed and context.get(key) is not UNKNOWN:
            continue  # it follows from who asks, and with what
        names.setdefault(key, condition.key)
        tried.setdefault(key, {}).update(dict.fromkeys(samples(condition.operator, condition.values)))
    for key, values in tried.items():
        for value in (*islice(values, _VALUES_A_KEY), *_absence(key)):
            if request.folded.get(key) != value:
                yield SetKey(key=names[key], value=value)


def _conditions_met(layers: tuple[LayerTrace, ...]) -> Iterator[ConditionTrace]:
    """The conditions of statements that nothing else keeps from the request."""
    for statement in _all(layers):
        if statement.failed in {None, Element.CONDITION}:
            yield from statement.conditions


def _absence(key: str) -> tuple[None, ...]:
    return () if key in _NEVER_ABSENT else (None,)


def _all(layers: tuple[LayerTrace, ...]) -> Iterator[StatementTrace]:
    for layer in layers:
        yield from layer.statements


def _statements(layers: tuple[LayerTrace, ...], effect: Effect) -> Iterator[Step]:
    for layer in layers:
        for each in layer.statements:
            if each.effect is effect and each.match is not Match.NO:
                yield TakeAwayStatement(
                    layer=layer.layer, level=layer.level, statement=each.ref, effect=effect
                )


def _conditions(layers: tuple[LayerTrace, ...], effect: Effect) -> Iterator[Step]:
    for layer in layers:
        for each in layer.statements:
            if each.effect is effect and each.match is not Match.YES:
                yield from _of_statement(layer, each)


def _of_statement(layer: LayerTrace, statement: StatementTrace) -> Iterator[Step]:
    if statement.failed not in {None, Element.CONDITION}:
        return
    failing = [each for each in statement.conditions if each.match is not Match.YES]
    pairs: list[tuple[str | None, str | None]] = [(each.operator, each.key) for each in failing]
    if len(failing) > 1:
        pairs.append((None, None))
    for operator, key in pairs:
        yield TakeAwayCondition(
            layer=layer.layer,
            level=layer.level,
            statement=statement.ref,
            effect=statement.effect,
            operator=operator,
            key=key,
        )


def _additions(question: Question, layers: tuple[LayerTrace, ...]) -> Iterator[Step]:
    request = question.request
    silent = [(each.layer, each.level) for each in layers if not _surely_allows(each)]
    for layer, level in silent:
        if layer in {Layer.SERVICE, Layer.ROOT, Layer.RESOURCE_CONTROL}:
            continue
        if layer is Layer.RESOURCE and not _may_have_policy(question):
            continue
        document = _statement(request, layer)
        if _is_valid(document):
            yield AddStatement(layer=layer, level=level, document=document)


def _may_have_policy(question: Question) -> bool:
    """Whether a resource policy is worth speaking of: many resources cannot have one."""
    request, policies = question.request, question.policies
    nobodys = request.principal.kind is PrincipalKind.ANONYMOUS
    return policies.resource is not None or request.cross_account or nobodys


def _surely_allows(layer: LayerTrace) -> bool:
    return any(each.effect is Effect.ALLOW and each.match is Match.YES for each in layer.statements)


def _statement(request: Request, layer: Layer) -> str:
    """Return the narrowest statement that allows the call, as JSON."""
    statement: dict[str, object] = {"Effect": "Allow"}
    if layer is Layer.ENDPOINT:
        statement["Principal"] = "*"
    elif layer in _WITH_PRINCIPAL:
        statement["Principal"] = _named(request.principal)
    statement["Action"] = request.action
    if layer is Layer.KEY:
        statement["Resource"] = "*"
    elif layer is not Layer.TRUST:
        statement["Resource"] = request.resource
    return json.dumps(statement, indent=2)


def _named(principal: Principal) -> object:
    match principal.kind:
        case PrincipalKind.ANONYMOUS:
            return "*"
        case PrincipalKind.SERVICE:
            return {"Service": principal.arn}
        case PrincipalKind.IDENTITY_PROVIDER:
            return {"Federated": principal.arn}
        case PrincipalKind.ROLE_SESSION:
            return {"AWS": principal.role_arn or principal.arn}
        case _:
            return {"AWS": principal.arn}


def _is_valid(document: str) -> bool:
    """Whether the request's own words may stand in a policy: a resource need not be an ARN."""
    try:
        parse_policy(f'{{"Version": "2012-10-17", "Statement": [{document}]}}', name="added")
    except PolicySyntaxError:
        return False
    return True
