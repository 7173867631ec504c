"""What an attacker comes to, by doing it: each call that is allowed is made on a copy of the account.

Nothing here knows the product's catalogue of escalations. A world is an account and the credentials that the
attacker holds. Changes that can only help (a wider policy, one more key) are made at once; those that may
also harm (to leave a group, to join one) open a further world. What is reached in any world is reached.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from proof.right.alphabet import CHAINS, HERE
from proof.right.brute import Brute, Tried, Who
from proof.right.small_accounts import ADMINISTRATOR, Document, Holder, Managed, Role, SmallAccount, User
from reference.decide import answer

_KINDS: Final = {
    "access-key": "absent",
    "session": "false",
    "session-mfa": "true",
    "console": "false",
    "console-mfa": "true",
    "role-session": "false",
}
_LAMBDA: Final = "lambda.amazonaws.com"
_ATTACKERS: Final = "attacker's"
"""A device of the attacker's own, as `User.devices` holds it."""
_MOST_WORLDS: Final = 60


class TooManyWorlds(Exception):
    """There is more to try than is worth it."""


def who(arn: str, kind: str) -> Who:
    """Return a principal with a credential of a kind."""
    return Who(arn=arn, credential=kind, mfa=_KINDS[kind])


@dataclass(kw_only=True)
class World:
    """An account as the attacker has made it, and what the attacker holds."""

    account: SmallAccount
    held: set[Who]
    passwords: set[str] = dataclasses.field(default_factory=set)
    """The users whose console password the attacker knows."""

    def copied(self) -> World:
        """Return the same, to change. Documents are shared: others take their place, none is changed."""
        account = self.account
        return World(
            account=SmallAccount(
                users={name: _copied(each) for name, each in account.users.items()},
                groups={name: _copied(each) for name, each in account.groups.items()},
                roles={name: _copied(each) for name, each in account.roles.items()},
                policies={
                    name: replace(each, versions=list(each.versions))
                    for name, each in account.policies.items()
                },
                scps=account.scps,
                resource_policies=account.resource_policies,
            ),
            held=set(self.held),
            passwords=set(self.passwords),
        )

    def mark(self) -> object:
        """Return what tells worlds apart."""
        account = self.account
        return (
            *(
                _mark(each)
                for each in (*account.users.values(), *account.groups.values(), *account.roles.values())
            ),
            *((each.default, tuple(map(id, each.versions))) for each in account.policies.values()),
            frozenset(self.held),
            frozenset(self.passwords),
        )


_Holder = TypeVar("_Holder", bound=Holder)


def _copied(holder: _Holder) -> _Holder:
    made = copy.copy(holder)
    for field in dataclasses.fields(holder):
        value = getattr(holder, field.name)
        if isinstance(value, (dict, list)) and field.name != "trust":
            setattr(made, field.name, value.copy())
    return made


def _mark(holder: Holder) -> object:
    common = (
        tuple((name, id(each)) for name, each in holder.inline.items()),
        tuple(holder.attached),
        holder.boundary,
    )
    match holder:
        case User():
            return (*common, tuple(holder.groups), holder.keys, holder.password, tuple(holder.devices))
        case Role():
            return (*common, id(holder.trust))
        case _:
            return common


class Attack:
    """One start, tried through. `sure`: only by requests that hang on nothing left open.

    `for_itself`: whether somebody may enrol a device for the start: another principal, or the start itself
    after another one took its device away. Its own first device never counts: that is no way in.
    """

    def __init__(self, start: str, *, sure: bool, for_itself: bool) -> None:
        self._start = start
        self._sure = sure
        self._for_itself = for_itself
        self._answers: dict[object, Tried | None] = {}
        self._kept: list[object] = []

    def reached(self, account: SmallAccount, kinds: Iterable[str]) -> set[str]:
        """Return every action that is reached by who holds credentials of these kinds of the start."""
        world = World(account=account, held={who(self._start, kind) for kind in kinds}).copied()
        if any(kind.startswith("console") for kind in kinds):
            world.passwords.add(self._start)
        found: set[str] = set()
        start = account.holder(self._start)
        self._had_device = isinstance(start, User) and bool(start.devices)
        waiting, seen = [world], set()
        while waiting:
            world = waiting.pop(0)
            self._widen(world)
            mark = world.mark()
            if mark in seen:
                continue
            seen.add(mark)
            if len(seen) > _MOST_WORLDS:
                raise TooManyWorlds
            self._kept.append(world)
            found |= {
                action for action in CHAINS if any(self._may(world, each, action) for each in world.held)
            }
            if len(found) == len(CHAINS):
                break
            waiting += self._others(world)
        return found

    # -- asking

    def _may(self, world: World, actor: Who, action: str, resource: str | None = None, **fixed: str) -> bool:
        account = world.account
        trusts = [each.trust for each in account.roles.values()] if action == "sts:AssumeRole" else []
        key = (
            actor,
            action,
            resource,
            *sorted(fixed.items()),
            *(
                id(each)
                for each in (*account.identity(actor.arn), None, *account.boundary(actor.arn), *trusts)
            ),
        )
        if key not in self._answers:
            self._answers[key] = Brute(account, CHAINS).best(actor, action, resource, **fixed)
        found = self._answers[key]
        return found is not None and (found.sure or not self._sure)

    def _any(self, world: World, action: str, resource: str, **fixed: str) -> bool:
        return any(self._may(world, each, action, resource, **fixed) for each in world.held)

    # -- what can only help

    def _widen(self, world: World) -> None:
        while True:
            before = world.mark()
            self._credentials(world)
            self._policies(world)
            if world.mark() == before:
                return

    def _credentials(self, world: World) -> None:
        for user in world.account.users.values():
            held = {each.credential for each in world.held if each.arn == user.arn}
            world.held |= {who(user.arn, kind) for kind in self._of_user(world, user, held)}
        for role in world.account.roles.values():
            mine = who(role.arn, "role-session")
            if mine not in world.held and (self._assumes(world, role) or self._passes(world, role)):
                world.held.add(mine)

    def _of_user(self, world: World, user: User, held: set[str]) -> set[str]:
        """Make a key and a password where there may be one more, and sign in with what there is."""
        more = "access-key" not in held and user.keys + user.inactive_keys < 2
        if more and self._any(world, "iam:CreateAccessKey", user.arn):
            user.keys += 1
            held.add("access-key")
        if user.arn not in world.passwords:
            action = "iam:UpdateLoginProfile" if user.password else "iam:CreateLoginProfile"
            if self._any(world, action, user.arn):
                user.password = True
                world.passwords.add(user.arn)
        if "access-key" in held:
            held.add("session")  # GetSessionToken is free
        if "access-key" in held and _ATTACKERS in user.devices:
            held.add("session-mfa")
        if user.arn in world.passwords and not user.devices:
            held.add("console")
        if user.arn in world.passwords and _ATTACKERS in user.devices:
            held.add("console-mfa")
        return held

    def _assumes(self, world: World, role: Role) -> bool:
        # Who writes a trust policy can name an AWS account of its own there.
        return role.trust is _whoever(world.account) or self._any(world, "sts:AssumeRole", role.arn)

    def _passes(self, world: World, role: Role) -> bool:
        """A function that runs with the role: one principal passes the role and makes the function."""
        if not self._is_trusted(role):
            return False
        makers = [
            each
            for each in world.held
            if self._may(world, each, "iam:PassRole", role.arn, **{"iam:PassedToService": _LAMBDA})
            and self._may(world, each, "lambda:CreateFunction")
        ]
        return bool(makers) and any(self._may(world, each, "lambda:InvokeFunction") for each in world.held)

    def _is_trusted(self, role: Role) -> bool:
        case = {
            "principal": _LAMBDA,
            "credential": "service",
            "action": "sts:AssumeRole",
            "resource": role.arn,
            "trust_policy": role.trust,
        }
        return answer(case, _no_file) == "allowed"

    def _policies(self, world: World) -> None:
        account = world.account
        for holder, kind in _holders(account):
            attach = f"iam:Attach{kind}Policy", f"iam:Put{kind}Policy"
            if not holder.inline.get("widened") and any(
                self._any(world, each, holder.arn) for each in attach
            ):
                holder.inline["widened"] = ADMINISTRATOR
            if self._any(world, attach[1], holder.arn):
                # A policy that is put under a name that is there takes its place.
                holder.inline = dict.fromkeys(holder.inline, ADMINISTRATOR)
        for policy in account.policies.values():
            if self._any(world, "iam:CreatePolicyVersion", policy.arn):
                policy.versions[policy.default] = ADMINISTRATOR
        for role in account.roles.values():
            if role.trust is not _whoever(account) and self._any(
                world, "iam:UpdateAssumeRolePolicy", role.arn
            ):
                role.trust = _whoever(account)
        for user in account.users.values():
            if user.boundary and self._any(world, "iam:DeleteUserPermissionsBoundary", user.arn):
                user.boundary = None

    # -- what may also harm

    def _others(self, world: World) -> Iterator[World]:
        for user in world.account.users.values():
            yield from self._other_memberships(world, user)
            yield from self._other_devices(world, user)
            for name in user.attached:
                if self._any(world, "iam:DetachUserPolicy", user.arn):
                    changed = world.copied()
                    changed.account.users[user.name].attached.remove(name)
                    yield changed
            for name, document in user.inline.items():
                if document is not ADMINISTRATOR and self._any(world, "iam:DeleteUserPolicy", user.arn):
                    changed = world.copied()
                    del changed.account.users[user.name].inline[name]
                    yield changed
        for policy in world.account.policies.values():
            for at in range(len(policy.versions)):
                if at != policy.default and self._any(world, "iam:SetDefaultPolicyVersion", policy.arn):
                    changed = world.copied()
                    changed.account.policies[policy.name].default = at
                    yield changed

    def _other_memberships(self, world: World, user: User) -> Iterator[World]:
        for group in world.account.groups.values():
            member = group.name in user.groups
            action = "iam:RemoveUserFromGroup" if member else "iam:AddUserToGroup"
            if self._any(world, action, group.arn):
                changed = world.copied()
                groups = changed.account.users[user.name].groups
                if member:
                    groups.remove(group.name)
                else:
                    groups.append(group.name)
                yield changed

    def _other_devices(self, world: World, user: User) -> Iterator[World]:
        """Take devices away, or enrol one of the attacker's.

        A user who has a device needs MFA for both on itself, whatever the policies say.
        Source: AWS-2023-001.
        """
        others = [
            each for each in world.held if each.arn != user.arn or each.mfa == "true" or not user.devices
        ]
        if user.devices and any(
            self._may(world, each, "iam:DeactivateMFADevice", user.arn) for each in others
        ):
            changed = world.copied()
            changed.account.users[user.name].devices = []
            yield changed
        if user.arn == self._start:
            own = self._for_itself and self._had_device
            others = [each for each in others if self._for_itself and (own or each.arn != user.arn)]
        if (
            _ATTACKERS not in user.devices
            and any(self._may(world, each, "iam:EnableMFADevice", user.arn) for each in others)
            and any(self._may(world, each, "iam:CreateVirtualMFADevice") for each in world.held)
        ):
            changed = world.copied()
            changed.account.users[user.name].devices.append(_ATTACKERS)
            yield changed


def _no_file(path: str) -> str:
    raise FileNotFoundError(path)


def _holders(account: SmallAccount) -> list[tuple[Holder, str]]:
    return [
        *((each, "User") for each in account.users.values()),
        *((each, "Group") for each in account.groups.values()),
        *((each, "Role") for each in account.roles.values()),
    ]


_TRUSTS: dict[tuple[str, ...], Document] = {}


def _whoever(account: SmallAccount) -> Document:
    """A trust policy that names every principal of the account, and every session, and the service."""
    users = tuple(each.arn for each in account.users.values())
    roles = tuple(each.arn for each in account.roles.values())
    sessions = tuple(f"arn:aws:sts::{HERE}:assumed-role/{name}/watchword" for name in account.roles)
    names = (*users, *roles, *sessions)
    if names not in _TRUSTS:
        named = {"AWS": list(names), "Service": _LAMBDA}
        statement = {"Effect": "Allow", "Principal": named, "Action": "sts:AssumeRole"}
        _TRUSTS[names] = {"Version": "2012-10-17", "Statement": [statement]}
    return _TRUSTS[names]


__all__ = ["Attack", "Managed", "TooManyWorlds", "World", "who"]
