"""The Deny statements that refuse (nearly) everything without MFA, and what they exempt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Condition, Effect, PolicyKind, Statement
from watchword.iam.universe import AccessLevel
from watchword.lint._mfa import WITHOUT_MFA, Caller, mfa_statements, read
from watchword.lint._statements import Covered, covers_everything, on_everything
from watchword.lint.subject import AttachedTo, Subject

CREATE_DEVICE: Final = "iam:CreateVirtualMFADevice"
ENABLE_DEVICE: Final = "iam:EnableMFADevice"
LIST_DEVICES: Final = "iam:ListMFADevices"
CHANGE_PASSWORD: Final = "iam:ChangePassword"  # noqa: S105 - the name of an action

_CHANGES: Final = frozenset({AccessLevel.WRITE, AccessLevel.PERMISSIONS, AccessLevel.TAGGING})
_USERS: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.SERVICE_CONTROL})


def denials(subject: Subject) -> Iterator[tuple[Statement, Condition]]:
    """Yield the Deny statements for lack of MFA, each with its first condition on MFA.

    They match at least one caller without MFA and nobody with it. Those that miss a caller count too:
    what they leave open they leave open all the same.
    """
    for statement, conditions in mfa_statements(subject.policy, Effect.DENY):
        reading = read(subject.policy, Effect.DENY, conditions)
        if reading.among(WITHOUT_MFA) and Caller.FRESH not in reading.matched:
            yield statement, conditions[0]


def denials_for_users(subject: Subject) -> Iterator[Statement]:
    """Yield those that can bind users: in identity policies not attached to a role, and in SCPs."""
    if subject.kind in _USERS and subject.attached_to is not AttachedTo.ROLE:
        for statement, _ in denials(subject):
            yield statement


def nearly_total(subject: Subject) -> Iterator[Statement]:
    """Yield those for users that refuse everything but what they exempt."""
    return (each for each in denials_for_users(subject) if covers_everything(each))


def refuses_enrolment(statement: Statement) -> tuple[str, ...]:
    """Return those of the actions that make a first device which a Deny refuses, for any device."""
    covered = Covered.by(statement)
    if not on_everything(statement):
        return ()
    return tuple(each for each in (CREATE_DEVICE, ENABLE_DEVICE) if each in covered)


def changing(subject: Subject, pattern: str) -> tuple[str, ...]:
    """Return the actions that a pattern names and that change something."""
    return tuple(
        each for each in subject.matching(pattern) if subject.universe.access_level(each) in _CHANGES
    )
