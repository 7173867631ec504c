"""What somebody can do next: the moves that are open to one holder of one credential.

Most principals have none, and many have the same: what is found out is kept for all that are alike.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.iam import ContextValue, CredentialKind, MfaState, PrincipalKind
from watchword.iam._open_context import OpenContext, mfa_contexts
from watchword.proof.candidates import Candidates, Reading, Trusting
from watchword.proof.chain import StepKind
from watchword.proof.changes import (
    ANY_TAGS,
    ANYTHING,
    GUISES,
    Change,
    ChangeKind,
    Changes,
    all_of,
    denies,
)
from watchword.proof.effects import (
    ANOTHER_NAME,
    MAKING,
    TAKING,
    Aim,
    Ask,
    Credential,
    Device,
    Move,
    Part,
    ask_about,
    moves,
    tagged,
)
from watchword.proof.escalation import Effect, Need, On, Rule
from watchword.proof.guises import Wishes, federated, in_guise, stay, wishes
from watchword.proof.newcomers import GROUP, Newcomers
from watchword.proof.permitted import Permissions, Permitted, is_root
from watchword.proof.reach import Impossible, Reached, Undetermined
from watchword.proof.service_trust import ServiceTrust
from watchword.proof.settle.special import on_kind
from watchword.proof.states import Exists, State
from watchword.proof.strangers import keys_of_role, strangers

if TYPE_CHECKING:
    from watchword.account.accounts import Accounts
    from watchword.account.model import Account, AccountPrincipal
    from watchword.iam import CompiledPolicy, PolicySet
    from watchword.iam.compile import Rule as Statement
    from watchword.proof.documents import Rewriting
    from watchword.proof.reach import Answer, Reacher, Subject

_WITHOUT_IAM: Final = frozenset({CredentialKind.SESSION, CredentialKind.FEDERATED})
_KINDS: Final = {On.USER: PrincipalKind.USER, On.ROLE: PrincipalKind.ROLE}
_REGION: Final = "aws:requestedregion"
_ASSUME: Final = "sts:AssumeRole"
_SESSION_NAME: Final = "sts:RoleSessionName"
_RETAGGED: Final = (
    "tags of users and roles can be changed that policies look at: what that opens is not followed"
)
_TELLS_FEDERATED: Final = ("aws:principal", "aws:userid", "aws:username", "aws:multifactorauth")
_BOUNDARY: Final = "iam:PermissionsBoundary"
_BY_TAG: Final = ("aws:resourcetag/", "iam:resourcetag/")
_MADE_ANEW: Final = "somebody can be deleted and made anew: what that opens is not followed"
_WITH_TAGS: Final = "somebody is made with tags, and what these open is not followed"

ENROLMENT: Final = (
    Need(action="iam:CreateVirtualMFADevice", on=On.DEVICE),
    Need(action="iam:EnableMFADevice", on=On.USER),
)


@dataclass(frozen=True, slots=True)
class Open:
    """A move, and why it is not sure (None: it is)."""

    move: Move
    reason: str | None


Moves: TypeAlias = tuple[Open, ...]
Class: TypeAlias = tuple[object, ...]
"""What subjects with the same answers have in common."""


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """Who could move: a subject, with what it reaches and after which changes to its policies."""

    subject: Subject
    principal: AccountPrincipal
    reached: Reached
    made: Changes = frozenset()
    may: int = field(init=False)
    """The bits that are reached, or perhaps."""
    guise: Changes = field(init=False)
    """The changes that are of what it looks like."""

    def __post_init__(self) -> None:
        found = self.reached.actions
        for mask, _ in self.reached.undetermined:
            found |= mask
        object.__setattr__(self, "may", found)
        guise = frozenset(each for each in self.made if each.kind in GUISES)
        object.__setattr__(self, "guise", guise)


@dataclass(slots=True, kw_only=True)
class Expansion:
    """The moves of all actors of one proof."""

    reacher: Reacher
    rules: Sequence[Rule]
    permissions: Permissions = field(init=False)
    reading: Reading = field(default_factory=Reading)
    candidates: Candidates = field(default_factory=Candidates)
    trust: ServiceTrust = field(default_factory=ServiceTrust)
    newcomers: Newcomers = field(default_factory=Newcomers)
    _federated: dict[object, int] = field(default_factory=dict)
    _by_service: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)
    _called: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _wished: dict[str, Wishes | None] = field(default_factory=dict)
    _in_guise: dict[object, Subject] = field(default_factory=dict)
    _trusting: Trusting | None = None
    _masks: list[tuple[int, Rule]] = field(default_factory=list)
    _there: dict[tuple[str, str], dict[str, Open]] = field(default_factory=dict)
    _passing: dict[Class, bool] = field(default_factory=dict)
    _states: dict[str, tuple[State, ...]] = field(default_factory=dict)
    _held_as: dict[Credential, tuple[State, ...]] = field(default_factory=dict)
    _relevant: int = 0
    _ruled: dict[tuple[int, bool, bool], tuple[Rule, ...]] = field(default_factory=dict)
    """The rules that are possible to those who may call the same."""
    _actors: dict[tuple[str, State], Actor] = field(default_factory=dict)
    _changing_bits: int = 0
    _taking: dict[Class, tuple[Open, ...]] = field(default_factory=dict)
    _takes: dict[Actor, tuple[Moves, ...]] = field(default_factory=dict)
    """What each takes whose policies nobody has changed."""
    _changing: dict[Class, tuple[Open, ...]] = field(default_factory=dict)
    """By rule."""
    _changes: dict[Class, tuple[Open, ...]] = field(default_factory=dict)
    """Of all rules."""
    _changing_actions: tuple[str, ...] = ()
    _assuming: dict[Class, tuple[tuple[Open, ...], tuple[str, ...]]] = field(default_factory=dict)
    """Moves that are the same for a class, and roles that each of it asks for itself."""
    _ceilings: dict[str, int] = field(default_factory=dict)
    _wanted: dict[str, frozenset[str]] = field(default_factory=dict)
    _serving: dict[tuple[str, tuple[str, ...]], dict[str, None]] = field(default_factory=dict)
    _from_outside: list[Actor] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.permissions = Permissions(
            reacher=self.reacher, accounts=self.reacher.accounts, reading=self.reading
        )
        universe = self.reacher.universe
        actions: dict[str, None] = {}
        for rule in sorted(self.rules, key=_rank):
            needed = _essential_needs(rule)
            mask = sum({1 << universe.bit(each.action) for each in needed})
            self._masks.append((mask, rule))
            self._relevant |= mask
            if rule.effect not in TAKING:
                self._changing_bits |= mask
                for each in _actions_of(rule):
                    actions[each] = None
        self._changing_actions = tuple(actions)

    def afterwards(self, reacher: Reacher, change: Rewriting) -> Expansion:
        """Return the moves when one document says something else; what does not hang on it is shared."""
        found = copy.copy(self)
        found.forget(change, reacher)
        return found

    def forget(self, change: Rewriting, reacher: Reacher) -> None:
        """Let go of what hangs on a document that says something else now, and ask another reacher."""
        account = self.reacher.accounts.by_id[change.document.account]
        if not self.newcomers.stay(account, change.before, change.after):
            self.newcomers, self._taking, self._takes = Newcomers(), {}, {}
        if not stay(change.before, change.after):
            self._wished = {}
        self._changes = {}
        self._changing, self._wanted, self._in_guise, self._called = {}, {}, {}, {}
        self._federated, self._by_service = {}, {}
        if change.is_trust:
            self._actors, self._assuming, self._ceilings, self._trusting = {}, {}, {}, None
            if not self._serves_alike(reacher, change.document.owner):
                self._there, self._taking, self._takes, self._serving = {}, {}, {}, {}
        else:
            gone = [key for key in self._actors if key[0] in change.concerned]
            self._actors = self._actors.copy()
            for key in gone:
                del self._actors[key]
        self.reacher = reacher
        self.permissions = replace(self.permissions, reacher=reacher, accounts=reacher.accounts)

    def _serves_alike(self, reacher: Reacher, arn: str) -> bool:
        """Whether a role trusts the same services in other accounts."""
        before, after = self.reacher.accounts, reacher.accounts

        def trusts(accounts: Accounts, services: Sequence[str]) -> bool | str:
            account, role = accounts.account_of(arn), accounts.principal(arn)
            return account is not None and role is not None and self.trust.of(account, role, services)

        return all(trusts(before, each.services) == trusts(after, each.services) for each in self.rules)

    @property
    def served(self) -> CredentialKind:
        """What a service has of a role: a session like any other, unless it is assumed to tell of MFA."""
        alike = self.reacher.assumptions.service_role_session is MfaState.FALSE
        return CredentialKind.ROLE_SESSION if alike else CredentialKind.SERVICE_ROLE

    def actor(self, arn: str, state: State) -> Actor:
        """Return who holds a credential of a principal whose policies nobody has changed."""
        key = (arn, state)
        found = self._actors.get(key)
        if found is None:
            account = self.reacher.accounts.account_of(arn)
            principal = None if account is None else account.principal(arn)
            if principal is None:
                raise KeyError(arn)
            subject = self.reacher.subject(arn, state)
            found = self._actors[key] = Actor(subject, principal, self.reacher.reached(subject))
        return found

    # -- classes

    def class_of(self, actor: Actor, actions: Iterable[str]) -> Class:
        """Return what tells an actor apart from others that have other answers about some actions."""
        subject = actor.subject
        statements, apart = self.reading.about(subject.policies, tuple(actions))
        return (
            subject.principal.account,
            actor.principal.kind,
            statements,
            subject.credential,
            subject.mfa,
            subject.arn if apart or subject.problems else None,
            actor.guise,
        )

    def _class_for(self, actor: Actor, rule: Rule) -> Class:
        return self.class_of(actor, _actions_of(rule))

    # -- moves

    def assuming(self, actor: Actor) -> Iterator[Open]:
        """Give the roles that an actor can assume: those that trust it."""
        if is_root(actor.subject) or actor.subject.credential is CredentialKind.FEDERATED:
            return
        if not actor.may >> self.reacher.universe.bit(_ASSUME) & 1:
            return
        trusting = self._index()
        named = dict.fromkeys(trusting.named(actor.principal, actor.subject.principal.arn))
        for arn in named:
            yield from self._assume(actor, arn)
        key = self.class_of(actor, [_ASSUME])
        if key not in self._assuming:
            by_account = trusting.by_account.get(actor.principal.account, ())
            others = dict.fromkeys((*self._allowed(actor, by_account), *trusting.anyone))
            apart = dict.fromkeys(arn for arn in others if self._tells_callers_apart(arn))
            same = (each for arn in others if arn not in apart for each in self._assume(actor, arn))
            self._assuming[key] = tuple(same), tuple(apart)
        alike, each_alone = self._assuming[key]
        for each in alike:
            if each.move.asks[0].resource not in named:
                yield each
        for arn in each_alone:
            if arn not in named:
                yield from self._assume(actor, arn)

    def _tells_callers_apart(self, arn: str) -> bool:
        """Whether a trust policy, or an RCP, may answer those unlike whose own policies are the same."""
        account = self.reacher.accounts.account_of(arn)
        attached = None if account is None else account.attached(arn)
        if attached is None or attached.trust is None:
            return False
        limits = (each for level in attached.policy_set.resource_control for each in level)
        return self.reading.tells_callers_apart(attached.trust.compiled) or any(
            self.reading.reads_caller(each) for each in limits
        )

    def _allowed(self, actor: Actor, roles: Iterable[str]) -> Iterator[str]:
        """Give the roles that the actor's own policies may let it assume."""
        service, _, name = _ASSUME.lower().partition(":")
        allows = any(
            not rule.deny and name in rule.actions.of(service)
            for document in actor.subject.policies.identity
            for rule in document.rules
        )
        if allows:
            account = self.reacher.accounts.by_id[actor.principal.account]
            fits = set(self.candidates.of(actor.subject, account, _ASSUME, PrincipalKind.ROLE))
            own = f":{account.id}:role/"
            yield from (arn for arn in roles if arn in fits or own not in arn)

    def _assume(self, actor: Actor, arn: str) -> Iterator[Open]:
        name = arn.split(":", 5)[5]
        move = Move(
            asks=(Ask(action=_ASSUME, resource=arn),),
            fact=Credential(arn, CredentialKind.ROLE_SESSION),
            gives=f"a session of `{name}`",
            kind=StepKind.ASSUME,
        )
        yield from self._open(actor, [move])

    def assuming_written(self, actor: Actor, arn: str) -> Iterator[Open]:
        """Give a role whose trust policy the attacker has written."""
        if is_root(actor.subject) or actor.subject.credential is CredentialKind.FEDERATED:
            return
        move = Move(
            asks=(Ask(action=_ASSUME, resource=arn, trusted=True),),
            fact=Credential(arn, CredentialKind.ROLE_SESSION),
            gives=f"a session of `{arn.split(':', 5)[5]}`",
            kind=StepKind.ASSUME,
        )
        yield from self._open(actor, [move])

    def entering_written(self, arn: str) -> Iterator[tuple[Actor, Open]]:
        """Give who else enters a role whose trust policy the attacker has written: an account of its own.

        Source: IAM User Guide, reference_policies_evaluation-logic-cross-account: each account decides for
        its own side, so that no policy of the attacker's victim but the role's (and RCPs) has a say.
        """
        account = self.reacher.accounts.account_of(arn)
        if account is None:
            return
        for actor in self._strangers():
            move = Move(
                asks=(Ask(action=_ASSUME, resource=arn, trusted=True, fixed=keys_of_role(account)),),
                fact=Credential(arn, CredentialKind.ROLE_SESSION),
                gives=f"a session of `{arn.split(':', 5)[5]}`, for an AWS account of the attacker's own",
                kind=StepKind.OUTSIDE,
            )
            for open_ in self._open(actor, [move]):
                yield actor, open_

    def _strangers(self) -> tuple[Actor, ...]:
        if not self._from_outside:
            reacher = self.reacher
            for subject, principal in strangers(reacher.accounts, reacher.assumptions):
                nothing = Reached(actions=0, undetermined=(), _subject=subject, _reacher=reacher)
                # As another caller: in which organization it is makes a difference.
                looks = Change(ChangeKind.NAMED, subject.arn, str(subject.known["aws:PrincipalOrgID"]))
                self._from_outside.append(Actor(subject, principal, nothing, frozenset({looks})))
        return tuple(self._from_outside)

    def passing_written(self, actor: Actor, arn: str) -> Iterator[Open]:
        """Give the services that run with such a role."""
        account = self.reacher.accounts.by_id[actor.principal.account]
        principal = account.principal(arn)
        if principal is not None and self._may_move(actor):
            for rule in self._possible(actor, taking=True):
                if rule.effect is Effect.RUN_AS:
                    yield from self._moves(actor, rule, principal, trusted=True)

    def taking(self, actor: Actor, *, only: Iterable[str] | None = None) -> tuple[Moves, ...]:
        """Return the moves that bring a credential of somebody else; `only`: of these principals.

        Those of one rule are together, and the same object for all who have the same.
        """
        if not self._may_move(actor):
            return ()
        rules = self._possible(actor, taking=True)
        if only is not None:
            return tuple(self._taking_each(actor, rules, frozenset(only)))
        found = self._takes.get(actor)
        if found is None:
            sure = (rule for rule in rules if rule.undetermined is None)
            unsure = [rule for rule in rules if rule.undetermined is not None]
            found = tuple(filter(None, self._taking_each(actor, sure, None)))
            if unsure:
                found += (self._perhaps(actor, unsure),)
            if not actor.made:
                self._takes[actor] = found
        return found

    def _taking_each(
        self, actor: Actor, rules: Iterable[Rule], only: frozenset[str] | None
    ) -> Iterator[Moves]:
        for rule in rules:
            key = (rule.id, only, *self._class_for(actor, rule))
            if key not in self._taking:
                self._taking[key] = tuple(self._taken(actor, rule, only))
            yield self._taking[key]

    def _perhaps(self, actor: Actor, rules: Sequence[Rule]) -> tuple[Open, ...]:
        """Return the moves that cannot be sure: one for each role is enough."""
        key = ("", *self.class_of(actor, (need.action for rule in rules for need in rule.needs)))
        if key not in self._taking:
            found: dict[object, Open] = {}
            for rule in rules:
                for open_ in self._taken(actor, rule, None, found):
                    found.setdefault(open_.move.fact, open_)
            self._taking[key] = tuple(found.values())
        return self._taking[key]

    def _taken(
        self,
        actor: Actor,
        rule: Rule,
        only: frozenset[str] | None,
        known: Mapping[object, object] = MappingProxyType({}),
    ) -> Iterator[Open]:
        if rule.effect in MAKING:
            yield from self._making(actor, rule, only)
            return
        about = next((each for each in rule.needs if each.on in _KINDS), None)
        if about is not None and about.same_call and not self._may_pass(actor, about):
            return
        account = self.reacher.accounts.by_id[actor.principal.account]
        if about is not None:
            arns: Iterable[str] = self.candidates.of(actor.subject, account, about.action, _KINDS[about.on])
        else:
            arns = self._roles_of(account, rule)
        trusting = self._roles_of(account, rule) if rule.services else None
        if rule.effect is Effect.RUN_EXISTING:
            yield from (
                each
                for arn, each in self._existing(account, rule).items()
                if (only is None or arn in only) and each.move.fact not in known
            )
            return
        for arn in arns:
            if (only is not None and arn not in only) or (trusting is not None and arn not in trusting):
                continue
            principal = account.principal(arn)
            if principal is not None and Credential(arn, self.served) not in known:
                yield from self._moves(actor, rule, principal)

    def _making(self, actor: Actor, rule: Rule, only: frozenset[str] | None) -> Iterator[Open]:
        """Give the users or roles that an actor may make, under each name that makes a difference."""
        account = self.reacher.accounts.by_id[actor.principal.account]
        kind = MAKING[rule.effect]
        names = self.newcomers.names(account, kind)
        is_whole = names.is_whole
        for name in names.arns:
            if only is None or name in only:
                found, is_known = self._made(actor, rule, name)
                is_whole = is_whole and is_known
                yield from found
        action = rule.needs[0].action
        reason = None
        if any(self._may_remake(actor, action, arn) for arn in names.there):
            reason = _MADE_ANEW
        elif not is_whole and not isinstance(self._ask(actor, Ask(action=action)), Impossible):
            reason = ANOTHER_NAME
        if only is None and reason is not None:
            principal = self.newcomers.unsure(account, kind)
            for move in moves(rule, self._aim(actor, principal)):
                yield Open(replace(move, reason=reason), reason)

    def _may_remake(self, actor: Actor, making: str, arn: str) -> bool:
        """Whether an actor may take somebody away, and make one of the same name."""
        asks = (
            Ask(action=making, resource=arn),
            Ask(action=making.replace("Create", "Delete"), resource=arn),
        )
        return not any(isinstance(self._ask(actor, each), Impossible) for each in asks)

    def making(self, actor: Actor, *effects: Effect) -> Iterator[Open]:
        """Give what an actor surely does by itself to these effects."""
        for effect in effects:
            for rule in self._possible(actor, taking=True):
                if rule.effect is effect:
                    yield from (each for each in self._taken(actor, rule, None) if each.reason is None)

    def _made(self, actor: Actor, rule: Rule, name: str) -> tuple[list[Open], bool]:
        """Return the moves that make somebody of a name, and whether no other boundary would do more."""
        account = self.reacher.accounts.by_id[actor.principal.account]
        kind, reads = MAKING[rule.effect], self.reading.keys(actor.subject.policies)
        plain = self.newcomers.made(account, kind, name, None)
        found = list(self._moves(actor, rule, plain))
        if any(each.reason is None for each in found):
            return found, True
        is_known = True
        if _BOUNDARY.lower() in reads:
            for number, boundary in enumerate(self._boundaries(account)):
                fixed = ((_BOUNDARY, boundary),)
                ask = Ask(action=rule.needs[0].action, resource=name, fixed=fixed)
                if isinstance(self._ask(actor, ask), Impossible):
                    continue
                head, _, last = name.rpartition("/")
                more: list[Open] = []
                for other in (f"{name}-{number}", f"{head}/{number}-{last}"):
                    bound = self.newcomers.made(account, kind, other, boundary)
                    more = more or list(self._moves(actor, rule, bound))
                is_known = is_known and bool(more)
                found += more
        if not found and any(key.startswith(("aws:requesttag/", "aws:tagkeys", *_BY_TAG)) for key in reads):
            for move in moves(rule, self._aim(actor, plain)):
                found += self._open(actor, [tagged(move, _WITH_TAGS)])
        return found, is_known

    def _boundaries(self, account: Account) -> Iterator[str]:
        """Give what can be the boundary of somebody who is made: AWS's own for everything is known, too."""
        yield f"arn:{account.partition}:iam::aws:policy/AdministratorAccess"
        for policy in account.snapshot.policies:
            if not policy.arn.endswith("::aws:policy/AdministratorAccess"):
                yield policy.arn

    def _ask(self, actor: Actor, ask: Ask) -> Answer:
        return self.permissions.ask(actor.subject, ask)

    def _existing(self, account: Account, rule: Rule) -> dict[str, Open]:
        """Return the moves on what has a role already, by role: they are the same for whoever makes them."""
        key = (account.id, rule.id)
        if key not in self._there:
            found: dict[str, Open] = {}
            for arn in self._roles_of(account, rule):
                principal = account.principal(arn)
                if principal is None:
                    continue
                aim = Aim(
                    account=account,
                    principal=principal,
                    reads=frozenset(),
                    trust=self.trust,
                    served=self.served,
                )
                for move in moves(rule, aim):
                    found[arn] = Open(move, move.reason)
            self._there[key] = found
        return self._there[key]

    def _may_pass(self, actor: Actor, need: Need) -> bool:
        """Whether any statement allows to pass a role to this service, whichever role it is."""
        subject = actor.subject
        if is_root(subject):
            return True
        key = (need.fixed, *self.class_of(actor, (need.action,)))
        found = self._passing.get(key)
        if found is None:
            service, _, name = need.action.lower().partition(":")
            context = _open_context(subject, dict(need.fixed))
            found = self._passing[key] = any(
                not rule.deny
                and name in rule.actions.of(service)
                and all(test(context) is not False for _, test in rule.conditions)
                for document in subject.policies.identity
                for rule in document.rules
            )
        return found

    def states(self, arn: str) -> tuple[State, ...]:
        """Return the states that a principal could be in."""
        found = self._states.get(arn)
        if found is None:
            found = self._states[arn] = self.reacher.states(arn)
        return found

    def held_as(self, fact: Credential) -> tuple[State, ...]:
        """Return the states of a credential that the attacker has made or got."""
        found = self._held_as.get(fact)
        if found is None:
            found = self._held_as[fact] = tuple(self._states_held(fact))
        return found

    def _states_held(self, fact: Credential) -> Iterator[State]:
        if fact.kind is not CredentialKind.SERVICE_ROLE:
            states = (each for each in self.states(fact.arn) if each.credential is fact.kind)
            yield from (replace(each, exists=Exists.YES) for each in states)
            return
        mfa = self.reacher.assumptions.service_role_session
        for each in (mfa,) if mfa is not MfaState.UNKNOWN else (MfaState.FALSE, MfaState.TRUE):
            yield State(
                mfa=each,
                credential=fact.kind,
                exists=Exists.YES,
                why="a service runs with the role",
                name="role session of a service",
            )

    def _roles_of(self, account: Account, rule: Rule) -> dict[str, None]:
        """Return the roles that trust one of the services of a rule, or may."""
        key = (account.id, rule.services)
        if key not in self._serving:
            roles = (each for each in account.principals if each.kind is PrincipalKind.ROLE)
            found = (each.arn for each in roles if self.trust.of(account, each, rule.services) is not False)
            self._serving[key] = dict.fromkeys(found)
        return self._serving[key]

    def changing(
        self,
        actor: Actor,
        principal: AccountPrincipal,
        made: Changes = frozenset(),
        *,
        own_device: bool = True,
    ) -> tuple[Open, ...]:
        """Return the moves that change something for a principal, `made` being changed already.

        `own_device`: whether it counts when somebody enrols a device of its own.
        """
        if principal.account != actor.principal.account:
            return ()
        key = (own_device, *self.class_of(actor, self._changing_actions), principal.arn, made)
        found = self._changes.get(key)
        if found is None:
            found = self._changes[key] = tuple(
                self._each_change(actor, principal, made, own_device=own_device)
            )
        return found

    def _each_change(
        self, actor: Actor, principal: AccountPrincipal, made: Changes, *, own_device: bool
    ) -> Iterator[Open]:
        if self.is_new(principal.arn):
            rules = self._allowed_on_new(actor)
        else:
            rules = self._possible(actor, taking=False) if self.may_change(actor) else ()
        for rule in rules:
            if rule.effect is Effect.DEVICE_FOR_OTHER and not own_device and principal == actor.principal:
                continue
            last = rule.needs[-1]
            about = _KINDS.get(last.on)
            if about is not None and (
                about is not principal.kind
                or not self.candidates.fits(actor.subject, last.action, principal.arn)
            ):
                continue
            key = (rule.id, *self._class_for(actor, rule), principal.arn, made)
            if key not in self._changing:
                self._changing[key] = tuple(self._moves(actor, rule, principal, made))
            yield from self._changing[key]

    def own_enrolment(self, actor: Actor) -> Iterator[Open]:
        """Give the enrolment of a device by the user itself, whom none is left."""
        arn = actor.principal.arn
        asks = (Ask(action=ENROLMENT[0].action), Ask(action=ENROLMENT[1].action, resource=arn))
        move = Move(asks=asks, fact=Device(arn), gives="an MFA device that is the attacker's")
        yield from self._open(actor, [move])

    # -- what is possible at all

    def _may_move(self, actor: Actor) -> bool:
        return bool(actor.may & self._relevant)

    def may_take(self, actor: Actor) -> bool:
        """Whether an actor may be able to get at anybody else's credential, or to assume a role."""
        return bool(actor.may & (self._relevant | 1 << self.reacher.universe.bit(_ASSUME)))

    def may_change(self, actor: Actor) -> bool:
        """Whether an actor may be able to change anything for anybody."""
        return bool(actor.may & self._changing_bits)

    def _possible(self, actor: Actor, *, taking: bool) -> tuple[Rule, ...]:
        """Return the rules whose essential call the actor may be able to make."""
        may = actor.may & self._relevant
        if _REGION in self.reading.keys(actor.subject.policies):
            # Asked of by itself, a permission of IAM's is one of IAM's region; within a call, of that call's.
            may |= 1 << self.reacher.universe.bit("iam:PassRole")
        key = (may, actor.subject.credential in _WITHOUT_IAM, taking)
        found = self._ruled.get(key)
        if found is None:
            found = self._ruled[key] = tuple(self._found_possible(may, no_iam=key[1], taking=taking))
        return found

    def _found_possible(self, may: int, *, no_iam: bool, taking: bool) -> Iterator[Rule]:
        for essential, rule in self._masks:
            if (rule.effect in TAKING) is not taking or essential & ~may:
                continue
            if no_iam and any(each.action.startswith("iam:") and not each.same_call for each in rule.needs):
                continue
            yield rule

    # -- who may come to be: what is reached on those who are there does not tell

    def is_new(self, arn: str) -> bool:
        """Whether a user or role is one that somebody makes."""
        account = self.reacher.accounts.account_of(arn)
        return account is not None and account.is_admitted(arn)

    def _allowed_on_new(self, actor: Actor) -> tuple[Rule, ...]:
        """Return the rules that change somebody, as far as a statement allows their essential calls."""
        return tuple(
            rule
            for _, rule in self._masks
            if rule.effect not in TAKING
            and all(self._is_allowed(actor, each.action) for each in _essential_needs(rule))
        )

    def _is_allowed(self, actor: Actor, action: str) -> bool:
        """Whether any statement of an actor's own allows an action."""
        subject = actor.subject
        if subject.credential in _WITHOUT_IAM:
            return False
        if is_root(subject):
            return True
        service, _, name = action.lower().partition(":")
        return any(
            not rule.deny and name in rule.actions.of(service)
            for document in subject.policies.identity
            for rule in document.rules
        )

    def on_new(self, actor: Actor, arn: str) -> Iterator[tuple[int, Ask, str | None]]:
        """Give the bits of what an actor may do to somebody who is made, and on nobody who is there.

        Each with the request, and why it is not sure.
        """
        account = self.reacher.accounts.account_of(arn)
        principal = None if account is None else account.principal(arn)
        if principal is None or actor.principal.account != principal.account:
            return
        universe, aim = self.reacher.universe, self._aim(actor, principal)
        for action in universe.expand(on_kind(universe, principal.kind.value) & ~actor.reached.actions):
            if self._is_allowed(actor, action):
                ask = ask_about(action, aim)
                answer = self._ask(actor, ask)
                if not isinstance(answer, Impossible):
                    reason = answer.reason if isinstance(answer, Undetermined) else None
                    yield 1 << universe.bit(action), ask, reason

    def _may_call(self, actor: Actor, ask: Ask) -> bool:
        """Whether an actor may be able to make a call of a move."""
        if actor.may >> self.reacher.universe.bit(ask.action) & 1:
            return True
        return ask.resource is not None and self.is_new(ask.resource) and self._is_allowed(actor, ask.action)

    def _moves(
        self,
        actor: Actor,
        rule: Rule,
        principal: AccountPrincipal,
        made: Changes = frozenset(),
        *,
        trusted: bool = False,
    ) -> Iterator[Open]:
        aim = self._aim(actor, principal, made, trusted=trusted)
        new = self.is_new(principal.arn)
        if rule.effect is Effect.NEW_GROUP:
            new, aim = True, replace(aim, groups=self.newcomers.names(aim.account, GROUP))
        whole = self._is_whole(actor, rule, new=new)
        candidates = list(moves(rule, aim))
        found = tuple(self._open(actor, candidates)) if whole else ()
        yield from found
        if not found and len(rule.needs) > 1:
            yield from self._open(actor, [part for move in candidates for part in self._essential(move)])

    def _aim(
        self,
        actor: Actor,
        principal: AccountPrincipal,
        made: Changes = frozenset(),
        *,
        trusted: bool = False,
    ) -> Aim:
        return Aim(
            account=self.reacher.accounts.by_id[principal.account],
            principal=principal,
            reads=self.reading.keys(actor.subject.policies),
            trust=self.trust,
            made=made,
            trusted=trusted,
            wishes=self._wishes(principal.account),
            retagged=any(each.owner != principal.arn for each in actor.guise if each.what == ANY_TAGS),
            served=self.served,
        )

    # -- what somebody looks like

    def _wishes(self, account_id: str) -> Wishes | None:
        if account_id not in self._wished:
            found = wishes(self.reacher.accounts.by_id[account_id])
            self._wished[account_id] = None if found.is_empty else found
        return self._wished[account_id]

    def in_guise(self, subject: Subject, made: Changes) -> Subject:
        """Return who asks, as some changes make it look."""
        guise = frozenset(each for each in made if each.kind in GUISES)
        if not guise:
            return subject
        key = (subject.arn, subject.state, id(subject.policies), guise)
        found = self._in_guise.get(key)
        if found is None:
            found = self._in_guise[key] = in_guise(subject, guise)
        return found

    def retagging(self, actor: Actor) -> Iterator[Open]:
        """Give that tags are changed, where policies look at those of what is asked about."""
        wished = self._wishes(actor.principal.account)
        if wished is None or not wished.of_resources or actor.guise:
            return
        if actor.subject.credential in _WITHOUT_IAM:
            return
        account = self.reacher.accounts.by_id[actor.principal.account]
        for rule in self._possible(actor, taking=False):
            if rule.effect in {Effect.TAG, Effect.UNTAG}:
                fact = Change(ChangeKind.TAGGED, all_of(account), ANY_TAGS)
                asks = (Ask(action=rule.needs[0].action),)
                move = Move(asks=asks, fact=fact, gives="other tags", rule=rule.id, reason=_RETAGGED)
                yield Open(move, _RETAGGED)
                return

    def of_services(self, arn: str, services: tuple[str, ...]) -> int:
        """Return what a user's key reaches, perhaps, of some services."""
        found = self._by_service.get((arn, services))
        if found is None:
            universe, mask = self.reacher.universe, 0
            for each in filter(universe.knows_service, services):
                start, length = universe.span(each)
                mask |= ((1 << length) - 1) << start
            key = next(each for each in self.states(arn) if each.credential is CredentialKind.ACCESS_KEY)
            found = self._by_service[arn, services] = self.actor(arn, key).may & mask
        return found

    def federated(self, actor: Actor) -> int:
        """Return what a GetFederationToken session of a user may reach that is nobody's but its own.

        It is another caller (`aws:PrincipalArn`, no `aws:username`), and in the console it may call IAM.

        Source: STS API Reference, GetFederationToken ("does not apply to console sessions").
        """
        subject = actor.subject
        may = actor.may >> self.reacher.universe.bit("sts:GetFederationToken") & 1
        if subject.credential is not CredentialKind.ACCESS_KEY or not may:
            return 0
        if not any(each.startswith(_TELLS_FEDERATED) for each in self.reading.keys(subject.policies)):
            return 0
        key = (subject.arn, subject.state, id(subject.policies), actor.guise)
        if key not in self._federated:
            reached = self.reacher.reached(federated(subject))
            found = reached.actions
            for mask, _ in reached.undetermined:
                found |= mask
            self._federated[key] = found & ~actor.may
        return self._federated[key]

    def is_relevant(self, mask: int) -> bool:
        """Whether any move begins with one of these actions."""
        return bool(mask & self._relevant)

    def session_names(self, arn: str) -> Iterable[str]:
        """Return what sessions of a role are called where it makes a difference."""
        found = self._called.get(arn)
        if found is None:
            reacher = self.reacher
            subject = reacher.subject(arn, self.states(arn)[0])
            found = self._called[arn] = tuple(name for name, _ in reacher.called_otherwise(subject))
        return found

    def named(self, actor: Actor, move: Move, name: str) -> Iterator[Open]:
        """Give an AssumeRole move with a name of the session; its fact is that."""
        arn = move.asks[-1].resource or ""
        asks = tuple(replace(each, fixed=(*each.fixed, (_SESSION_NAME, name))) for each in move.asks)
        called = f"a session of `{arn.split(':', 5)[5]}` that is called `{name}`"
        fact = Change(ChangeKind.NAMED, arn, name)
        yield from self._open(actor, [replace(move, asks=asks, fact=fact, gives=called)])

    # -- calls that others make

    def _is_whole(self, actor: Actor, rule: Rule, *, new: bool) -> bool:
        """Whether an actor may be able to make all calls of a rule itself."""
        may, bit = actor.may, self.reacher.universe.bit
        if new:
            return all(each.same_call or self._is_allowed(actor, each.action) for each in rule.needs)
        return all(each.same_call or may >> bit(each.action) & 1 for each in rule.needs)

    def _essential(self, move: Move) -> Iterator[Move]:
        """Give the call of a move that is about somebody; the others can be made by whoever else is held."""
        calls = move.by_call()
        if len(calls) == 1 or isinstance(move.fact, Part):
            return
        for number, asks in enumerate(calls):
            if any(_is_about_somebody(each) for each in asks) and not any(
                each.of_new_policy for each in asks
            ):
                yield replace(move, asks=asks, fact=Part(move.fact, move.rule or "", number), whole=move)
                return

    def bits_of_others(self, part: Move) -> int:
        """Return the bits of the remaining calls of a move of which somebody makes one.

        All bits where one is about somebody who is made: what is reached does not tell of them.
        """
        whole, found = part.whole, 0
        if whole is not None and not isinstance(whole.fact, Part):
            for last in (asks[-1] for asks in whole.by_call() if asks != part.asks):
                new = last.resource is not None and self.is_new(last.resource)
                found |= -1 if new else 1 << self.reacher.universe.bit(last.action)
        return found

    def other_calls(self, actor: Actor, part: Move, resource: str) -> Iterator[Open]:
        """Give the remaining calls of a move whose essential one somebody can make, on `resource`."""
        whole = part.whole
        if whole is None or isinstance(whole.fact, Part):
            return
        universe = self.reacher.universe
        types = {each.template for each in universe.resource_types(part.asks[-1].action)}
        for number, asks in enumerate(whole.by_call()):
            if asks == part.asks or not self._may_call(actor, asks[-1]):
                continue
            same = [
                replace(each, resource=resource)
                if each.resource is None
                and types & {one.template for one in universe.resource_types(each.action)}
                else each
                for each in asks
            ]
            fact = Part(whole.fact, whole.rule or "", number)
            yield from self._open(actor, [replace(whole, asks=tuple(same), fact=fact, whole=whole)])

    # -- asking

    def _open(self, actor: Actor, candidates: Iterable[Move]) -> Iterator[Open]:
        """Give those of the moves that the actor may make, or perhaps may."""

        def alike(action: str) -> Class:
            return self.class_of(actor, (action,))

        done: set[object] = set()
        for move in candidates:
            if _owner(move) in done:
                continue
            if move.reason is not None and all(each.resource is None for each in move.asks):
                yield Open(move, move.reason)  # it may be allowed somewhere, and is never sure
                continue
            verdict = self.permissions.of(actor.subject, move, alike=alike)
            match verdict:
                case None:
                    continue
                case Permitted(reason=reason):
                    yield Open(move, reason)
                    if move.enough and reason is None:
                        done.add(_owner(move))
                case reason:
                    yield Open(move, move.reason or reason)

    def _index(self) -> Trusting:
        if self._trusting is None:
            self._trusting = Trusting.of(self.reacher.accounts)
        return self._trusting

    def named_elsewhere(self, account_id: str) -> tuple[str, ...]:
        """Return the users and roles of an account that roles of other accounts name."""
        own = f":{account_id}:"
        return tuple(
            name
            for name, roles in self._index().by_name.items()
            if own in name and any(own not in role for role in roles)
        )

    # -- who can do everything

    def ceiling(self, account_id: str) -> int:
        """Return the bits that a user of an account reaches at most; 0 when it has no user."""
        if account_id not in self._ceilings:
            account = self.reacher.accounts.by_id[account_id]
            users = (each for each in account.principals if each.kind is PrincipalKind.USER)
            user = next(users, None)
            found = 0
            if user is not None:
                key = CredentialKind.ACCESS_KEY
                state = next(each for each in self.reacher.states(user.arn) if each.credential is key)
                levels = account.attached(user.arn).policy_set
                policies = account.library.policy_set(
                    (ANYTHING,),
                    boundary=None,
                    service_control=levels.service_control,
                    resource_control=levels.resource_control,
                )
                subject = self.reacher.changed(self.reacher.subject(user.arn, state), policies=policies)
                found = self.reacher.reached(subject).actions
            self._ceilings[account_id] = found
        return self._ceilings[account_id]

    def wanted(self, account_id: str) -> frozenset[str]:
        """Return whose credential still adds something to everything of their account.

        What a kind of credential cannot do at all, another one can: root assumes no role, a role makes no
        federated session; so one user's key is wanted. And roles of other accounts trust principals by name.
        """
        if account_id not in self._wanted:
            account = self.reacher.accounts.by_id[account_id]
            users = [each for each in account.principals if each.kind is PrincipalKind.USER]
            plain = (each.arn for each in users if not self._is_limited(account, each))
            user = next(plain, users[0].arn if users else None)
            elsewhere = self.named_elsewhere(account_id) if len(self.reacher.accounts) > 1 else ()
            self._wanted[account_id] = frozenset([*elsewhere, *([] if user is None else [user])])
        return self._wanted[account_id]

    def _is_limited(self, account: Account, user: AccountPrincipal) -> bool:
        policies = account.attached(user.arn).policy_set
        full = sum(each.user == user.name for each in account.snapshot.access_keys or ()) > 1
        return full or policies.permissions_boundary is not None or any(map(denies, policies.identity))

    def is_top(self, subject: Subject) -> bool:
        """Whether nobody of the account can do more: everything is allowed, and only SCPs limit it."""
        policies = subject.policies
        if subject.credential in _WITHOUT_IAM or subject.problems or not self.reading.limits_alike(policies):
            return False
        if is_root(subject):
            return True
        if policies.permissions_boundary is not None:
            return False
        return any(map(_has_everything, policies.identity)) and not _is_denied(subject)


def _is_denied(subject: Subject) -> bool:
    """Whether a Deny of the subject's own policies may keep something from it in its state of MFA.

    One that only applies without TLS keeps nothing from anybody: the caller uses TLS, whatever the resource.
    """
    denying = [rule for each in subject.policies.identity for rule in each.rules if rule.deny]
    if not denying:
        return False
    context = _open_context(subject, {"aws:SecureTransport": "true"})
    return any(all(test(context) is not False for _, test in rule.conditions) for rule in denying)


def _open_context(subject: Subject, fixed: Mapping[str, ContextValue]) -> OpenContext:
    """Return the context of a subject's requests in which all is unknown that is not fixed."""
    states = (MfaState.ABSENT, MfaState.FALSE, MfaState.TRUE)
    return mfa_contexts({**subject.known, **fixed})[states.index(subject.mfa)]


def allows_everything(policies: PolicySet) -> bool:
    """Whether a principal's own policies let everything through, and nothing bounds them."""
    if policies.permissions_boundary is not None or any(map(denies, policies.identity)):
        return False
    return any(map(_has_everything, policies.identity))


_NEAREST: Final = (On.USER, On.ROLE, On.POLICY, On.GROUP)


def _rank(rule: Rule) -> tuple[int, int, str]:
    """Few calls come first, and of as many those about oneself before those about many."""
    on = rule.needs[-1].on
    nearness = _NEAREST.index(on) if on in _NEAREST else len(_NEAREST)
    return sum(not each.same_call for each in rule.needs), nearness, rule.id


def _actions_of(rule: Rule) -> tuple[str, ...]:
    """Return all actions that the calls of a rule take."""
    found = tuple(each.action for each in rule.needs)
    if rule.instance_profile:
        found += ("iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile")
    return found


def _essential_needs(rule: Rule) -> tuple[Need, ...]:
    """Return the needs of the call that is about somebody: others may make the rest.

    Without one, a resource that is there already is used, and all calls are one principal's.
    """
    call: list[Need] = []
    for need in rule.needs:
        call.append(need)
        if need.same_call:
            continue
        if any(each.on not in {On.ANY, On.DEVICE, On.NEW_POLICY} for each in call):
            return tuple(call)
        call = []
    return rule.needs


def _is_about_somebody(ask: Ask) -> bool:
    return ask.resource is not None


def _owner(move: Move) -> object:
    return move.rule, move.asks[-1].resource


@functools.lru_cache(maxsize=4_096)
def _has_everything(policy: CompiledPolicy) -> bool:
    """Whether a policy allows everything by one statement."""
    return any(map(_is_everything, policy.rules))


def _is_everything(rule: Statement) -> bool:
    """Whether a compiled statement covers every action on every resource at any time."""
    statement = rule.policy.statements[rule.ref.index]
    return (
        rule.resource is None
        and not statement.conditions
        and not statement.not_action
        and any(each.text in {"*", "*:*"} for each in statement.actions)
    )
