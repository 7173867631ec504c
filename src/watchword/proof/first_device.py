"""Whether a user can make itself an MFA device without having one: the way to MFA, and no way round it."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from watchword.iam import Decision, Outcome, Request, evaluate, mfa_context
from watchword.proof.chain import Chain, ChainStep, StepKind
from watchword.proof.effects import Ask, has_device
from watchword.proof.permitted import together
from watchword.proof.reach import Found, Impossible, Subject, Undetermined

if TYPE_CHECKING:
    from watchword.proof.expansion import Expansion
    from watchword.proof.states import State

_MAKE: Final = "iam:CreateVirtualMFADevice"
_ENABLE: Final = "iam:EnableMFADevice"


class Answer(enum.StrEnum):
    """Of a question about one user or role."""

    YES = "yes"
    NO = "no"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstDevice:
    """Whether a user can enrol its own first MFA device without MFA.

    `chain` is how, for `YES`; `why` says what stops it, or leaves it open.
    """

    answer: Answer
    chain: Chain | None
    why: str


def first_device(expansion: Expansion, arn: str, states: Sequence[State]) -> FirstDevice:
    """Return the answer for a user in any of these states, none of which has MFA.

    A device that makes codes is made (CreateVirtualMFADevice) and enabled for the user (EnableMFADevice).
    With the second alone a hardware device or a security key could be: nobody knows who has one.

    Raises KeyError when no account has the user.

    Source: IAM User Guide, id_credentials_mfa_enable_virtual and id_credentials_mfa_enable_fido.
    """
    reacher = expansion.reacher
    account = reacher.accounts.account_of(arn)
    if account is None:
        raise KeyError(arn)
    subjects = [reacher.subject(arn, state) for state in states]
    if has_device(account, arn):
        return FirstDevice(answer=Answer.NO, chain=None, why="it has a device already")
    open_: list[str] = []
    stopped: list[str] = []
    for subject in subjects:
        found = _enrolled(expansion, subject)
        if isinstance(found, Chain):
            return FirstDevice(answer=Answer.YES, chain=found, why="")
        (open_ if found.startswith(_OPEN) else stopped).append(found.removeprefix(_OPEN))
    answer = Answer.UNDETERMINED if open_ else Answer.NO
    why = (open_ or stopped or ["it has no credential"])[0]
    return FirstDevice(answer=answer, chain=None, why=why)


_OPEN: Final = "?"
"""Begins a reason that leaves the question open."""


def _enrolled(expansion: Expansion, subject: Subject) -> Chain | str:
    """Return how a subject enrols its first device; else what stops it."""
    arn = subject.arn
    enabled = expansion.permissions.ask(subject, Ask(action=_ENABLE, resource=arn))
    made = expansion.permissions.ask(subject, Ask(action=_MAKE))
    match made, enabled:
        case Found(), Found():
            return Chain(steps=tuple(_steps(subject, together([made, enabled]) or [made, enabled])))
        case _, Impossible():
            return _stops(subject, _ENABLE, arn)
        case Impossible(), Found():
            why = _stops(subject, _MAKE, _device(arn))
            return f"{_OPEN}only a hardware device or a security key can be enrolled: {why}"
        case Impossible(), _:
            return _stops(subject, _MAKE, _device(arn))
        case _:
            reasons = [each.reason for each in (made, enabled) if isinstance(each, Undetermined)]
            return f"{_OPEN}{reasons[0]}"


def _device(arn: str) -> str:
    head = arn.partition(":user/")[0]
    return f"{head}:mfa/{arn.rpartition('/')[2]}"


def _steps(subject: Subject, found: Sequence[Found]) -> list[ChainStep]:
    return [
        ChainStep(
            actor=subject.arn,
            state=subject.state,
            request=each.request,
            policies=each.policies,
            decision=each.decision,
            gives=gives,
            kind=StepKind.CALL,
        )
        for each, gives in zip(found, ("a device", "a device of the user's own"), strict=True)
    ]


def _stops(subject: Subject, action: str, resource: str) -> str:
    """Say what stops a call: a statement that denies it, or that none allows it."""
    decision = _decided(subject, action, resource)
    who = f"with its {subject.state.name}"
    if decision.outcome is Outcome.EXPLICIT_DENY and decision.statements:
        return f"`{action}` is denied {who} by {decision.statements[0]}"
    if decision.aws_code:
        return f"AWS refuses `{action}` {who}: {decision.aws_message}"
    return f"nothing allows `{action}` {who}"


def _decided(subject: Subject, action: str, resource: str) -> Decision:
    request = Request(
        principal=subject.principal,
        action=action,
        resource=resource,
        context={**subject.known, **mfa_context(subject.credential)},
        credential=subject.credential,
        assumptions=subject.assumptions,
    )
    return evaluate(request, subject.policies)
