"""What a statement covers, asked of the engine's own index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from watchword.iam._names import ActionIndex, index_actions
from watchword.iam.policy import Condition, PrincipalType, Statement
from watchword.iam.universe import Universe
from watchword.lint._mfa import is_mfa


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


def expand(universe: Universe, patterns: Iterable[str]) -> tuple[str, ...]:
    """Return the actions that patterns name; a pattern that matches none stands for itself."""
    return tuple(action for pattern in patterns for action in (universe.matching(pattern) or (pattern,)))


def includes(universe: Universe, wide: Statement, narrow: Statement) -> bool:
    """Whether one statement, its conditions on MFA left out, holds wherever the other does.

    False where that is not plain to see.
    """
    return (
        _same_or_wider_who(wide, narrow)
        and _same_or_wider_what(universe, wide, narrow)
        and _same_or_wider_where(wide, narrow)
        and _same_or_weaker_conditions(wide, narrow)
    )


def _same_or_wider_who(wide: Statement, narrow: Statement) -> bool:
    if wide.principals is None or narrow.principals is None:
        return wide.principals is narrow.principals
    mine, theirs = _names(wide), _names(narrow)
    if wide.not_principal or narrow.not_principal:
        return wide.not_principal == narrow.not_principal and mine == theirs
    return (PrincipalType.ANYONE, "*") in mine or mine >= theirs


def _names(statement: Statement) -> frozenset[tuple[PrincipalType, str]]:
    return frozenset((each.type, each.name.text) for each in statement.principals or ())


def _same_or_wider_what(universe: Universe, wide: Statement, narrow: Statement) -> bool:
    mine = Covered.by(wide)
    if not narrow.not_action:
        return all(each in mine for each in expand(universe, (one.text for one in narrow.actions)))
    if not wide.not_action:
        return any(each.text in {"*", "*:*"} for each in wide.actions)
    theirs = Covered.by(narrow)
    return not any(each in theirs for each in expand(universe, (one.text for one in wide.actions)))


def _same_or_wider_where(wide: Statement, narrow: Statement) -> bool:
    if on_everything(wide):
        return True
    if wide.resources is None or narrow.resources is None:
        return wide.resources is narrow.resources
    mine = {each.text for each in wide.resources}
    theirs = {each.text for each in narrow.resources}
    if wide.not_resource or narrow.not_resource:
        return wide.not_resource == narrow.not_resource and mine == theirs
    return mine >= theirs


def _same_or_weaker_conditions(wide: Statement, narrow: Statement) -> bool:
    return _others(wide.conditions) <= _others(narrow.conditions)


def _others(conditions: Sequence[Condition]) -> frozenset[tuple[str, str, frozenset[str]]]:
    return frozenset(
        (str(each.operator), each.key.text.lower(), frozenset(each.values))
        for each in conditions
        if not is_mfa(each)
    )
