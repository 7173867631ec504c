"""The controls of standards, and what a proof answers of each: met, not met, or not answered; never more.

The standards stand in `controls.toml`, with where their numbers come from. A control that a proof answers
in part says which part, and what is left to others.
"""

from __future__ import annotations

import enum
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.resources import files
from typing import Final

import msgspec

from watchword.proof.result import Known, Proof, ProvedPrincipal
from watchword.report.html.standing import Standing, standing
from watchword.report.html.words import short_name

_NAMED: Final = 5
_ANYBODY: Final = "anybody"
_STRANGERS: Final = (_ANYBODY, "outside")


class Question(enum.StrEnum):
    """What of a control a proof can answer."""

    ROOT_KEY = "root-key"
    ROOT_MFA = "root-mfa"
    ROOT_HARDWARE = "root-hardware"
    CONSOLE_DEVICES = "console-devices"
    PRIVILEGED = "privileged"
    UNPRIVILEGED = "unprivileged"
    EVERYONE = "everyone"
    NO_BYPASS = "no-bypass"
    NONE = "none"


class Status(enum.StrEnum):
    """How the part of a control that the proof answers stands."""

    MET = "met"
    EXCEPTED = "met but for exceptions"
    NOT_MET = "not met"
    NOT_ANSWERED = "not answered"


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """What a control is called in a version of its standard."""

    version: str
    number: str


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """A control: what of it is answered, and what stays open."""

    title: str
    question: Question
    answers: str
    open: str
    numbers: tuple[Number, ...]


class Standard(msgspec.Struct, frozen=True, kw_only=True):
    """A standard with the controls that ask about MFA."""

    name: str
    source: str
    note: str
    control: tuple[Control, ...]


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """All of `controls.toml`: the `privileged` actions are those that change who may do what."""

    privileged: tuple[str, ...]
    standard: tuple[Standard, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a control stands, and why."""

    status: Status
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A control and its answer; `numbers` with the versions that share each."""

    control: Control
    numbers: tuple[tuple[str, str], ...]
    answer: Answer


def catalogue() -> Catalogue:
    """Return the standards that Watchword knows."""
    text = files(__package__).joinpath("controls.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Catalogue)


def answered(proof: Proof, known: Catalogue) -> tuple[tuple[Standard, tuple[Answered, ...]], ...]:
    """Return each standard with its controls, answered from a proof."""
    answers = _Answers(proof, known.privileged)
    return tuple(
        (
            standard,
            tuple(
                Answered(control=each, numbers=_numbers(each), answer=answers.to(each.question))
                for each in standard.control
            ),
        )
        for standard in known.standard
    )


def _numbers(control: Control) -> tuple[tuple[str, str], ...]:
    """Return each number once, with all versions that call the control so."""
    versions: dict[str, list[str]] = {}
    for each in control.numbers:
        versions.setdefault(each.number, []).append(each.version)
    return tuple((number, ", ".join(those)) for number, those in versions.items())


class _Answers:
    def __init__(self, proof: Proof, privileged: tuple[str, ...]) -> None:
        self._proof = proof
        self._roots = [each for each in proof.principals if each.kind == "root"]
        self._users = [each for each in proof.principals if each.kind == "user"]
        self._excepted = _excepted(proof)
        may = {name: _holds(patterns, privileged) for name, patterns in proof.action_sets.items()}
        self._privileged = {each.arn for each in proof.principals if _is_privileged(each, may)}

    def to(self, question: Question) -> Answer:
        match question:
            case Question.ROOT_KEY:
                return self._of_each_root(_root_key)
            case Question.ROOT_MFA:
                return self._of_each_root(_root_mfa)
            case Question.ROOT_HARDWARE:
                return self._of_each_root(_root_hardware)
            case Question.CONSOLE_DEVICES:
                return _console_devices(self._users)
            case Question.PRIVILEGED:
                return self._enforced(each for each in self._callers() if each.arn in self._privileged)
            case Question.UNPRIVILEGED:
                return self._enforced(each for each in self._callers() if each.arn not in self._privileged)
            case Question.EVERYONE:
                return self._enforced(self._callers())
            case Question.NO_BYPASS:
                return self._no_bypass()
            case Question.NONE:
                return Answer(status=Status.NOT_ANSWERED, why="a proof cannot tell")

    def _callers(self) -> list[ProvedPrincipal]:
        """Who calls AWS on its own account: root, users, and roles that strangers may enter without MFA.

        All other roles are reached from those, and count with them.
        """
        roles = [
            each for each in self._proof.principals if each.kind == "role" and _entered_by_strangers(each)
        ]
        return [*self._roots, *self._users, *roles]

    def _of_each_root(self, ask: Callable[[ProvedPrincipal], Answer]) -> Answer:
        """Return the worst answer of the accounts' roots."""
        if not self._roots:
            return Answer(status=Status.NOT_ANSWERED, why="root was not looked at")
        order = [Status.NOT_MET, Status.NOT_ANSWERED, Status.EXCEPTED, Status.MET]
        return min((ask(root) for root in self._roots), key=lambda answer: order.index(answer.status))

    def _enforced(self, principals: Iterable[ProvedPrincipal]) -> Answer:
        asked = list(principals)
        if not self._roots or not self._is_whole():
            return Answer(status=Status.NOT_ANSWERED, why="not every principal was looked at")
        free = [each for each in asked if _goes_without_mfa(each) is Known.YES]
        excepted = [each for each in free if each.arn in self._excepted]
        free = [each for each in free if each.arn not in self._excepted]
        unknown = [
            each
            for each in asked
            if _goes_without_mfa(each) is Known.UNKNOWN and each.arn not in self._excepted
        ]
        if free:
            return Answer(status=Status.NOT_MET, why=f"{_names(free)}: something is reached without MFA")
        if unknown:
            return Answer(status=Status.NOT_ANSWERED, why=f"{_names(unknown)}: undetermined")
        if excepted:
            return Answer(status=Status.EXCEPTED, why=f"{_names(excepted)}: let be by an exception")
        none = "there is none of that kind" if not asked else f"all {len(asked)} must have used MFA"
        return Answer(status=Status.MET, why=none)

    def _no_bypass(self) -> Answer:
        answer = self._enforced(self._callers())
        if answer.status is Status.EXCEPTED:
            return Answer(
                status=Status.MET, why=f"{answer.why}; each is documented, with its last day, in Exceptions"
            )
        return answer

    def _is_whole(self) -> bool:
        """Whether every account's root was looked at: a proof of chosen principals leaves the others open."""
        seen = {root.account for root in self._roots}
        return all(account.id in seen for account in self._proof.accounts)


def _entered_by_strangers(role: ProvedPrincipal) -> bool:
    return any(entry.kind in _STRANGERS and entry.needs_mfa is not Known.YES for entry in role.entered_by)


def _goes_without_mfa(caller: ProvedPrincipal) -> Known:
    """Whether a caller reaches something without MFA.

    A role that anybody may enter does. Whom the policies of an account that was not looked at let in is not
    known here.
    """
    if caller.kind == "role":
        certain = any(entry.kind == _ANYBODY and entry.needs_mfa is Known.NO for entry in caller.entered_by)
        return Known.YES if certain else Known.UNKNOWN
    return {Standing.OPEN: Known.YES, Standing.UNKNOWN: Known.UNKNOWN}.get(standing(caller), Known.NO)


def _excepted(proof: Proof) -> frozenset[str]:
    """Return the principals that have findings of which all are let be by an exception."""
    covered = {arn for each in proof.findings if each.exception for arn in each.principals}
    counting = {arn for each in proof.findings if not each.exception for arn in each.principals}
    return frozenset(covered - counting)


def _is_privileged(principal: ProvedPrincipal, may: dict[str, bool]) -> bool:
    """Whether any of its states, with MFA or without, reaches an action that changes permissions."""
    return principal.kind == "root" or any(
        may.get(state.reachable.set, False) for state in principal.states.values()
    )


def _holds(patterns: tuple[str, ...], actions: tuple[str, ...]) -> bool:
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns for action in actions)


def _root_key(root: ProvedPrincipal) -> Answer:
    if root.keys or _exists(root, "absent"):
        return Answer(status=Status.NOT_MET, why=f"root of {root.account} has an access key")
    if root.keys is None:
        return Answer(status=Status.NOT_ANSWERED, why="the snapshot does not hold root's keys")
    return Answer(status=Status.MET, why="root has no access key")


def _root_mfa(root: ProvedPrincipal) -> Answer:
    if root.console is Known.NO:
        return Answer(status=Status.MET, why="root has no password")
    if root.devices is None and _exists(root, "true"):
        return Answer(status=Status.MET, why="root has MFA")
    if root.devices is None:
        return Answer(status=Status.NOT_ANSWERED, why="the snapshot does not hold root's devices")
    if not root.devices:
        return Answer(status=Status.NOT_MET, why=f"root of {root.account} has no MFA device")
    kinds = ", ".join(sorted({device.kind for device in root.devices}))
    return Answer(status=Status.MET, why=f"root has MFA ({kinds})")


def _root_hardware(root: ProvedPrincipal) -> Answer:
    answer = _root_mfa(root)
    if answer.status is not Status.MET or root.console is Known.NO:
        return answer
    if root.devices is None:
        return Answer(
            status=Status.NOT_ANSWERED, why="root has MFA, of a kind that the snapshot does not tell"
        )
    if any(device.kind == "virtual" for device in root.devices):
        return Answer(status=Status.NOT_MET, why=f"root of {root.account} has a virtual device")
    return answer


def _exists(principal: ProvedPrincipal, name: str) -> bool:
    """Whether a principal surely has a credential that is in an MFA state."""
    state = principal.states.get(name)
    return state is not None and state.exists is Known.YES


def _console_devices(users: list[ProvedPrincipal]) -> Answer:
    without = [each for each in users if each.console is Known.YES and each.devices == ()]
    unknown = [
        each
        for each in users
        if each.console is Known.UNKNOWN or (each.console is Known.YES and each.devices is None)
    ]
    if without:
        return Answer(status=Status.NOT_MET, why=f"{_names(without)}: a password and no device")
    if unknown:
        return Answer(status=Status.NOT_ANSWERED, why=f"{_names(unknown)}: the snapshot does not tell")
    several = sum(each.console is Known.YES for each in users)
    return Answer(status=Status.MET, why=f"{several} with a password, each with a device")


def _names(principals: list[ProvedPrincipal]) -> str:
    names = [short_name(each.arn) for each in principals[:_NAMED]]
    more = len(principals) - _NAMED
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")
