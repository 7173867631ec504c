"""The devices that a user has."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from watchword.aws import Signed, list_mfa_devices
from watchword.device.kind import DeviceKind, kind_of


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class OwnDevice:
    """A device and its kind; `enabled_at` is aware UTC, None when AWS did not say."""

    serial_number: str
    kind: DeviceKind
    enabled_at: datetime | None


def devices_of(signed: Signed, user_name: str | None) -> tuple[OwnDevice, ...]:
    """Return the devices of a user, each with its kind; of the caller when no user is named."""
    return tuple(
        OwnDevice(
            serial_number=device.serial_number,
            kind=kind_of(device.serial_number),
            enabled_at=device.enabled_at,
        )
        for device in list_mfa_devices(signed, user_name)
    )
