"""Sets of actions, each named once, written as short as it can be without saying anything else.

`s3:*` are all actions of a service, those not known yet included, and `*` is every action of every service.
`s3:Get*` are the known actions of that beginning; `s3:?` are those of the service that are not known yet,
and `?:?` those of services not known yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from watchword.iam import Universe
from watchword.proof.result import Actions

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|[0-9]+|.")


@dataclass(slots=True, kw_only=True)
class ActionSets:
    """The sets of one proof. `full` names every action instead of patterns."""

    universe: Universe
    full: bool = False
    _ids: dict[int, Actions] = field(default_factory=dict)
    _parts: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    _known: int | None = None

    def add(self, mask: int) -> Actions:
        """Return how many known actions the bits of a mask are, and the id of the set."""
        found = self._ids.get(mask)
        if found is None:
            count = (mask & self.known).bit_count()
            found = self._ids[mask] = Actions(count=count, set=f"s{len(self._ids)}")
        return found

    @property
    def known(self) -> int:
        """The bits of all actions that are known."""
        if self._known is None:
            self._known = self.universe.mask("*")
        return self._known

    def written(self) -> dict[str, tuple[str, ...]]:
        """Return every set that was added, by its id."""
        return {found.set: self.patterns(mask) for mask, found in self._ids.items()}

    def patterns(self, mask: int) -> tuple[str, ...]:
        """Return a set as patterns, or action by action."""
        if mask == (1 << self.universe.size) - 1 and not self.full:
            return ("*",)
        found: list[str] = []
        for prefix in self.universe.services():
            start, length = self.universe.span(prefix)
            part = mask >> start & (1 << length) - 1
            if part:
                found += self._service(prefix, part, length)
        if mask >> (self.universe.size - 1) & 1:
            found.append("?:?")
        return tuple(found)

    def _service(self, prefix: str, part: int, length: int) -> tuple[str, ...]:
        key = (prefix, part)
        found = self._parts.get(key)
        if found is None:
            found = self._parts[key] = tuple(self._entries(prefix, part, length))
        return found

    def _entries(self, prefix: str, part: int, length: int) -> Iterator[str]:
        if part == (1 << length) - 1 and not self.full:
            yield f"{prefix}:*"
            return
        actions = self.universe.actions(prefix)
        if self.full:
            yield from (action for at, action in enumerate(actions) if part >> at & 1)
        else:
            yield from _shortened(actions, part)
        if part >> (length - 1) & 1:
            yield f"{prefix}:?"


def _shortened(actions: Sequence[str], part: int) -> Iterator[str]:
    """Yield patterns for the actions of a service, which are in order of their lower-case names."""
    lower = [action.lower() for action in actions]
    at = 0
    while at < len(actions):
        if not part >> at & 1:
            at += 1
            continue
        pattern, end = _longest(actions, lower, part, at)
        yield pattern
        at = end


def _longest(actions: Sequence[str], lower: Sequence[str], part: int, at: int) -> tuple[str, int]:
    """Return the pattern of whole words that covers most from `at` on, and where what it covers ends."""
    action = actions[at]
    words_end = action.index(":") + 1
    for word in _WORD.findall(action[words_end:]):
        words_end += len(word)
        beginning = lower[at][:words_end]
        if at and lower[at - 1].startswith(beginning):
            continue
        end = at
        while end < len(actions) and lower[end].startswith(beginning) and part >> end & 1:
            end += 1
        whole = end == len(actions) or not lower[end].startswith(beginning)
        if whole and end - at > 1:
            return f"{action[:words_end]}*", end
    return action, at + 1
