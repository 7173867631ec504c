"""Which device shows the codes for a key."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import datetime

from watchword.aws import AwsProfile, Identity, MfaDevice, Refusal, list_mfa_devices, named
from watchword.local.terminal import Terminal
from watchword.session.errors import SEE, NoDevice, UnusableDevice

_SECURITY_KEY = ":u2f/"
_WAY_OUT = (
    "enrol an authenticator app beside it (`watchword device enroll`),"
    " or sign in with the browser: `aws login`"
)
# Source: GetSessionToken, AWS STS API Reference, `SerialNumber`.
_SERIAL_NUMBER = re.compile(r"[\w+=/:,.@-]{9,256}", re.ASCII)
_ROOT_DEVICE = "root-account-mfa-device"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device that shows codes. `configured` when the profile names it; `guessed` when nobody did."""

    serial_number: str
    configured: bool = False
    guessed: bool = False

    @property
    def name(self) -> str:
        """Return the name of a virtual device, the serial number of a hardware one."""
        return device_name(self.serial_number)


class StandingKind(enum.Enum):
    """What the list of the user's devices says about one of them."""

    THEIRS = "theirs"
    NOT_THEIRS = "not theirs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a device that STS did not take, and the device to ask next.

    `enabled_at` is aware UTC, None when AWS did not say it.
    """

    kind: StandingKind
    device: Device
    enabled_at: datetime | None = None


def device_name(serial_number: str) -> str:
    """Return what people call a device: the last part of its ARN, or its serial number."""
    return serial_number.rpartition("/")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The device that answered for a key before, and what the profile's `mfa_serial` was then."""

    serial_number: str
    mfa_serial: str | None


def known_device(profile: AwsProfile, remembered: Remembered | None) -> Device | None:
    """Return the device that answered before, or that the profile names (`mfa_serial`); None when unknown.

    What is remembered goes first for as long as the profile says what it said then: whoever edits
    `mfa_serial` wants the device that it names now.
    Raises `UnusableDevice` when the profile names a security key, or what is no serial number.
    """
    if remembered and profile.mfa_serial in {None, remembered.mfa_serial}:
        configured = remembered.serial_number == profile.mfa_serial
        return Device(serial_number=remembered.serial_number, configured=configured)
    if profile.mfa_serial:
        if _SECURITY_KEY in profile.mfa_serial:
            raise _only_security_keys(f"profile `{profile.name}` names a security key as its `mfa_serial`")
        if not _SERIAL_NUMBER.fullmatch(profile.mfa_serial):
            raise UnusableDevice(
                f"`{profile.mfa_serial}`, the `mfa_serial` of profile `{profile.name}`, is no serial number",
                hint="`watchword device list` shows the right one; without it, it is found by itself",
                see=SEE,
            )
        return Device(serial_number=profile.mfa_serial, configured=True)
    return None


def find_device(profile: AwsProfile, identity: Identity, terminal: Terminal) -> Device:
    """Return the user's device: ask AWS for the list, ask the user when there are several.

    When the list is forbidden, the device is guessed: it is mostly called like the user.
    Raises `NoDevice`, `UnusableDevice`, `Unreachable`, `NoTerminal` when there are several and nobody to ask.
    """
    try:
        devices = list_mfa_devices(profile)
    except Refusal as refusal:
        return _guess(refusal, identity, terminal)
    return _one_of(devices, profile, identity, terminal)


def standing_of(profile: AwsProfile, identity: Identity, terminal: Terminal, refused: Device) -> Standing:
    """Return what AWS's list says about a device whose serial number STS did not take.

    One that is not on it is replaced by one that is. Raises as `find_device` does.
    """
    try:
        devices = list_mfa_devices(profile)
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        return Standing(kind=StandingKind.UNKNOWN, device=refused)
    own = next((each for each in devices if each.serial_number == refused.serial_number), None)
    if own is not None:
        return Standing(kind=StandingKind.THEIRS, device=refused, enabled_at=own.enabled_at)
    return Standing(kind=StandingKind.NOT_THEIRS, device=_one_of(devices, profile, identity, terminal))


def _one_of(
    devices: tuple[MfaDevice, ...], profile: AwsProfile, identity: Identity, terminal: Terminal
) -> Device:
    usable = [device for device in devices if _is_usable(device)]
    if len(usable) == 1:
        return Device(serial_number=usable[0].serial_number)
    if usable:
        return _ask_which(usable, [each for each in devices if not _is_usable(each)], terminal)
    if devices:
        names = ", ".join(f"`{device_name(each.serial_number)}`" for each in devices)
        raise _only_security_keys(f"`{identity.name}` has security keys only ({names})")
    raise NoDevice(
        f"`{identity.name}` has no MFA device yet",
        hint=f"`watchword device enroll {named(profile.name)}` sets one up",
        see=SEE,
    )


def _guess(refusal: Refusal, identity: Identity, terminal: Terminal) -> Device:
    if refusal.code != "AccessDenied":
        raise refusal
    name = _ROOT_DEVICE if identity.is_root else identity.name
    serial_number = f"arn:{identity.partition}:iam::{identity.account}:mfa/{name}"
    terminal.say(
        f"the list of devices is forbidden (iam:ListMFADevices), so `{serial_number}` is a guess; "
        "write the right one into the profile as `mfa_serial`, and nothing is guessed any more"
    )
    return Device(serial_number=serial_number, guessed=True)


def _is_usable(device: MfaDevice) -> bool:
    return _SECURITY_KEY not in device.serial_number


def _ask_which(devices: list[MfaDevice], unusable: list[MfaDevice], terminal: Terminal) -> Device:
    for number, device in enumerate(devices, start=1):
        terminal.say(f"  {number}  {device_name(device.serial_number)}  {device.serial_number}")
    for device in unusable:
        terminal.say(
            f"  -  {device_name(device.serial_number)}  a security key: the console takes it, STS not"
        )
    while True:
        answer = terminal.ask(f"which device shall answer for this key [1-{len(devices)}]: ").strip()
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(devices):
            return Device(serial_number=devices[int(answer) - 1].serial_number)
        terminal.say(f"a number from 1 to {len(devices)} is needed")


def _only_security_keys(message: str) -> UnusableDevice:
    # Source: "Configuring MFA-protected API access", IAM User Guide: FIDO keys cannot be used with the API.
    return UnusableDevice(
        f"{message}, and AWS takes those in the console only",
        hint=_WAY_OUT,
        see=SEE,
    )
