"""Findings: what speaks against a claim, put together by its cause.

A thousand users whom one group lets do something are one finding with a thousand principals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from watchword.account.model import AccountPrincipal
from watchword.iam import Layer, MfaState, Universe
from watchword.proof.chain import StepKind
from watchword.proof.claim import Claim
from watchword.proof.offences import Offence
from watchword.proof.places import Places
from watchword.proof.reach import Reached, Reacher
from watchword.proof.result import Outcome, StatementPlace
from watchword.proof.telling import only_lists, telling

DIRECT: Final = "reachable"
ROLE: Final = "reachable-through-role"
ESCALATION: Final = "reachable-through-escalation"
OUTSIDE: Final = "reachable-from-outside"
UNDETERMINED: Final = "undetermined"
EXPIRED: Final = "exception-expired"
EMPTY: Final = "claim-about-nothing"
UNSEEN: Final = "not-all-read"

RULES: Final = {
    DIRECT: "A credential does by itself what the claim says nobody does",
    ROLE: "A role can be entered, and does what the claim says nobody does",
    ESCALATION: "Permissions can be widened until they allow what the claim says nobody does",
    OUTSIDE: "A role can be entered from outside the accounts that were looked at",
    UNDETERMINED: "It cannot be told whether something is reached that should not be",
    EXPIRED: "An exception has expired, and is none any more",
    EMPTY: "A claim names somebody, or an action, that there is not",
    UNSEEN: "The snapshot does not hold everybody whom a claim is about",
}
"""What kinds of findings there are. The names are public, and never change."""

Cause = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One principal in one state, what it reaches, and the id of its witness (None where it is not sure)."""

    principal: AccountPrincipal
    state: MfaState
    actions: int
    witness: str | None


@dataclass(kw_only=True, eq=False)
class Group:
    """All offences of one cause: `first` in full, and all as `members`, that one first.

    `statements` let them through, the first step's first.
    """

    rule: str
    cause: Cause
    statements: tuple[StatementPlace, ...]
    first: Offence
    members: list[Member] = field(default_factory=list)

    @property
    def claim(self) -> Claim:
        """The claim that they speak against."""
        return self.first.claim

    @property
    def actions(self) -> int:
        """What all of them reach together."""
        found = 0
        for member in self.members:
            found |= member.actions
        return found

    @property
    def principals(self) -> tuple[str, ...]:
        """Whose they are, each once."""
        return tuple(dict.fromkeys(each.principal.arn for each in self.members))

    @property
    def states(self) -> tuple[MfaState, ...]:
        """The states that they are in."""
        found = {each.state for each in self.members}
        return tuple(each for each in MfaState if each in found)

    @property
    def outcome(self) -> Outcome:
        """Whether it is sure."""
        return Outcome.REFUTED if self.first.reason is None else Outcome.UNDETERMINED

    @property
    def ident(self) -> str:
        """An id that stays the same as long as the cause does."""
        return f"f-{hashlib.sha256(repr((self.claim.name, self.cause)).encode()).hexdigest()[:12]}"


@dataclass(kw_only=True, eq=False)
class _Way:
    """One way of one principal, in all states that have it."""

    rule: str
    offences: list[Offence] = field(default_factory=list)
    statements: tuple[StatementPlace, ...] = ()

    @property
    def is_counted(self) -> bool:
        return self.offences[0].exception is None

    def leads_to(self, other: _Way, onward: Iterable[_Way], universe: Universe) -> bool:
        """Whether this one does what the first steps of others take, or an escalation comes of the same."""
        mine = set(map(_address, self.statements))
        if other.rule == ESCALATION and mine & set(map(_address, other.statements)):
            return True
        taken = 0
        for way in onward:
            for offence in way.offences:
                for step in offence.held[0].chain.steps:
                    if step.actor == offence.principal.arn:
                        taken |= 1 << universe.bit(step.request.action)
        return all(not each.actions & ~taken for each in self.offences)


@dataclass(kw_only=True)
class Grouping:
    """Puts offences together by their cause."""

    reacher: Reacher
    places: Places
    universe: Universe
    groups: dict[Cause, Group] = field(default_factory=dict)
    _granted: dict[tuple[int, int, str], tuple[Reached, tuple[StatementPlace, ...]]] = field(
        default_factory=dict
    )

    def add(self, offences: Iterable[Offence], witness: Callable[[Offence], str | None]) -> None:
        """Put what speaks against one claim for one principal to what others do for the same cause.

        `witness` gives the id of an offence's own. What hangs on something unknown is not told of whoever is
        caught already: it is in the list of principals.
        """
        found = list(offences)
        if any(each.reason is None and each.exception is None for each in found):
            found = [each for each in found if each.reason is None or each.entry is not None]
        for way in self._folded(self._ways(found)):
            first = way.offences[0]
            until = None if first.exception is None else first.exception.written_at
            cause = (way.rule, *self._way(first), tuple(map(_address, way.statements)), until)
            key = (first.claim.name, *cause)
            group = self.groups.get(key)
            if group is None:
                group = self.groups[key] = Group(
                    rule=way.rule, cause=cause, statements=way.statements, first=first
                )
            group.members += [
                Member(
                    principal=each.principal,
                    state=each.state.mfa,
                    actions=each.actions,
                    witness=witness(each),
                )
                for each in way.offences
            ]

    def _ways(self, offences: Iterable[Offence]) -> list[_Way]:
        """Put the states of one principal together: what is one way in each of them is one way."""
        found: dict[Cause, _Way] = {}
        for offence in offences:
            rule = rule_of(offence)
            until = None if offence.exception is None else offence.exception.written_at
            way = found.setdefault((rule, *self._way(offence), until), _Way(rule=rule))
            way.offences.append(offence)
            fresh = (each for each in self._statements(offence) if each not in way.statements)
            way.statements = (*way.statements, *fresh)
        return list(found.values())

    def _folded(self, ways: list[_Way]) -> list[_Way]:
        """Let what leads on count with where it leads: to assume a role is no finding beside that role."""
        onward = [each for each in ways if each.rule in {ROLE, ESCALATION} and each.is_counted]
        for direct in [each for each in ways if each.rule == DIRECT and each.is_counted]:
            taken = next((each for each in onward if direct.leads_to(each, onward, self.universe)), None)
            if taken is not None:
                taken.offences += direct.offences
                fresh = (each for each in direct.statements if each not in taken.statements)
                taken.statements = (*taken.statements, *fresh)
                ways.remove(direct)
        return ways

    def _way(self, offence: Offence) -> tuple[object, ...]:
        if offence.entry is not None:
            return (offence.entry.kind.value, offence.entry.principal, offence.principal.arn)
        if offence.reason is not None:
            return (offence.reason,)
        first = offence.first
        if first is None:
            return ()
        on = "oneself" if first.request.resource == offence.principal.arn else first.request.resource
        return first.kind.value, first.rule, first.request.action, on

    def _statements(self, offence: Offence) -> tuple[StatementPlace, ...]:
        """Return the statements that let the first step through."""
        if offence.entry is not None:
            owner = offence.principal.arn
            return tuple(self.places.place(ref, Layer.TRUST, owner=owner) for ref in offence.entry.statements)
        if offence.first is not None:
            step = offence.first
            return self.places.of_decision(
                step.decision,
                step.policies,
                actor=step.actor,
                action=step.request.action,
                resource=step.request.resource,
            )
        return self._granting(offence) if offence.held else ()

    def _granting(self, offence: Offence) -> tuple[StatementPlace, ...]:
        reached = self.reacher.reached(offence.held[0].subject)
        key = (id(reached), offence.actions, offence.principal.arn)
        found = self._granted.get(key)
        if found is None:
            refs = {
                ref: None
                for grant in reached.grants()
                if grant.actions & offence.actions
                for ref in grant.statements
            }
            owner = offence.principal.arn
            places = (self.places.place(ref, Layer.IDENTITY, owner=owner) for ref in refs)
            found = self._granted[key] = reached, tuple(sorted(places, key=_address))
        return found[1]


def rule_of(offence: Offence) -> str:
    """Return what kind of finding an offence makes."""
    if offence.entry is not None:
        return OUTSIDE
    if offence.reason is not None:
        return UNDETERMINED
    match None if offence.first is None else offence.first.kind:
        case StepKind.ASSUME:
            return ROLE
        case StepKind.ESCALATION:
            return ESCALATION
        case StepKind.OUTSIDE:
            return OUTSIDE
        case _:
            return DIRECT


def level_of(group: Group, universe: Universe) -> str:
    """Return how much it matters: whoever only lists what there is does little."""
    harmless = group.outcome is Outcome.UNDETERMINED or only_lists(universe, group.actions)
    return "warning" if harmless else "error"


def telling_action(universe: Universe, actions: int) -> str:
    """Return the action that a witness is shown for; of actions not known yet, a made-up one."""
    known = telling(universe, actions)
    if known:
        return known[0]
    prefix = next(iter(universe.unknown(actions)), "*")
    return f"{'new-service' if prefix == '*' else prefix}:NotKnownYet"


def _address(place: StatementPlace) -> tuple[str, str, int]:
    return place.arn or place.owner, place.policy, place.index
