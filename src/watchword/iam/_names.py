"""Which actions a statement covers, arranged by service so that a request looks at few of them.

INVARIANT: everything here is in lower case; requests come in lower case too.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

from watchword.iam._glob import Matcher, matcher, tokenise
from watchword.iam.policy import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of one service's actions that a statement covers: those listed, and those that match.

    `match` is None when no pattern is left beside the listed names.
    """

    exact: frozenset[str]
    match: Matcher | None

    def __contains__(self, name: object) -> bool:
        return name in self.exact or (self.match is not None and self.match(str(name)))


class Everything(Names):
    """All actions of a service."""

    __slots__ = ()


EVERYTHING: Final = Everything(exact=frozenset(), match=lambda _: True)
NOTHING: Final = Names(exact=frozenset(), match=None)

_MOST_KEPT: Final = 4_096
"""Statements with the same actions, of which accounts have many, share the index of these."""

ByService: TypeAlias = dict[str, Names]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionIndex:
    """A statement's actions: `named` by service, and `others` for every service not in there."""

    named: ByService
    others: Names

    def of(self, service: str) -> Names:
        """Return the names that are covered in a service."""
        return self.named.get(service, self.others)


def index_actions(statement: Statement) -> ActionIndex:
    """Return the index of a statement's `Action` or `NotAction`.

    Source: IAM User Guide, reference_policies_elements_action and …_notaction: both ignore case, and
    `NotAction` covers every action that it does not list, those that do not exist yet included.
    """
    return _index(tuple([action.text.lower() for action in statement.actions]), statement.not_action)


@functools.lru_cache(maxsize=_MOST_KEPT)
def _index(actions: tuple[str, ...], not_action: bool) -> ActionIndex:
    listed: dict[str, list[str]] = {}
    everywhere = False
    for action in actions:
        service, _, name = action.partition(":")
        if service == "*":
            everywhere = True
        else:
            listed.setdefault(service, []).append(name)
    if not_action:
        if everywhere:
            return ActionIndex(named={}, others=NOTHING)
        return ActionIndex(
            named={each: _all_but(_names(names)) for each, names in listed.items()}, others=EVERYTHING
        )
    if everywhere:
        return ActionIndex(named={}, others=EVERYTHING)
    return ActionIndex(named={each: _names(names) for each, names in listed.items()}, others=NOTHING)


def _names(patterns: Iterable[str]) -> Names:
    exact: set[str] = set()
    prefixes: list[str] = []
    others: list[Matcher] = []
    for pattern in patterns:
        if "*" not in pattern and "?" not in pattern:
            exact.add(pattern)
            continue
        if pattern == "*":
            return EVERYTHING
        if "?" not in pattern and pattern.find("*") == len(pattern) - 1:
            prefixes.append(pattern[:-1])
        else:
            others.append(matcher(tokenise(pattern)))
    return Names(exact=frozenset(exact), match=_one_of(tuple(prefixes), tuple(others)))


def _one_of(prefixes: tuple[str, ...], others: tuple[Matcher, ...]) -> Matcher | None:
    if not others:
        return (lambda name: name.startswith(prefixes)) if prefixes else None
    if len(others) == 1 and not prefixes:
        return others[0]
    return lambda name: name.startswith(prefixes) or any(match(name) for match in others)


def _all_but(excluded: Names) -> Names:
    if excluded is EVERYTHING:
        return NOTHING
    return Names(exact=frozenset(), match=lambda name: name not in excluded)
