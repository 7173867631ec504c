"""What a statement covers, asked of the engine's own index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from watchword.iam._names import ActionIndex, index_actions
from watchword.iam.policy import Condition, PrincipalType, Statement
from watchword.lint._mfa import is_mfa
from watchword.lint.subject import Subject


@dataclass(frozen=True, slots=True)
class Covered:
    """The actions of one statement."""

    index: ActionIndex

    @classmethod
    def by(cls, statement: Statement) -> Covered:
        """Return what a statement's `Action` or `NotAction` covers."""
        return cls(index_actions(statement))

    def __contains__(self, action: object) -> bool:
        service, _, name = str(action).lower().partition(":")
        return name in self.index.of(service)


def covers_everything(statement: Statement) -> bool:
    """Whether a statement is written to cover all actions but some: `NotAction`, or `Action` with `*`."""
    return statement.not_action or any(each.text in {"*", "*:*"} for each in statement.actions)


def on_everything(statement: Statement) -> bool:
    """Whether a statement holds for every resource."""
    if statement.resources is None:
        return True
    return not statement.not_resource and any(each.text.strip("*") == "" for each in statement.resources)


def _named(subject: Subject, statement: Statement) -> tuple[str, ...]:
    """Return the actions that a statement lists; a pattern that matches none stands for itself."""
    patterns = (each.text for each in statement.actions)
    return tuple(action for pattern in patterns for action in (subject.matching(pattern) or (pattern,)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scope:
    """Where a statement holds, its conditions on MFA left out: made once, compared often."""

    statement: Statement
    covered: Covered
    named: tuple[str, ...]
    """The actions that its list names, one by one, whether they are covered or excepted."""
    who: frozenset[tuple[PrincipalType, str]] | None
    where: frozenset[str] | None
    everywhere: bool
    conditions: frozenset[tuple[str, str, frozenset[str]]]

    @classmethod
    def of(cls, subject: Subject, statement: Statement) -> Scope:
        """Return where a statement holds."""
        return cls(
            statement=statement,
            covered=Covered.by(statement),
            named=_named(subject, statement),
            who=_principals(statement),
            where=None if statement.resources is None else frozenset(map(str, statement.resources)),
            everywhere=on_everything(statement),
            conditions=_others(statement.conditions),
        )

    def includes(self, other: Scope) -> bool:
        """Whether this holds wherever the other does; False where that is not plain to see."""
        return (
            self.conditions <= other.conditions
            and self._wider_where(other)
            and self._wider_who(other)
            and self._wider_what(other)
        )

    def _wider_who(self, other: Scope) -> bool:
        if self.who is None or other.who is None:
            return self.who is other.who
        if self.statement.not_principal or other.statement.not_principal:
            return self.statement.not_principal == other.statement.not_principal and self.who == other.who
        return (PrincipalType.ANYONE, "*") in self.who or self.who >= other.who

    def _wider_where(self, other: Scope) -> bool:
        if self.everywhere:
            return True
        if self.where is None or other.where is None:
            return self.where is other.where
        if self.statement.not_resource or other.statement.not_resource:
            return self.statement.not_resource == other.statement.not_resource and self.where == other.where
        return self.where >= other.where

    def _wider_what(self, other: Scope) -> bool:
        if not other.statement.not_action:
            return all(each in self.covered for each in other.named)
        if not self.statement.not_action:
            return any(each.text in {"*", "*:*"} for each in self.statement.actions)
        return not any(each in other.covered for each in self.named)


def _principals(statement: Statement) -> frozenset[tuple[PrincipalType, str]] | None:
    if statement.principals is None:
        return None
    return frozenset((each.type, each.name.text) for each in statement.principals)


def _others(conditions: Sequence[Condition]) -> frozenset[tuple[str, str, frozenset[str]]]:
    return frozenset(
        (str(each.operator), each.key.text.lower(), frozenset(each.values))
        for each in conditions
        if not is_mfa(each)
    )
