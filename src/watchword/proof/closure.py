"""What can be reached from a start without MFA, chain by chain."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from watchword.proof.chain import Chain, ChainStep, StepKind
from watchword.proof.effects import Ask
from watchword.proof.entered import Entry, EntryKind, entries
from watchword.proof.escalation import Rule
from watchword.proof.expansion import Actor, Expansion
from watchword.proof.first_device import Answer, FirstDevice, first_device
from watchword.proof.pursuit import Node, Pursuit, Steps
from watchword.proof.reach import Found

if TYPE_CHECKING:
    from watchword.proof.documents import Rewriting
    from watchword.proof.reach import Reacher, Subject
    from watchword.proof.states import State


_ASSUME: Final = "sts:AssumeRole"
_MOST_KEPT: Final = 8_000
"""How many closures are kept: each is asked for by every claim, and the largest accounts have too many."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Held:
    """A credential that the attacker comes to hold: whose, in which state, under which policies, how."""

    node: Node = field(repr=False)

    @property
    def arn(self) -> str:
        """The user's, role's or root's own ARN."""
        return self.node.arn

    @property
    def state(self) -> State:
        """What signs, and what it says about MFA."""
        return self.node.subject.state

    @property
    def subject(self) -> Subject:
        """Who asks then, under the policies as they have been changed."""
        return self.node.subject

    @property
    def last(self) -> tuple[StepKind, str] | None:
        """What kind of step brought it, and the ARN of who made that; None for the start. It costs little."""
        steps = self.node.steps
        return (steps[-1].move.kind, steps[-1].actor.subject.arn) if steps else None

    @functools.cached_property
    def chain(self) -> Chain:
        """How; no steps for the start itself."""
        return Chain(steps=tuple(step for each in self.node.steps for step in each.shown))


@dataclass(frozen=True, kw_only=True, eq=False)
class Closed:
    """All that can be reached from one start.

    - `actions`: bits of the universe that are surely reached by some chain.
    - `undetermined`: further bits, each group with why they are not sure; groups do not overlap.
    - `nodes`: what the attacker surely comes to hold, each with a shortest chain, the nearest first.
    - `assumed`: a way to a role that is surely assumed, if there is one.
    - `on_new`: what is surely reached on somebody whom the attacker makes, and on nobody else.
    - `everything`: one of them may do all that anybody of its account could, and not all others are listed.
    """

    actions: int
    undetermined: tuple[tuple[int, str], ...]
    nodes: tuple[Held, ...]
    everything: bool
    expansion: Expansion = field(repr=False)
    assumed: Steps | None = field(repr=False, default=None)
    on_new: Mapping[int, tuple[Steps, Actor, Ask]] = field(repr=False, default_factory=dict)

    def chain(self, action: str) -> Chain:
        """Return a shortest chain to an action of `actions`, with the final request.

        Raises KeyError when the action is not surely reached.
        """
        bit = 1 << self.expansion.reacher.universe.bit(action)
        for held in self.nodes:
            if held.node.reached.actions & bit:
                found = held.node.reached.witness(action)
                last = ChainStep(
                    actor=held.arn,
                    state=held.state,
                    request=found.request,
                    policies=found.policies,
                    decision=found.decision,
                    gives=f"`{action}`",
                    kind=StepKind.CALL,
                )
                return held.chain.then([last])
        if action == _ASSUME and self.assumed is not None:
            # What the chain itself has changed about whom a role trusts is no principal's own reach.
            steps = [step for each in self.assumed for step in each.shown]
            return Chain(steps=(*steps[:-1], replace(steps[-1], kind=StepKind.CALL, gives=f"`{action}`")))
        if bit in self.on_new:
            before, actor, ask = self.on_new[bit]
            return Chain(steps=(*(step for each in before for step in each.shown), self._on_new(actor, ask)))
        raise KeyError(action)

    def _on_new(self, actor: Actor, ask: Ask) -> ChainStep:
        found = self.expansion.permissions.ask(actor.subject, ask)
        if not isinstance(found, Found):
            raise TypeError(f"`{ask.action}` was possible, and is not")
        return ChainStep(
            actor=actor.subject.arn,
            state=actor.subject.state,
            request=found.request,
            policies=found.policies,
            decision=found.decision,
            gives=f"`{ask.action}`",
            kind=StepKind.CALL,
        )


class Closure:
    """The closure of one proof: what it finds out of one start serves the others."""

    def __init__(
        self, reacher: Reacher, rules: Iterable[Rule], *, expansion: Expansion | None = None
    ) -> None:
        self.expansion = expansion or Expansion(reacher=reacher, rules=tuple(rules))
        self._kept: dict[tuple[object, ...], Closed] = {}

    def afterwards(self, reacher: Reacher, change: Rewriting) -> Closure:
        """Return the closure for accounts in which one document says something else.

        `reacher` is that of those accounts. What does not hang on the document is shared.
        """
        return Closure(reacher, (), expansion=self.expansion.afterwards(reacher, change))

    def of(self, arn: str, states: Sequence[State]) -> Closed:
        """Return what can be reached by who holds this principal's credentials of these states.

        They are taken to exist. States with MFA are not followed: what they reach is what their own policies
        let through. Raises KeyError when no account has the principal.
        """
        key = (arn, *((each.credential, each.mfa) for each in states))
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = self._of(arn, states)
            if len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        return found

    def _of(self, arn: str, states: Sequence[State]) -> Closed:
        pursuit = Pursuit(expansion=self.expansion)
        pursuit.run(arn, states)
        nodes = sorted(pursuit.nodes.values(), key=lambda each: (each.reason is not None, each.cost))
        certain = [each for each in nodes if each.reason is None]
        actions = 0
        for node in certain:
            actions |= node.reached.actions
        for bit in pursuit.on_new:
            actions |= bit
        if not actions >> self.expansion.reacher.universe.bit(_ASSUME) & 1:
            pursuit.assume_own()
        if pursuit.assumed is not None:
            actions |= 1 << self.expansion.reacher.universe.bit(_ASSUME)
        return Closed(
            actions=actions,
            undetermined=_undetermined(actions, nodes, self._perhaps(pursuit)),
            nodes=tuple(Held(node=each) for each in certain),
            everything=bool(pursuit.topped),
            expansion=self.expansion,
            assumed=pursuit.assumed,
            on_new=pursuit.on_new,
        )

    def _perhaps(self, pursuit: Pursuit) -> list[tuple[int, str]]:
        everything = [(self.expansion.ceiling(each), reason) for each, reason in pursuit.perhaps.items()]
        return [*pursuit.beside, *everything]

    def own_first_device(self, arn: str, states: Sequence[State]) -> FirstDevice:
        """Return whether a user can enrol its first device with these states, none of which has MFA.

        Raises KeyError when no account has the principal.
        """
        return first_device(self.expansion, arn, states)

    def entered_by(self, arn: str) -> tuple[Entry, ...]:
        """Return who, of none of the accounts that are looked at, can enter a role.

        Raises KeyError when no account has it.
        """
        return entries(self.expansion.reacher, arn)


def _undetermined(
    actions: int, nodes: Iterable[Node], perhaps: Iterable[tuple[int, str]]
) -> tuple[tuple[int, str], ...]:
    """Return the bits that are not sure, each with the nearest reason."""
    by_reason: dict[str, int] = {}
    seen = actions
    for node in nodes:
        if node.reason is not None and node.reached.actions & ~seen:
            by_reason[node.reason] = by_reason.get(node.reason, 0) | (node.reached.actions & ~seen)
            seen |= node.reached.actions
        for mask, why in node.reached.undetermined:
            if mask & ~seen:
                reason = node.reason or why
                by_reason[reason] = by_reason.get(reason, 0) | (mask & ~seen)
                seen |= mask
    for mask, reason in perhaps:
        if mask & ~seen:
            by_reason[reason] = by_reason.get(reason, 0) | (mask & ~seen)
            seen |= mask
    return tuple((mask, reason) for reason, mask in by_reason.items())


__all__ = ["Answer", "Closed", "Closure", "Entry", "EntryKind", "FirstDevice", "Held"]
