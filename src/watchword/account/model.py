"""The account as it is: who there is, and which policies are in force for each.

Nothing is parsed before it is asked for, and what is the same is one object: an account has thousands of
principals and a few dozen different sets of policies.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from watchword.account.library import Library
from watchword.account.snapshot import Role, User
from watchword.iam import (
    CompiledPolicy,
    PolicyKind,
    PolicySet,
    PolicySyntaxError,
    Principal,
    PrincipalKind,
)

if TYPE_CHECKING:
    from watchword.account.snapshot import (
        ControlPolicy,
        Group,
        InlinePolicy,
        Level,
        ManagedPolicy,
        Snapshot,
    )

ATTACHED = "attached"
INLINE = "inline"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InForce:
    """One policy in force for somebody.

    - `name`: as people are shown it, and as the engine's `StatementRef.policy` calls it: no two different
      policies of one principal have the same.
    - `arn`: of a managed policy or an SCP; None for an inline policy and a trust policy.
    - `route`: how it comes to be in force: `attached`, `inline`, `group NAME` (attached to the group),
      `group NAME, inline`, `boundary`, `trust`, and `root r-…`, `ou NAME`, `account` for an SCP.
    - `owner`: the ARN of the user, group or role (the ID of the unit) that it hangs on.
    - `text`: the document as AWS returned it; lines and columns count in this.
    """

    name: str
    arn: str | None
    route: str
    owner: str
    text: str
    compiled: CompiledPolicy


ControlLevels: TypeAlias = tuple[tuple[InForce, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attached:
    """All policies that are in force for one principal, before it assumes anything.

    - `service_control`, `resource_control`: level by level, the organization's root first, the account last;
      `()` for the management account, outside of an organization, and where they were not read
      (`Account.assumptions` says which).
    - `trust`: of a role.
    - `problems`: policies that should be in force and could not be read: what hangs on them is undetermined.
    - `policy_set`: the same without the trust policy, for the engine. One object for equal policies.
    """

    identity: tuple[InForce, ...]
    boundary: InForce | None
    service_control: ControlLevels
    resource_control: ControlLevels
    trust: InForce | None
    problems: tuple[str, ...]
    policy_set: PolicySet

    def each(self) -> Iterator[InForce]:
        """Give every policy in force."""
        yield from self.identity
        for one in (self.boundary, self.trust):
            if one is not None:
                yield one
        for level in (*self.service_control, *self.resource_control):
            yield from level

    def named(self, name: str) -> InForce | None:
        """Return the policy that a `StatementRef.policy` names, the shortest route to it first."""
        return next((each for each in self.each() if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccountPrincipal:
    """Root, a user or a role of the account; `kind` is `ROOT`, `USER` or `ROLE`.

    `entry` is what the snapshot holds of it; None for root.
    """

    arn: str
    account: str
    kind: PrincipalKind
    name: str
    path: str
    unique_id: str | None
    tags: Mapping[str, str]
    entry: User | Role | None = field(repr=False)

    @property
    def principal(self) -> Principal:
        """Return it as the engine wants it."""
        return Principal(arn=self.arn, account=self.account, kind=self.kind, unique_id=self.unique_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What is taken to be so because the snapshot does not say it. It goes into the result."""

    name: str
    value: str
    why: str


class Account:
    """One account. Make it with `Account.of`."""

    def __init__(self, snapshot: Snapshot, library: Library) -> None:
        self.snapshot = snapshot
        self.library = library
        self._attached: dict[str, Attached] = {}
        self._admitted: dict[str, AccountPrincipal] = {}

    @classmethod
    def of(cls, snapshot: Snapshot, *, library: Library | None = None) -> Account:
        """Return the account of a snapshot; accounts that share a `library` share its policies."""
        return cls(snapshot, library or Library())

    def rewritten(
        self, snapshot: Snapshot, *, concerned: frozenset[str], entry: str | None = None
    ) -> Account:
        """Return the account with another snapshot in which a document says something else.

        What is known of all but those whom it is in force for, `concerned`, is kept. `entry`: the ARN of the
        user or role that the document is part of.
        """
        found = copy.copy(self)
        found.take(snapshot, concerned, None if entry is None else self._by_arn[entry])
        return found

    def take(self, snapshot: Snapshot, concerned: frozenset[str], principal: AccountPrincipal | None) -> None:
        """Go on with another snapshot, and let go of what hangs on what it says of these."""
        self.snapshot = snapshot
        self._attached = self._attached.copy()
        for arn in concerned:
            self._attached.pop(arn, None)
        kept = vars(self)
        for name in ("_policies", "_groups", "_group_policies"):
            kept.pop(name, None)
        if principal is not None:
            kept.pop("principals", None)
            entries = snapshot.users if principal.kind is PrincipalKind.USER else snapshot.roles
            entry = next(each for each in entries if each.arn == principal.arn)
            kept["_by_arn"] = {**self._by_arn, principal.arn: self._entry(entry, principal.kind)}

    def concerned(self, arn: str) -> frozenset[str]:
        """Return for whom a policy may be in force: a managed one, or one of a group, a user or a role."""
        if arn in self._by_arn:
            return frozenset((arn,))
        return self.having(arn).union(self._admitted)

    def having(self, arn: str) -> frozenset[str]:
        """Return who has a managed policy, as its boundary too, or is in a group."""
        return self._having.get(arn, frozenset())

    @functools.cached_property
    def _having(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for principal in self._by_arn.values():
            if principal.entry is not None:
                for arn in self._brought(principal.entry):
                    found.setdefault(arn, set()).add(principal.arn)
        return {arn: frozenset(each) for arn, each in found.items()}

    def _brought(self, entry: User | Role) -> Iterator[str]:
        yield from entry.attached
        if entry.boundary is not None:
            yield entry.boundary
        for name in getattr(entry, "groups", ()):
            group = self._groups.get(name)
            if group is not None:
                yield group.arn
                yield from group.attached

    @property
    def id(self) -> str:
        """Twelve digits."""
        return self.snapshot.account_id

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn`, `aws-us-gov`, …."""
        return self.snapshot.partition

    @functools.cached_property
    def assumptions(self) -> tuple[Assumed, ...]:
        """What is taken to be so where the snapshot is silent, and the answers depend on it."""
        if self.snapshot.is_read("organization"):
            return ()
        return (
            Assumed(
                name="organization",
                value="no SCP and no RCP applies",
                why=(
                    "the snapshot does not hold all that the organization says of the account; what it says"
                    " can only take away, so what is reachable is at most what is told here"
                ),
            ),
        )

    # -- who there is

    @functools.cached_property
    def principals(self) -> tuple[AccountPrincipal, ...]:
        """Root first, then users, then roles, in the order of the snapshot."""
        return tuple(self._by_arn.values())

    def principal(self, arn: str) -> AccountPrincipal | None:
        """Return the principal of an ARN; None when the account has none of it."""
        return self._by_arn.get(arn) or self._admitted.get(arn)

    def admit(self, entry: User | Role, kind: PrincipalKind) -> AccountPrincipal:
        """Know somebody by the ARN who may come to be: `principals` does not hold them."""
        found = self._admitted.get(entry.arn)
        if found is None:
            found = self._admitted[entry.arn] = self._entry(entry, kind)
        return found

    def is_admitted(self, arn: str) -> bool:
        """Whether somebody is known who is not there, but may come to be."""
        return arn in self._admitted

    @functools.cached_property
    def _by_arn(self) -> dict[str, AccountPrincipal]:
        found = [self._root()]
        found += [self._entry(user, PrincipalKind.USER) for user in self.snapshot.users]
        found += [self._entry(role, PrincipalKind.ROLE) for role in self.snapshot.roles]
        return {each.arn: each for each in found}

    def _root(self) -> AccountPrincipal:
        return AccountPrincipal(
            arn=f"arn:{self.partition}:iam::{self.id}:root",
            account=self.id,
            kind=PrincipalKind.ROOT,
            name="root",
            path="",
            unique_id=self.id,
            tags={},
            entry=None,
        )

    def _entry(self, entry: User | Role, kind: PrincipalKind) -> AccountPrincipal:
        return AccountPrincipal(
            arn=entry.arn,
            account=self.id,
            kind=kind,
            name=entry.name,
            path=entry.path,
            unique_id=entry.id or None,
            tags=entry.tags,
            entry=entry,
        )

    # -- what is in force

    def attached(self, arn: str) -> Attached:
        """Return what is in force for a principal of the account; raise KeyError when there is none."""
        found = self._attached.get(arn)
        if found is None:
            found = self._attached[arn] = self._put_together(self._by_arn.get(arn) or self._admitted[arn])
        return found

    def _put_together(self, principal: AccountPrincipal) -> Attached:
        problems: list[str] = []
        identity: list[InForce] = []
        boundary = trust = None
        entry = principal.entry
        if entry is not None:
            identity += self._inline(entry.inline, entry.arn, problems)
            identity += self._managed(entry.attached, ATTACHED, entry.arn, problems)
            if entry.boundary is not None:
                boundary = next(iter(self._managed((entry.boundary,), "boundary", entry.arn, problems)), None)
        if isinstance(entry, User):
            identity += self._through_groups(entry.groups, problems)
        if isinstance(entry, Role):
            trust = self._trust(entry, problems)
        controls, limits, wrong = self._control
        return Attached(
            identity=tuple(identity),
            boundary=boundary,
            service_control=controls,
            resource_control=limits,
            trust=trust,
            problems=(*problems, *wrong),
            policy_set=self.library.policy_set(
                tuple(each.compiled for each in identity),
                boundary=None if boundary is None else boundary.compiled,
                service_control=_compiled(controls),
                resource_control=_compiled(limits),
            ),
        )

    def _inline(
        self, policies: Iterable[InlinePolicy], owner: str, problems: list[str], *, group: str | None = None
    ) -> Iterator[InForce]:
        for policy in policies:
            name = f"{policy.name} (inline)" if group is None else f"{policy.name} (inline of group {group})"
            found = self._read(
                policy.document,
                name=name,
                kind=PolicyKind.IDENTITY,
                arn=None,
                route=INLINE if group is None else f"group {group}, inline",
                owner=owner,
                problems=problems,
            )
            if found is not None:
                yield found

    def _managed(self, arns: Iterable[str], route: str, owner: str, problems: list[str]) -> Iterator[InForce]:
        for arn in arns:
            text = self.document_of(arn)
            if text is None:
                problems.append(f"the snapshot does not hold the document of `{arn}`")
                continue
            found = self._read(
                text,
                name=self._names[arn],
                kind=PolicyKind.IDENTITY,
                arn=arn,
                route=route,
                owner=owner,
                problems=problems,
            )
            if found is not None:
                yield found

    def _through_groups(self, names: Iterable[str], problems: list[str]) -> Iterator[InForce]:
        for name in dict.fromkeys(names):
            group = self._groups.get(name)
            if group is None:
                problems.append(f"the snapshot does not hold the group `{name}`")
                continue
            found, wrong = self._of_group(group)
            problems += wrong
            yield from found

    def _of_group(self, group: Group) -> tuple[tuple[InForce, ...], tuple[str, ...]]:
        """Return what a group brings to its members, which is the same for all of them."""
        found = self._group_policies.get(group.name)
        if found is None:
            wrong: list[str] = []
            brought = (
                *self._inline(group.inline, group.arn, wrong, group=group.name),
                *self._managed(group.attached, f"group {group.name}", group.arn, wrong),
            )
            found = self._group_policies[group.name] = brought, tuple(wrong)
        return found

    def _trust(self, role: Role, problems: list[str]) -> InForce | None:
        return self._read(
            role.trust,
            name="trust policy",
            kind=PolicyKind.TRUST,
            arn=None,
            route="trust",
            owner=role.arn,
            problems=problems,
        )

    def _read(
        self,
        text: str,
        *,
        name: str,
        kind: PolicyKind,
        arn: str | None,
        route: str,
        owner: str,
        problems: list[str],
    ) -> InForce | None:
        compiled = self.library.compiled(text, name=name, kind=kind)
        if isinstance(compiled, PolicySyntaxError):
            problems.append(compiled.message)
            return None
        return InForce(name=name, arn=arn, route=route, owner=owner, text=text, compiled=compiled)

    @functools.cached_property
    def _groups(self) -> dict[str, Group]:
        return {group.name: group for group in self.snapshot.groups}

    @functools.cached_property
    def _group_policies(self) -> dict[str, tuple[tuple[InForce, ...], tuple[str, ...]]]:
        return {}

    @functools.cached_property
    def _policies(self) -> dict[str, ManagedPolicy]:
        return {policy.arn: policy for policy in self.snapshot.policies}

    @functools.cached_property
    def _names(self) -> dict[str, str]:
        """What each managed policy is called: by its name, or by its ARN where another has the same."""
        owners: dict[str, str] = {}
        for policy in self.snapshot.policies:
            if owners.setdefault(policy.name, policy.arn) != policy.arn and ":aws:policy/" in policy.arn:
                owners[policy.name] = policy.arn
        return {
            policy.arn: policy.name if owners[policy.name] == policy.arn else policy.arn
            for policy in self.snapshot.policies
        }

    def policy(self, arn: str) -> ManagedPolicy | None:
        """Return a managed policy by its ARN."""
        return self._policies.get(arn)

    def document_of(self, arn: str) -> str | None:
        """Return the text of a managed policy's default version; None when the snapshot lacks it."""
        policy = self._policies.get(arn)
        if policy is None:
            return None
        return next((each.document for each in policy.versions if each.id == policy.default_version), None)

    # -- the organization

    @functools.cached_property
    def _control(self) -> tuple[ControlLevels, ControlLevels, tuple[str, ...]]:
        """Return SCPs and RCPs by level, and what is wrong with them.

        Source: AWS Organizations User Guide, orgs_manage_policies_scps and …_rcps: neither binds the
        management account.
        """
        organization = self.snapshot.organization
        if organization is None or organization.management_account == self.id:
            return (), (), ()
        problems: list[str] = []
        path = organization.path or ()
        controls = self._levels(path, PolicyKind.SERVICE_CONTROL, problems)
        limits = self._levels(path, PolicyKind.RESOURCE_CONTROL, problems)
        return controls, limits, tuple(problems)

    def _levels(self, path: Iterable[Level], kind: PolicyKind, problems: list[str]) -> ControlLevels:
        """Return the levels that have policies.

        While SCPs are in use every level has one: where there is none, they are not in use (or were not
        read, and then `assumptions` says so).

        Source: AWS Organizations User Guide, orgs_policies_detach: the last one cannot be detached.
        """
        found = []
        for level in path:
            policies = level.scps if kind is PolicyKind.SERVICE_CONTROL else level.rcps
            route = "account" if level.kind == "account" else f"{level.kind} {level.name or level.id}"
            if policies:
                found.append(tuple(self._control_policies(policies, kind, route, level.id, problems)))
        return tuple(found)

    def _control_policies(
        self, policies: Iterable[ControlPolicy], kind: PolicyKind, route: str, owner: str, problems: list[str]
    ) -> Iterator[InForce]:
        for policy in policies:
            found = self._read(
                policy.document,
                name=f"{policy.name} ({kind.value.upper()})",
                kind=kind,
                arn=policy.arn,
                route=route,
                owner=owner,
                problems=problems,
            )
            if found is not None:
                yield found


def _compiled(levels: ControlLevels) -> tuple[tuple[CompiledPolicy, ...], ...]:
    return tuple(tuple(each.compiled for each in level) for level in levels)
