"""The first sign-in of another user, judged by whoever may read their policies; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.aws import Refusal, Signed
from watchword.aws.password import PasswordRules
from watchword.aws.user_policies import read_user_policies
from watchword.aws.users import active_access_keys
from watchword.device.first_sign_in import Password, password_of, rules_of
from watchword.device.judge import Judge, judge_of
from watchword.device.may_enroll import MayEnroll, Step, StepAnswer, may_enroll
from watchword.device.own import OwnDevice, devices_of
from watchword.device.owner import Owner
from watchword.iam import CredentialKind, Outcome

PASSWORD_PAGE = (Step.CHANGE_PASSWORD, Step.PASSWORD_RULES)
"""What the console's page for a new password needs.

Source: IAM User Guide, reference_policies_examples_aws_my-sec-creds-self-manage (how to allow it at sign-in).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """How a user gets in for the first time. Each line names an action and the statement.

    `keys` is how many access keys are active, None when that may not be read. `rules` are the account's for
    passwords, None when they may not be read. `stopped_in_console` is what certainly stops them there, in
    order, `unsure_in_console` what may; the same for the way with the key in `may`. `change_with_mfa` is why
    the password cannot be changed with MFA either; None when it can, or need not be, or that is not known.
    """

    owner: Owner
    devices: tuple[OwnDevice, ...]
    password: Password
    keys: int | None
    rules: PasswordRules | None
    may: MayEnroll
    stopped_in_console: tuple[str, ...]
    unsure_in_console: tuple[str, ...]
    change_with_mfa: str | None

    @property
    def works_with_key(self) -> bool | None:
        """Return whether the way of `watchword device first-sign-in` is open; None when that is not known."""
        if self.keys == 0:
            return False
        if self.devices:
            return any(device.kind.usable_for_cli for device in self.devices)
        return None if self.keys is None and self.may.can_enroll else self.may.can_enroll

    @property
    def works_in_console(self) -> bool | None:
        """Return whether the way of password first, device then is open; None when that is not known."""
        if self.password is Password.NONE or self.stopped_in_console:
            return False
        return None if self.unsure_in_console or self.password is Password.UNKNOWN else True

    @property
    def is_stuck(self) -> bool:
        """Return whether it is certain that there is no way in with MFA."""
        has_device = bool(self.devices)
        return not has_device and self.works_with_key is False and self.works_in_console is False


def judge_user(signed: Signed, owner: Owner) -> Judged:
    """Return how a user gets in for the first time, as far as whoever signs may read.

    Raises `Refusal` when their devices may not be listed, `Unreachable`, `UnusableSettings`.
    """
    devices = devices_of(signed, owner.user_name)
    password = password_of(signed, owner)
    rules = rules_of(signed)
    policies = read_user_policies(signed, owner.user_name)
    may = may_enroll(policies, owner, device_name=owner.user_name)
    judge = judge_of(policies, policies.arn or owner.arn)
    page = () if password is Password.KEPT else PASSWORD_PAGE
    # With a device the console asks for its code before it asks for a new password.
    kind = CredentialKind.SESSION_MFA if devices else CredentialKind.CONSOLE
    left = page if devices else (*page, Step.CREATE, Step.ENABLE)
    steps = [asked(may.of(step), judge, rules, kind=kind) for step in left]
    return Judged(
        owner=owner,
        devices=devices,
        password=password,
        keys=_keys(signed, owner),
        rules=rules,
        may=may,
        stopped_in_console=tuple(each.line for each in steps if each.is_denied),
        unsure_in_console=tuple(each.line for each in steps if each.outcome is Outcome.UNDETERMINED),
        change_with_mfa=_denied_with_mfa(may, judge, rules) if page else None,
    )


def _keys(signed: Signed, owner: Owner) -> int | None:
    try:
        return active_access_keys(signed, owner.user_name)
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        return None


def _denied_with_mfa(may: MayEnroll, judge: Judge, rules: PasswordRules | None) -> str | None:
    change = asked(may.of(Step.CHANGE_PASSWORD), judge, rules, kind=CredentialKind.SESSION_MFA)
    return change.line if change.is_denied else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the policies say to one call: its outcome, and the line to read about it."""

    outcome: Outcome
    line: str

    @property
    def is_denied(self) -> bool:
        match self.outcome:
            case Outcome.EXPLICIT_DENY | Outcome.IMPLICIT_DENY:
                return True
            case Outcome.ALLOWED | Outcome.UNDETERMINED:
                return False


def asked(
    answer: StepAnswer,
    judge: Judge,
    rules: PasswordRules | None,
    *,
    kind: CredentialKind = CredentialKind.CONSOLE,
) -> Asked:
    """Return what a call gets in the console, without MFA, or in a session that was just opened with a code.

    `rules` settle what every user may do if the account lets them; None when they are not known.
    """
    with_mfa = kind is CredentialKind.SESSION_MFA
    found, step = answer.with_mfa if with_mfa else answer.console, answer.step
    decision = judge.decide(step, answer.resource, kind, fresh_mfa=with_mfa)
    hangs_on_account = decision.outcome is Outcome.IMPLICIT_DENY and judge.certain(decision)
    if step in PASSWORD_PAGE and hangs_on_account and rules is not None:
        if rules.users_may_change:
            return Asked(outcome=Outcome.ALLOWED, line="")
        because = "no policy allows it, and the account does not let every user change their password"
        return Asked(outcome=Outcome.IMPLICIT_DENY, line=f"`{step}`: {because}")
    return Asked(outcome=found.outcome, line=f"`{step}`: {found.because}")
