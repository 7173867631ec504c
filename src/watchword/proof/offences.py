"""What speaks against a claim: for one principal in one state, way by way.

A way is named by its first step: what the credential does by itself, the role that it gets into, or the
escalation that it makes. All that follows from that step belongs to it, and what two ways lead to belongs to
the shorter one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from watchword.account.model import AccountPrincipal
from watchword.iam import MfaState, Universe
from watchword.proof.beyond import Beyond, OwnEnrolment, mask_of, without
from watchword.proof.chain import Chain, ChainStep, StepKind, last_call
from watchword.proof.claim import Claim, ClaimException, exceptions_for
from watchword.proof.closure import Closed, Closure, Held
from watchword.proof.entered import Entry
from watchword.proof.reach import Found, Impossible, Reacher
from watchword.proof.restricted import Bounds, Restricted
from watchword.proof.states import Exists, State

_ONE_BY_ONE: Final = 60
"""So many actions are asked about one by one; more of them all at once."""

Open = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offence:
    """Actions that a principal reaches in a state and should not.

    - `first`: the step that leads there; None for what the credential does by itself.
    - `held`: the credentials that reach them, the nearest first.
    - `reason`: why it is not sure that they are reached; None when it is.
    - `exception`: the one that covers them.
    - `entry`: who from outside enters the principal, a role; None for what the principal itself does.
    """

    claim: Claim
    principal: AccountPrincipal
    state: State
    closed: Closed
    actions: int
    first: ChainStep | None = None
    held: tuple[Held, ...] = ()
    reason: str | None = None
    exception: ClaimException | None = None
    entry: Entry | None = None
    before: tuple[ChainStep, ...] = ()
    """What somebody from outside does first."""
    judge: Judge | None = field(default=None, repr=False)
    new: tuple[int, ...] = ()
    """Which of the actions each of `held` reaches and should not."""
    but: tuple[ClaimException, ...] = ()
    """Exceptions that let some of the actions be, on some resources."""

    def chain(self, action: str) -> Chain:
        """Return a shortest chain to one of the actions, which is made on what the claim is about."""
        if self.judge is not None:
            bit = 1 << self.judge.universe.bit(action)
            for held, new in zip(self.held, self.new, strict=True):
                found = self.judge.witness(self, held, action) if new & bit else None
                if found is not None:
                    return Chain(
                        steps=(*self.before, *held.chain.steps, last_call(held.arn, held.state, found))
                    )
        return Chain(steps=(*self.before, *self.closed.chain(action).steps))


@dataclass(kw_only=True)
class Judge:
    """Holds principals against one claim."""

    claim: Claim
    closure: Closure
    reacher: Reacher
    universe: Universe
    restricted: Restricted
    own: OwnEnrolment
    today: date
    _of: str = field(init=False, default="")
    """Whose offences are kept: each is asked for a few times in a row."""
    _found: dict[Closed, tuple[Offence, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.wanted = mask_of(self.universe, self.claim.actions)
        self._bounds = Bounds(within=self.claim.resources)

    def offences(self, principal: AccountPrincipal, states: Sequence[State]) -> Iterator[Offence]:
        """Yield what speaks against the claim, in each of the states that the principal may be in."""
        if not self.claim.is_about(principal):
            return
        exceptions = exceptions_for(self.claim, principal, self.today)
        for state in states:
            if self._counts(state):
                closed = self.closure.of(principal.arn, (state,))
                for offence in self.in_state(principal, state, closed):
                    yield from self.excepted(offence, exceptions)

    def is_left(self, principal: AccountPrincipal, states: Sequence[State], actions: int) -> bool:
        """Whether one of some actions speaks against the claim, perhaps even, excepted or not.

        What the principal does by itself is looked at first: no chain need be followed then.
        """
        asked = actions & self.wanted
        counted = [each for each in states if self._counts(each)] if self.claim.is_about(principal) else []
        return any(self._is_direct(principal, state, asked) for state in counted) or any(
            self._is_reached(principal, state, asked) for state in counted
        )

    def _counts(self, state: State) -> bool:
        return state.mfa in self.claim.mfa.states and state.exists is not Exists.NO

    def _is_direct(self, principal: AccountPrincipal, state: State, asked: int) -> bool:
        """Whether a credential does it by itself; what hangs on resources is not looked at."""
        if not self._bounds.is_open:
            return False
        subject = self.reacher.subject(principal.arn, state)
        found = self.reacher.reached(subject).actions & asked
        if state.mfa is MfaState.TRUE or found & ~(self.own.harmless | self.own.on_oneself):
            return found != 0
        return self.own.beyond(subject, found, ()).actions != 0

    def _is_reached(self, principal: AccountPrincipal, state: State, asked: int) -> bool:
        closed = self.closure.of(principal.arn, (state,))
        looked_at = 0
        for held in closed.nodes:
            reached = self.reacher.reached(held.subject)
            looked_at |= sum_of(reached.undetermined)
            possible = without(reached.undetermined, ~asked)
            beyond = self._beyond(held, reached.actions & asked, possible, principal.arn)
            if (beyond.actions | sum_of(beyond.undetermined)) & asked:
                return True
        return sum_of(without(closed.undetermined, looked_at)) & asked != 0

    def in_state(self, principal: AccountPrincipal, state: State, closed: Closed) -> tuple[Offence, ...]:
        """Return what speaks against the claim in one state, without a look at exceptions."""
        if self._of != principal.arn:
            self._of = principal.arn
            self._found.clear()
        found = self._found.get(closed)
        if found is None:
            found = self._found[closed] = tuple(self._in_state(principal, state, closed))
        return found

    def _in_state(self, principal: AccountPrincipal, state: State, closed: Closed) -> Iterator[Offence]:
        left = self.wanted
        possible: list[tuple[int, str]] = []
        looked_at = 0
        ways: dict[object, Offence] = {}
        for held in closed.nodes:
            reached = self.reacher.reached(held.subject)
            looked_at |= sum_of(reached.undetermined)
            beyond = self._beyond(held, reached.actions & self.wanted, reached.undetermined, principal.arn)
            possible += beyond.undetermined
            new = beyond.actions & left
            if new:
                left &= ~new
                first = first_step(held)
                known = ways.get(_way(first))
                if known is None:
                    known = Offence(
                        claim=self.claim,
                        principal=principal,
                        state=state,
                        closed=closed,
                        actions=0,
                        first=first,
                        judge=self,
                    )
                ways[_way(first)] = replace(
                    known, actions=known.actions | new, held=(*known.held, held), new=(*known.new, new)
                )
        yield from ways.values()
        possible += without(closed.undetermined, looked_at)
        yield from self._open(principal, state, closed, possible, left)

    def _open(
        self,
        principal: AccountPrincipal,
        state: State,
        closed: Closed,
        possible: Sequence[tuple[int, str]],
        left: int,
    ) -> Iterator[Offence]:
        by_reason: dict[str, int] = {}
        for mask, reason in possible:
            if mask & left:
                by_reason[reason] = by_reason.get(reason, 0) | mask & left
        for reason, mask in by_reason.items():
            yield Offence(
                claim=self.claim,
                principal=principal,
                state=state,
                closed=closed,
                actions=mask,
                reason=reason,
            )

    def _beyond(self, held: Held, actions: int, undetermined: Open, start: str) -> Beyond:
        """Return what one credential reaches of what the claim is about."""
        found = Beyond(actions=actions, undetermined=without(undetermined, ~self.wanted))
        if held.arn == start and held.state.mfa is not MfaState.TRUE:
            found = self.own.beyond(held.subject, found.actions, found.undetermined)
        elif held.state.mfa is not MfaState.TRUE:
            free = self.own.everybodys
            found = Beyond(actions=found.actions & ~free, undetermined=without(found.undetermined, free))
        return found if self._bounds.is_open else self._on_resources(held, found)

    def _on_resources(self, held: Held, found: Beyond) -> Beyond:
        """Return what is left when only the claim's resources count."""
        asked = found.actions | sum_of(found.undetermined)
        if asked.bit_count() > _ONE_BY_ONE:
            reached = self.reacher.reached(self.restricted.subject(held.subject, self._bounds))
            return Beyond(actions=reached.actions & asked, undetermined=without(reached.undetermined, ~asked))
        sure, open_ = 0, []
        for action in self.universe.expand(asked):
            answer = self.restricted.solve(held.subject, action, self._bounds)
            bit = 1 << self.universe.bit(action)
            if isinstance(answer, Found):
                sure |= bit
            elif not isinstance(answer, Impossible):
                open_.append((bit, answer.reason))
        return Beyond(actions=sure, undetermined=tuple(open_))

    def witness(self, offence: Offence, held: Held, action: str) -> Found | None:
        """Return a request that speaks against the claim: not about oneself, and not where it is excepted."""
        own = self.own.is_own(held.subject, action) and held.arn == offence.principal.arn
        but = [
            each
            for exception in offence.but
            if mask_of(self.universe, exception.actions) >> self.universe.bit(action) & 1
            for each in exception.resources
        ]
        bounds = Bounds(within=self.claim.resources, but=tuple(but))
        if own:
            bounds = replace(bounds, but=(*bounds.but, held.arn))
        if bounds.is_open:
            return held.node.reached.witness(action)
        return self.restricted.witness(held.subject, action, bounds)

    # -- exceptions

    def excepted(self, offence: Offence, exceptions: Sequence[ClaimException]) -> Iterator[Offence]:
        """Yield an offence in parts: what each exception covers, and what none does."""
        left = offence.actions
        for exception in exceptions:
            covered = left & mask_of(self.universe, exception.actions)
            if covered and "*" not in exception.resources:
                covered = self._only_on(offence, covered, exception.resources)
            if covered:
                left &= ~covered
                yield replace(offence, actions=covered, exception=exception)
        if left:
            yield replace(offence, actions=left, but=tuple(exceptions))

    def _only_on(self, offence: Offence, covered: int, resources: tuple[str, ...]) -> int:
        """Return those of the actions that are reached on these resources and surely on no others."""
        elsewhere = Bounds(within=self.claim.resources, but=resources)
        found = 0
        for action in self.universe.expand(covered):
            answers = (self.restricted.solve(held.subject, action, elsewhere) for held in offence.held)
            if offence.held and all(isinstance(answer, Impossible) for answer in answers):
                found |= 1 << self.universe.bit(action)
        return found


def first_step(held: Held) -> ChainStep | None:
    """Return the call that leads somewhere else: to get a session of one's own leads nowhere yet.

    The steps after it are not worked out.
    """
    steps = (step for each in held.node.steps for step in each.shown)
    return next((step for step in steps if step.kind is not StepKind.SESSION and step.is_call), None)


def sum_of(undetermined: Open) -> int:
    """Return all bits that are undetermined, for whatever reason."""
    found = 0
    for mask, _ in undetermined:
        found |= mask
    return found


def _way(first: ChainStep | None) -> object:
    if first is None:
        return None
    return first.kind, first.rule, first.request.action, first.request.resource
