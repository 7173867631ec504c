"""Whether a statement that speaks of MFA does what such a statement is for; if not, in which known form.

An Allow must match nobody without MFA. A Deny must match everybody without MFA; where another Deny of
the same document takes care of those whom it misses, it does.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Condition, Effect, Statement
from watchword.lint._fixes import if_exists
from watchword.lint._mfa import (
    AGE,
    WITH_MFA,
    WITHOUT_MFA,
    Caller,
    Reading,
    mfa_conditions,
    mfa_statements,
    oddity,
    read,
)
from watchword.lint._statements import Scope
from watchword.lint.subject import Subject


class Form(enum.Enum):
    """The ways in which a statement fails; each belongs to one rule."""

    ALLOW_IF_EXISTS = enum.auto()
    ALLOW_OTHER = enum.auto()
    DENY_POSITIVE = enum.auto()
    DENY_NULL = enum.auto()
    DENY_AGE = enum.auto()
    DENY_OTHER = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A statement that fails: the condition to blame, and the callers whom it treats wrongly.

    Those are the ones that an Allow lets through, or that a Deny misses.
    """

    form: Form
    statement: Statement
    condition: Condition
    callers: tuple[Caller, ...]
    reading: Reading


def failing_allows(subject: Subject) -> Iterator[Verdict]:
    """Yield the Allow statements that speak of MFA and match somebody who has none."""
    for statement, conditions in mfa_statements(subject.policy, Effect.ALLOW):
        reading = read(subject.policy, Effect.ALLOW, conditions)
        leaked = reading.among(WITHOUT_MFA)
        if not leaked or not reading.certain or any(oddity(each) for each in conditions):
            continue
        optional = [each for each in conditions if _if_exists_leaks(subject, each, leaked)]
        yield Verdict(
            form=Form.ALLOW_IF_EXISTS if optional else Form.ALLOW_OTHER,
            statement=statement,
            condition=(optional or conditions)[0],
            callers=leaked,
            reading=reading,
        )


def _if_exists_leaks(subject: Subject, condition: Condition, leaked: Sequence[Caller]) -> bool:
    """Whether it is the `IfExists` of this condition alone that lets them through."""
    if not condition.operator.if_exists:
        return False
    strict = replace(condition, operator=replace(condition.operator, if_exists=False))
    return not read(subject.policy, Effect.ALLOW, [strict]).among(leaked)


def failing_denies(subject: Subject) -> Iterator[Verdict]:
    """Yield the Deny statements that speak of MFA and miss somebody who has none."""
    if next(mfa_statements(subject.policy, Effect.DENY), None) is None:
        return
    denies = [
        (Scope.of(subject, each), read(subject.policy, Effect.DENY, mfa_conditions(each)))
        for each in subject.policy.statements
        if each.effect is Effect.DENY
    ]
    for scope, reading in denies:
        conditions = mfa_conditions(scope.statement)
        missed = reading.missing(WITHOUT_MFA)
        if not missed or not reading.certain or any(oddity(each) for each in conditions):
            continue
        missed = tuple(each for each in missed if not _denied_elsewhere(scope, each, denies))
        if missed:
            form, condition = _form_of_deny(subject, conditions, missed)
            yield Verdict(
                form=form,
                statement=scope.statement,
                condition=condition,
                callers=missed,
                reading=reading,
            )


def _form_of_deny(
    subject: Subject, conditions: Sequence[Condition], missed: tuple[Caller, ...]
) -> tuple[Form, Condition]:
    failing = [each for each in conditions if read(subject.policy, Effect.DENY, [each]).missing(missed)]
    condition = (failing or list(conditions))[0]
    if len(failing) > 1:
        return Form.DENY_OTHER, condition
    family = OPERATORS[condition.operator.name].family
    if family is Family.NULL:
        return (Form.DENY_NULL if missed == (Caller.SESSION,) else Form.DENY_OTHER), condition
    loose = replace(condition, operator=if_exists(condition.operator))
    if read(subject.policy, Effect.DENY, [loose]).missing(missed):
        return Form.DENY_OTHER, condition
    return (Form.DENY_AGE if condition.key.text.lower() == AGE else Form.DENY_POSITIVE), condition


def _denied_elsewhere(scope: Scope, caller: Caller, denies: Sequence[tuple[Scope, Reading]]) -> bool:
    """Whether another Deny of the document holds for this caller wherever the statement would."""
    return any(
        reading.certain and caller in reading.matched and other is not scope and other.includes(scope)
        for other, reading in denies
    )


def misses_all(reading: Reading) -> bool:
    """Whether conditions match no caller at all, with MFA or without."""
    return not reading.among((*WITHOUT_MFA, *WITH_MFA))
