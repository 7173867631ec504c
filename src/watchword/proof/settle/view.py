"""One policy as masks over the universe, as a subject sees it: what is known of its conditions put in."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

import msgspec

from watchword.iam import CompiledPolicy, Universe
from watchword.iam._coverage import Bits, Surveyor
from watchword.iam._tri import Tri, all_of
from watchword.iam.compile import Rule
from watchword.proof.settle.entries import Content, content_of, keys_of, variables_in
from watchword.proof.settle.likening import Likening
from watchword.proof.settle.standing import Settled


class Live(msgspec.Struct, frozen=True, gc=False):
    """A statement that is not ruled out: what it surely covers, and what it may."""

    rule: Rule
    must: int
    may: int


class Unnamed(msgspec.Struct, frozen=True):
    """Which actions that are not known yet a statement covers: all of a service, or those of some names.

    `some` are endlessly many; what a policy only spells out is in neither.
    """

    every: int
    some: int


class View(msgspec.Struct, frozen=True, eq=False):
    """A policy in one situation: its statements that are not ruled out, and what they cover together."""

    allows: tuple[Live, ...]
    denies: tuple[Live, ...]
    allow_must: int
    allow_may: int
    deny_must: int
    deny_may: int
    policy: CompiledPolicy


class Keys(msgspec.Struct, frozen=True):
    """The keys that a policy reads: in its conditions, and in all."""

    conditions: tuple[str, ...]
    every: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Views:
    """The views of policies. What is the same for several subjects is made once."""

    universe: Universe
    _surveyors: dict[tuple[str, str], Surveyor] = field(default_factory=dict)
    _likenings: dict[tuple[str, str], Likening] = field(default_factory=dict)
    _surveyed: dict[tuple[Content, str, str], Bits] = field(default_factory=dict)
    _keys: dict[int, Keys] = field(default_factory=dict)
    _unnamed: dict[Content, Unnamed] = field(default_factory=dict)
    _views: dict[tuple[int, Hashable, str, str], View] = field(default_factory=dict)

    def keys(self, policy: CompiledPolicy) -> Keys:
        """Return the keys that a policy reads."""
        found = self._keys.get(id(policy))
        if found is None:
            conditions: set[str] = set()
            every: set[str] = set()
            for rule in policy.rules:
                every |= keys_of(rule)
                for condition, _ in rule.conditions:
                    conditions |= {condition.key.text.lower(), *variables_in(condition, rule)}
            found = self._keys[id(policy)] = Keys(tuple(sorted(conditions)), tuple(sorted(every)))
        return found

    def keys_of(self, rule: Rule) -> frozenset[str]:
        """Return the keys that a statement reads."""
        return keys_of(rule)

    def of(self, policy: CompiledPolicy, settled: Settled, partition: str, account: str) -> View:
        """Return the view of a policy whose statements name nobody, or are about everybody."""
        conditions = self.keys(policy).conditions
        values = tuple(map(settled.get, conditions)) if conditions else ()
        key = (id(policy), values, partition, account)
        found = self._views.get(key)
        if found is None:
            found = self._views[key] = self._look(policy, settled, partition, account)
        return found

    def _look(self, policy: CompiledPolicy, settled: Settled, partition: str, account: str) -> View:
        allows: list[Live] = []
        denies: list[Live] = []
        for rule in policy.rules:
            held: Tri = all_of(test(settled) for _, test in rule.conditions)
            if held is False:
                continue
            bits = self.bits(rule, partition, account)
            live = Live(rule, bits.must if held is True else 0, bits.may)
            (denies if rule.deny else allows).append(live)
        return View(
            allows=tuple(allows),
            denies=tuple(denies),
            allow_must=together(live.must for live in allows),
            allow_may=together(live.may for live in allows),
            deny_must=together(live.must for live in denies),
            deny_may=together(live.may for live in denies),
            policy=policy,
        )

    def unnamed(self, rule: Rule) -> Unnamed:
        """Return which actions that are not known yet a statement covers."""
        content = content_of(rule)
        found = self._unnamed.get(content)
        if found is None:
            found = self._unnamed[content] = _unnamed(rule, self.universe)
        return found

    def likening(self, partition: str, account: str) -> Likening:
        """Return what takes the names out of statements about an account's resources."""
        found = self._likenings.get((partition, account))
        if found is None:
            found = self._likenings[partition, account] = Likening(
                universe=self.universe, partition=partition, account=account
            )
        return found

    def bits(self, rule: Rule, partition: str, account: str) -> Bits:
        """Return what a statement covers when its conditions hold."""
        key = (self.likening(partition, account).of(rule).content, partition, account)
        found = self._surveyed.get(key)
        if found is None:
            surveyor = self._surveyors.get((partition, account))
            if surveyor is None:
                surveyor = self._surveyors[partition, account] = Surveyor(
                    universe=self.universe, partition=partition, account=account
                )
            statement = rule.policy.statements[rule.ref.index]
            found = self._surveyed[key] = surveyor.survey(statement, rule.policy.version)
        return found


def _unnamed(rule: Rule, universe: Universe) -> Unnamed:
    statement = rule.policy.statements[rule.ref.index]
    every = some = 0
    for each in statement.actions:
        service, _, name = each.text.lower().partition(":")
        if service == "*":
            every |= unknown_bits(universe)
        elif universe.knows_service(service):
            bit = 1 << universe.bit(f"{service}:?")
            if name == "*":
                every |= bit
            elif statement.not_action or "*" in name or "?" in name:
                some |= bit
    if not statement.not_action:
        return Unnamed(every, some & ~every)
    return Unnamed(unknown_bits(universe) & ~every & ~some, some & ~every)


@functools.lru_cache(maxsize=8)
def unknown_bits(universe: Universe) -> int:
    """Return the bits of the actions that are not known yet, of known services and of others."""
    found = 1 << (universe.size - 1)
    for service in universe.services():
        start, count = universe.span(service)
        found |= 1 << (start + count - 1)
    return found


def together(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
