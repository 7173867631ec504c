"""The devices that a user has."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from watchword.aws.profile import AwsProfile
from watchword.device.kind import DeviceKind, kind_of


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


def own_devices(profile: AwsProfile) -> OwnDevices:
    """Ask AWS for the devices of the user whose credentials `profile` holds.

    Raises `Refusal` and `Unreachable`.
    """
    identity = profile.caller_identity()
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
