"""Actions that are settled together: those that the same statements are about, and that these see alike."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from watchword.iam import ResourceType, Universe
from watchword.iam._plan import Entry
from watchword.iam.compile import Rule
from watchword.iam.outcome import Layer
from watchword.proof.settle.domains import SPECIAL_SERVICES, by_action, by_service
from watchword.proof.settle.entries import Content, content_of, keys_of
from watchword.proof.settle.limits import Limits
from watchword.proof.settle.view import Live

Contents: TypeAlias = tuple[tuple[Content, ...], ...]


class Part(msgspec.Struct, frozen=True):
    """Bits that are reached, and groups of bits (that do not overlap) with why nothing is sure of them."""

    found: int
    doubts: tuple[tuple[int, str], ...]


class Spread(msgspec.Struct, frozen=True, eq=False):
    """What is reached of all bits; `maybe`: what is not ruled out at a glance; `limits`: what is in force."""

    found: int
    doubts: tuple[tuple[int, str], ...]
    maybe: int
    limits: Limits


class Cell(msgspec.Struct, frozen=True):
    """Bits that the same statements are about: `groups` of which one has to match, and Denies."""

    mask: int
    groups: tuple[tuple[Rule, ...], ...]
    denies: tuple[Rule, ...]

    @property
    def rules(self) -> Iterator[Rule]:
        """Give all of the statements."""
        for group in self.groups:
            yield from group
        yield from self.denies

    @property
    def contents(self) -> Contents:
        """Return what the statements say, wherever they stand."""
        return tuple(tuple(map(content_of, each)) for each in (self.denies, *self.groups))


class Alike(msgspec.Struct, frozen=True):
    """Actions of a service with the same resource types and condition keys."""

    mask: int
    action: str
    types: tuple[ResourceType, ...]
    keys: frozenset[str]
    lists: str
    """By what its resources are not those of its types alone (the action itself, say), or empty."""


def unknown_in(action: str) -> str | None:
    """Return the service when the action stands for those of it that are not known yet."""
    service, _, name = action.partition(":")
    return service if name == "?" else None


class Question(msgspec.Struct, frozen=True, eq=False):
    """What the statements of a cell look at: keys, those that hang on the action, and whether resources."""

    keys: tuple[str, ...]
    by_action: frozenset[str]
    by_service: bool
    scoped: bool

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Question:
        """Return what statements look at."""
        each = tuple(rules)
        keys = frozenset[str]().union(*map(keys_of, each))
        return cls(
            tuple(sorted(keys)),
            frozenset(filter(by_action, keys)),
            by_service(keys),
            any(rule.resource is not None for rule in each),
        )

    def sign_of(self, action: str, alike: Alike | None, universe: Universe) -> Hashable:
        """Return what two actions have in common of which the answer is the same."""
        service = action.partition(":")[0].lower()
        of_service = (self.by_service and service in SPECIAL_SERVICES) or (
            self.scoped and unknown_in(action) is not None
        )
        return (
            frozenset(key for key in self.by_action if universe.has_key(action, key)),
            alike.types if alike is not None and self.scoped else None,
            alike.lists if alike is not None and self.scoped else None,
            service if of_service else None,
        )


@functools.lru_cache(maxsize=65_536)
def entry_of(rule: Rule) -> Entry:
    return rule.resource, rule.holds, rule, Layer.IDENTITY


def split(
    cells: dict[tuple[tuple[Rule, ...], ...], int], lives: Sequence[Live], *, beside: int
) -> dict[tuple[tuple[Rule, ...], ...], int]:
    """Split cells by which of these statements are about them; of the bits in `beside` none is asked."""
    found: dict[tuple[tuple[Rule, ...], ...], int] = {}
    for groups, mask in cells.items():
        free = mask & beside
        if free:
            key = (*groups, ())
            found[key] = found.get(key, 0) | free
        parts: list[tuple[int, tuple[Rule, ...]]] = [(mask & ~free, ())] if mask & ~free else []
        for live in lives:
            after: list[tuple[int, tuple[Rule, ...]]] = []
            for part, rules in parts:
                both, rest = part & live.may, part & ~live.may
                if both:
                    after.append((both, (*rules, live.rule)))
                if rest:
                    after.append((rest, rules))
            parts = after
        for part, rules in parts:
            key = (*groups, rules)
            found[key] = found.get(key, 0) | part
    return found


def apart(doubts: Iterable[tuple[int, str]], found: int) -> Iterator[tuple[int, str]]:
    """Give the groups without what is found, and without what an earlier one has."""
    taken = found
    together: dict[str, int] = {}
    for mask, why in doubts:
        left = mask & ~taken
        if left:
            together[why] = together.get(why, 0) | left
            taken |= left
    for why, mask in together.items():
        yield mask, why
