"""What an attacker can change about the policies of a user or role, and what is in force afterwards."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from watchword.iam import (
    CompiledPolicy,
    PolicyKind,
    PolicySet,
    PolicySyntaxError,
    compile_policy,
    parse_policy,
)

if TYPE_CHECKING:
    from watchword.account.model import Account, AccountPrincipal, InForce
    from watchword.account.snapshot import Group

ANYTHING: Final = compile_policy(
    parse_policy(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
        name="a policy of the attacker's",
        kind=PolicyKind.IDENTITY,
    )
)
"""What somebody writes who may write a policy."""


class ChangeKind(enum.Enum):
    """What is changed. `owner` and `what` of a `Change` are the ARNs and names said here."""

    WRITTEN = enum.auto()
    """owner: a user, group or role that has one more policy, which says anything."""
    OVERWRITTEN = enum.auto()
    """owner: as above; what: its inline policy that says anything now."""
    ATTACHED = enum.auto()
    """owner: as above; what: the managed policy that it has now."""
    DETACHED = enum.auto()
    DELETED = enum.auto()
    """owner: as above; what: the inline policy that is gone."""
    REWRITTEN = enum.auto()
    """owner: the managed policy that says anything now."""
    VERSION = enum.auto()
    """owner: the managed policy; what: the version that is the default now."""
    JOINED = enum.auto()
    """owner: the group that a user is in now."""
    LEFT = enum.auto()
    UNBOUND = enum.auto()
    """owner: the user or role whose boundary is gone, or bounds nothing."""
    TAGGED = enum.auto()
    """owner: the user or role; what: `name=value`, the name of a tag that is gone, or `ANY_TAGS`; of
    `all_of` an account, whose users and roles have any tags."""
    NAMED = enum.auto()
    """owner: the role; what: what the session is called."""
    BOUND = enum.auto()
    """owner: the user or role; what: the managed policy that is its boundary now."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change. Several can be made of one principal's policies, in any order."""

    kind: ChangeKind
    owner: str
    what: str = ""


Changes: TypeAlias = frozenset[Change]
GUISES: Final = frozenset({ChangeKind.TAGGED, ChangeKind.NAMED})
"""Changes of what somebody looks like, and of no policy."""
ANY_TAGS: Final = "*"


def all_of(account: Account) -> str:
    """Return the owner of a change of all users and roles of an account."""
    return f"arn:{account.partition}:iam::{account.id}:*"


def changed(account: Account, principal: AccountPrincipal, changes: Changes) -> PolicySet:
    """Return what is in force for a principal after these changes; equal policies are one object."""
    attached = account.attached(principal.arn)
    in_force: list[InForce | CompiledPolicy] = list(attached.identity)
    groups = [each.owner for each in changes if each.kind is ChangeKind.JOINED]
    for arn in sorted(groups):
        in_force += group_policies(account, arn)
    boundary = None if attached.boundary is None else attached.boundary.compiled
    bound_by = None if attached.boundary is None else attached.boundary.arn
    for change in sorted(changes, key=_order):
        in_force = list(_after(account, in_force, change, principal, groups))
        match change.kind:
            case ChangeKind.UNBOUND if change.owner == principal.arn:
                boundary, bound_by = None, None
            case ChangeKind.BOUND if change.owner == principal.arn:
                boundary, bound_by = managed(account, change.what), change.what
            case ChangeKind.REWRITTEN if change.owner == bound_by:
                boundary = ANYTHING
            case ChangeKind.VERSION if change.owner == bound_by:
                boundary = version(account, change.owner, change.what)
            case _:
                pass
    original = attached.policy_set
    return account.library.policy_set(
        tuple(each if isinstance(each, CompiledPolicy) else each.compiled for each in in_force),
        boundary=boundary,
        service_control=original.service_control,
        resource_control=original.resource_control,
    )


def _order(change: Change) -> tuple[int, str, str]:
    """Policies that are rewritten come last: one that was attached before is rewritten too."""
    return change.kind in {ChangeKind.REWRITTEN, ChangeKind.VERSION}, change.owner, change.what


def _after(
    account: Account,
    in_force: Iterable[InForce | CompiledPolicy],
    change: Change,
    principal: AccountPrincipal,
    joined: Iterable[str],
) -> Iterator[InForce | CompiledPolicy]:
    """Give the identity policies after one change."""
    for each in in_force:
        if isinstance(each, CompiledPolicy) or not _is_gone(each, change):
            yield each
        elif change.kind is ChangeKind.REWRITTEN:
            yield ANYTHING
        elif change.kind is ChangeKind.VERSION:
            yield from _present(version(account, change.owner, change.what))
    if concerns(account, principal, change.owner) or change.owner in joined:
        if change.kind in {ChangeKind.WRITTEN, ChangeKind.OVERWRITTEN}:
            yield ANYTHING
        elif change.kind is ChangeKind.ATTACHED:
            yield from _present(managed(account, change.what))


def _is_gone(policy: InForce, change: Change) -> bool:
    match change.kind:
        case ChangeKind.DETACHED:
            return policy.owner == change.owner and policy.arn == change.what
        case ChangeKind.DELETED | ChangeKind.OVERWRITTEN:
            return policy.owner == change.owner and policy.arn is None and policy.name == change.what
        case ChangeKind.LEFT:
            return policy.owner == change.owner
        case ChangeKind.REWRITTEN | ChangeKind.VERSION:
            return policy.arn == change.owner
        case _:
            return False


def _present(policy: CompiledPolicy | None) -> Iterator[CompiledPolicy]:
    if policy is not None:
        yield policy


# -- whom a change concerns


def concerns(account: Account, principal: AccountPrincipal, owner: str) -> bool:
    """Whether an owner of policies is the principal or one of its groups."""
    return owner == principal.arn or owner in groups_of(account, principal)


def groups_of(account: Account, principal: AccountPrincipal) -> dict[str, Group]:
    """Return the groups of a user by their ARN; none for others."""
    names = getattr(principal.entry, "groups", ())
    if not names:
        return {}
    return {group.arn: group for group in account.snapshot.groups if group.name in names}


def has_effect(account: Account, principal: AccountPrincipal, change: Change, made: Changes) -> bool:
    """Whether a change, made after others, can change what is in force for a principal."""
    match change.kind:
        case ChangeKind.JOINED:
            return hasattr(principal.entry, "groups") and change.owner not in groups_of(account, principal)
        case ChangeKind.LEFT:
            return change.owner in groups_of(account, principal)
        case ChangeKind.TAGGED:
            return change.owner in {principal.arn, all_of(account)}
        case ChangeKind.NAMED:
            return change.owner == principal.arn
        case ChangeKind.REWRITTEN | ChangeKind.VERSION:
            return change.owner in managed_of(account, principal, made)
        case _:
            joined = {each.owner for each in made if each.kind is ChangeKind.JOINED}
            return change.owner in joined or concerns(account, principal, change.owner)


def managed_of(account: Account, principal: AccountPrincipal, made: Changes = frozenset()) -> set[str]:
    """Return the ARNs of the managed policies in force for a principal, its boundary's among them."""
    attached = account.attached(principal.arn)
    found = {each.arn for each in attached.identity if each.arn is not None}
    if attached.boundary is not None and attached.boundary.arn is not None:
        found.add(attached.boundary.arn)
    for change in made:
        if change.kind in {ChangeKind.ATTACHED, ChangeKind.BOUND}:
            found.add(change.what)
        elif change.kind is ChangeKind.JOINED:
            group = next(each for each in account.snapshot.groups if each.arn == change.owner)
            found.update(group.attached)
    return found


def denies(policy: CompiledPolicy) -> bool:
    """Whether a policy denies anything."""
    return any(rule.deny for rule in policy.rules)


def allows(policy: CompiledPolicy) -> bool:
    """Whether a policy allows anything."""
    return any(not rule.deny for rule in policy.rules)


# -- documents


def managed(account: Account, arn: str) -> CompiledPolicy | None:
    """Return a managed policy as it is; None when the snapshot lacks it or it cannot be read."""
    text = account.document_of(arn)
    return None if text is None else _compiled(account, text, arn.rpartition("/")[2])


def version(account: Account, arn: str, version_id: str) -> CompiledPolicy | None:
    """Return another version of a managed policy."""
    policy = account.policy(arn)
    texts = [] if policy is None else [each.document for each in policy.versions if each.id == version_id]
    return _compiled(account, texts[0], f"{arn.rpartition('/')[2]} ({version_id})") if texts else None


def group_policies(account: Account, arn: str) -> list[CompiledPolicy]:
    """Return what a group brings to whoever is in it."""
    group = next((each for each in account.snapshot.groups if each.arn == arn), None)
    if group is None:
        return []
    inline = (
        _compiled(account, each.document, f"{each.name} (inline of group {group.name})")
        for each in group.inline
    )
    attached = (managed(account, each) for each in group.attached)
    return [each for each in (*inline, *attached) if each is not None]


def _compiled(account: Account, text: str, name: str) -> CompiledPolicy | None:
    found = account.library.compiled(text, name=name, kind=PolicyKind.IDENTITY)
    return None if isinstance(found, PolicySyntaxError) else found
