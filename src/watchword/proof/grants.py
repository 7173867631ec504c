"""On which resources, and under which other conditions, what is reached is reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchword.iam import StatementRef
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.view import Views


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCondition:
    """One condition that has to hold (`holds`), or that has to fail so that a Deny does not match.

    `operator` and `key` as written, `values` as written; `statement` is where it stands.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    holds: bool
    statement: StatementRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Actions that the same statements reach.

    - `actions`: bits of the universe.
    - `resources`: patterns as written; `excepted`: those that are left out (`NotResource`, and Denies that no
      condition limits).
    - `conditions`: of the allowing statements and of Denies that may be avoided by a condition.
    - `statements`: those that allow; `denies`: those that leave something out.
    """

    actions: int
    resources: tuple[str, ...]
    excepted: tuple[str, ...]
    conditions: tuple[GrantCondition, ...]
    statements: tuple[StatementRef, ...]
    denies: tuple[StatementRef, ...]


def grants_of(subject: Subject, actions: int, views: Views) -> Sequence[Grant]:
    """Return the grants."""
    raise NotImplementedError
