"""What an authenticator app scans: the seed of a new device, with a label a person recognises."""

from __future__ import annotations

import dataclasses
from urllib.parse import quote

ISSUER = "AWS"
# The longest label for which the code is version 6, error level L: the largest that 22 lines hold.
LABEL_LIMIT = 49


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """The `otpauth` address of one device, in the three pieces that make the smallest code.

    The seed is base32, so on its own it fits the QR code's alphanumeric mode (5.5 bits a
    character instead of 8). `label` is what the app will show, with the escapes of an address.
    """

    label: str
    seed: str

    def __repr__(self) -> str:
        return f"Provisioning(label={self.label!r}, seed=•••)"

    def pieces(self) -> tuple[str, str, str]:
        """Return the address cut where the mode of the QR code changes.

        Source: Key Uri Format (google-authenticator wiki): issuer as prefix of the label and as
        a parameter, both alike; SHA1, six digits and 30 seconds are the defaults and left out.
        """
        return f"otpauth://totp/{ISSUER}:{self.label}?secret=", self.seed, f"&issuer={ISSUER}"

    def uri(self) -> str:
        """Return the whole address. It holds the seed: never log it."""
        return "".join(self.pieces())


def provision(*, user_name: str, account: str, seed: str) -> Provisioning:
    """Build what the app scans for the device of `user_name` in `account` (12 digits).

    `seed` is the Base32StringSeed of CreateVirtualMFADevice. A user name that would make the
    code too large for a terminal of 24 lines is cut and ends in `~`.
    """
    return Provisioning(label=_label(user_name, account), seed=seed.rstrip("="))


def seed_groups(seed: str, *, per_line: int) -> list[str]:
    """Return the seed for typing in: groups of four characters, `per_line` groups a line."""
    groups = [seed[i : i + 4] for i in range(0, len(seed), 4)]
    return [" ".join(groups[i : i + per_line]) for i in range(0, len(groups), per_line)]


def _label(user_name: str, account: str) -> str:
    suffix = f"@{account}"
    whole = _escape(user_name) + suffix
    if len(whole) <= LABEL_LIMIT:
        return whole
    room = LABEL_LIMIT - len(suffix) - 1
    kept = user_name
    while len(_escape(kept)) > room:
        kept = kept[:-1]
    return f"{_escape(kept)}~{suffix}"


def _escape(text: str) -> str:
    # `+` would become a space in apps that read the label as a form field, so it is escaped too.
    return quote(text, safe="@")
