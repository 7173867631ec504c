"""IAM's operations on MFA devices, whoever signs them.

Each raises `Refusal`, `Unreachable` and `UnusableSettings`. What changes something is sent once: an answer
that is lost says nothing about what was done.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from watchword.aws.answers import ListedVirtualDevice, MfaDevice, VirtualMfaDevice
from watchword.aws.caller import ONCE, Signed


def list_mfa_devices(signed: Signed, user_name: str | None = None) -> tuple[MfaDevice, ...]:
    """Return the devices of the caller, or of `user_name`. Source: ListMFADevices, IAM API Reference."""
    params = {} if user_name is None else {"UserName": user_name}
    return tuple(_device(entry) for entry in _pages(signed, "ListMFADevices", "MFADevices", params))


def list_virtual_mfa_devices(signed: Signed, *, assignment: str = "Any") -> tuple[ListedVirtualDevice, ...]:
    """Return the virtual devices of the account; `assignment` is `Assigned`, `Unassigned` or `Any`.

    Source: ListVirtualMFADevices, IAM API Reference.
    """
    params = {"AssignmentStatus": assignment}
    return tuple(
        _listed(entry) for entry in _pages(signed, "ListVirtualMFADevices", "VirtualMFADevices", params)
    )


def create_virtual_mfa_device(signed: Signed, name: str, *, path: str = "/") -> VirtualMfaDevice:
    """Make a device that belongs to nobody yet; the only time that its seed is shown."""
    answer = signed.call(
        "iam", "CreateVirtualMFADevice", _attempts=ONCE, VirtualMFADeviceName=name, Path=path
    )
    device = answer["VirtualMFADevice"]
    return VirtualMfaDevice(
        serial_number=device["SerialNumber"],
        seed=bytes(device["Base32StringSeed"]).decode(),
        qr_png=bytes(device["QRCodePNG"]),
    )


def enable_mfa_device(
    signed: Signed, *, user_name: str, serial_number: str, first_code: str, second_code: str
) -> None:
    """Give the device to the user; the codes are two in a row."""
    _with_two_codes(signed, "EnableMFADevice", user_name, serial_number, first_code, second_code)


def resync_mfa_device(
    signed: Signed, *, user_name: str, serial_number: str, first_code: str, second_code: str
) -> None:
    """Tell AWS what time the device thinks it is; the codes are two in a row."""
    _with_two_codes(signed, "ResyncMFADevice", user_name, serial_number, first_code, second_code)


def deactivate_mfa_device(signed: Signed, *, user_name: str | None, serial_number: str) -> None:
    """Take the device away from the user (None: the caller); a virtual one stays, belonging to nobody."""
    params = {} if user_name is None else {"UserName": user_name}
    signed.call("iam", "DeactivateMFADevice", _attempts=ONCE, SerialNumber=serial_number, **params)


def delete_virtual_mfa_device(signed: Signed, serial_number: str) -> None:
    """Delete a virtual device that belongs to nobody."""
    signed.call("iam", "DeleteVirtualMFADevice", _attempts=ONCE, SerialNumber=serial_number)


def _with_two_codes(
    signed: Signed, operation: str, user_name: str, serial_number: str, first_code: str, second_code: str
) -> None:
    signed.call(
        "iam",
        operation,
        _attempts=ONCE,
        UserName=user_name,
        SerialNumber=serial_number,
        AuthenticationCode1=first_code,
        AuthenticationCode2=second_code,
    )


def _pages(signed: Signed, operation: str, member: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        answer = signed.call("iam", operation, **params)
        found += answer[member]
        if not answer.get("IsTruncated"):
            return found
        params = {**params, "Marker": answer["Marker"]}


def _device(entry: dict[str, Any]) -> MfaDevice:
    enabled_at = entry.get("EnableDate")
    return MfaDevice(
        serial_number=entry["SerialNumber"],
        user_name=entry["UserName"],
        enabled_at=enabled_at.astimezone(UTC) if enabled_at else None,
    )


def _listed(entry: dict[str, Any]) -> ListedVirtualDevice:
    user, enabled_at = entry.get("User") or {}, entry.get("EnableDate")
    return ListedVirtualDevice(
        serial_number=entry["SerialNumber"],
        user_arn=user.get("Arn"),
        enabled_at=enabled_at.astimezone(UTC) if enabled_at else None,
    )
