"""Devices that no call of AWS makes.

A security key is registered in the console alone, and so is root's device; a hardware token comes by post,
its seed known to AWS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from watchword.sandbox.answer import Sandbox
from watchword.sandbox.identity import codes
from watchword.sandbox.identity.owner import Owner

_SECURITY_KEY_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_FIPS: Final = ("L1", "L2", "L3", "L4")
_LEVELS: Final = {
    "FIDO": ("L1", "L1plus", "L2", "L2plus", "L3", "L3plus"),
    "FIPS-140-2": _FIPS,
    "FIPS-140-3": _FIPS,
}
_TOKEN_SERIAL = re.compile(r"[\w+=/:,.@-]{9,256}", re.ASCII)


def add_security_key(
    sandbox: Sandbox,
    owner: Owner,
    name: str,
    *,
    account: str,
    certifications: Mapping[str, str] | None = None,
) -> str:
    """Register a FIDO security key of that name for a user of `account`; return its serial number, an ARN.

    `certifications` are levels by what certifies them: `{"FIDO": "L1"}`. Raises ValueError: no key can be
    called so, or certified so; AwsError: the user has eight devices.
    Source: EnableMFADevice's console page (id_credentials_mfa_enable_fido); the form of the name is that of
    virtual devices. API_GetMFADevice and reference_policies_iam-condition-keys for certifications.
    """
    for certifier, level in (certifications or {}).items():
        if level not in _LEVELS.get(certifier, ()):
            known = "; ".join(f"{each} {', '.join(levels)}" for each, levels in _LEVELS.items())
            raise ValueError(f"`{certifier}={level}` certifies no security key: there is {known}")
    if not _SECURITY_KEY_NAME.fullmatch(name):
        raise ValueError(f"`{name}` is no name of a security key: 1 to 64 of A-Z a-z 0-9 _ + = , . @ -")
    return sandbox.devices.add_security_key(owner, account=account, name=name, certifications=certifications)


def add_hardware_token(sandbox: Sandbox, serial_number: str, owner: Owner | None, *, account: str) -> str:
    """Add a hardware token to `account`, enabled for `owner` unless that is None; return its serial number.

    `serial_number` is the vendor's, such as `GAHT12345678`. Raises ValueError: it is none; AwsError: it is
    there already, or the user has eight devices.
    Source: API_EnableMFADevice (SerialNumber).
    """
    if not _TOKEN_SERIAL.fullmatch(serial_number) or serial_number.startswith("arn:"):
        raise ValueError(f"`{serial_number}` is no serial number of a token: 9 to 256 characters, no ARN")
    sandbox.devices.add_hardware_token(account=account, serial_number=serial_number)
    if owner is not None:
        reading = sandbox.phone.read(serial_number)
        sandbox.devices.enable(owner, serial_number, reading.code, reading.next_code)
    return serial_number


def add_roots_device(sandbox: Sandbox, name: str, *, account: str) -> tuple[str, str]:
    """Give the root of `account` an enabled virtual device; return its serial number and its seed.

    Raises AwsError: the name is taken, or root has eight devices. Source: enable-virt-mfa-for-root.
    """
    made = sandbox.devices.create_virtual(account=account, name=name)
    step = codes.step_at(sandbox.clock.now())
    # Those of half a minute ago and of now: so the clock of the device is right.
    pair = codes.code_at(made.seed, step - 1), codes.code_at(made.seed, step)
    sandbox.devices.enable(Owner.root(account), made.serial_number, *pair)
    return made.serial_number, made.seed
