"""MFA devices of users: list, enrol, resynchronise, replace and remove them, and show a code.

What these functions take and raise is said in docs/devices/library.md. Each is loaded when it is called.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from watchword.device.ceremony import NewEnrolment
    from watchword.device.code import ShownCode
    from watchword.device.functions import Device, EnrolledDevice, RemovedDevice

    Ask = Callable[[str, str], str] | Literal["terminal"] | None

__all__ = [
    "device_code",
    "enroll_device",
    "list_devices",
    "remove_device",
    "replace_device",
    "resync_device",
]


def list_devices(
    profile: "str | None" = None, *, user_name: "str | None" = None, ask: "Ask" = None
) -> "tuple[Device, ...]":
    """Return the devices of the user of a profile, or of `user_name` of the same account, in AWS's order.

    `profile` is None for the one in use (AWS_PROFILE, else `default`). Nobody is asked for anything, but for
    a role that the profile assumes: `ask` says how, as in `enroll_device`.
    Raises `NoSuchUser`, `AwsRefused` with the statement that denied it, and what `watchword.boto3_session`
    raises.
    """
    found: tuple[Device, ...] = _library().list_devices(profile, user_name=user_name, ask=ask)
    return found


def enroll_device(
    profile: "str | None" = None,
    *,
    ask_pair: "Callable[[NewEnrolment, str | None], tuple[str, str]]",
    name: "str | None" = None,
    user_name: "str | None" = None,
    ask: "Ask" = "terminal",
) -> "EnrolledDevice":
    """Make a virtual device, have it scanned, enable it, and try a code of it.

    `ask_pair(new, refused)` shows `new` (`.uri`, `.png` and `.seed` are its secret) to whoever has the phone,
    and returns two codes in a row, six digits each. `refused` is what AWS said of the pair before, None the
    first time; it is called three times at most. What it raises breaks the enrolment off, and the device is
    removed again. `name` is the device's, None for the user's own.

    `ask` says how a code is asked for where AWS wants a session with MFA, such as for a second device: as
    in `watchword.boto3_session`, `"terminal"`, a function of the device's name and the account, or None.

    The new device's session is kept, so the profile is signed in afterwards; this may take half a minute, for
    AWS takes codes of a new device some seconds later. For another user nothing is tried.
    Raises `DeviceError` and what derives from it, `SignInNeeded`, `AwsRefused`, and what `ask_pair` raises.
    """
    enrolled: EnrolledDevice = _library().enroll_device(
        profile, ask_pair=ask_pair, name=name, user_name=user_name, ask=ask
    )
    return enrolled


def replace_device(
    profile: "str | None" = None,
    *,
    ask_pair: "Callable[[NewEnrolment, str | None], tuple[str, str]]",
    device: "str | None" = None,
    name: "str | None" = None,
    user_name: "str | None" = None,
    ask: "Ask" = "terminal",
) -> "EnrolledDevice":
    """Enrol a device beside an old one, and remove the old one when the new one is enabled and checked.

    `device` is the old one, by name or serial number; None: the only one. The rest is as in `enroll_device`.
    """
    enrolled: EnrolledDevice = _library().replace_device(
        profile, ask_pair=ask_pair, device=device, name=name, user_name=user_name, ask=ask
    )
    return enrolled


def resync_device(
    profile: "str | None" = None,
    *,
    ask_pair: "Callable[[str, str | None], tuple[str, str]]",
    device: "str | None" = None,
    user_name: "str | None" = None,
    ask: "Ask" = "terminal",
) -> str:
    """Tell AWS what time a device thinks it is, with two codes in a row; return its serial number.

    `ask_pair(serial_number, refused)` returns the codes; three times at most, as in `enroll_device`.
    Raises `NoSuchDevice`, `GivesNoCodes` for a security key, `PairsRefused`, and what `list_devices` raises.
    """
    serial_number: str = _library().resync_device(
        profile, ask_pair=ask_pair, device=device, user_name=user_name, ask=ask
    )
    return serial_number


def remove_device(
    profile: "str | None" = None,
    *,
    device: "str | None" = None,
    user_name: "str | None" = None,
    ask: "Ask" = "terminal",
) -> "RemovedDevice":
    """Remove a device, at once: nobody is asked whether that is wanted. `opens` says what it opens.

    `device` is its name or serial number; None: the only one. One's own need a session with MFA: `ask` says
    how a code is asked for, as in `enroll_device`.
    Raises `NoSuchDevice`, `OnlyAnAdministrator`, `UsageError` for one of several, and as `list_devices`.
    """
    removed: RemovedDevice = _library().remove_device(profile, device=device, user_name=user_name, ask=ask)
    return removed


def device_code(
    profile: "str | None" = None, *, source: "str | None" = None, wait: bool = True
) -> "ShownCode":
    """Return the present code of the device of a profile, one that watchword has not sent yet.

    `source` is what `--mfa-from` takes, such as `ykman`; None: `mfa_process` of the profile. `wait`: a code
    that was sent is waited out, half a minute at most; else `CodeSpent` is raised.
    Raises `UsageError` when only a person could give it, `SignInNeeded` when the source gives none.
    """
    shown: ShownCode = _library().device_code(profile, source=source, wait=wait)
    return shown


def _library() -> "Any":  # noqa: ANN401 a module, loaded late
    from importlib import import_module

    return import_module("watchword.device.functions")
