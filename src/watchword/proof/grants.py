"""On which resources, and under which other conditions, what is reached is reached."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from watchword.iam import StatementRef, Universe
from watchword.iam._tri import all_of
from watchword.iam.compile import Rule
from watchword.proof.settle.limits import Limits
from watchword.proof.settle.standing import Settled
from watchword.proof.settle.view import Live


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCondition:
    """One condition that has to hold, or, where `holds` is false, one of a Deny.

    A Deny leaves a request alone when any one of its conditions does not hold; those that hold for every
    request of the subject are left out. `operator`, `key` and `values` are as written in `statement`.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    holds: bool
    statement: StatementRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Actions that one statement lets a subject do.

    - `actions`: bits of the universe; all of them are reached.
    - `resources`: patterns as written, with `*` for a `NotResource`; `excepted`: those of a `NotResource`
      and of Denies whose conditions always hold.
    - `conditions`: what has to hold beside, so far as it does not for every request of the subject.
    - `statements`: the one that allows. `within`: those of boundary and SCPs of which one of each has to
      allow, too, where none allows everything. `denies`: those that leave something out.
    """

    actions: int
    resources: tuple[str, ...]
    excepted: tuple[str, ...]
    conditions: tuple[GrantCondition, ...]
    statements: tuple[StatementRef, ...]
    within: tuple[StatementRef, ...]
    denies: tuple[StatementRef, ...]


@dataclass(slots=True, kw_only=True)
class Granter:
    """Makes the grants of subjects; equal ones are the same object."""

    universe: Universe
    _kept: dict[Hashable, Grant] = field(default_factory=dict)

    def of(self, limits: Limits, actions: int, settled: Settled) -> Sequence[Grant]:
        """Return the grants for what is reached of a subject's own policies."""
        found: list[Grant] = []
        denies = [live for live in limits.denies if live.may & actions]
        for live in limits.own_allows:
            mine = live.may & actions
            if mine:
                against = [each for each in denies if each.may & mine]
                found += (
                    self._grant(live, part, past, limits, settled) for part, past in _parts(mine, against)
                )
        return tuple(found)

    def _grant(
        self, live: Live, actions: int, denies: tuple[Live, ...], limits: Limits, settled: Settled
    ) -> Grant:
        beside = tuple(limits.others_for(actions))
        conditions = tuple(_conditions(live.rule, settled, holds=True))
        excepted = list(_patterns(live.rule, negated=True))
        for deny in denies:
            its = tuple(_conditions(deny.rule, settled, holds=False))
            conditions += its
            if not its:
                excepted += _patterns(deny.rule, negated=False)
        kept = (
            actions,
            id(live.rule),
            tuple(id(each.rule) for each in denies),
            tuple(map(id, beside)),
            conditions,
        )
        found = self._kept.get(kept)
        if found is None:
            found = self._kept[kept] = Grant(
                actions=actions,
                resources=tuple(_patterns(live.rule, negated=False)),
                excepted=tuple(dict.fromkeys(excepted)),
                conditions=conditions,
                statements=(live.rule.ref,),
                within=tuple(rule.ref for rule in beside),
                denies=tuple(each.rule.ref for each in denies),
            )
        return found


def _parts(mask: int, denies: Iterable[Live]) -> Iterator[tuple[int, tuple[Live, ...]]]:
    parts: list[tuple[int, tuple[Live, ...]]] = [(mask, ())]
    for deny in denies:
        after: list[tuple[int, tuple[Live, ...]]] = []
        for part, past in parts:
            both, rest = part & deny.may, part & ~deny.may
            if both:
                after.append((both, (*past, deny)))
            if rest:
                after.append((rest, past))
        parts = after
    yield from parts


def _patterns(rule: Rule, *, negated: bool) -> Iterator[str]:
    statement = rule.policy.statements[rule.ref.index]
    if statement.not_resource is negated:
        yield from (each.text for each in statement.resources or ())
        if statement.resources is None and not negated:
            yield "*"
    elif not negated:
        yield "*"


def _conditions(rule: Rule, settled: Settled, *, holds: bool) -> Iterator[GrantCondition]:
    """Give the conditions of a statement that are not settled for every request of the subject."""
    for condition, test in rule.conditions:
        if all_of((test(settled),)) is not True:
            yield GrantCondition(
                operator=str(condition.operator),
                key=condition.key.text,
                values=condition.values,
                holds=holds,
                statement=rule.ref,
            )
