"""Which of a user's devices is meant: the only one, the one that is named, or the one that is chosen."""

from __future__ import annotations

import re
from collections.abc import Sequence

from watchword.device.errors import SEE_CHANGE, NoSuchDevice
from watchword.device.own import OwnDevice
from watchword.errors import UsageError
from watchword.local.choice import Choice, choose
from watchword.session import device_name

# AWS puts 26 characters behind the name of a security key. Source: ListMFADevices (the CLI's examples).
_BEHIND_A_SECURITY_KEY = re.compile(r"-[A-Z2-7]{26}$")


def shown_name(serial_number: str) -> str:
    """Return what people call a device: its name, or the serial number of a hardware token."""
    return _BEHIND_A_SECURITY_KEY.sub("", device_name(serial_number))


def meant(
    devices: Sequence[OwnDevice], wanted: str | None, *, user_name: str, title: str, asks: bool
) -> OwnDevice:
    """Return the device that is meant by `wanted`, its name or serial number; None: the only one.

    Of several that could be meant the terminal asks which, under `title`, if it `asks`.
    Raises `NoSuchDevice`, `UsageError` when it does not ask, `NoTerminal`.
    """
    found = list(devices) if wanted is None else _called(devices, wanted)
    if not found:
        raise none_called(devices, wanted, user_name=user_name)
    if len(found) == 1:
        return found[0]
    if not asks:
        raise UsageError(
            f"`{user_name}` has several devices: {_listed(found)}", hint="name one", see=SEE_CHANGE
        )
    choices = [
        Choice(value=one.serial_number, label=shown_name(one.serial_number), note=one.serial_number)
        for one in found
    ]
    hint = "name the device: its name or its serial number, after the command"
    serial_number = choose(title, choices, hint=hint)
    return next(one for one in found if one.serial_number == serial_number)


def none_called(devices: Sequence[OwnDevice], wanted: str | None, *, user_name: str) -> NoSuchDevice:
    """Return the error for a name that none of a user's devices has; None when the user has no device."""
    if wanted is None or not devices:
        return NoSuchDevice(
            f"`{user_name}` has no MFA device",
            hint=f"`watchword device enroll`, with the access key of `{user_name}`, makes one",
            see=SEE_CHANGE,
        )
    return NoSuchDevice(
        f"`{user_name}` has no device `{wanted}`", hint=f"there is {_listed(devices)}", see=SEE_CHANGE
    )


def _called(devices: Sequence[OwnDevice], wanted: str) -> list[OwnDevice]:
    exact = [each for each in devices if each.serial_number == wanted]
    return exact or [each for each in devices if is_called(each.serial_number, wanted)]


def is_called(serial_number: str, wanted: str) -> bool:
    """Return whether a device is called so; AWS minds no case in the names of devices."""
    names = {serial_number, device_name(serial_number), shown_name(serial_number)}
    return wanted.casefold() in {name.casefold() for name in names}


def _listed(devices: Sequence[OwnDevice]) -> str:
    names = [shown_name(each.serial_number) for each in devices]
    return ", ".join(
        f"`{name if names.count(name) == 1 else each.serial_number}`"
        for name, each in zip(names, devices, strict=True)
    )
