"""One attacker: from a start to all that it comes to hold, the shortest chain to each first.

The attacker is a growing set of facts: credentials that it holds, passwords it knows, devices it has put in
place or taken away, and changes that it has made to policies. None is ever lost. A principal's policies after
any of the changes that are possible is a node of its own: what could be done before is still counted.
"""

from __future__ import annotations

import functools
import heapq
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.iam import (
    CredentialKind,
    IssuingCall,
    MfaState,
    PrincipalKind,
    issue,
)
from watchword.proof.chain import ChainStep, StepKind
from watchword.proof.changes import Change, ChangeKind, Changes, changed, has_effect
from watchword.proof.effects import (
    Ask,
    Credential,
    Device,
    Fact,
    Move,
    NoDevice,
    Part,
    Password,
    ServiceCredential,
    Trusted,
    has_device,
)
from watchword.proof.escalation import Effect
from watchword.proof.expansion import Actor, Expansion, Open
from watchword.proof.permitted import Permitted
from watchword.proof.states import Exists, State
from watchword.proof.variants import Variants

if TYPE_CHECKING:
    from watchword.account.model import Account, AccountPrincipal
    from watchword.proof.reach import Reached, Subject

_LONG_TERM: Final = frozenset({CredentialKind.ACCESS_KEY, CredentialKind.ROOT_KEY})
_MOST_STEPS: Final = 20_000
_TOO_MUCH: Final = f"there is more to follow than the {_MOST_STEPS} steps that are looked at"
_BY_SERVICES: Final = "what a service calls its session of `{}` is not known"
_ANY_NAME: Final = "what the session of `{}` is called is not known"
_FOR_SERVICES: Final = "what a credential of `{}` for single services says of MFA is not known"
_FEDERATED: Final = (
    "`{}` may get a federated session, which is another caller: what that opens is not followed"
)
_BRINGING: Final = frozenset({ChangeKind.ATTACHED, ChangeKind.JOINED, ChangeKind.BOUND})
"""Changes that bring policies which can be changed in turn."""


@dataclass(frozen=True, eq=False)
class Step:
    """A move that an actor makes. Its requests are worked out when they are asked for."""

    expansion: Expansion = field(repr=False)
    actor: Actor
    move: Move

    @functools.cached_property
    def shown(self) -> tuple[ChainStep, ...]:
        """The requests."""
        verdict = self.expansion.permissions.of(self.actor.subject, self.move)
        if not isinstance(verdict, Permitted):
            raise TypeError(f"the move `{self.move.gives}` was possible, and is not")
        return tuple(self._each(verdict))

    def _each(self, verdict: Permitted) -> Iterator[ChainStep]:
        subject = self.actor.subject
        last = len(verdict.found) - 1
        for number, (ask, found) in enumerate(zip(self.move.asks, verdict.found, strict=True)):
            yield ChainStep(
                actor=subject.arn,
                state=subject.state,
                request=found.request,
                policies=found.policies,
                decision=found.decision,
                gives=self.move.gives if number == last else "",
                kind=self.move.kind,
                rule=self.move.rule,
                is_call=not ask.same_call,
            )


Steps: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Way:
    """How a fact is brought about. The start's own credentials have their states."""

    steps: Steps = ()
    cost: int = 0
    """How many calls the steps take."""
    reason: str | None = None
    states: tuple[State, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Node:
    """A credential that is held, under the policies after some changes."""

    arn: str
    actor: Actor
    way: _Way

    @property
    def cost(self) -> int:
        """How many calls it takes."""
        return self.way.cost

    @property
    def steps(self) -> Steps:
        """How it comes to be held."""
        return self.way.steps

    @property
    def reason(self) -> str | None:
        """Why that is not sure; None when it is."""
        return self.way.reason

    @property
    def subject(self) -> Subject:
        """Who asks."""
        return self.actor.subject

    @property
    def reached(self) -> Reached:
        """What it reaches itself."""
        return self.actor.reached


_NodeKey: TypeAlias = tuple[str, CredentialKind, MfaState, Changes]
_Item: TypeAlias = tuple[Fact, _Way] | tuple[_NodeKey, State, _Way] | tuple[Node]
"""A fact to settle, a node to arrive at, or one whose moves are to be made."""


@dataclass(slots=True, kw_only=True)
class Pursuit:
    """The search from one start. `topped`: the accounts of which everything is reached, and at which cost."""

    expansion: Expansion
    nodes: dict[_NodeKey, Node] = field(default_factory=dict)
    topped: dict[str, int] = field(default_factory=dict)
    perhaps: dict[str, str] = field(default_factory=dict)
    """The accounts of which everything may be reached, and why that is not sure."""
    beside: list[tuple[int, str]] = field(default_factory=list)
    """What may be reached by what is not followed any further, and why that is not sure."""
    assumed: Steps | None = None
    """A way to a role that is surely assumed, the last step being that."""
    _ways: dict[Fact, _Way] = field(default_factory=dict)
    _states: dict[tuple[str, CredentialKind, MfaState], State] = field(default_factory=dict)
    _changing: list[Node] = field(default_factory=list)
    """Those who may change something for somebody."""
    _touched: dict[str, None] = field(default_factory=dict)
    _queue: list[tuple[bool, int, int, _Item]] = field(default_factory=list)
    _number: Iterator[int] = field(default_factory=count)
    _variants: dict[str, Variants] = field(default_factory=dict)
    _held: dict[str, list[tuple[State, _Way]]] = field(default_factory=dict)
    _gained: dict[str, int] = field(default_factory=dict)
    _asked_for: set[Part] = field(default_factory=set)
    _calls_wanted: dict[tuple[int, str], tuple[int, list[_Way]]] = field(default_factory=dict)
    """Essential calls that somebody makes of a rule, whose other calls are wanted, with the bits of those."""
    _made: dict[tuple[int, str], str] = field(default_factory=dict)
    _changes: list[Change] = field(default_factory=list)
    _standing: list[Fact] = field(default_factory=list)
    """Facts that are something to whoever comes to be held later."""
    _unsure: set[Fact] = field(default_factory=set)
    """Facts that may come to be, whether they are settled yet or not."""
    _proposed: set[Fact] = field(default_factory=set)
    """Facts that are sure to come."""
    _gone: dict[int, bool] = field(default_factory=dict)
    """The moves that are made, by their id, and whether surely."""
    _new: list[str] = field(default_factory=list)
    """Who is made: what is reached on those who are there does not tell what may be done to them."""
    on_new: dict[int, tuple[Steps, Actor, Ask]] = field(default_factory=dict)
    """What is surely reached on somebody who is made, by its bit: after which steps, by whom, and how."""
    _of_services: int = 0
    """The bits of credentials for services that are told in `beside`."""
    _start: str = ""
    _steps: int = 0
    _there: set[str] = field(default_factory=set)
    """The accounts of which somebody who does everything is held."""
    _complete: set[str] = field(default_factory=set)

    def run(self, arn: str, states: Sequence[State]) -> None:
        """Find everything there is. Raises KeyError when there is no such principal."""
        self._start = arn
        kinds: dict[CredentialKind, list[State]] = {}
        for state in states:
            kinds.setdefault(state.credential, []).append(state)
        for kind, each in kinds.items():
            self._propose(Credential(arn, kind), _Way(states=tuple(each)))
            if kind is CredentialKind.CONSOLE:
                self._propose(Password(arn), _Way())
        self._name_start(arn)
        while self._queue and len(self._complete) < len(self.expansion.reacher.accounts):
            *_, item = heapq.heappop(self._queue)
            self._steps += 1
            if self._steps > _MOST_STEPS:
                self._give_up()
                return
            if len(item) == 1:
                self._take(*item)
            elif len(item) == 2:
                self._settle(*item)
            else:
                self._arrive(*item)

    def assume_own(self) -> None:
        """See whether whoever does everything has somebody assume a role: one that is made for it, at least.

        The search stops where everything is reached, and which role lets whom in is not what it looks for.
        """
        if self.assumed is not None:
            return
        held = [each for each in self.nodes.values() if each.reason is None]
        held.sort(key=lambda each: each.cost)
        for maker in held:
            if self.assumed is None and self.expansion.is_top(maker.subject):
                self._assume_of(maker, held)

    def _assume_of(self, maker: Node, held: Iterable[Node]) -> None:
        for made in self.expansion.making(maker.actor, Effect.NEW_ROLE, Effect.TRUST):
            if not isinstance(made.move.fact, Trusted):
                continue
            written = _after(maker.way, Step(self.expansion, maker.actor, made.move), None)
            callers = ((each.actor, each.way) for each in held)
            for actor, way in itertools.chain(callers, self._new_users(maker)):
                for open_ in self.expansion.assuming_written(actor, made.move.fact.arn):
                    if open_.reason is None:
                        step = Step(self.expansion, actor, open_.move)
                        self.assumed = (*_joined(way, written).steps, step)
                        return

    def _new_users(self, maker: Node) -> Iterator[tuple[Actor, _Way]]:
        """Give a user that is made for it: root assumes no role."""
        for made in self.expansion.making(maker.actor, Effect.NEW_USER):
            if not isinstance(made.move.fact, Credential):
                continue
            arn = made.move.fact.arn
            state = next(each for each in self.expansion.states(arn) if each.credential in _LONG_TERM)
            way = _after(maker.way, Step(self.expansion, maker.actor, made.move), None)
            yield self.expansion.actor(arn, replace(state, exists=Exists.YES)), way

    def _give_up(self) -> None:
        """Leave what is left open: an answer is bounded, and says so."""
        for account in self.expansion.reacher.accounts:
            if account.id not in self._complete:
                self.perhaps.setdefault(account.id, _TOO_MUCH)

    # -- facts

    def _propose(self, fact: Fact, way: _Way) -> None:
        if way.steps and way.steps[-1].move.kind is StepKind.ASSUME and way.reason is None:
            self.assumed = self.assumed or way.steps
        there = self._ways.get(fact)
        if there is None or (there.reason is not None and way.reason is None):
            if way.reason is None:
                self._proposed.add(fact)
            entry = (way.reason is not None, way.cost, next(self._number), (fact, way))
            heapq.heappush(self._queue, entry)

    def _settle(self, fact: Fact, way: _Way) -> None:
        there = self._ways.get(fact)
        if there is not None and (there.reason is None or way.reason is not None):
            return
        if way.reason is not None and _account_id(fact) in (self.perhaps.keys() | self.topped.keys()):
            return
        self._ways[fact] = way
        match fact:
            case Credential():
                self._hold(fact, way)
            case Password(arn) | Device(arn) | NoDevice(arn):
                self._standing.append(fact)
                self._touch(arn)
                self._sign_in(arn)
                self._with_code(arn)
                self._enrol(arn)
            case Change():
                self._changes.append(fact)
                self._change(fact)
            case Trusted():
                self._standing.append(fact)
                for node in tuple(self.nodes.values()):
                    self._use(node, fact)
                self._from_outside(fact.arn)
            case ServiceCredential(arn, services):
                self._call_services(arn, self.expansion.of_services(arn, services), way)
            case Part():
                self._put_together(fact, way)

    def _call_services(self, arn: str, actions: int, way: _Way) -> None:
        more = actions & ~self._of_services
        if more:
            self._of_services |= more
            self.beside.append((more, way.reason or _FOR_SERVICES.format(_named(arn))))

    def _use(self, node: Node, fact: Fact) -> None:
        """See what a fact is to a credential that is held."""
        match fact:
            case Trusted(arn):
                self._use_trust(node, arn)
            case NoDevice(arn) if arn == node.arn:
                self._first_device(node)
            case _:
                pass

    def _hold(self, fact: Credential, way: _Way) -> None:
        for state in way.states or self.expansion.held_as(fact):
            self._offer((fact.arn, fact.kind, state.mfa, frozenset()), state, way)
        if fact.kind in _LONG_TERM:
            self._with_code(fact.arn)
        self._touch(fact.arn)

    # -- sign-ins, sessions, devices

    def _sign_in(self, arn: str) -> None:
        """A password alone signs in where there is no device, and one with a device of the attacker's."""
        password = self._ways.get(Password(arn))
        if password is None:
            return
        account, name = self._account_of(arn), arn.rpartition("/")[2]
        device, gone = self._ways.get(Device(arn)), self._ways.get(NoDevice(arn))
        has = has_device(account, arn)
        if has is False:
            self._propose(Credential(arn, CredentialKind.CONSOLE), password)
        elif has is None and gone is None:
            reason = f"the snapshot does not say whether `{name}` has a device"
            self._propose(Credential(arn, CredentialKind.CONSOLE), _joined(password, _Way(reason=reason)))
        if gone is not None:
            self._propose(Credential(arn, CredentialKind.CONSOLE), _joined(password, gone))
        if device is not None:
            self._propose(Credential(arn, CredentialKind.CONSOLE_MFA), _joined(password, device))

    def _with_code(self, arn: str) -> None:
        for kind in _LONG_TERM:
            key, device = self._ways.get(Credential(arn, kind)), self._ways.get(Device(arn))
            if key is not None and device is not None:
                self._session(arn, kind, _joined(key, device), with_code=True)

    def _session(self, arn: str, kind: CredentialKind, way: _Way, *, with_code: bool) -> None:
        """Source: STS API Reference, GetSessionToken: it needs no permission."""
        made = issue(IssuingCall.GET_SESSION_TOKEN, kind, with_code=with_code)
        for node in self.nodes.values():
            if node.arn == arn and node.subject.credential is kind and not node.actor.made:
                gives = f"a session with{'' if with_code else 'out'} MFA"
                ask = Ask(action=str(IssuingCall.GET_SESSION_TOKEN), resource="*")
                fact = Credential(arn, made.kind)
                move = Move(asks=(ask,), fact=fact, gives=gives, kind=StepKind.SESSION)
                self._propose(fact, _after(way, Step(self.expansion, node.actor, move), None))
                return

    def _enrol(self, arn: str) -> None:
        """With no device left, the user enrols the attacker's as its first."""
        if NoDevice(arn) in self._ways:
            for node in tuple(self.nodes.values()):
                self._use(node, NoDevice(arn))

    def _first_device(self, node: Node) -> None:
        gone = self._ways[NoDevice(node.arn)]
        if node.actor.principal.kind is PrincipalKind.USER:
            for open_ in self.expansion.own_enrolment(node.actor):
                way = _joined(gone, node.way)
                step = Step(self.expansion, node.actor, open_.move)
                self._propose(Device(node.arn), _after(way, step, open_.reason))

    # -- roles whose trust is written, calls of several

    def _use_trust(self, node: Node, arn: str) -> None:
        """Take a role that trusts whom the attacker wants."""
        written = self._ways[Trusted(arn)]
        finds = (self.expansion.assuming_written, self.expansion.passing_written)
        for find in finds[:1] if self._is_taken(arn) else finds:
            if self._is_taken(arn) and self.assumed is not None:
                return
            for open_ in find(node.actor, arn):
                before = _joined(written, node.way)
                self._name_sessions(node.actor, open_, before)
                step = Step(self.expansion, node.actor, open_.move)
                self._propose(open_.move.fact, _after(before, step, open_.reason))

    def _is_taken(self, arn: str) -> bool:
        return Credential(arn, CredentialKind.ROLE_SESSION) in self._proposed

    def _from_outside(self, arn: str) -> None:
        """Enter a role that trusts whom the attacker wants from an account of the attacker's own."""
        if not self._is_taken(arn):
            for actor, open_ in self.expansion.entering_written(arn):
                self._name_sessions(actor, open_, self._ways[Trusted(arn)])
                step = Step(self.expansion, actor, open_.move)
                self._propose(open_.move.fact, _after(self._ways[Trusted(arn)], step, open_.reason))

    # -- names of sessions

    def _name_sessions(self, actor: Actor, open_: Open, before: _Way) -> None:
        """Call a session as policies want it: who assumes a role picks the name.

        Source: STS API Reference, AssumeRole (RoleSessionName). What services call theirs is theirs.
        """
        fact = open_.move.fact
        if not isinstance(fact, Credential) or ":role/" not in fact.arn:
            return
        for name in self.expansion.session_names(fact.arn):
            if open_.move.kind in {StepKind.ASSUME, StepKind.OUTSIDE}:
                for each in self.expansion.named(actor, open_.move, name):
                    step = Step(self.expansion, actor, each.move)
                    self._propose(each.move.fact, _after(before, step, open_.reason or each.reason))
            else:
                reason = before.reason or open_.reason or _BY_SERVICES.format(_named(fact.arn))
                self._propose(Change(ChangeKind.NAMED, fact.arn, name), replace(before, reason=reason))

    def _name_start(self, arn: str) -> None:
        if ":role/" in arn:
            for name in self.expansion.session_names(arn):
                change = Change(ChangeKind.NAMED, arn, name)
                self._propose(change, _Way(reason=_ANY_NAME.format(_named(arn))))

    def _put_together(self, part: Part, way: _Way) -> None:
        """See whether all calls of a move are made; ask whoever is held for those that are not."""
        move = way.steps[-1].move
        if move.whole is None:
            return
        calls = range(len(move.whole.by_call()))
        ways = [self._ways.get(Part(part.fact, part.rule, each)) for each in calls]
        there = [each for each in ways if each is not None]
        if len(there) == len(ways):
            self._propose(part.fact, functools.reduce(_joined, there))
        elif part not in self._asked_for and any(each.resource is not None for each in move.asks):
            self._asked_for.add(part)
            step = way.steps[-1]
            bits = self.expansion.bits_of_others(move)
            self._calls_wanted.setdefault((id(step.actor), part.rule), (bits, []))[1].append(way)
            for node in tuple(self.nodes.values()):
                if node.actor.may & bits:
                    self._help(node, way)

    def _help(self, node: Node, way: _Way) -> None:
        """Make the other calls of a move of which somebody made the essential one."""
        part = way.steps[-1]
        if part.actor is node.actor:
            return
        for open_ in self.expansion.other_calls(node.actor, part.move, self._made_by(part, way.reason)):
            self._go(node, open_)

    def _made_by(self, part: Step, reason: str | None) -> str:
        """Return what an essential call makes: the same for whichever role is passed in it."""
        key = (id(part.actor), part.move.rule or "")
        if key not in self._made:
            self._made[key] = part.shown[-1].request.resource if reason is None else ""
        return self._made[key]

    # -- nodes

    def _offer(self, key: _NodeKey, state: State, way: _Way) -> None:
        if self._is_better(key, way):
            entry = (way.reason is not None, way.cost, next(self._number), (key, state, way))
            heapq.heappush(self._queue, entry)

    def _is_better(self, key: _NodeKey, way: _Way) -> bool:
        """Whether a way to a node tells more than what is known: it is the first, or the first sure one."""
        there = self.nodes.get(key)
        return there is None or (there.reason is not None and way.reason is None)

    def _arrive(self, key: _NodeKey, state: State, way: _Way) -> None:
        if not self._is_better(key, way):
            return
        arn, _, _, made = key
        principal = self._principal(arn)
        if self._is_surpassed(principal, way) and not self._may_complete(
            self._subject(arn, state, made), principal, way
        ):
            return
        if made:
            subject = self._subject(arn, state, made)
            actor = Actor(subject, principal, self.expansion.reacher.reached(subject), made)
        else:
            actor = self.expansion.actor(arn, state)
        node = self.nodes[key] = Node(arn=arn, actor=actor, way=way)
        if node.reason is None:
            self._gain(node)
        elif self.expansion.is_top(actor.subject):
            self.perhaps[principal.account] = node.reason
        if state.mfa is MfaState.TRUE and not way.steps:
            return  # a start with MFA is not followed
        if not made:
            self._begin_variants(arn, state, way)
            if state.credential in _LONG_TERM:
                self._session(arn, state.credential, way, with_code=False)
                self._with_code(arn)
            self._federate(node)
        self._expand(node)
        self._catch_up(node)

    def _federate(self, node: Node) -> None:
        """A federated session is another caller: what that opens is left open."""
        mask = self.expansion.federated(node.actor)
        if mask:
            reason = node.reason or _FEDERATED.format(_named(node.arn))
            self.beside.append((mask, reason))
            if self.expansion.is_relevant(mask):
                self.perhaps.setdefault(node.actor.principal.account, reason)

    def _catch_up(self, node: Node) -> None:
        """See what all that is known already is to a node, and the node to those that are held already."""
        for fact in tuple(self._standing):
            self._use(node, fact)
        for bits, wanted in tuple(self._calls_wanted.values()):
            if node.actor.may & bits:
                for way in tuple(wanted):
                    self._help(node, way)
        made = node.actor.made
        if any(each.kind in _BRINGING for each in made):
            for other in tuple(self._changing):
                self._change_for(other, node.arn, made)

    def _principal(self, arn: str) -> AccountPrincipal:
        found = self._account_of(arn).principal(arn)
        if found is None:
            raise KeyError(arn)
        return found

    def _subject(self, arn: str, state: State, made: Changes) -> Subject:
        subject = self.expansion.reacher.subject(arn, state)
        if not made:
            return subject
        policies = self._variants_of(arn).policies(made)
        if policies is not subject.policies:
            subject = self.expansion.reacher.changed(subject, policies=policies)
        return self.expansion.in_guise(subject, made)

    def _begin_variants(self, arn: str, state: State, way: _Way) -> None:
        """One more credential is held: it is worth what its principal's policies can be made to say."""
        first = arn not in self._held
        self._held.setdefault(arn, []).append((state, way))
        if not self._changes:
            return
        variants = self._variants_of(arn)
        if first:
            for change in self._changes:
                if change.owner.split(":")[4] == variants.account.id:
                    variants.add(change)
        held, self._held[arn] = self._held[arn], [(state, way)]
        self._vary(arn, variants)
        self._held[arn] = held

    # -- when somebody does everything

    def _is_surpassed(self, principal: AccountPrincipal, way: _Way) -> bool:
        """Whether everything in the account is reached already, at no more cost than this."""
        if way.reason is not None:
            return principal.account in self.perhaps or principal.account in self.topped
        topped = self.topped.get(principal.account)
        if topped is None or way.cost < topped:
            return False
        return principal.arn not in self.expansion.wanted(principal.account)

    def _may_complete(self, subject: Subject, principal: AccountPrincipal, way: _Way) -> bool:
        """Whether this is the one who does everything."""
        if way.reason is not None or principal.account in self._complete:
            return False
        return self.expansion.is_top(subject)

    def _gain(self, node: Node) -> None:
        """See whether everything of an account is reached now: nothing more is tried in it then."""
        account = node.actor.principal.account
        if self.expansion.is_top(node.subject):
            self.topped[account] = min(node.cost, self.topped.get(account, node.cost))
            self._there.add(account)
        gained = self._gained[account] = self._gained.get(account, 0) | node.reached.actions
        # A top that is only foreseen has not shown yet which resources it reaches.
        if account in self._there and not self.expansion.ceiling(account) & ~gained:
            self._complete.add(account)

    # -- changes of policies

    def _change(self, change: Change) -> None:
        """Offer what is held under the policies that one more change makes possible."""
        for arn in self._whom(change):
            self._vary(arn, self._variants_of(arn).add(change))

    def _whom(self, change: Change) -> list[str]:
        """Return who of those that are held still counts when a change is made."""
        account_id = change.owner.split(":")[4]
        way, topped = self._ways[change], self.topped.get(account_id)
        if way.reason is not None and (topped is not None or account_id in self.perhaps):
            return []
        if way.reason is None and topped is not None and way.cost > topped:
            wanted = self.expansion.wanted(account_id)
            return [arn for arn in self._held if arn in wanted]
        return [arn for arn in self._held if arn.split(":")[4] == account_id]

    def _variants_of(self, arn: str) -> Variants:
        found = self._variants.get(arn)
        if found is None:
            account, principal = self._account_of(arn), self._principal(arn)
            found = self._variants[arn] = Variants(account=account, principal=principal)
        return found

    def _vary(self, arn: str, variants: Iterable[Changes]) -> None:
        for made in variants:
            for state, held in self._held[arn]:
                ways = (self._ways[each] for each in sorted(made, key=str))
                way = functools.reduce(_joined, ways, held)
                self._foresee(arn, state, made, way)
                self._offer((arn, state.credential, state.mfa, made), state, way)

    def _foresee(self, arn: str, state: State, made: Changes, way: _Way) -> None:
        """See at once whether changes bring everything: little else is tried then."""
        account_id = arn.split(":")[4]
        if way.reason is not None or account_id in self.topped:
            return
        if self.expansion.is_top(self._subject(arn, state, made)):
            self.topped[account_id] = way.cost

    # -- moves

    def _touch(self, arn: str) -> None:
        """Somebody's credential or password is had: who is held already may change something for them."""
        if arn not in self._touched:
            self._touched[arn] = None
            is_new = self.expansion.is_new(arn)
            if is_new:
                self._new.append(arn)
            for node in tuple(self.nodes.values() if is_new else self._changing):
                self._change_for(node, arn)
                if is_new:
                    self._try_on_new(node, arn)

    def _try_on_new(self, node: Node, arn: str) -> None:
        """See what else can be done to somebody who is made."""
        if self._is_topped(node):
            return
        kinds = (Credential(arn, CredentialKind.ACCESS_KEY), Password(arn), Trusted(arn))
        made = next((self._ways[each] for each in kinds if each in self._ways), None)
        if made is None:
            return
        way = _joined(made, node.way)
        for bit, ask, reason in self.expansion.on_new(node.actor, arn):
            if way.reason is not None or reason is not None:
                self.beside.append((bit, way.reason or reason or ""))
            else:
                self.on_new.setdefault(bit, (way.steps, node.actor, ask))

    def _expand(self, node: Node) -> None:
        """Make the moves that change something; those that bring a credential wait for what these come to."""
        expansion, actor = self.expansion, node.actor
        for arn in self._new:
            self._try_on_new(node, arn)
        if expansion.may_change(actor) or self._new:
            self._changing.append(node)
            for arn in sorted(self._touched, key=lambda each: each != node.arn):
                if not self._is_done(node, arn):
                    self._change_for(node, arn)
        if expansion.may_take(actor):
            entry = (node.reason is not None, node.cost + 1, next(self._number), (node,))
            heapq.heappush(self._queue, entry)

    def _take(self, node: Node) -> None:
        """Make the moves that bring a credential of somebody else."""
        expansion, actor = self.expansion, node.actor
        if node.reason is not None and actor.principal.account in self.perhaps:
            return
        if self._is_topped(node):
            wanted = expansion.wanted(actor.principal.account)
            taken = expansion.taking(actor, only=sorted(wanted)) if wanted else ()
        else:
            taken = expansion.taking(actor)
        for open_ in expansion.retagging(actor):
            self._go(node, open_)
        for open_ in expansion.assuming(actor):
            if not self._is_done(node, open_.move.asks[0].resource or ""):
                self._go(node, open_)
        for moves in taken:
            if id(moves) in self._gone and (node.reason is not None or self._gone[id(moves)]):
                continue  # somebody has made the same, at no more cost and at least as surely
            for open_ in moves:
                self._go(node, open_)
                if node.reason is not None and actor.principal.account in self.perhaps:
                    return
            self._gone[id(moves)] = node.reason is None

    def _is_topped(self, node: Node) -> bool:
        """Whether everything is reached at no more cost than by a move of this node."""
        topped = self.topped.get(node.actor.principal.account)
        return topped is not None and topped <= node.cost + 1

    def _is_done(self, node: Node, arn: str) -> bool:
        """Whether nothing more is to be had of a principal, by a move of this node."""
        account = arn.split(":")[4]
        topped = self.topped.get(account)
        if node.reason is not None and (account in self.perhaps or topped is not None):
            return True
        return topped is not None and topped <= node.cost + 1 and arn not in self.expansion.wanted(account)

    def _change_for(self, node: Node, arn: str, made: Changes = frozenset()) -> None:
        principal = self._account_of(arn).principal(arn)
        if principal is None:
            return
        own_device = arn != node.arn or self._may_enrol(node)
        for open_ in self.expansion.changing(node.actor, principal, made, own_device=own_device):
            self._go(node, open_)

    def _go(self, node: Node, open_: Open) -> None:
        fact = open_.move.fact
        if isinstance(fact, Credential):
            self._name_sessions(node.actor, open_, node.way)
        if self._is_old(fact, unsure=node.reason is not None or open_.reason is not None):
            return
        match fact:
            case NoDevice(arn) if arn == node.arn:
                return  # AWS takes it from nobody who has not used it
            case Credential(arn, kind) if arn == node.arn and kind is node.subject.credential:
                return
            case ServiceCredential(arn, services) if not self.expansion.of_services(arn, services):
                return
            case _:
                pass
        step = Step(self.expansion, node.actor, open_.move)
        way = _after(node.way, step, open_.reason)
        if way.reason is not None:
            self._unsure.add(fact)
        self._propose(fact, way)
        if isinstance(fact, Change):
            self._look_ahead(node, fact, way)

    def _is_old(self, fact: Fact, *, unsure: bool) -> bool:
        """Whether a fact is known, or will be, at least as surely. Of what is not sure one way is enough."""
        there = self._ways.get(fact)
        if there is not None and (unsure or there.reason is None):
            return True
        return unsure and fact in self._unsure

    def _may_enrol(self, node: Node) -> bool:
        """Whether a user's own enrolment counts: not the start's first one, which is no way round MFA.

        Source: AWS-2023-001: who has a device needs it to enrol another.
        """
        return node.arn != self._start and has_device(self._account_of(node.arn), node.arn) is False

    def _look_ahead(self, node: Node, change: Change, way: _Way) -> None:
        """See at once whether a change of one's own policies brings everything: little else is tried then."""
        account = self._account_of(node.arn)
        principal = node.actor.principal
        if account.id in (self.topped if way.reason is None else self.perhaps):
            return
        if not has_effect(account, principal, change, node.actor.made):
            return
        policies = changed(account, principal, node.actor.made | {change})
        subject = self.expansion.reacher.changed(node.subject, policies=policies)
        if not self.expansion.is_top(subject):
            return
        if way.reason is None:
            self.topped[account.id] = way.cost
            state, made = node.subject.state, node.actor.made | {change}
            self._offer((node.arn, state.credential, state.mfa, made), state, way)
        else:
            self.perhaps[account.id] = way.reason

    def _account_of(self, arn: str) -> Account:
        account = self.expansion.reacher.accounts.account_of(arn)
        if account is None:
            raise KeyError(arn)
        return account


def _account_id(fact: Fact) -> str:
    """Return the account that a fact is about."""
    match fact:
        case Part(whole):
            return _account_id(whole)
        case Change():
            return fact.owner.split(":")[4]
        case _:
            return fact.arn.split(":")[4]


def _named(arn: str) -> str:
    return arn.split(":", 5)[5]


def _joined(one: _Way, other: _Way) -> _Way:
    """Return the way that has both: the steps of both, each once."""
    reason = one.reason or other.reason
    if not other.steps:
        return _Way(steps=one.steps, cost=one.cost, reason=reason)
    if not one.steps:
        return _Way(steps=other.steps, cost=other.cost, reason=reason)
    steps = tuple(dict.fromkeys((*one.steps, *other.steps)))
    return _Way(steps=steps, cost=sum(each.move.calls for each in steps), reason=reason)


def _after(way: _Way, step: Step, reason: str | None) -> _Way:
    """Return the way that goes on with a step."""
    return _Way(steps=(*way.steps, step), cost=way.cost + step.move.calls, reason=way.reason or reason)
