"""Whether somebody's policies let them enrol a device, step by step, without MFA and with it."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from watchword.aws.user_policies import UserPolicies
from watchword.device.denial import wants_mfa
from watchword.device.judge import Judge, judge_of
from watchword.device.near import Asked, Near, nearest
from watchword.device.owner import Owner
from watchword.iam import CredentialKind, Decision, Layer, Outcome


class Step(enum.StrEnum):
    """What somebody does on the way to a device. The values are public: they stand in JSON."""

    CREATE = "iam:CreateVirtualMFADevice"
    ENABLE = "iam:EnableMFADevice"
    LIST_OWN = "iam:ListMFADevices"
    LIST_VIRTUAL = "iam:ListVirtualMFADevices"
    DELETE_LEFTOVER = "iam:DeleteVirtualMFADevice"
    DEACTIVATE = "iam:DeactivateMFADevice"
    SESSION = "sts:GetSessionToken"
    CHANGE_PASSWORD = "iam:ChangePassword"  # noqa: S105 an action, no password
    PASSWORD_RULES = "iam:GetAccountPasswordPolicy"  # noqa: S105 an action, no password
    CONSOLE_USER = "iam:GetUser"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Whether a step goes through; `because` names the statement, or says what is missing or not known."""

    outcome: Outcome
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepAnswer:
    """A step on its `resource`: with an access key, in a session with MFA, in the console without MFA."""

    step: Step
    resource: str
    without_mfa: Answer
    with_mfa: Answer
    console: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class MayEnroll:
    """Whether somebody can enrol a first device named `device_name` with an access key.

    Each line names a step, and the statement or what is not known:

    - `blocking`: what certainly keeps them from it. `undetermined`: what may. Both empty: they can.
    - `inconvenient`: what makes trouble, but keeps nobody from it.
    - `console`: what they may not do in the AWS console before they have MFA, of what its page needs.
    - `not_looked_at`: what nobody can know from here.
    """

    device_name: str
    steps: tuple[StepAnswer, ...]
    blocking: tuple[str, ...]
    undetermined: tuple[str, ...]
    inconvenient: tuple[str, ...]
    console: tuple[str, ...]
    not_looked_at: tuple[str, ...]

    @property
    def can_enroll(self) -> bool | None:
        """Return whether they can; None when that is not known."""
        if self.blocking:
            return False
        return None if self.undetermined else True

    def of(self, step: Step) -> StepAnswer:
        """Return the answer to one step."""
        return next(each for each in self.steps if each.step is step)


NOT_LOOKED_AT: Final = "service control policies of the organization, which an account cannot read"
_BLOCKING: Final = (Step.CREATE, Step.ENABLE)
_INCONVENIENT: Final = {
    Step.LIST_OWN: "their devices are not found at sign-in, so the profile needs `mfa_serial`",
    Step.LIST_VIRTUAL: "a leftover of the same name is guessed, not seen",
    Step.DELETE_LEFTOVER: "a broken-off enrolment leaves its device, and the next takes another name",
}
# Source: IAM User Guide, reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only: what it
# allows without MFA so that the Security credentials page of the console can enrol.
_CONSOLE: Final = (
    Step.CONSOLE_USER,
    Step.LIST_OWN,
    Step.LIST_VIRTUAL,
    Step.CREATE,
    Step.ENABLE,
)
_ON_DEVICE: Final = frozenset({Step.CREATE, Step.DELETE_LEFTOVER})
_ON_NOTHING: Final = frozenset({Step.SESSION, Step.PASSWORD_RULES})
_OF_PASSWORDS: Final = frozenset({Step.CHANGE_PASSWORD, Step.PASSWORD_RULES})


def may_enroll(policies: UserPolicies, owner: Owner, *, device_name: str) -> MayEnroll:
    """Return whether `owner`, who has these policies, can enrol a first device of this name.

    Pure: what was read decides, and what was not read leaves it undetermined, but for a Deny that was found.
    """
    judge = judge_of(policies, policies.arn or owner.arn)
    steps = tuple(_step(judge, step, _resource(step, judge, owner, device_name)) for step in Step)
    by_step = {each.step: each for each in steps}
    asked = [by_step[step] for step in _BLOCKING]
    return MayEnroll(
        device_name=device_name,
        steps=steps,
        blocking=tuple(_lines(asked, denied=True)),
        undetermined=tuple(_lines(asked, denied=False)),
        inconvenient=tuple(_inconveniences(by_step)),
        console=tuple(_console_lines(by_step)),
        not_looked_at=(NOT_LOOKED_AT,),
    )


def _resource(step: Step, judge: Judge, owner: Owner, device_name: str) -> str:
    if step in _ON_DEVICE:
        return owner.serial_number(device_name)
    if step is Step.LIST_VIRTUAL:
        return owner.serial_number("")
    return "*" if step in _ON_NOTHING else judge.principal.arn


def _step(judge: Judge, step: Step, resource: str) -> StepAnswer:
    return StepAnswer(
        step=step,
        resource=resource,
        without_mfa=_answer(judge, step, resource, CredentialKind.ACCESS_KEY),
        with_mfa=_answer(judge, step, resource, CredentialKind.SESSION_MFA),
        console=_answer(judge, step, resource, CredentialKind.CONSOLE),
    )


def _answer(judge: Judge, step: Step, resource: str, kind: CredentialKind) -> Answer:
    first = _decided(judge, step, resource, kind)
    if step is not Step.LIST_VIRTUAL:
        return first
    # The service reference says that it has no resource, `*`; real denials name `…:mfa/`.
    second = _decided(judge, step, "*", kind)
    if first.outcome is second.outcome:
        return first
    contested = (
        f"AWS's resource for it is contested; on `{resource}`: {first.because}; on `*`: {second.because}"
    )
    return Answer(outcome=Outcome.UNDETERMINED, because=contested)


def _decided(judge: Judge, step: Step, resource: str, kind: CredentialKind) -> Answer:
    fresh = kind is CredentialKind.SESSION_MFA
    decision = judge.decide(step, resource, kind, fresh_mfa=fresh)
    because = _because(judge, Asked(action=step, resource=resource, kind=kind), decision)
    outcome = decision.outcome
    if not judge.certain(decision) and outcome is not Outcome.UNDETERMINED:
        outcome, because = Outcome.UNDETERMINED, f"{because}, but {judge.not_read()}"
    if step in _OF_PASSWORDS and outcome is Outcome.IMPLICIT_DENY:
        # Source: IAM API Reference, PasswordPolicy (AllowUsersToChangePassword).
        outcome = Outcome.UNDETERMINED
        because = f"{because}, unless the account's password policy lets all users change theirs"
    return Answer(outcome=outcome, because=because)


def _because(judge: Judge, asked: Asked, decision: Decision) -> str:
    match decision.outcome:
        case Outcome.ALLOWED:
            refs = decision.statements
            return f"{judge.name(refs[0])} allows it" if refs else "no policy can forbid it"
        case Outcome.EXPLICIT_DENY:
            deny = decision.statements[0]
            without = " without MFA" if wants_mfa(judge, asked, deny) else ""
            return f"{judge.name(deny)} denies it{without}"
        case Outcome.IMPLICIT_DENY if decision.layer is Layer.SERVICE:
            return f"AWS refuses it whatever the policies say ({decision.aws_code})"
        case Outcome.IMPLICIT_DENY if decision.layer is Layer.BOUNDARY:
            near = nearest(judge, asked, decision, Layer.BOUNDARY)
            return near.words if near else "the permissions boundary does not allow it"
        case Outcome.IMPLICIT_DENY:
            return _with_name(nearest(judge, asked, decision))
        case Outcome.UNDETERMINED:
            names = " and ".join(f"`{key}`" for key in decision.missing)
            at = f" in {judge.name(decision.statements[0])}" if decision.statements else ""
            return f"it hangs on {names}{at}"


def _with_name(near: Near | None) -> str:
    if near is None:
        return "no policy allows it"
    return near.words + (f": one called `{near.device_name}` can be made" if near.device_name else "")


def _lines(answers: list[StepAnswer], *, denied: bool) -> Iterator[str]:
    for each in answers:
        match each.without_mfa.outcome:
            case Outcome.EXPLICIT_DENY | Outcome.IMPLICIT_DENY if denied:
                yield f"`{each.step}` on `{each.resource}`: {each.without_mfa.because}"
            case Outcome.UNDETERMINED if not denied:
                yield f"`{each.step}` on `{each.resource}` is not certain: {each.without_mfa.because}"
            case _:
                pass


def _inconveniences(by_step: dict[Step, StepAnswer]) -> Iterator[str]:
    for step, means in _INCONVENIENT.items():
        answer = by_step[step].without_mfa
        if answer.outcome is not Outcome.ALLOWED:
            doubt = " (not certain)" if answer.outcome is Outcome.UNDETERMINED else ""
            yield f"`{step}`{doubt}: {answer.because}; {means}"
    with_mfa = by_step[Step.DEACTIVATE].with_mfa
    if with_mfa.outcome in {Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY}:
        means = "an old device has to be taken off by an administrator"
        yield f"`{Step.DEACTIVATE}`, with MFA: {with_mfa.because}; {means}"


def _console_lines(by_step: dict[Step, StepAnswer]) -> Iterator[str]:
    for step in _CONSOLE:
        answer = by_step[step].console
        if answer.outcome in {Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY}:
            yield f"`{step}`: {answer.because}"
    password = by_step[Step.CHANGE_PASSWORD].console
    if password.outcome is not Outcome.ALLOWED:
        means = "a password that has to be changed at the first sign-in cannot be"
        doubt = " (not certain)" if password.outcome is Outcome.UNDETERMINED else ""
        yield f"`{Step.CHANGE_PASSWORD}`{doubt}: {password.because}; {means}"
