"""The devices that a user has."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime

from watchword.aws.answers import Identity
from watchword.aws.errors import Refusal
from watchword.aws.profile import AwsProfile
from watchword.device.kind import DeviceKind, kind_of
from watchword.fastpath.session_file import Credentials


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OwnDevice:
    """A device and its kind; `enabled_at` is aware UTC, None when AWS did not say."""

    serial_number: str
    kind: DeviceKind
    enabled_at: datetime | None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OwnDevices:
    """The devices of one user, in AWS's order."""

    profile: str
    user_arn: str
    devices: tuple[OwnDevice, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks: `profile` signs with the session if `has_session`, else with the key."""

    profile: AwsProfile
    identity: Identity
    has_session: bool


def caller(profile: AwsProfile, session: Credentials | None, *, say: Callable[[str], None]) -> Caller:
    """Ask AWS who this is, with the session if AWS still takes it, else with the key, which is said.

    Raises `Refusal` and `Unreachable`.
    """
    if session is not None:
        signed = profile.signed_with(session)
        try:
            return Caller(profile=signed, identity=signed.caller_identity(), has_session=True)
        except Refusal as refusal:
            say(f"AWS does not take the session any more ({refusal.code}): going on with the key alone")
    return Caller(profile=profile, identity=profile.caller_identity(), has_session=False)


def own_devices(asking: Caller) -> OwnDevices:
    """Ask AWS for the devices of the user who asks.

    Raises `Refusal` and `Unreachable`.
    """
    profile, identity = asking.profile, asking.identity
    user_name = None if identity.is_root else identity.name  # root is meant when no user is named
    return OwnDevices(profile=profile.name, user_arn=identity.arn, devices=devices_of(profile, user_name))


def devices_of(profile: AwsProfile, user_name: str | None) -> tuple[OwnDevice, ...]:
    """Return the devices of a user, each with its kind; of the caller when no user is named."""
    return tuple(
        OwnDevice(
            serial_number=device.serial_number,
            kind=kind_of(device.serial_number),
            enabled_at=device.enabled_at,
        )
        for device in profile.list_mfa_devices(user_name)
    )
