"""All actions at once: which are reached, which are not, and of which that is not known.

The masks of `view` settle nearly all. What is left is settled by `attempt`, once for all actions that the
same statements are about, and that are alike as far as these statements go.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from watchword.iam import ResourceType, Universe
from watchword.iam.compile import CompiledPolicy, Rule
from watchword.proof.settle.cells import Alike, Cell, Contents, Part, Question, Spread
from watchword.proof.settle.entries import Content, keys_of
from watchword.proof.settle.limits import Layers, Limits
from watchword.proof.settle.naming import UNKNOWN_SERVICE
from watchword.proof.settle.regions import regions_of
from watchword.proof.settle.resources import Target, is_contested, makes, readings, reads_policies
from watchword.proof.settle.spreading import Spreading
from watchword.proof.settle.standing import Settled
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.view import Live, View, Views

Levels: TypeAlias = tuple[tuple[CompiledPolicy, ...], ...]
Readings: TypeAlias = tuple[tuple[Target, ...], ...]

_SERVICE_LINKED = ":role/aws-service-role/"
_REGION = "aws:requestedregion"
_MOST_REGIONS = 6


@dataclass(slots=True, kw_only=True)
class Spreader:
    """Spreads subjects' policies over the universe. What it finds out of one serves the others."""

    universe: Universe
    views: Views
    _regions: dict[Hashable, tuple[str, ...]] = field(default_factory=dict)
    _spans: list[tuple[int, int, str]] = field(default_factory=list)
    _alike: dict[str, tuple[Alike, ...]] = field(default_factory=dict)
    _rule_keys: dict[Content, tuple[str, ...]] = field(default_factory=dict)
    _questions: dict[Contents, Question] = field(default_factory=dict)
    _readings: dict[Hashable, Readings] = field(default_factory=dict)
    _keys: dict[Levels, tuple[str, ...]] = field(default_factory=dict)
    _read: dict[Limits, frozenset[str]] = field(default_factory=dict)
    _layers: dict[Hashable, Layers] = field(default_factory=dict)
    cells: dict[Hashable, tuple[bool, str | None]] = field(default_factory=dict)
    alone: dict[Hashable, Part] = field(default_factory=dict)
    views_alone: dict[Hashable, int] = field(default_factory=dict)
    holding: dict[Hashable, bool] = field(default_factory=dict)

    def limits(self, subject: Subject, settled: Settled) -> Limits:
        """Return the statements in force for a subject."""
        return Limits(self.own(subject, settled), self.others(subject, settled))

    def of(self, subject: Subject, settled: Settled) -> Spread:
        """Return what the subject's own policies reach, without service rules and resources' policies."""
        return Spreading(self, subject, settled).spread()

    # -- the statements in force

    def own(self, subject: Subject, settled: Settled) -> Layers:
        """Return the identity policies of a subject."""
        return self._summed(subject, settled, (subject.policies.identity,), ())

    def others(self, subject: Subject, settled: Settled) -> Layers:
        """Return what has to allow beside them, and what may deny: boundary, session, SCPs and RCPs."""
        policies = subject.policies
        boundary, session = policies.permissions_boundary, policies.session
        documents: Levels = () if boundary is None else ((boundary,),)
        documents += () if session is None else (session,)
        documents += () if _SERVICE_LINKED in subject.arn else policies.service_control
        return self._summed(subject, settled, documents, policies.resource_control)

    def _summed(self, subject: Subject, settled: Settled, documents: Levels, controls: Levels) -> Layers:
        """Resource control policies count by whom they name."""
        partition, account = subject.arn.split(":")[1], subject.principal.account
        keys = self.keys_in((*documents, *controls))
        named = (subject.principal, subject.policies.permissions_boundary is not None) if controls else None
        kept = documents, controls, tuple(map(settled.get, keys)), partition, account, named
        found = self._layers.get(kept)
        if found is None:

            def view(policy: CompiledPolicy) -> View:
                return self.views.of(policy, settled, partition, account)

            layers = [tuple(map(view, each)) for each in documents]
            denying = [live for level in controls for policy in level for live in view(policy).denies]
            found = self._layers[kept] = Layers.of(layers, tuple(_about(subject, denying)))
        return found

    def keys_in(self, documents: Levels) -> tuple[str, ...]:
        """Return the keys in the conditions of policies, in order."""
        found = self._keys.get(documents)
        if found is None:
            every = {key for level in documents for each in level for key in self.views.keys(each).conditions}
            found = self._keys[documents] = tuple(sorted(every))
        return found

    def keys_read(self, limits: Limits) -> frozenset[str]:
        """Return the keys in the conditions of all policies in force."""
        found = self._read.get(limits)
        if found is None:
            own, others = (
                self.keys_in(tuple(tuple(view.policy for view in layer) for layer in each.layers))
                for each in (limits.own, limits.others)
            )
            found = self._read[limits] = frozenset((*own, *others))
        return found

    def regions_in(self, limits: Limits, partition: str) -> tuple[str, ...]:
        """Return the regions that conditions of these policies name, or one if they name none."""
        key = limits.own, limits.others, partition
        found = self._regions.get(key)
        if found is None:
            every = regions_of(partition) or ()
            layers = (*limits.own.layers, *limits.others.layers)
            policies = [view.policy for layer in layers for view in layer]
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

    def keys_of(self, rule: Rule, content: Content) -> tuple[str, ...]:
        """Return the keys that a statement reads, and every one that says the same, in order."""
        found = self._rule_keys.get(content)
        if found is None:
            found = self._rule_keys[content] = tuple(sorted(keys_of(rule)))
        return found

    def question(self, cell: Cell, contents: Contents) -> Question:
        """Return what the statements of a cell look at."""
        found = self._questions.get(contents)
        if found is None:
            found = self._questions[contents] = Question.of(cell.rules)
        return found

    def readings(self, subject: Subject, action: str) -> Readings:
        """Return on what an action can be called by a subject."""
        partition, account = subject.arn.split(":")[1], subject.principal.account
        key = action, partition, account, subject.existing
        found = self._readings.get(key)
        if found is None:
            found = self._readings[key] = readings(
                self.universe, action, partition=partition, account=account, existing=subject.existing
            )
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
        groups: dict[tuple[tuple[ResourceType, ...], frozenset[str], str], tuple[int, str]] = {}
        for at, action in enumerate(universe.actions(service)):
            types, keys = universe.resource_types(action), universe.condition_keys(action)
            apart = makes(action) or (not types and is_contested(action))
            lists = action if apart else "reads policies" if reads_policies(action) else ""
            mask, first = groups.get((types, keys, lists), (0, action))
            groups[types, keys, lists] = mask | 1 << at, first
        for (types, keys, lists), (mask, action) in groups.items():
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


def _about(subject: Subject, denying: Iterable[Live]) -> Iterator[Live]:
    """Give the Denies that may be about a subject: resource control policies may deny."""
    bounded = subject.policies.permissions_boundary is not None
    for live in denying:
        named = live.rule.principal
        if named is None or named(subject.principal, bounded) is not None:
            yield Live(live.rule, 0, live.may)


def _first(span: tuple[int, int, str]) -> int:
    return span[0]


__all__ = ["Spread", "Spreader"]
