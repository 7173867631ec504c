"""Changes to a question: to what the request says, or to the policies. Each is made, and then asked again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from watchword.iam.compile import CompiledPolicy, Rule, compile_policy
from watchword.iam.context import ContextValue
from watchword.iam.credential import (
    CredentialKind,
    assume_role_keys,
    mfa_state,
)
from watchword.iam.decision import Request
from watchword.iam.outcome import Layer
from watchword.iam.parse import parse_policy
from watchword.iam.policy import Effect
from watchword.iam.policy_set import PolicySet
from watchword.iam.references import StatementRef
from watchword.iam.signing import KEYS_OF_THE_CREDENTIAL, credential_context

ADDED = "(added)"
"""What a policy is called that holds an added statement and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A request and the policies it is held against.

    `signed_with` is the kind of credential, also where the request leaves it out to have the pure decision
    of the policies.
    """

    request: Request
    policies: PolicySet
    signed_with: CredentialKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCredential:
    """Sign with another kind of credential of the same principal."""

    kind: CredentialKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCode:
    """Send a device's serial number and a code with the AssumeRole call, or leave both out."""

    sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetKey:
    """Let a condition key have this value; None: let it be absent."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAwayStatement:
    """Take a statement out of a policy of this layer; `level` as in `LayerTrace`."""

    layer: Layer
    level: int | None
    statement: StatementRef
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeAwayCondition:
    """Take one key under one operator out of a statement, or all its conditions where both are None."""

    layer: Layer
    level: int | None
    statement: StatementRef
    effect: Effect
    operator: str | None
    key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddStatement:
    """Put a statement, as JSON, into a policy of this layer, or into a new one where there is none."""

    layer: Layer
    level: int | None
    document: str


Step: TypeAlias = UseCredential | SendCode | SetKey | TakeAwayStatement | TakeAwayCondition | AddStatement


def changed(question: Question, step: Step) -> Question:
    """Return the question as it is once the step is made."""
    match step:
        case UseCredential():
            return _signed_otherwise(question, step.kind)
        case SendCode():
            return _with_code(question) if step.sent else _without_code(question)
        case SetKey():
            return replace(question, request=_with_key(question.request, step))
        case TakeAwayStatement() | TakeAwayCondition():
            return _without(question, step)
        case AddStatement():
            return _with_statement(question, step)


def policies_of(policies: PolicySet, layer: Layer, level: int | None) -> tuple[CompiledPolicy, ...]:
    """Return the policies of one layer, or of one of its levels."""
    match layer:
        case Layer.IDENTITY:
            return policies.identity
        case Layer.BOUNDARY:
            return _one(policies.permissions_boundary)
        case Layer.SESSION:
            return policies.session or ()
        case Layer.TRUST:
            return _one(policies.trust)
        case Layer.RESOURCE | Layer.KEY:
            return _one(policies.resource)
        case Layer.SERVICE_CONTROL:
            return policies.service_control[level or 0]
        case Layer.RESOURCE_CONTROL:
            return policies.resource_control[level or 0]
        case Layer.ENDPOINT:
            return _one((policies.endpoint or (None,))[level or 0])
        case Layer.SERVICE | Layer.ROOT:
            return ()


def _one(policy: CompiledPolicy | None) -> tuple[CompiledPolicy, ...]:
    return () if policy is None else (policy,)


def _with(
    policies: PolicySet, layer: Layer, level: int | None, documents: tuple[CompiledPolicy, ...]
) -> PolicySet:
    match layer:
        case Layer.IDENTITY:
            return replace(policies, identity=documents)
        case Layer.BOUNDARY:
            return replace(policies, permissions_boundary=documents[0])
        case Layer.SESSION:
            return replace(policies, session=documents)
        case Layer.TRUST:
            return replace(policies, trust=documents[0])
        case Layer.RESOURCE | Layer.KEY:
            return replace(policies, resource=documents[0])
        case Layer.SERVICE_CONTROL:
            levels = _put(policies.service_control, level or 0, documents)
            return replace(policies, service_control=levels)
        case Layer.RESOURCE_CONTROL:
            levels = _put(policies.resource_control, level or 0, documents)
            return replace(policies, resource_control=levels)
        case Layer.ENDPOINT:
            passed = [*(policies.endpoint or documents)]
            passed[level or 0] = documents[0]
            return replace(policies, endpoint=tuple(passed))
        case Layer.SERVICE | Layer.ROOT:
            return policies


def _put(
    levels: tuple[tuple[CompiledPolicy, ...], ...], level: int, documents: tuple[CompiledPolicy, ...]
) -> tuple[tuple[CompiledPolicy, ...], ...]:
    return (*levels[:level], documents, *levels[level + 1 :])


def _signed_otherwise(question: Question, kind: CredentialKind) -> Question:
    request = question.request
    rest = {key: value for key, value in request.context.items() if key.lower() not in KEYS_OF_THE_CREDENTIAL}
    context = {**rest, **credential_context(kind, assumptions=request.assumptions)}
    credential = None if request.credential is None else kind
    return replace(
        question, request=replace(request, context=context, credential=credential), signed_with=kind
    )


def _with_code(question: Question) -> Question:
    request = question.request
    if question.signed_with is None:
        return question
    keys = assume_role_keys(
        mfa_state(question.signed_with, request.assumptions),
        age_seconds=None,
        with_code=True,
        assumptions=request.assumptions,
    )
    context, trust = ({**request.context, **side} for side in (keys.own_policies, keys.trust_policy))
    return replace(question, request=replace(request, context=context, trust_context=trust))


def _without_code(question: Question) -> Question:
    """The call then carries what the credential carries, on both sides."""
    if question.signed_with is None:
        return question
    without = replace(question, request=replace(question.request, trust_context=None))
    return _signed_otherwise(without, question.signed_with)


def _with_key(request: Request, step: SetKey) -> Request:
    trust = request.trust_context
    return replace(
        request,
        context=_set(dict(request.context), step),
        trust_context=None if trust is None else _set(dict(trust), step),
    )


def _set(context: dict[str, ContextValue], step: SetKey) -> dict[str, ContextValue]:
    changed = {key: value for key, value in context.items() if key.lower() != step.key.lower()}
    return changed if step.value is None else {**changed, step.key: step.value}


def _without(question: Question, step: TakeAwayStatement | TakeAwayCondition) -> Question:
    documents = tuple(
        replace(each, rules=tuple(_rules_without(each, step))) if each.name == step.statement.policy else each
        for each in policies_of(question.policies, step.layer, step.level)
    )
    return replace(question, policies=_with(question.policies, step.layer, step.level, documents))


def _rules_without(document: CompiledPolicy, step: TakeAwayStatement | TakeAwayCondition) -> Iterator[Rule]:
    for rule in document.rules:
        if rule.ref != step.statement:
            yield rule
        elif isinstance(step, TakeAwayCondition):
            yield _freed(document, rule, step)


def _freed(document: CompiledPolicy, rule: Rule, step: TakeAwayCondition) -> Rule:
    """The statement is compiled anew, from what is left of it; the others stay as they are."""
    statement = next(each for each in document.policy.statements if each.index == rule.ref.index)
    kept = tuple(
        each
        for each in statement.conditions
        if step.key is not None and (str(each.operator), each.key.text) != (step.operator, step.key)
    )
    left = replace(document.policy, statements=(replace(statement, conditions=kept),))
    return compile_policy(left).rules[0]


def _with_statement(question: Question, step: AddStatement) -> Question:
    text = json.dumps({"Version": "2012-10-17", "Statement": [json.loads(step.document)]})
    added = compile_policy(parse_policy(text, name=ADDED))
    documents = policies_of(question.policies, step.layer, step.level)
    if documents:
        # One policy more is not always possible (a role has one trust policy): one statement more is.
        first = documents[0]
        documents = (replace(first, rules=first.rules + added.rules), *documents[1:])
    else:
        documents = (added,)
    return replace(question, policies=_with(question.policies, step.layer, step.level, documents))
