"""Yes, no, or the keys that it depends on: three-valued logic with the reason built in.

INVARIANT: a set is never empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Tri: TypeAlias = bool | frozenset[str]


def negate(value: Tri) -> Tri:
    """Return the opposite; what is not known stays so."""
    return value if isinstance(value, frozenset) else not value


def all_of(values: Iterable[Tri]) -> Tri:
    """Return whether all hold: one that does not settles it."""
    missing: frozenset[str] = frozenset()
    for value in values:
        if value is False:
            return False
        if isinstance(value, frozenset):
            missing |= value
    return missing or True


def any_of(values: Iterable[Tri]) -> Tri:
    """Return whether one holds: one that does settles it."""
    missing: frozenset[str] = frozenset()
    for value in values:
        if value is True:
            return True
        if isinstance(value, frozenset):
            missing |= value
    return missing or False
