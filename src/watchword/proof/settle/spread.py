"""All actions at once: which are reached, which are not, and of which that is not known.

The masks of `view` settle nearly all. What is left is settled by `attempt`, once for all actions that the
same statements are about, and that are alike as far as these statements go.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from watchword.iam import Universe
from watchword.iam.compile import CompiledPolicy, Rule
from watchword.proof.settle.cells import Alike, Spread
from watchword.proof.settle.entries import Content, content_of, keys_of
from watchword.proof.settle.limits import Limits
from watchword.proof.settle.naming import UNKNOWN_SERVICE
from watchword.proof.settle.regions import regions_of
from watchword.proof.settle.resources import is_contested, makes, reads_policies
from watchword.proof.settle.spreading import Spreading
from watchword.proof.settle.standing import Settled
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.view import Views

_REGION = "aws:requestedregion"
_MOST_REGIONS = 6


@dataclass(slots=True, kw_only=True)
class Spreader:
    """Spreads subjects' policies over the universe. What it finds out of one serves the others."""

    universe: Universe
    views: Views
    _regions: dict[Hashable, tuple[str, ...]] = field(default_factory=dict)
    _rule_keys: dict[Content, tuple[str, ...]] = field(default_factory=dict)
    _spans: list[tuple[int, int, str]] = field(default_factory=list)
    _alike: dict[str, tuple[Alike, ...]] = field(default_factory=dict)
    cells: dict[Hashable, tuple[bool, str | None]] = field(default_factory=dict)
    alone: dict[Hashable, Spread] = field(default_factory=dict)
    alive: list[object] = field(default_factory=list)

    def limits(self, subject: Subject, settled: Settled) -> Limits:
        """Return the statements in force for a subject."""
        spreading = Spreading(self, subject, settled)
        return Limits(tuple(spreading.layers), spreading.naming)

    def of(self, subject: Subject, settled: Settled) -> Spread:
        """Return what the subject's own policies reach, without service rules and resources' policies."""
        return Spreading(self, subject, settled).spread()

    def regions_in(self, policies: Sequence[CompiledPolicy], partition: str) -> tuple[str, ...]:
        """Return the regions that conditions of these policies name, or one if they name none."""
        key = tuple(map(id, policies))
        found = self._regions.get(key)
        if found is None:
            self.alive.append(policies)
            every = regions_of(partition) or ()
            named = dict.fromkeys(each for policy in policies for each in _regions_named(policy))
            found = tuple(each for each in named if each in every)[:_MOST_REGIONS] or every[:1]
            self._regions[key] = found
        return found

    # -- alike actions

    def action_at(self, mask: int) -> str:
        """Return the first action of a mask; `service:?` for one that is not known yet."""
        bit = (mask & -mask).bit_length() - 1
        if bit == self.universe.size - 1:
            return f"{UNKNOWN_SERVICE}:?"
        start, count, service = self.service_at(bit)
        return f"{service}:?" if bit == start + count - 1 else self.universe.actions(service)[bit - start]

    def sorted_keys(self, rule: Rule) -> tuple[str, ...]:
        """Return the keys that a statement reads, in order."""
        content = content_of(rule)
        found = self._rule_keys.get(content)
        if found is None:
            found = self._rule_keys[content] = tuple(sorted(keys_of(rule)))
        return found

    def service_at(self, bit: int) -> tuple[int, int, str]:
        """Return the first bit of the service that a bit belongs to, how many it has, and its prefix."""
        if not self._spans:
            universe = self.universe
            self._spans += [(*universe.span(service), service) for service in universe.services()]
        return self._spans[bisect_right(self._spans, bit, key=_first) - 1]

    def alike(self, service: str) -> tuple[Alike, ...]:
        """Return the actions of a known service by what they have in common; bits from 0 of the service."""
        found = self._alike.get(service)
        if found is None:
            found = self._alike[service] = tuple(self._look(service))
        return found

    def _look(self, service: str) -> Iterator[Alike]:
        universe = self.universe
        count = universe.span(service)[1]
        groups: dict[Hashable, tuple[int, str]] = {}
        for at, action in enumerate(universe.actions(service)):
            types, keys = universe.resource_types(action), universe.condition_keys(action)
            apart = makes(action) or (not types and is_contested(action))
            lists = action if apart else "reads policies" if reads_policies(action) else ""
            mask, first = groups.get((types, keys, lists), (0, action))
            groups[types, keys, lists] = mask | 1 << at, first
        for (types, keys, lists), (mask, action) in groups.items():  # type: ignore[misc]
            yield Alike(mask, action, types, keys, lists)
        yield Alike(1 << (count - 1), f"{service}:?", (), frozenset(), "")


@functools.lru_cache(maxsize=4096)
def _regions_named(policy: CompiledPolicy) -> tuple[str, ...]:
    return tuple(
        value
        for rule in policy.rules
        for condition, _ in rule.conditions
        if condition.key.text.lower() == _REGION
        for value in condition.values
    )


def _first(span: tuple[int, int, str]) -> int:
    return span[0]


__all__ = ["Spread", "Spreader"]
