"""One MFA device: its serial number, its seed, its QR code and what it remembers."""

from __future__ import annotations

import base64
import enum
import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote

import segno

from watchword.sandbox.identity import codes

SEED_BYTES: Final = 40
"""40 random bytes are the 64 base32 characters that AWS gives."""

_ISSUER = "Amazon Web Services"
_QR_PIXELS_A_MODULE = 4


class DeviceKind(enum.Enum):
    """What a device is. Source: id_credentials_mfa (the types of MFA)."""

    VIRTUAL = "virtual"
    HARDWARE = "hardware"
    SECURITY_KEY = "security-key"


def new_seed() -> str:
    """Return a random seed: 64 characters of base32, without padding."""
    return base64.b32encode(secrets.token_bytes(SEED_BYTES)).decode()


def serial_number_of(account: str, path: str, name: str) -> str:
    """Return the ARN that is the serial number. `path` begins and ends with `/`.

    Source: reference_identifiers.
    """
    return f"arn:aws:iam::{account}:mfa{path}{name}"


def security_key_serial_of(account: str, user_name: str, name: str) -> str:
    """Return the ARN of a FIDO security key or passkey: what it is called, and 26 characters of AWS's.

    Source: GetMFADevice and ListMFADevices (the examples of the AWS CLI Command Reference).
    """
    unique = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=")
    return f"arn:aws:iam::{account}:u2f/user/{user_name}/{name}-{unique}"


@dataclass(slots=True, kw_only=True)
class Device:
    """A device and its history. Mutable: only `Devices`, under its lock, changes one.

    `seed` is empty for a security key, which has no codes. `certifications` are a security key's, such as
    `{"FIDO": "L1"}`: AWS knows them from the vendors' metadata.

    `user_id` is the unique ID of the user it is enabled for (the account number for root), None while
    it is unassigned. `correction_steps` is how far its clock is ahead of the sandbox's;
    `last_pair_step` the second step of the pair that was last accepted; `used_steps` those whose code
    has been used at STS. Deactivating forgets none of the three.
    """

    serial_number: str
    name: str
    account: str
    seed: str = field(repr=False)
    created_at: datetime
    kind: DeviceKind = DeviceKind.VIRTUAL
    tags: dict[str, str] = field(default_factory=dict)
    certifications: dict[str, str] = field(default_factory=dict)
    user_id: str | None = None
    enabled_at: datetime | None = None
    correction_steps: int = 0
    last_pair_step: int | None = None
    used_steps: set[int] = field(default_factory=set, repr=False)

    def clock_step(self, now: datetime) -> int:
        """Return the time step on the device's own clock."""
        return codes.step_at(now) + self.correction_steps

    def use_code(self, code: str, now: datetime) -> bool:
        """Use up `code` if it is right and was not used yet; say whether it was.

        Each step serves once, and unused earlier steps may come after later ones: there is no
        watermark. Source: observed on AWS.
        """
        for step in codes.matching_steps(self.seed, code, clock_step=self.clock_step(now)):
            if step not in self.used_steps:
                self.used_steps.add(step)
                return True
        return False

    def synchronise(self, first: str, second: str, now: datetime) -> bool:
        """Set the device's clock by two codes that follow each other; say whether they did.

        The codes are not used up for STS. Source: observed on AWS.
        """
        step = codes.find_pair(
            self.seed, first, second, clock_step=self.clock_step(now), newer_than=self.last_pair_step
        )
        if step is None:
            return False
        self.correction_steps = step - codes.step_at(now)
        self.last_pair_step = step
        return True

    def view(self) -> DeviceView:
        """Return the device as it is now, without its seed."""
        return DeviceView(
            serial_number=self.serial_number,
            name=self.name,
            kind=self.kind,
            account=self.account,
            user_id=self.user_id,
            enabled_at=self.enabled_at,
            tags=dict(self.tags),
            certifications=dict(self.certifications),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceView:
    """A device as IAM shows it. `user_id` and `enabled_at` are None while it is unassigned."""

    serial_number: str
    name: str
    kind: DeviceKind
    account: str
    user_id: str | None
    enabled_at: datetime | None
    tags: Mapping[str, str]
    certifications: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDevice:
    """What CreateVirtualMFADevice gives away, once: the seed, and the same as a QR code in PNG."""

    serial_number: str
    seed: str = field(repr=False)
    qr_png: bytes = field(repr=False)
    tags: Mapping[str, str]


def otpauth_uri(*, name: str, account: str, seed: str) -> str:
    """Return what the QR code holds: `otpauth://totp/Amazon%20Web%20Services:NAME@ACCOUNT?…`.

    Source: API_VirtualMFADevice (QRCodePNG); the issuer is as observed on AWS.
    """
    issuer = quote(_ISSUER)
    return f"otpauth://totp/{issuer}:{quote(name)}@{account}?secret={seed}&issuer={issuer}"


def qr_png(uri: str) -> bytes:
    """Return `uri` as a QR code in PNG."""
    picture = io.BytesIO()
    segno.make_qr(uri, error="m").save(picture, kind="png", scale=_QR_PIXELS_A_MODULE)
    return picture.getvalue()
