"""What somebody's policies mean for an invitation: which way is open to them, or what closes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Final

from watchword.aws.password import PasswordRules
from watchword.aws.user_policies import UserPolicies
from watchword.device.first_sign_in_user import PASSWORD_PAGE, asked
from watchword.device.invite_person import Password, Standing, Way
from watchword.device.judge import judge_of
from watchword.device.may_enroll import Answer, MayEnroll, Step, may_enroll
from watchword.device.owner import Owner
from watchword.iam import Outcome

_NEEDED: Final = (Step.CREATE, Step.ENABLE)
_DENIED: Final = frozenset({Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY})
_NO_WAY_IN: Final = "neither an active access key nor a console password: nothing to sign in with"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a person can sign in with; `active_keys` is None where that was not told.

    `rules` are the account's for passwords, None when they are not known.
    """

    active_keys: int | None
    password: Password
    rules: PasswordRules | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names that enrolment tries, in its order, and the unassigned device that has the first of them."""

    free: Sequence[str]
    leftover: str | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Where somebody stands, which way they are told to go, and why."""

    standing: Standing
    way: Way
    reasons: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def verdict(policies: UserPolicies, owner: Owner, held: Held, names: Names) -> Verdict:
    """Return whether somebody without a device can enrol one: in a terminal, else in the AWS console.

    A reason names no person, so that what keeps many from it is the same text for all of them.
    """
    found = [_by(way, policies, owner, held, names) for way in _ways(held)]
    if not found:
        return Verdict(standing=Standing.CANNOT_ENROL, way=Way.TERMINAL, reasons=(_NO_WAY_IN,))
    # The first way that is open; else one that may be; else what closes the first.
    order = (Standing.READY, Standing.NOT_KNOWN, Standing.CANNOT_ENROL)
    return min(found, key=lambda each: order.index(each.standing))


def _ways(held: Held) -> list[Way]:
    terminal = [] if held.active_keys == 0 else [Way.TERMINAL]
    console = [] if held.password in {Password.NONE, Password.NOT_KNOWN} else [Way.CONSOLE]
    if not terminal and not console and held.password is Password.NOT_KNOWN:
        return [Way.CONSOLE]  # no key, so it is a password if anything
    return [*terminal, *console]


def _by(way: Way, policies: UserPolicies, owner: Owner, held: Held, names: Names) -> Verdict:
    first, *others = names.free or (owner.user_name,)
    may = may_enroll(policies, owner, device_name=first)
    remarks: list[str] = []
    if names.leftover and _answer(may, Step.DELETE_LEFTOVER, way).outcome is not Outcome.ALLOWED:
        # Enrolment goes on with the next name then, which a policy may refuse.
        remarks = ["a device of their name is left over, and they may not remove it"]
        may = may_enroll(policies, owner, device_name=others[0]) if others else may
    steps = list(_in_terminal(may) if way is Way.TERMINAL else _in_console(may, policies, owner, held))
    denied = [line for outcome, line in steps if outcome in _DENIED]
    doubtful = [line for outcome, line in steps if outcome is Outcome.UNDETERMINED]
    standing = Standing.CANNOT_ENROL if denied else Standing.NOT_KNOWN if doubtful else Standing.READY
    if reasons := denied or doubtful:
        return Verdict(standing=standing, way=way, reasons=(*remarks, *reasons))
    more = may.inconvenient if way is Way.TERMINAL else may.console
    return Verdict(standing=standing, way=way, remarks=(*remarks, *more))


def _in_terminal(may: MayEnroll) -> Iterator[tuple[Outcome, str]]:
    for step in _NEEDED:
        answer = may.of(step).without_mfa
        yield answer.outcome, _line(answer.outcome, f"`{step.value}`: {answer.because}")


def _in_console(
    may: MayEnroll, policies: UserPolicies, owner: Owner, held: Held
) -> Iterator[tuple[Outcome, str]]:
    """Yield what each step in the console gets; a new password comes before all else there."""
    judge = judge_of(policies, policies.arn or owner.arn)
    page = PASSWORD_PAGE if held.password is Password.MUST_CHANGE else ()
    for step in (*page, *_NEEDED):
        found = asked(may.of(step), judge, held.rules)
        yield found.outcome, _line(found.outcome, f"in the console, {found.line}")


def _line(outcome: Outcome, line: str) -> str:
    return f"not certain: {line}" if outcome is Outcome.UNDETERMINED else line


def _answer(may: MayEnroll, step: Step, way: Way) -> Answer:
    answers = may.of(step)
    return answers.without_mfa if way is Way.TERMINAL else answers.console
