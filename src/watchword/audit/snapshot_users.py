"""What each user has to sign in with: passwords, access keys, devices."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from watchword.account.snapshot import (
    ROOT_USER,
    AccessKey,
    KeyLastUsed,
    LoginProfile,
    MfaDevice,
    User,
    Utc,
)
from watchword.audit.asking import Asking, Paging, Part
from watchword.device.kind import kind_of

_DEVICES = Paging(members="MFADevices")
_KEYS = Paging(members="AccessKeyMetadata")
_VIRTUAL = Paging(members="VirtualMFADevices")
_GONE = frozenset({"NoSuchEntity"})


class Credentials:
    """Reads what users sign in with; the lists are filled while it reads, in no order."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._passwords: list[LoginProfile] = []
        self._keys: list[AccessKey] = []
        self._devices: dict[tuple[str | None, str], MfaDevice] = {}
        self._unassigned: list[MfaDevice] | None = None

    def login_profiles(self) -> tuple[LoginProfile, ...]:
        """Return the passwords that were read, by user."""
        return tuple(sorted(self._passwords, key=lambda one: one.user))

    def access_keys(self) -> tuple[AccessKey, ...]:
        """Return the keys that were read, by user and id."""
        return tuple(sorted(self._keys, key=lambda one: (one.user, one.id)))

    def mfa_devices(self) -> tuple[MfaDevice, ...]:
        """Return the devices that somebody has, by user and serial number."""
        return tuple(device for _, device in sorted(self._devices.items(), key=lambda one: str(one[0])))

    def unassigned_devices(self) -> tuple[MfaDevice, ...] | None:
        """Return the devices that nobody has, by serial number; None when they were not read."""
        if self._unassigned is None:
            return None
        return tuple(sorted(self._unassigned, key=lambda one: one.serial))

    def of_account(self, *, root_asks: bool) -> list[Part]:
        """Return what is read at once for the whole account; root is told its own keys and devices."""
        own: list[Part] = [self._of_root] if root_asks else []
        return [self._virtual, *own]

    def of_each(self, users: tuple[User, ...]) -> list[Part]:
        """Return what is read of each user."""
        return [
            partial(read, user.name)
            for user in users
            for read in (self._password, self._access_keys, self._mfa_devices)
        ]

    def _virtual(self) -> None:
        def ask() -> None:
            assigned = self._asking.listed(
                "iam", "ListVirtualMFADevices", _VIRTUAL, AssignmentStatus="Assigned"
            )
            for entry in assigned:
                arn = (entry.get("User") or {}).get("Arn", "")
                if arn:
                    self._add(ROOT_USER if arn.endswith(":root") else arn.rpartition("/")[2], entry)
            unassigned = self._asking.listed(
                "iam", "ListVirtualMFADevices", _VIRTUAL, AssignmentStatus="Unassigned"
            )
            self._unassigned = [_device(None, entry) for entry in unassigned]

        self._asking.told(
            ask,
            what="unassigned_devices",
            leaves_open="which virtual devices belong to nobody, and whether root has one",
        )

    def _of_root(self) -> None:
        def ask() -> None:
            for entry in self._asking.listed("iam", "ListMFADevices", _DEVICES):
                self._add(ROOT_USER, entry)
            for entry in self._asking.listed("iam", "ListAccessKeys", _KEYS):
                # When root's were last used stands in the credential report.
                self._keys.append(_key(ROOT_USER, entry, {}))

        self._asking.told(
            ask, what="mfa_devices", of=ROOT_USER, leaves_open="which keys and devices root has"
        )

    def _password(self, user: str) -> None:
        def ask() -> None:
            answer = self._asking.once("iam", "GetLoginProfile", none=_GONE, UserName=user)
            if answer is not None:
                entry = answer["LoginProfile"]
                self._passwords.append(
                    LoginProfile(
                        user=user,
                        created=time_of(entry.get("CreateDate")),
                        reset_required=bool(entry.get("PasswordResetRequired")),
                    )
                )

        self._asking.told(
            ask, what="login_profiles", of=user, leaves_open=f"whether `{user}` has a console password"
        )

    def _access_keys(self, user: str) -> None:
        def ask() -> None:
            for entry in self._asking.listed("iam", "ListAccessKeys", _KEYS, UserName=user):
                self._keys.append(_key(user, entry, self._last_used(entry["AccessKeyId"])))

        self._asking.told(ask, what="access_keys", of=user, leaves_open=f"whether `{user}` has an access key")

    def _mfa_devices(self, user: str) -> None:
        def ask() -> None:
            for entry in self._asking.listed("iam", "ListMFADevices", _DEVICES, UserName=user):
                self._add(user, entry)

        self._asking.told(
            ask,
            what="mfa_devices",
            of=user,
            leaves_open=f"whether `{user}` has a device that is not a virtual one",
        )

    def _last_used(self, key_id: str) -> dict[str, Any]:
        used: dict[str, Any] = {}

        def ask() -> None:
            answer = self._asking.once("iam", "GetAccessKeyLastUsed", AccessKeyId=key_id)
            used.update((answer or {}).get("AccessKeyLastUsed") or {})

        self._asking.told(
            ask, what="access_keys_last_used", of=key_id, leaves_open="when the key was last used"
        )
        return used

    def _add(self, user: str, entry: dict[str, Any]) -> None:
        device = _device(user, entry)
        self._devices[user, device.serial] = device


def time_of(text: str | None) -> Utc | None:
    """Return the aware time that AWS wrote; None when it wrote none."""
    return msgspec.convert(text, Utc) if text else None


def _key(user: str, entry: dict[str, Any], used: dict[str, Any]) -> AccessKey:
    at = time_of(used.get("LastUsedDate"))
    # AWS writes `N/A` where it knows nothing. Source: AccessKeyLastUsed, IAM API Reference.
    last_used = (
        KeyLastUsed(at=at, service=_known(used, "ServiceName"), region=_known(used, "Region")) if at else None
    )
    return AccessKey(
        user=user,
        id=entry["AccessKeyId"],
        status=entry["Status"],
        created=time_of(entry.get("CreateDate")),
        last_used=last_used,
    )


def _known(used: dict[str, Any], name: str) -> str | None:
    value = used.get(name)
    return value if value not in (None, "N/A") else None


def _device(user: str | None, entry: dict[str, Any]) -> MfaDevice:
    serial = entry["SerialNumber"]
    return MfaDevice(
        user=user, serial=serial, enabled=time_of(entry.get("EnableDate")), kind=kind_of(serial).value
    )
