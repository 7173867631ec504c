"""The devices of everybody in an account: several users read at once, and what could be read is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from watchword.aws import Identity, ListedVirtualDevice, Refusal, list_virtual_mfa_devices
from watchword.aws.users import User, account_summary, has_password, list_users
from watchword.device.acting import Acting, Say
from watchword.device.errors import RoundStopped
from watchword.device.invite_pace import Pace, each_at_once
from watchword.device.kind import kind_of
from watchword.device.listing import Listing, Reader, RootDevices, Scope, UserDevices
from watchword.device.own import OwnDevice, devices_of

Progress = Callable[[int, int], None]  # users read, users in all


def list_account(acting: Acting, *, progress: Progress, say: Say) -> Listing:
    """Return the devices of every user, those that nobody owns, and root's.

    Where users may not be listed, they are those with virtual devices. `progress` is called from this thread;
    `say` is told when AWS throttles, which is waited for.
    Raises `Refusal` when neither users nor devices may be listed, or AWS goes on throttling; `Unreachable`.
    """
    pace = Pace(acting.signed, say=say)
    try:
        return _listed(acting, pace, progress)
    except RoundStopped:
        if pace.cause is None:
            raise
        raise pace.cause from None


def _listed(acting: Acting, pace: Pace, progress: Progress) -> Listing:
    reader = Reader(pace)
    virtual = reader.told(lambda: list_virtual_mfa_devices(reader.signed))
    by_owner = _by_owner(virtual or ())
    try:
        users = tuple(list_users(reader.signed))
    except Refusal as refusal:
        if virtual is None:
            raise
        reader.note(refusal)
        users = tuple(_user_of(arn) for arn in by_owner if not _is_root(arn))
    # Before the users: when those are read the pace is over.
    root = _root(reader, acting.identity, by_owner)
    read = _Users(reader=reader, pace=pace, by_owner=by_owner).read(users, progress)
    return Listing(
        scope=Scope.ACCOUNT,
        profile=acting.profile,
        account=acting.identity.account,
        asked_as=acting.identity.arn,
        users=tuple(sorted(read, key=lambda user: (user.user_name.casefold(), user.user_name))),
        orphans=None if virtual is None else _orphans(virtual),
        root=root,
        unread=reader.unread(),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Users:
    reader: Reader
    pace: Pace
    by_owner: Mapping[str, tuple[OwnDevice, ...]]

    def read(self, users: tuple[User, ...], progress: Progress) -> list[UserDevices]:
        """Read all users, several at once; one that is deleted meanwhile is left out."""
        found: list[UserDevices] = []
        read = each_at_once(self._one, users, stopped=self.pace.stopped)
        for done, one in enumerate(read, start=1):
            if one is not None:
                found.append(one)
            progress(done, len(users))
        return found

    def _one(self, user: User) -> UserDevices | None:
        reader = self.reader
        try:
            devices = reader.told(lambda: devices_of(reader.signed, user.name), user_name=user.name)
            password = reader.told(lambda: has_password(reader.signed, user.name), user_name=user.name)
            return UserDevices(
                user_name=user.name,
                arn=user.arn,
                devices=self.by_owner.get(user.arn, ()) if devices is None else devices,
                has_password=password,
                has_access_key=reader.has_access_key(user.name),
                password_last_used_at=user.password_last_used,
                whole=devices is not None,
            )
        except Refusal as refusal:
            if refusal.code != "NoSuchEntity":
                raise
            return None


def _root(reader: Reader, identity: Identity, by_owner: Mapping[str, tuple[OwnDevice, ...]]) -> RootDevices:
    arn = f"arn:{identity.partition}:iam::{identity.account}:root"
    devices = by_owner.get(arn, ())
    if identity.is_root:
        devices = reader.told(lambda: devices_of(reader.signed, None)) or devices
    summary = reader.told(lambda: account_summary(reader.signed))
    enabled = None if summary is None else summary.get("AccountMFAEnabled", 0) > 0
    return RootDevices(
        arn=arn,
        devices=devices,
        has_mfa=True if devices else enabled,
        has_access_key=None if summary is None else summary.get("AccountAccessKeysPresent", 0) > 0,
    )


def _by_owner(listed: tuple[ListedVirtualDevice, ...]) -> dict[str, tuple[OwnDevice, ...]]:
    found: dict[str, tuple[OwnDevice, ...]] = {}
    for each in listed:
        if each.user_arn is not None:
            device = OwnDevice(
                serial_number=each.serial_number,
                kind=kind_of(each.serial_number),
                enabled_at=each.enabled_at,
            )
            found[each.user_arn] = (*found.get(each.user_arn, ()), device)
    return found


def _orphans(listed: tuple[ListedVirtualDevice, ...]) -> tuple[str, ...]:
    return tuple(sorted(each.serial_number for each in listed if each.user_arn is None))


def _user_of(arn: str) -> User:
    return User(name=arn.rpartition("/")[2], arn=arn, password_last_used=None)


def _is_root(arn: str) -> bool:
    return arn.endswith(":root")
