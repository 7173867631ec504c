"""What each principal can reach in each state, over all actions."""

from __future__ import annotations

import copy
from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

import msgspec

from watchword.account.accounts import Accounts
from watchword.account.context import KnownContext, known
from watchword.account.model import Account, AccountPrincipal
from watchword.iam import (
    DEFAULT_ASSUMPTIONS,
    UNKNOWN,
    Assumptions,
    CompiledPolicy,
    Context,
    ContextValue,
    PolicySet,
    PrincipalKind,
    Universe,
    compile_policy,
    parse_policy,
    principal_context,
    signer,
)
from watchword.proof.grants import Grant, Granter
from watchword.proof.resource_policies import ResourceDocument, documents_of
from watchword.proof.roles import Roles
from watchword.proof.session_names import SessionNames
from watchword.proof.settle.answer import Answer, Found, Impossible, Undetermined, best
from watchword.proof.settle.attempt import THROUGH
from watchword.proof.settle.cells import apart
from watchword.proof.settle.controls import on_resources
from watchword.proof.settle.domains import LONG_TERM, says, tells_services
from watchword.proof.settle.entries import TAGS, keys_of
from watchword.proof.settle.limits import Limits
from watchword.proof.settle.solve import solve
from watchword.proof.settle.special import Ruled, by_others, is_root, on_keys, on_roles, on_tagged, ruled
from watchword.proof.settle.spread import Spread, Spreader
from watchword.proof.settle.standing import Settled, Shared
from watchword.proof.settle.subject import Existing, Subject
from watchword.proof.settle.view import Views, together
from watchword.proof.states import State, states_of

_NO_KEYS: Context = {}
Doubts: TypeAlias = tuple[tuple[int, str], ...]
_ROOT: Final = compile_policy(
    parse_policy(
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
        name="root",
    )
)
"""What it comes to that no policy of its own binds root."""
_CALLED: Final = "it takes a session of the role that is called `{}`"
_USER_ID: Final = "aws:userid"
_NO_KEY_POLICY: Final = "it takes the key's own policy, which the snapshot does not hold"


class Reacher:
    """Answers what subjects of these accounts can reach; what it finds out of one serves the others."""

    def __init__(
        self, accounts: Accounts, universe: Universe, assumptions: Assumptions = DEFAULT_ASSUMPTIONS
    ) -> None:
        self.accounts = accounts
        self.universe = universe
        self.assumptions = assumptions
        self.views = Views(universe=universe)
        self._spreader = Spreader(universe=universe, views=self.views)
        self._reached: dict[Hashable, Reached] = {}
        self._known: dict[str, KnownContext] = {}
        self._subjects: dict[tuple[str, State], Subject] = {}
        self._settled: dict[Hashable, tuple[Settled, Subject]] = {}
        self._shared: dict[Hashable, Shared] = {}
        self._granter = Granter(universe=universe)
        self._granted: dict[Hashable, Sequence[Grant]] = {}
        self._keys_of: dict[int, tuple[str, ...]] = {}
        self._spreads: dict[Hashable, Spread] = {}
        self._tagged: dict[Limits, int] = {}
        self._roots: dict[int, PolicySet] = {}
        self._controlled: dict[int, PolicySet] = {}
        self._sets: dict[tuple[int, int, int], PolicySet] = {}
        self._resources: dict[str, tuple[ResourceDocument, ...] | None] = {}
        self._existing: dict[str, Existing] = {}
        self._foreign: dict[str, tuple[ResourceDocument, ...]] = {}
        self._letting: dict[str, tuple[ResourceDocument, ...]] = {}
        self._allowing_across: dict[tuple[int, str, str, str], int] = {}
        self._beside_across: dict[tuple[int, int, str], PolicySet] = {}
        self._roles = Roles(reacher=self, views=self.views)
        self._session_names: SessionNames | None = None
        self._alive: list[object] = []

    def afterwards(self, accounts: Accounts, concerned: Container[str], *, trust: bool) -> Reacher:
        """Return a reacher of accounts that differ in one document; all that does not hang on it is shared.

        - `concerned`: the ARNs of those for whom the document is in force.
        - `trust`: whether it says who enters a role; it is in force for nobody then.
        """
        found = copy.copy(self)
        found.accounts = accounts
        found.forget(concerned, trust=trust)
        return found

    def forget(self, concerned: Container[str], *, trust: bool) -> None:
        """Let go of what hangs on a document that says something else now."""
        gone = [key for key in self._subjects if key[0] in concerned]
        self._subjects = self._subjects.copy()
        for key in gone:
            del self._subjects[key]
        if trust:
            self._reached = {}
            self._roles = Roles(reacher=self, views=self.views)
            self._session_names = None

    def states(self, arn: str) -> tuple[State, ...]:
        """Return the states of a principal. Raises KeyError when no account has it."""
        account, principal = self._find(arn)
        return states_of(account, principal, self.assumptions)

    def subject(self, arn: str, state: State) -> Subject:
        """Return a principal in one state. Raises KeyError when no account has it."""
        found = self._subjects.get((arn, state))
        if found is None:
            found = self._subjects[arn, state] = self._subject(arn, state)
        return found

    def _subject(self, arn: str, state: State) -> Subject:
        account, principal = self._find(arn)
        attached = account.attached(arn)
        signs = signer(principal.principal, state.credential) or principal.principal
        context = self._known.get(arn)
        if context is None:
            context = self._known[arn] = known(account, principal)
            if principal.kind is PrincipalKind.ROLE:
                context.update(principal_context(signs))
        return Subject(
            principal=signs,
            arn=arn,
            state=state,
            policies=attached.policy_set,
            known=context,
            problems=attached.problems,
            existing=self._there(account),
            since=account.snapshot.taken_at,
            assumptions=self.assumptions,
        )

    def _there(self, account: Account) -> Existing:
        found = self._existing.get(account.id)
        if found is None:
            snapshot = account.snapshot
            own = f"arn:{account.partition}:iam::{account.id}:"
            found = self._existing[account.id] = Existing(
                by_kind={
                    "user/": tuple(each.arn for each in snapshot.users),
                    "group/": tuple(each.arn for each in snapshot.groups),
                    "role/": tuple(each.arn for each in snapshot.roles),
                    "policy/": tuple(each.arn for each in snapshot.policies if each.arn.startswith(own)),
                },
                guarded=_by_service(
                    (
                        *(self._policies_of_resources(account) or ()),
                        *(each for each in self._of_others(account.id) if each.names_no_account),
                    )
                ),
                tags={
                    each.arn: {name.lower(): value for name, value in each.tags.items()}
                    for each in account.principals
                    if each.tags
                },
            )
        return found

    def changed(self, subject: Subject, policies: PolicySet) -> Subject:
        """Return the subject under other policies; the rest stays."""
        return replace(subject, policies=policies)

    def solve(
        self,
        subject: Subject,
        action: str,
        *,
        resource: str | None = None,
        within: str | None = None,
        fixed: Context = _NO_KEYS,
        policies: PolicySet | None = None,
        owner: str | None = None,
    ) -> Answer:
        """Return whether the subject has a request of an action that is allowed; see `settle.solve`."""
        return solve(
            subject,
            action,
            universe=self.universe,
            resource=resource,
            within=within,
            fixed=fixed,
            policies=policies,
            owner=owner,
        )

    def reached(self, subject: Subject) -> Reached:
        """Return what the subject can reach."""
        key = (subject.arn, subject.state, id(subject.policies), id(subject.known), subject.problems)
        found = self._reached.get(key)
        if found is None:
            found = self._reached[key] = self._under_any_name(subject, self._reach(subject))
        return found

    def _under_any_name(self, subject: Subject, found: Reached) -> Reached:
        """Leave open what a session of a role reaches that is called otherwise: its name may not be free."""
        doubts = found.undetermined
        for name, other in self.called_otherwise(subject):
            more = self._reach(other)
            named = (
                (more.actions, _CALLED.format(name)),
                *((mask, _CALLED.format(name)) for mask, _ in more.undetermined),
            )
            doubts = tuple(apart((*doubts, *named), found.actions))
        return self._answer(subject, found.actions, doubts)

    def called_otherwise(self, subject: Subject) -> Iterator[tuple[str, Subject]]:
        """Give the session under other names; each is kept, as what is known of it goes by its id."""
        if subject.principal.kind is not PrincipalKind.ROLE_SESSION:
            return
        if self._session_names is None:
            resources = (self._policies_of_resources(account) or () for account in self.accounts)
            written = (each.compiled for policies in resources for each in policies)
            self._session_names = SessionNames((*written, *self._roles.trusts()))
        own = _documents(subject.policies) if _USER_ID in self._keys(subject.policies) else ()
        for name, other in self._session_names.called_otherwise(subject, own):
            self._alive.append(other)
            yield name, other

    def _reach(self, subject: Subject) -> Reached:
        universe = self.universe
        if subject.problems:
            everything = (1 << universe.size) - 1
            rules = self._rules(subject)
            left = everything & ~rules.allowed & ~rules.refused
            doubts: Doubts = ((left, subject.problems[0]),)
            return self._answer(subject, rules.allowed, doubts)
        rules = self._rules(subject)
        spreads = self._spreads_of(subject)
        spread = _with_calls_of_services(*spreads)
        found = spread.found & ~rules.refused & ~by_others(universe)
        doubts = spread.doubts
        found, doubts = self._on_resources(subject, found, doubts, spread.maybe & ~rules.refused)
        if rules.open & found:
            doubts = (*doubts, (rules.open & found, f"AWS is contested: `{rules.contested}`"))
            found &= ~rules.open
        limits = tuple(each.limits for each in spreads)
        found, doubts = self._on_tagged(subject, found, doubts, limits)
        found, doubts = self._roles.settle(subject, found, doubts, refused=rules.refused, in_force=limits)
        found |= rules.allowed
        taken = found | rules.refused | by_others(universe)
        return self._answer(subject, found, tuple(apart(doubts, taken)))

    def answer(self, subject: Subject, action: str) -> Answer:
        """Return whether the subject reaches one action, as `reached` does for all of them.

        A `Found` says so; the request that shows it for this very subject is that of `witness`.
        """
        found = self._answer_as_called(subject, action)
        if isinstance(found, Impossible):
            for name, other in self.called_otherwise(subject):
                if not isinstance(self._answer_as_called(other, action), Impossible):
                    return Undetermined(reason=_CALLED.format(name))
        return found

    def _answer_as_called(self, subject: Subject, action: str) -> Answer:
        if action in on_roles(self.universe):
            return self._roles.on_some_role(subject, action)
        return best(self._on_each(subject, action))

    def witness(self, subject: Subject, action: str) -> Answer:
        """Return a request of an action, on a role where it is on one."""
        if action in on_roles(self.universe):
            answers = (answer for _, answer in self.entering(subject, action))
            return next((each for each in answers if isinstance(each, Found)), Impossible())
        return best(self._on_each(subject, action))

    def _on_each(self, subject: Subject, action: str) -> Iterator[Answer]:
        """Answer for all resources without a policy of their own, then for each that has one."""
        bit = 1 << self.universe.bit(action)
        account = self.accounts.account(subject.principal.account)
        policies = () if account is None else self._policies_of_resources(account) or ()
        on_key = bool(on_keys(self.universe) & bit)
        if not on_key:
            yield self.solve(subject, action)
        for each in policies:
            own = self._of_service(each.service) | (bit if on_key and each.is_key else 0)
            if (own | each.bits_for(subject, self.views)) & bit:
                beside = self.beside(subject.policies, resource=each.compiled)
                yield self.solve(subject, action, within=each.arn, policies=beside)
        for each in self._letting_across(subject.principal.account):
            if self._own_across(subject, each) & bit & each.bits_across(subject, self.views):
                yield self._across(subject, action, each)
        all_read = account is not None and account.snapshot.is_read("resource_policies")
        if on_key and not all_read and not isinstance(self.solve(subject, action), Impossible):
            yield Undetermined(reason=_NO_KEY_POLICY)

    def everywhere(self, subject: Subject) -> int:
        """Return what a subject's policies surely let through, on any resource and in any request."""
        settled, own = self.standing(subject)
        limits = self._spreader.limits(own, settled)
        denied = limits.own.deny_may | limits.others.deny_may
        return limits.own.must & limits.others.must & ~denied

    def grants(self, subject: Subject, actions: int) -> Sequence[Grant]:
        """Return on which resources and under which conditions a subject's own policies let it do these."""
        settled, own = self.standing(subject)
        key = (self._sign(own, settled), actions)
        found = self._granted.get(key)
        if found is None:
            found = self._granted[key] = self._granter.of(
                self._spreader.limits(own, settled), actions, settled
            )
        return found

    def _on_tagged(
        self, subject: Subject, found: int, doubts: Doubts, limits: Iterable[Limits]
    ) -> tuple[int, Doubts]:
        """Settle the calls on users, groups and roles by the tags that they have, where policies look."""
        keys = self._keys(subject.policies)
        if not any(each.startswith(TAGS) for each in keys) or not self.universe.knows_service("iam"):
            return found, doubts
        asked = found | together(mask for mask, _ in doubts)
        asked &= on_tagged(self.universe) & together(map(self._on_tags, limits))
        for action in self.universe.expand(asked) if asked else ():
            bit = 1 << self.universe.bit(action)
            match self.solve(subject, action):
                case Found():
                    continue
                case Undetermined(reason=reason):
                    doubts = (*((mask & ~bit, why) for mask, why in doubts), (bit, reason))
                case Impossible():
                    doubts = tuple((mask & ~bit, why) for mask, why in doubts)
            found &= ~bit
        return found, doubts

    def _on_tags(self, limits: Limits) -> int:
        found = self._tagged.get(limits)
        if found is None:
            found = self._tagged[limits] = _looking_at_tags(limits)
        return found

    def _answer(self, subject: Subject, found: int, doubts: Doubts) -> Reached:
        return Reached(actions=found, undetermined=doubts, _subject=subject, _reacher=self)

    def _rules(self, subject: Subject) -> Ruled:
        return ruled(
            self.universe, subject.credential, root=is_root(subject), assumptions=subject.assumptions
        )

    def _spreads_of(self, subject: Subject) -> tuple[Spread, ...]:
        """Return what it reaches in calls of its own, and in those of services for it, if that differs."""
        settled, subject = self.standing(subject)
        found = self._spread_as(subject, settled)
        if not tells_services(self._keys(subject.policies), subject.mfa):
            return (found,)
        return found, self._spread_as(subject, self.settled(subject, through=True))

    def in_force(self, subject: Subject) -> tuple[Limits, ...]:
        """Return the statements in force for a subject in its own calls, and in those of services for it."""
        return tuple(each.limits for each in self._spreads_of(subject))

    def _spread_as(self, subject: Subject, settled: Settled) -> Spread:
        kept = self._sign(subject, settled)
        found = self._spreads.get(kept)
        if found is None:
            self._alive.append(subject.policies)
            found = self._spreads[kept] = self._spreader.of(subject, settled)
        return found

    def _sign(self, subject: Subject, settled: Settled) -> Hashable:
        """Return what two subjects have in common whose own policies let them do the same."""
        policies = subject.policies
        return (
            id(policies),
            settled.sign(self._keys(policies)),
            subject.arn.split(":")[1],
            subject.principal.account,
            settled.through,
            subject.credential in LONG_TERM,
            subject.since,
            subject.arn if policies.resource_control else None,
        )

    def standing(self, subject: Subject) -> tuple[Settled, Subject]:
        """Return what is settled of a subject, and the subject with its policies as masks are to see them.

        Root, which needs none, has one; resource control policies say what they have a say in.
        """
        settled = self.settled(subject)
        policies = self._of_root(subject.policies) if is_root(subject) else subject.policies
        if policies.resource_control:
            policies = self._on_resources_only(policies)
        return settled, subject if policies is subject.policies else replace(subject, policies=policies)

    def settled(self, subject: Subject, *, through: bool = False) -> Settled:
        key = (id(subject.known), subject.state, subject.since, through)
        kept = self._settled.get(key)
        if kept is None:
            shared = self._shared_by(subject)
            made = Settled(subject, self.universe, through=through, shared=shared)
            kept = self._settled[key] = made, subject
        return kept[0]

    def _shared_by(self, subject: Subject) -> Shared:
        """Return what the states of a subject have in common, beside what all of its kind have."""
        principal = subject.principal
        kind = (subject.arn.split(":")[1], principal.account, principal.kind, subject.since)
        common = self._shared.get(kind)
        if common is None:
            common = self._shared[kind] = Shared()
        found = self._shared.get((id(subject.known), subject.since))
        if found is None:
            found = self._shared[id(subject.known), subject.since] = Shared(common)
        return found

    def _keys(self, policies: PolicySet) -> tuple[str, ...]:
        kept = self._keys_of.get(id(policies))
        if kept is None:
            self._alive.append(policies)
            found: set[str] = set()
            for policy in _documents(policies):
                found.update(self.views.keys(policy).every)
            kept = self._keys_of[id(policies)] = tuple(sorted(found))
        return kept

    def _of_root(self, policies: PolicySet) -> PolicySet:
        found = self._roots.get(id(policies))
        if found is None:
            self._alive.append(policies)
            found = self._roots[id(policies)] = replace(
                policies, identity=(_ROOT,), permissions_boundary=None, session=None
            )
        return found

    def _on_resources_only(self, policies: PolicySet) -> PolicySet:
        found = self._controlled.get(id(policies))
        if found is None:
            self._alive.append(policies)
            found = self._controlled[id(policies)] = on_resources(policies)
        return found

    # -- resources with policies of their own

    def _on_resources(self, subject: Subject, found: int, doubts: Doubts, maybe: int) -> tuple[int, Doubts]:
        """Settle the actions on keys by the keys that there are, and what other resources' policies let in.

        `maybe` is what the subject's own policies may allow, on one of these resources perhaps.
        """
        universe = self.universe
        account = self.accounts.account(subject.principal.account)
        keys = on_keys(universe)
        wanted = found & keys
        for mask, _ in doubts:
            wanted |= mask & keys
        found, doubts = found & ~keys, tuple((mask & ~keys, why) for mask, why in doubts)
        policies = None if account is None else self._policies_of_resources(account)
        found, open_ = self._on_others(subject, found)
        if account is None or policies is None:
            return found, (*doubts, *open_, (wanted & ~found, _NO_KEY_POLICY))
        left = maybe & ~found
        own = {service: left & self._of_service(service) for service in self._guarded_services(policies)}
        for each in policies:
            asked = own[each.service] | (wanted if each.is_key else 0) | each.bits_for(subject, self.views)
            for action in universe.expand(asked & ~found) if asked else ():
                answer = self.solve(
                    subject,
                    action,
                    within=each.arn,
                    policies=self.beside(subject.policies, resource=each.compiled),
                )
                bit = 1 << universe.bit(action)
                if isinstance(answer, Found):
                    found |= bit
                elif isinstance(answer, Undetermined):
                    open_.append((bit, answer.reason))
        if not account.snapshot.is_read("resource_policies"):
            open_.append((wanted & ~found, _NO_KEY_POLICY))
        return found, (*doubts, *open_)

    def _on_others(self, subject: Subject, found: int) -> tuple[int, list[tuple[int, str]]]:
        """Add what is reached on other accounts' resources, which both sides have to allow."""
        open_: list[tuple[int, str]] = []
        for each in self._letting_across(subject.principal.account):
            asked = self._own_across(subject, each) & ~found
            asked &= each.bits_across(subject, self.views) if asked else 0
            for action in self.universe.expand(asked) if asked else ():
                bit = 1 << self.universe.bit(action)
                answer = self._across(subject, action, each)
                if isinstance(answer, Found):
                    found |= bit
                elif isinstance(answer, Undetermined):
                    open_.append((bit, answer.reason))
        return found, open_

    def _of_others(self, account: str) -> tuple[ResourceDocument, ...]:
        """Return the policies of the resources that the other snapshots hold."""
        kept = self._foreign.get(account)
        if kept is None:
            others = (each for each in self.accounts if each.id != account)
            found = (each for other in others for each in self._policies_of_resources(other) or ())
            kept = self._foreign[account] = tuple(found)
        return kept

    def _letting_across(self, account: str) -> tuple[ResourceDocument, ...]:
        """Return those of them that may let in somebody of the account."""
        kept = self._letting.get(account)
        if kept is None:
            found = (each for each in self._of_others(account) if each.may_name(account))
            kept = self._letting[account] = tuple(found)
        return kept

    def _own_across(self, subject: Subject, each: ResourceDocument) -> int:
        """Return the actions that a subject's own policies may let it do on another account's resource."""
        policies = self._of_root(subject.policies) if is_root(subject) else subject.policies
        key = (id(policies), subject.arn.split(":")[1], each.owner, each.service)
        found = self._allowing_across.get(key)
        if found is None:
            self._alive.append(policies)
            rules = (rule for policy in policies.identity for rule in policy.rules if not rule.deny)
            found = together(self.views.bits(rule, key[1], each.owner).may for rule in rules)
            found &= self._on_service(each.service)
            self._allowing_across[key] = found
        return found

    def _across(self, subject: Subject, action: str, each: ResourceDocument) -> Answer:
        """Return whether a subject may do this on a resource of another account, under that one's RCPs."""
        account = self.accounts.by_id[each.owner]
        root = account.principals[0]
        controls = account.attached(root.arn).policy_set.resource_control
        key = (id(subject.policies), id(each.compiled), each.owner)
        policies = self._beside_across.get(key)
        if policies is None:
            self._alive.append((subject.policies, each.compiled))
            policies = replace(subject.policies, resource=each.compiled, resource_control=controls)
            self._beside_across[key] = policies
        of_owner = known(account, root)
        fixed: dict[str, ContextValue] = {"aws:resourceaccount": each.owner}
        for name in ("orgid", "orgpaths"):
            said = says(of_owner, f"aws:principal{name}")
            fixed[f"aws:resource{name}"] = UNKNOWN if said is None else said
        return self.solve(subject, action, within=each.arn, policies=policies, fixed=fixed, owner=each.owner)

    @staticmethod
    def _guarded_services(policies: Iterable[ResourceDocument]) -> frozenset[str]:
        return frozenset(each.service for each in policies)

    def _of_service(self, service: str) -> int:
        """Return the bits of the known actions of a service."""
        if not self.universe.knows_service(service):
            return 0
        start, count = self.universe.span(service)
        return ((1 << count - 1) - 1) << start

    def _on_service(self, service: str) -> int:
        """Return the bits of the actions of a service, those not known yet among them."""
        known_ = self._of_service(service)
        return known_ | 1 << self.universe.bit(f"{service}:?") if known_ else 0

    def _policies_of_resources(self, account: Account) -> tuple[ResourceDocument, ...] | None:
        """Return the policies of an account's resources; None when they were not read."""
        if account.id not in self._resources:
            self._resources[account.id] = documents_of(account)
        return self._resources[account.id]

    def beside(
        self,
        policies: PolicySet,
        *,
        trust: CompiledPolicy | None = None,
        resource: CompiledPolicy | None = None,
    ) -> PolicySet:
        """Return the policies with those of a resource beside them: the same object for the same ones."""
        key = (id(policies), id(trust), id(resource))
        found = self._sets.get(key)
        if found is None:
            self._alive.append((policies, trust, resource))
            found = self._sets[key] = replace(policies, trust=trust, resource=resource)
        return found

    # -- roles

    def entering(self, subject: Subject, action: str = "sts:AssumeRole") -> Iterator[tuple[str, Answer]]:
        """Give the roles whose trust policy may be about the subject, with whether it may do this on them.

        Roles on which it is impossible are left out.
        """
        yield from self._roles.entering(subject, action)

    def _find(self, arn: str) -> tuple[Account, AccountPrincipal]:
        account = self.accounts.account_of(arn)
        principal = None if account is None else account.principal(arn)
        if account is None or principal is None:
            raise KeyError(arn)
        return account, principal


def _with_calls_of_services(found: Spread, through: Spread | None = None) -> Spread:
    """Return what is reached; that a service may do more for the subject leaves that open."""
    if through is None:
        return found
    more = through.found | together(mask for mask, _ in through.doubts)
    more &= ~(found.found | together(mask for mask, _ in found.doubts))
    return msgspec.structs.replace(found, doubts=(*found.doubts, (more, THROUGH))) if more else found


def _looking_at_tags(limits: Limits) -> int:
    """Return the actions of the statements that look at tags of a resource of IAM's."""
    lives = (*limits.denies, *(live for layer in limits.allowing for view in layer for live in view.allows))
    return together(live.may for live in lives if any(key.startswith(TAGS) for key in keys_of(live.rule)))


def _by_service(policies: Iterable[ResourceDocument]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for each in policies:
        found[each.service] = (*found.get(each.service, ()), each.arn)
    return found


def _documents(policies: PolicySet) -> Iterator[CompiledPolicy]:
    yield from policies.identity
    yield from policies.session or ()
    if policies.permissions_boundary is not None:
        yield policies.permissions_boundary
    for level in (*policies.service_control, *policies.resource_control):
        yield from level


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What one subject can reach.

    - `actions`: bits of the universe, those of the actions not known yet among them, each with a request that
      is allowed (`witness`).
    - `undetermined`: further bits, each group with why nothing is sure; groups do not overlap.
    """

    actions: int
    undetermined: Doubts
    _subject: Subject = field(repr=False)
    _reacher: Reacher = field(repr=False)

    def witness(self, action: str) -> Found:
        """Return a request of an action of `actions`. Raises KeyError when it is not one."""
        found = self._reacher.witness(self._subject, action)
        if not isinstance(found, Found):
            raise KeyError(action)
        return found

    def grants(self) -> Sequence[Grant]:
        """Return on which resources and under which conditions the actions are reached."""
        return self._reacher.grants(self._subject, self.actions)


__all__ = ["Answer", "Found", "Impossible", "Reached", "Reacher", "Subject", "Undetermined"]
