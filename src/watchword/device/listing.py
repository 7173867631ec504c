"""Whose devices there are: one user's, or those of everybody in the account, and what nobody owns."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from watchword.aws import Refusal, Signed
from watchword.aws.users import active_access_keys, get_user, has_password
from watchword.device.acting import Acting
from watchword.device.errors import SEE, NoSuchUser
from watchword.device.own import OwnDevice, devices_of

T = TypeVar("T")

_DENIED = "AccessDenied"
# What AWS says when it was asked too often, and still after all waiting.
_TOO_OFTEN = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded"})


class Scope(enum.StrEnum):
    """Whose devices are listed."""

    OWN = "own"
    USER = "user"
    ACCOUNT = "account"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class UserDevices:
    """A user and the devices they have, in AWS's order.

    `has_password` and `has_access_key` (an active one) are None where that could not be read;
    `password_last_used_at` is aware UTC, None when AWS knows of no such sign-in. `whole` is false where only
    virtual devices could be seen.
    """

    user_name: str
    arn: str
    devices: tuple[OwnDevice, ...]
    has_password: bool | None
    has_access_key: bool | None
    password_last_used_at: datetime | None = None
    whole: bool = True

    def usable_for_cli(self, device: OwnDevice) -> bool:
        """Return whether its codes open sessions: not a security key's, nor without a key to sign with."""
        return device.kind.usable_for_cli and self.has_access_key is not False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RootDevices:
    """The root of an account. `has_mfa` and `has_access_key` are None where that could not be read.

    AWS lists the devices of root to root; to others only the virtual one among those of the account.
    """

    arn: str
    devices: tuple[OwnDevice, ...]
    has_mfa: bool | None
    has_access_key: bool | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """What AWS did not tell: `operation` is `iam:GetLoginProfile`…, about `user_name` or, None, the account.

    `code` is AWS's.
    """

    operation: str
    code: str
    user_name: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Devices and their owners, as `asked_as` (an ARN) could see them.

    `orphans` are the serial numbers of virtual devices that belong to nobody, None when those could not be
    listed; `root` is None but for an account. What is missing stands in `unread`.
    """

    scope: Scope
    profile: str
    account: str
    asked_as: str
    users: tuple[UserDevices, ...]
    orphans: tuple[str, ...] | None = None
    root: RootDevices | None = None
    unread: tuple[Unread, ...] = ()


class Reader:
    """Asks, and notes what AWS does not tell; usable from several threads."""

    def __init__(self, signed: Signed) -> None:
        self.signed = signed
        self._unread: list[Unread] = []

    def unread(self) -> tuple[Unread, ...]:
        """Return what was not told, in the order of operations and users."""
        return tuple(sorted(self._unread, key=lambda one: (one.operation, one.user_name or "")))

    def has_access_key(self, user_name: str) -> bool | None:
        """Return whether a user has an active access key; None where that may not be read."""
        count = self.told(lambda: active_access_keys(self.signed, user_name), user_name=user_name)
        return None if count is None else count > 0

    def told(self, ask: Callable[[], T], *, user_name: str | None = None) -> T | None:
        """Return the answer; None, and a note of it, when it is denied or AWS was asked too often."""
        try:
            return ask()
        except Refusal as refusal:
            self.note(refusal, user_name=user_name)
            return None

    def note(self, refusal: Refusal, *, user_name: str | None = None) -> None:
        """Note what was not told; raise the refusal when it says something else."""
        if refusal.code != _DENIED and refusal.code not in _TOO_OFTEN:
            raise refusal
        self._unread.append(Unread(operation=refusal.operation, code=refusal.code, user_name=user_name))


def list_user(acting: Acting) -> Listing:
    """Return the devices of the user who is acted on, or of root.

    Raises `NoSuchUser`, `Refusal` when the devices may not be seen, `Unreachable`.
    """
    identity = acting.identity
    name = acting.user_name or identity.name
    is_root = acting.is_own and identity.is_root
    try:
        devices = devices_of(acting.signed, None if is_root else name)
    except Refusal as refusal:
        if refusal.code == "NoSuchEntity":
            raise no_such_user(name, identity.account) from None
        raise
    reader = Reader(acting.signed)
    user = (
        UserDevices(user_name=name, arn=identity.arn, devices=devices, has_password=True, has_access_key=True)
        if is_root
        else _user(acting, reader, name, devices)
    )
    return Listing(
        scope=Scope.OWN if acting.is_own else Scope.USER,
        profile=acting.profile,
        account=identity.account,
        asked_as=identity.arn,
        users=(user,),
        unread=reader.unread(),
    )


def no_such_user(user_name: str, account: str) -> NoSuchUser:
    """Return the error of a name that no user of the account has."""
    return NoSuchUser(
        f"account {account} has no user `{user_name}`",
        hint="names of users mind case, and are without the path; `--all` lists everybody",
        see=SEE,
    )


def _user(acting: Acting, reader: Reader, name: str, devices: tuple[OwnDevice, ...]) -> UserDevices:
    signed, identity = acting.signed, acting.identity
    found = None if acting.is_own else reader.told(lambda: get_user(signed, name), user_name=name)
    bare = f"arn:{identity.partition}:iam::{identity.account}:user/{name}"
    return UserDevices(
        user_name=name,
        arn=identity.arn if acting.is_own else found.arn if found else bare,
        devices=devices,
        has_password=reader.told(lambda: has_password(signed, name), user_name=name),
        # Whoever asks for themselves has a key: it signs.
        has_access_key=True if acting.is_own else reader.has_access_key(name),
        password_last_used_at=found.password_last_used if found else None,
    )
