"""Whom a change of policies lets in without MFA: what people must know before they make it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from watchword.iam.change import (
    AddStatement,
    Question,
    SendCode,
    SetKey,
    Step,
    TakeAwayCondition,
    TakeAwayStatement,
    UseCredential,
    changed,
    policies_of,
)
from watchword.iam.context import AGE_KEY, PRESENT_KEY
from watchword.iam.credential import CredentialKind, MfaState, mfa_state
from watchword.iam.evaluate import evaluate
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.signing import kinds_of

_MFA_KEYS: Final = frozenset({PRESENT_KEY.lower(), AGE_KEY.lower()})
_OWN: Final = frozenset({Layer.IDENTITY, Layer.BOUNDARY, Layer.SESSION})
_WITHOUT: Final = frozenset({MfaState.ABSENT, MfaState.FALSE})


def let_in_without_mfa(question: Question, steps: Iterable[Step]) -> tuple[CredentialKind, ...]:
    """Return the kinds without MFA that get the request allowed once the policies are changed by these steps.

    Only where the policies asked for MFA: it was allowed with MFA and not without, or the steps take away
    a condition on it. Empty for steps that change no policy, and for a principal that never has MFA, as long
    as the policies are its own: a Deny for lack of MFA must not reach a role.
    """
    steps = tuple(steps)
    request = question.request
    kinds = {kind: mfa_state(kind, request.assumptions) for kind in kinds_of(request.principal)}
    kinds.pop(CredentialKind.SERVICE_LINKED_ROLE, None)  # another sort of role, never this one
    never_has_mfa = MfaState.TRUE not in kinds.values()
    if not any(map(_changes_policies, steps)) or (never_has_mfa and not any(map(_binds_others, steps))):
        return ()
    before, after = _without_code(question), _without_code(question)
    for step in steps:
        before = changed(before, step) if isinstance(step, SetKey) else before
        after = changed(after, step) if isinstance(step, SetKey) or _changes_policies(step) else after
    asked = any(_asks_for_mfa(question, step) for step in steps) or _gets_in_with_mfa(before, kinds)
    without = (kind for kind, state in kinds.items() if state in _WITHOUT)
    return tuple(kind for kind in without if asked and _lets_in(after, kind) and not _lets_in(before, kind))


def _changes_policies(step: Step) -> bool:
    return isinstance(step, TakeAwayStatement | TakeAwayCondition | AddStatement)


def _binds_others(step: Step) -> bool:
    return isinstance(step, TakeAwayStatement | TakeAwayCondition) and step.layer not in _OWN


def _without_code(question: Question) -> Question:
    has_code = question.request.trust_context is not None
    return changed(question, SendCode(sent=False)) if has_code else question


def _gets_in_with_mfa(question: Question, kinds: dict[CredentialKind, MfaState]) -> bool:
    """Whether somebody gets in with MFA: with a credential that has it, or with a code in the call."""
    with_mfa = (kind for kind, state in kinds.items() if state is MfaState.TRUE)
    if any(_may_get_in(changed(question, UseCredential(kind=kind))) for kind in with_mfa):
        return True
    request = question.request
    assumes = (request.service, request.operation) == ("sts", "assumerole")
    return assumes and _may_get_in(changed(question, SendCode(sent=True)))


def _may_get_in(question: Question) -> bool:
    """Whether it is allowed, if the MFA is fresh enough: its age is not known."""
    decision = evaluate(question.request, question.policies)
    open_for_age = bool(decision.missing) and all(key.lower() in _MFA_KEYS for key in decision.missing)
    return decision.outcome is Outcome.ALLOWED or open_for_age


def _lets_in(question: Question, kind: CredentialKind) -> bool:
    asked = changed(question, UseCredential(kind=kind))
    return evaluate(asked.request, asked.policies).outcome is Outcome.ALLOWED


def _asks_for_mfa(question: Question, step: Step) -> bool:
    """Whether a step takes a condition on MFA away."""
    match step:
        case TakeAwayCondition() if step.key is not None:
            return step.key.lower() in _MFA_KEYS
        case TakeAwayStatement() | TakeAwayCondition():
            return any(key.lower() in _MFA_KEYS for key in _keys(question, step))
        case _:
            return False


def _keys(question: Question, step: TakeAwayStatement | TakeAwayCondition) -> Iterable[str]:
    for document in policies_of(question.policies, step.layer, step.level):
        if document.name == step.statement.policy:
            for statement in document.policy.statements:
                if statement.index == step.statement.index:
                    yield from (each.key.text for each in statement.conditions)
