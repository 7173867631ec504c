"""What kind of device a serial number names, and whether a command line can use it."""

from __future__ import annotations

import enum
import re


class DeviceKind(enum.StrEnum):
    """The kinds of MFA device, told apart by their serial number alone."""

    VIRTUAL = "virtual"
    FIDO = "fido"
    HARDWARE = "hardware"

    @property
    def usable_for_cli(self) -> bool:
        """Whether it gives codes that GetSessionToken and AssumeRole take.

        Source: IAM User Guide, "Enable a passkey or security key": FIDO devices cannot be used
        with the API operations that take a TokenCode.
        """
        return self is not DeviceKind.FIDO


_FIDO = re.compile(r"arn:[^:]+:iam::[^:]*:u2f/")
_VIRTUAL = re.compile(r"arn:[^:]+:iam::[^:]*:mfa/")


def kind_of(serial_number: str) -> DeviceKind:
    """Tell the kind of the device with this serial number.

    Source: IAM API Reference, MFADevice: the serial number of a virtual device is its ARN; a
    hardware TOTP token has its vendor's string. FIDO serial numbers are ARNs under `u2f/`.
    """
    if _VIRTUAL.match(serial_number):
        return DeviceKind.VIRTUAL
    if _FIDO.match(serial_number):
        return DeviceKind.FIDO
    return DeviceKind.HARDWARE
