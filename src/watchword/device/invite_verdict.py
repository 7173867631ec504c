"""What somebody's policies mean for an invitation: which way is open to them, or what closes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final

from watchword.aws.user_policies import UserPolicies
from watchword.device.invite_person import Password, Standing, Way
from watchword.device.may_enroll import Answer, MayEnroll, Step, may_enroll
from watchword.device.owner import Owner
from watchword.iam import Outcome

_NEEDED: Final = (Step.CREATE, Step.ENABLE)
_DENIED: Final = frozenset({Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY})
_NO_WAY_IN: Final = "neither an active access key nor a console password: nothing to sign in with"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a person can sign in with; `active_keys` is None where that was not told."""

    active_keys: int | None
    password: Password


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
    found = [_by(way, policies, owner, names) for way in _ways(held)]
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


def _by(way: Way, policies: UserPolicies, owner: Owner, names: Names) -> Verdict:
    first, *others = names.free or (owner.user_name,)
    may = may_enroll(policies, owner, device_name=first)
    remarks: list[str] = []
    if names.leftover and _answer(may, Step.DELETE_LEFTOVER, way).outcome is not Outcome.ALLOWED:
        # Enrolment goes on with the next name then, which a policy may refuse.
        remarks = ["a device of their name is left over, and they may not remove it"]
        may = may_enroll(policies, owner, device_name=others[0]) if others else may
    denied, doubtful = _lines(may, way, _DENIED), _lines(may, way, {Outcome.UNDETERMINED})
    standing = Standing.CANNOT_ENROL if denied else Standing.NOT_KNOWN if doubtful else Standing.READY
    reasons = denied or doubtful
    if reasons:
        reasons = [*remarks, *reasons]
    else:
        remarks += may.inconvenient if way is Way.TERMINAL else may.console
    return Verdict(standing=standing, way=way, reasons=tuple(reasons), remarks=tuple(remarks))


def _lines(may: MayEnroll, way: Way, outcomes: frozenset[Outcome] | set[Outcome]) -> list[str]:
    doubt = "" if outcomes is _DENIED else " is not certain"
    place = " in the console" if way is Way.CONSOLE else ""
    answers = [(step, _answer(may, step, way)) for step in _NEEDED]
    return [
        f"`{step.value}`{place}{doubt}: {answer.because}"
        for step, answer in answers
        if answer.outcome in outcomes
    ]


def _answer(may: MayEnroll, step: Step, way: Way) -> Answer:
    answers = may.of(step)
    return answers.without_mfa if way is Way.TERMINAL else answers.console
