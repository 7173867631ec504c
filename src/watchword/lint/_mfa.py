"""What a statement's conditions on MFA say, worked out with the engine's own condition tests.

Every rule about MFA asks here, so that two rules never complain of one condition for one reason.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from watchword.iam.conditions import compile_condition
from watchword.iam.conditions.numbers import read_number
from watchword.iam.context import AGE_KEY, PRESENT_KEY, Folded, fold
from watchword.iam.credential import MfaState, mfa_keys
from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Condition, Effect, Policy, Statement

PRESENT: Final = PRESENT_KEY.lower()
AGE: Final = AGE_KEY.lower()
KEYS: Final = frozenset({PRESENT, AGE})

LONGEST_SESSION_SECONDS: Final = 129_600
"""Source: STS API Reference, GetSessionToken (`DurationSeconds`): no MFA session is older."""


class Caller(enum.Enum):
    """Who asks, as far as MFA goes; the value is how a message calls it."""

    KEY = "an access key"
    SESSION = "a session without MFA"
    FRESH = "a session with MFA"
    OLD = "a session whose MFA is long ago"


WITHOUT_MFA: Final = (Caller.KEY, Caller.SESSION)
WITH_MFA: Final = (Caller.FRESH, Caller.OLD)

CONTEXTS: Final[dict[Caller, Folded]] = {
    Caller.KEY: fold(mfa_keys(MfaState.ABSENT)),
    Caller.SESSION: fold(mfa_keys(MfaState.FALSE)),
    Caller.FRESH: fold(mfa_keys(MfaState.TRUE, age_seconds=0)),
    Caller.OLD: fold(mfa_keys(MfaState.TRUE, age_seconds=LONGEST_SESSION_SECONDS)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The callers whom a list of conditions matches; `certain` is False when one cannot be told."""

    matched: frozenset[Caller]
    certain: bool

    def among(self, callers: Sequence[Caller]) -> tuple[Caller, ...]:
        """Return those of the callers that are matched, in their order."""
        return tuple(each for each in callers if each in self.matched)

    def missing(self, callers: Sequence[Caller]) -> tuple[Caller, ...]:
        """Return those of the callers that are not matched, in their order."""
        return tuple(each for each in callers if each not in self.matched)


def is_mfa(condition: Condition) -> bool:
    """Whether a condition is about one of the two MFA keys."""
    return condition.key.text.lower() in KEYS


def mfa_conditions(statement: Statement) -> tuple[Condition, ...]:
    """Return the statement's conditions on MFA keys."""
    return tuple(each for each in statement.conditions if is_mfa(each))


def read(policy: Policy, effect: Effect, conditions: Sequence[Condition]) -> Reading:
    """Return whom these conditions, all together, match in a statement of this policy."""
    tests = [compile_condition(each, version=policy.version, effect=effect) for each in conditions]
    matched, certain = set(), True
    for caller, context in CONTEXTS.items():
        results = [test(context) for test in tests]
        if False in results:
            continue
        matched.add(caller)
        certain = certain and all(result is True for result in results)
    return Reading(matched=frozenset(matched), certain=certain)


def mfa_statements(policy: Policy, effect: Effect) -> Iterator[tuple[Statement, tuple[Condition, ...]]]:
    """Yield the statements of this effect that have conditions on MFA keys, with these."""
    for statement in policy.statements:
        if statement.effect is effect:
            conditions = mfa_conditions(statement)
            if conditions:
                yield statement, conditions


class Oddity(enum.Enum):
    """What makes a condition on an MFA key wrong in itself, whatever its statement wants."""

    SET_OPERATOR = enum.auto()
    OPERATOR = enum.auto()
    VALUE = enum.auto()


_PRESENT_FAMILIES: Final = frozenset(
    {Family.BOOL, Family.NULL, Family.STRING_EQUALS, Family.STRING_IGNORE_CASE, Family.STRING_LIKE}
)
_AGE_FAMILIES: Final = frozenset({Family.NUMERIC, Family.NULL})


def oddity(condition: Condition) -> Oddity | None:
    """Return what is wrong with a condition on an MFA key in itself, or None."""
    family = OPERATORS[condition.operator.name].family
    present = condition.key.text.lower() == PRESENT
    if family not in (_PRESENT_FAMILIES if present else _AGE_FAMILIES):
        return Oddity.OPERATOR
    if not condition.values or any(not _readable(family, each) for each in condition.values):
        return Oddity.VALUE
    if family in {Family.BOOL, Family.NULL} and len({each.lower() for each in condition.values}) > 1:
        return Oddity.VALUE
    return Oddity.SET_OPERATOR if condition.operator.quantifier is not None else None


def _readable(family: Family, value: str) -> bool:
    """Whether a value can be what the author wanted of it."""
    if "${" in value:
        return True
    match family:
        case Family.BOOL | Family.NULL | Family.STRING_IGNORE_CASE:
            return value.lower() in {"true", "false"}
        case Family.STRING_EQUALS:
            return value in {"true", "false"}
        case Family.NUMERIC:
            return read_number(value) is not None and not value.startswith(("-", "+"))
        case _:
            return True


def named(callers: Sequence[Caller]) -> str:
    """Return the callers as words: `an access key and a session without MFA`."""
    return " and ".join(each.value for each in callers)
