"""The seed of a device in the keyring of the operating system, and the codes that come of it."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from watchword.aws import named
from watchword.local import keyring_entries
from watchword.session.codes.source import Occasion
from watchword.session.errors import SEE_CODES, BadSeed, NoSeed

_SERVICE = "watchword"
# Source: RFC 4226, section 4, R6: a shared secret has at least 128 bits. AWS's have 320.
_SHORTEST_BYTES = 16


class KeyringSeed:
    """What a device would show, worked out here."""

    tries = 2
    asks = False
    name = "the keyring"

    def code(self, occasion: Occasion) -> str:
        """Return the present code of the device; raise `NoSeed`, `NoKeyring`."""
        seed = keyring_entries.read(_SERVICE, occasion.device.serial_number)
        if seed is None:
            raise NoSeed(
                f"the keyring holds no seed of `{occasion.device.serial_number}`",
                hint=f"`watchword device remember-seed {named(occasion.profile)}` puts it there",
                see=SEE_CODES,
            )
        return _code(seed, occasion.now())


def remember_seed(serial_number: str, seed: str) -> None:
    """Keep the seed of a device, base32 in any spelling, in the keyring; raise `BadSeed`, `NoKeyring`."""
    keyring_entries.keep(_SERVICE, serial_number, plain_seed(seed))


def forget_seed(serial_number: str) -> bool:
    """Remove the seed of a device from the keyring; return whether there was one. Raises `NoKeyring`."""
    return keyring_entries.forget(_SERVICE, serial_number)


def plain_seed(text: str) -> str:
    """Return a seed in one spelling: capitals, without blanks and padding; raise `BadSeed`.

    Source: RFC 4648, section 6 (base32).
    """
    seed = "".join(text.split()).replace("-", "").rstrip("=").upper()
    try:
        secret = base64.b32decode(seed + "=" * (-len(seed) % 8))
    except (binascii.Error, ValueError):
        raise BadSeed(
            "that is no seed: it must be base32, the letters A to Z and the digits 2 to 7",
            hint="it is the `secret key` that is shown beside the QR code, not a code",
            see=SEE_CODES,
        ) from None
    if len(secret) < _SHORTEST_BYTES:
        raise BadSeed("that is no seed: it is too short", hint="was all of it pasted?", see=SEE_CODES)
    return seed


def _code(seed: str, now: datetime) -> str:
    try:
        import pyotp
    except ImportError:
        raise keyring_entries.not_installed("pyotp") from None
    return pyotp.TOTP(seed).at(now)
