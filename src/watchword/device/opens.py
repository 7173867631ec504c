"""What the removal of a device opens, and what it does not close."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Sequence

from watchword.device.errors import SEE_CHANGE
from watchword.device.kind import DeviceKind
from watchword.device.own import OwnDevice
from watchword.device.which import shown_name

_SOONER = f"{SEE_CHANGE} says what ends them sooner"


class Opens(enum.StrEnum):
    """What a removal opens. The values are public: they stand in JSON."""

    NOTHING = "nothing"
    LAST_DEVICE = "lastDevice"
    """No device stays."""
    NO_CODES = "noCodes"
    """Only security keys stay, which the command line cannot use."""
    UNKNOWN = "unknown"
    """Nobody may see what stays."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a removal opens, and the lines that say so before anybody is asked."""

    kind: Opens
    lines: tuple[str, ...]


def what_opens(user_name: str, going: str, devices: Sequence[OwnDevice] | None) -> Opening:
    """Return what opens when the device with the serial number `going` is removed.

    `devices` are all that the user has, with or without it; None when nobody may see them.
    Source: AWS security bulletin AWS-2023-001: a user who has a device needs an MFA session to change their
    devices, and one who has none does not.
    """
    if devices is None:
        return Opening(kind=Opens.UNKNOWN, lines=(_unknown(user_name, going), *_without_one(user_name)))
    staying = [device for device in devices if device.serial_number != going]
    if not staying:
        last = f"`{shown_name(going)}` is the last MFA device of `{user_name}`. Without it,"
        return Opening(kind=Opens.LAST_DEVICE, lines=(last, *_without_one(user_name)))
    gave_codes = any(one.serial_number == going and one.kind.usable_for_cli for one in devices)
    if gave_codes and not any(device.kind.usable_for_cli for device in staying):
        return Opening(kind=Opens.NO_CODES, lines=_no_codes(user_name, going, staying))
    return Opening(kind=Opens.NOTHING, lines=())


def what_lives_on(kind: DeviceKind) -> str:
    """Return the line about sessions that a device of this kind has opened.

    Source: GetSessionToken, AWS STS API Reference (129 600 seconds); "IAM tutorial" and "Signing in", IAM
    User Guide: a console session of a user ends after 12 hours.
    """
    if kind is DeviceKind.FIDO:
        return f"console sessions that it has opened live on, for 12 hours at most; {_SOONER}"
    return f"sessions that it has opened live on, for 36 hours at most (roles an hour more); {_SOONER}"


def _without_one(user_name: str) -> tuple[str, ...]:
    return (
        f"- whoever has an access key or the password of `{user_name}` can enrol a device of their own,",
        "  as far as policies let them: AWS asks only those for MFA who have a device",
        f"- what policies allow with MFA only is shut for `{user_name}` until a device is enrolled",
    )


def _unknown(user_name: str, going: str) -> str:
    return (
        f"whether `{user_name}` has another device than `{shown_name(going)}` cannot be seen"
        " (iam:ListMFADevices is denied). If not,"
    )


def _no_codes(user_name: str, going: str, staying: Sequence[OwnDevice]) -> tuple[str, ...]:
    names = ", ".join(f"`{shown_name(device.serial_number)}`" for device in staying)
    return (
        f"`{shown_name(going)}` is the last device of `{user_name}` that gives codes. Without it,",
        f"- no session with MFA can be opened on the command line: {names} is for the AWS console only",
        "- the next authenticator app is enrolled in the console, for AWS wants a session with MFA for that",
    )
