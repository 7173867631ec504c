"""How two snapshots of an account differ, in the words of policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import msgspec

from watchword.account.difference import (
    AccountDiff,
    Change,
    Compared,
    Difference,
    Kind,
    NotCompared,
    Side,
)
from watchword.account.errors import OtherAccount
from watchword.account.library import Library
from watchword.account.policy_diff import policy_differences, sets
from watchword.account.snapshot import ROOT_USER, Group, ManagedPolicy, Role, Snapshot, User
from watchword.iam import PolicyKind

if TYPE_CHECKING:
    from watchword.account.snapshot import ControlPolicy, InlinePolicy, Level

_OPTIONAL: Final = {
    "login_profiles": "passwords",
    "access_keys": "access keys",
    "mfa_devices": "devices",
    "password_policy": "the password policy",
    "organization": "the organization's policies",
    "resource_policies": "the policies of resources",
}
_AWS_OWN: Final = ":iam::aws:policy/"


class _Identified(Protocol):
    @property
    def arn(self) -> str: ...
    @property
    def id(self) -> str: ...


_Thing = TypeVar("_Thing", bound=_Identified)


def compare(
    before: Snapshot, after: Snapshot, *, names: tuple[str, str] = ("before", "after")
) -> AccountDiff:
    """Return how the later snapshot differs from the earlier one; `names` is what each is called.

    What one of them did not read is not compared, and the answer says so. Of AWS's own managed policies only
    a new text is told: which of them a snapshot holds follows from where they are attached.

    Raises `OtherAccount` when they are of two accounts.
    """
    if before.account_id != after.account_id:
        raise OtherAccount(names[0], before.account_id, names[1], after.account_id)
    return AccountDiff(
        account_id=after.account_id,
        before=Side(name=names[0], taken_at=before.taken_at),
        after=Side(name=names[1], taken_at=after.taken_at),
        changed=tuple(_Comparison(before, after).all()),
        not_compared=tuple(_not_compared(before, after, names)),
    )


def _not_compared(before: Snapshot, after: Snapshot, names: tuple[str, str]) -> Iterator[NotCompared]:
    for field, words in _OPTIONAL.items():
        missing = [
            name
            for name, snapshot in zip(names, (before, after), strict=True)
            if getattr(snapshot, field) is None
        ]
        if missing:
            yield NotCompared(what=words, missing_in=tuple(missing))
        for one in sorted({_of(each.of) for each in (*before.unread, *after.unread) if each.what == field}):
            partly = [
                name
                for name, snapshot in zip(names, (before, after), strict=True)
                if any(each.what == field and _of(each.of) == one for each in snapshot.unread)
            ]
            if not missing and partly:
                yield NotCompared(what=f"{words} of {one}" if one else words, missing_in=tuple(partly))


def _of(name: str | None) -> str:
    return name or ""


class _Comparison:
    """Two snapshots, and the policies in both read once."""

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self.before = before
        self.after = after
        self.library = Library()

    def all(self) -> Iterator[Compared]:
        yield from self._account()
        yield from self._levels()
        yield from self._root()
        yield from self._users()
        yield from self._groups()
        yield from self._roles()
        yield from self._policies()
        yield from self._resources()

    # -- the account, its organization, root

    def _account(self) -> Iterator[Compared]:
        found = list(_value("alias", self.before.alias, self.after.alias))
        first, second = self.before.password_policy, self.after.password_policy
        if first is not None and second is not None:
            earlier, later = msgspec.to_builtins(first), msgspec.to_builtins(second)
            for name in later:
                words = f"password policy: {name.replace('_', ' ')}"
                found += _value(words, _told(earlier[name]), _told(later[name]))
        yield from self._compared(Kind.ACCOUNT, self.after.account_id, None, found)

    def _levels(self) -> Iterator[Compared]:
        first, second = self.before.organization, self.after.organization
        if first is None or second is None:
            return
        found = list(_value("organization", first.id, second.id))
        if first.path is not None and second.path is not None:
            found += _value("place", _place(first.path), _place(second.path))
            earlier, later = ({level.id: level for level in path} for path in (first.path, second.path))
            for ident in (*later, *(each for each in earlier if each not in later)):
                found += self._level(earlier.get(ident), later.get(ident))
        yield from self._compared(Kind.ORGANIZATION, second.id or first.id or "none", None, found)

    def _level(self, before: Level | None, after: Level | None) -> Iterator[Difference]:
        level = after or before
        if level is None:
            return
        for what, kind in (("SCP", PolicyKind.SERVICE_CONTROL), ("RCP", PolicyKind.RESOURCE_CONTROL)):
            field = "scps" if kind is PolicyKind.SERVICE_CONTROL else "rcps"
            earlier = _control(before, field)
            later = _control(after, field)
            where = f"{what} of {level.kind} {level.name or level.id}"
            yield from self._documents(
                where,
                {each.name: each.document for each in earlier},
                {each.name: each.document for each in later},
                kind,
            )

    def _root(self) -> Iterator[Compared]:
        found = [*self._devices(ROOT_USER), *self._root_key()]
        arn = f"arn:{self.after.partition}:iam::{self.after.account_id}:root"
        yield from self._compared(Kind.ROOT, "root", arn, found)

    def _root_key(self) -> Iterator[Difference]:
        rows = [_root_row(each) for each in (self.before, self.after)]
        for number in ("1", "2"):
            field = f"access_key_{number}_active"
            first, second = (None if row is None else row.get(field) for row in rows)
            if first is not None and second is not None and first != second:
                change = Change.ADDED if second == "true" else Change.REMOVED
                yield Difference(what="access key", change=change, name=f"number {number}")

    # -- users, groups, roles

    def _users(self) -> Iterator[Compared]:
        for first, second, one in _matched(self.before.users, self.after.users):
            found = [
                *_identity(first, second),
                *sets("group", first.groups if first else (), second.groups if second else ()),
                *self._own(first, second),
                *self._boundary(first, second),
                *_tags(first, second),
                *self._credentials(first, second),
            ]
            yield from self._compared(Kind.USER, one.name, one.arn, found, (first, second))

    def _groups(self) -> Iterator[Compared]:
        for first, second, one in _matched(self.before.groups, self.after.groups):
            found = [*_identity(first, second), *self._own(first, second)]
            yield from self._compared(Kind.GROUP, one.name, one.arn, found, (first, second))

    def _roles(self) -> Iterator[Compared]:
        for first, second, one in _matched(self.before.roles, self.after.roles):
            found = [*_identity(first, second), *self._trust(first, second), *self._own(first, second)]
            found += [*self._boundary(first, second), *_tags(first, second)]
            found += sets(
                "instance profile",
                first.instance_profiles if first else (),
                second.instance_profiles if second else (),
            )
            if first and second and None not in (first.max_session_seconds, second.max_session_seconds):
                found += _value(
                    "longest session",
                    f"{first.max_session_seconds} s",
                    f"{second.max_session_seconds} s",
                )
            yield from self._compared(Kind.ROLE, one.name, one.arn, found, (first, second))

    def _trust(self, first: Role | None, second: Role | None) -> Iterator[Difference]:
        yield from self._document(
            "trust policy",
            None,
            first.trust if first else None,
            second.trust if second else None,
            PolicyKind.TRUST,
        )

    def _own(
        self, first: User | Group | Role | None, second: User | Group | Role | None
    ) -> Iterator[Difference]:
        yield from sets("attached policy", first.attached if first else (), second.attached if second else ())
        yield from self._documents(
            "inline policy",
            _by_name(first.inline if first else ()),
            _by_name(second.inline if second else ()),
            PolicyKind.IDENTITY,
        )

    def _boundary(self, first: User | Role | None, second: User | Role | None) -> Iterator[Difference]:
        yield from _value(
            "permissions boundary", first.boundary if first else None, second.boundary if second else None
        )

    def _credentials(self, first: User | None, second: User | None) -> Iterator[Difference]:
        """Compare what can sign in; of a user that is new, or gone, all of it.

        The name is what the lists know a user by.
        """
        earlier, later = first.name if first else "", second.name if second else ""
        yield from self._keys(earlier, later)
        if self._both_read("login_profiles", earlier, later):
            had = [each for each in self.before.login_profiles or () if each.user == earlier]
            has = [each for each in self.after.login_profiles or () if each.user == later]
            if bool(had) != bool(has):
                yield Difference(what="password", change=Change.ADDED if has else Change.REMOVED)
        yield from self._devices(earlier, later)

    def _keys(self, earlier: str, later: str) -> Iterator[Difference]:
        if not self._both_read("access_keys", earlier, later):
            return
        had = {each.id: each.status for each in self.before.access_keys or () if each.user == earlier}
        has = {each.id: each.status for each in self.after.access_keys or () if each.user == later}
        for ident in (*has, *(each for each in had if each not in has)):
            yield from _value("access key", had.get(ident), has.get(ident), name=ident)

    def _devices(self, earlier: str, later: str | None = None) -> Iterator[Difference]:
        later = earlier if later is None else later
        if not self._both_read("mfa_devices", earlier, later):
            return
        had = {each.serial: each.kind for each in self.before.mfa_devices or () if each.user == earlier}
        has = {each.serial: each.kind for each in self.after.mfa_devices or () if each.user == later}
        for serial in (*has, *(each for each in had if each not in has)):
            yield from _value("device", had.get(serial), has.get(serial), name=serial)

    def _both_read(self, what: str, earlier: str, later: str) -> bool:
        """Whether both snapshots hold this of the user; of one who was not there, whether it was read."""
        return self.before.is_read(what, earlier) and self.after.is_read(what, later)

    # -- policies

    def _policies(self) -> Iterator[Compared]:
        users = {True: _in_force(self.after), False: _in_force(self.before)}
        for first, second, one in _matched(self.before.policies, self.after.policies):
            if _AWS_OWN in one.arn and (first is None or second is None):
                continue
            found = list(self._managed(first, second))
            number = users[second is not None][one.arn]
            yield from self._compared(Kind.POLICY, one.name, one.arn, found, (first, second), number)

    def _managed(self, first: ManagedPolicy | None, second: ManagedPolicy | None) -> Iterator[Difference]:
        yield from _identity(first, second)
        before, after = _default(first), _default(second)
        yield from policy_differences(self.library, before, after, PolicyKind.IDENTITY)
        if first is not None and second is not None:
            yield from _value("default version", first.default_version, second.default_version)
            earlier, later = _others(first), _others(second)
            yield from self._documents("version not in force", earlier, later, PolicyKind.IDENTITY)

    def _resources(self) -> Iterator[Compared]:
        if self.before.resource_policies is None or self.after.resource_policies is None:
            return
        earlier = {each.arn: each for each in self.before.resource_policies}
        later = {each.arn: each for each in self.after.resource_policies}
        for arn in sorted({*earlier, *later}):
            first, second = earlier.get(arn), later.get(arn)
            service = arn.split(":")[2]
            found = list(
                self._document(
                    "resource policy",
                    None,
                    first.document if first else None,
                    second.document if second else None,
                    PolicyKind.KEY if service == "kms" else PolicyKind.RESOURCE,
                )
            )
            yield from self._compared(Kind.RESOURCE, arn.rpartition(":")[2], arn, found, (first, second))

    def _documents(
        self, what: str, before: Mapping[str, str], after: Mapping[str, str], kind: PolicyKind
    ) -> Iterator[Difference]:
        for name in sorted({*before, *after}):
            yield from self._document(what, name, before.get(name), after.get(name), kind)

    def _document(
        self, what: str, name: str | None, before: str | None, after: str | None, kind: PolicyKind
    ) -> Iterator[Difference]:
        parts = policy_differences(self.library, before, after, kind)
        if not parts and (before is None) == (after is None):
            return
        if (
            all(each.change is Change.REWRITTEN for each in parts)
            and before is not None
            and after is not None
        ):
            yield Difference(what=what, name=name, change=Change.REWRITTEN)
        else:
            yield Difference(what=what, name=name, change=_change(before, after), parts=parts)

    def _compared(
        self,
        kind: Kind,
        name: str,
        arn: str | None,
        differences: Sequence[Difference],
        pair: tuple[object, object] = (True, True),
        in_force_for: int | None = None,
    ) -> Iterator[Compared]:
        """Give what has become of a thing, if anything has."""
        change = _change(*pair)
        if not differences and change is Change.CHANGED:
            return
        if change is Change.CHANGED and all(each.change is Change.REWRITTEN for each in differences):
            change = Change.REWRITTEN
        yield Compared(
            kind=kind,
            name=name,
            arn=arn,
            change=change,
            differences=tuple(differences),
            in_force_for=in_force_for,
        )


def _change(before: object | None, after: object | None) -> Change:
    if before is None:
        return Change.ADDED
    return Change.REMOVED if after is None else Change.CHANGED


# -- things of the same kind


def _matched(
    before: Iterable[_Thing], after: Iterable[_Thing]
) -> Iterator[tuple[_Thing | None, _Thing | None, _Thing]]:
    """Give what is which, and the later of the two that there is.

    They are known by their ARN, and by their unique ID where that has changed: it is the same one renamed.
    """
    earlier, later = ({each.arn: each for each in things} for things in (before, after))
    by_id = {each.id: each for each in earlier.values() if each.id and each.arn not in later}
    for arn in sorted(later):
        one = later[arn]
        yield earlier.get(arn) or by_id.pop(one.id, None), one, one
    for arn in sorted(set(earlier) - set(later)):
        one = earlier[arn]
        if not one.id or one.id in by_id:
            yield one, None, one


def _identity(first: _Identified | None, second: _Identified | None) -> Iterator[Difference]:
    if first is None or second is None:
        return
    yield from _value("ARN", first.arn, second.arn)
    if first.id and second.id and first.id != second.id:
        yield Difference(
            what="unique ID",
            change=Change.CHANGED,
            before=first.id,
            after=second.id,
        )


def _tags(first: User | Role | None, second: User | Role | None) -> Iterator[Difference]:
    earlier, later = first.tags if first else {}, second.tags if second else {}
    for name in sorted({*earlier, *later}):
        yield from _value("tag", earlier.get(name), later.get(name), name=name)


def _value(
    what: str, before: str | None, after: str | None, *, name: str | None = None
) -> Iterator[Difference]:
    if before != after:
        yield Difference(what=what, name=name, change=_change(before, after), before=before, after=after)


def _by_name(policies: Iterable[InlinePolicy]) -> dict[str, str]:
    return {each.name: each.document for each in policies}


def _default(policy: ManagedPolicy | None) -> str | None:
    if policy is None:
        return None
    return next((each.document for each in policy.versions if each.id == policy.default_version), None)


def _others(policy: ManagedPolicy) -> dict[str, str]:
    return {each.id: each.document for each in policy.versions if each.id != policy.default_version}


def _in_force(snapshot: Snapshot) -> Counter[str]:
    """Return for how many users and roles each managed policy is in force, in whatever way."""
    of_group = {group.name: group.attached for group in snapshot.groups}
    found: Counter[str] = Counter()
    entries: tuple[User | Role, ...] = (*snapshot.users, *snapshot.roles)
    for entry in entries:
        own = {*entry.attached, *([entry.boundary] if entry.boundary else ())}
        if isinstance(entry, User):
            own |= {arn for name in entry.groups for arn in of_group.get(name, ())}
        found.update(own)
    return found


def _control(level: Level | None, field: str) -> tuple[ControlPolicy, ...]:
    return () if level is None else getattr(level, field)


def _place(path: Sequence[Level]) -> str:
    return "/".join(level.name or level.id for level in path)


def _root_row(snapshot: Snapshot) -> dict[str, str] | None:
    rows = (row for row in snapshot.credential_report or () if row.get("user") == ROOT_USER)
    return next(rows, None)


def _told(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(each)}" for name, each in sorted(value.items()))
    return str(value).lower() if isinstance(value, bool) else str(value)
