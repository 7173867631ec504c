"""What every source of codes can do."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from watchword.local.terminal import Terminal
from watchword.session.device import Device
from watchword.session.errors import SEE_CODES, NoCode

_CODE = re.compile(r"[0-9]{6}")
# What a YubiKey types when it is touched: 32 to 64 signs that are in the same place on every keyboard.
# Source: "OTPs Explained", Yubico's developer pages: 16 bytes and a public id of up to 16 more, in modhex.
_TYPED_BY_A_YUBIKEY = re.compile(r"[cbdefghijklnrtuv]{32,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a code is needed for: which device's, in which account (12 digits), and who is told about it.

    `profile` is the name of the profile that is signed in.
    """

    profile: str
    device: Device
    account: str
    terminal: Terminal
    now: Callable[[], datetime]


class CodeSource(Protocol):
    """Somebody or something that gives the code of a device.

    `tries` is how many codes may be had from it until AWS takes one; `asks` whether a person is asked,
    who can look and type another; `name` is what it is called in a message.
    """

    @property
    def tries(self) -> int: ...

    @property
    def asks(self) -> bool: ...

    @property
    def name(self) -> str: ...

    def code(self, occasion: Occasion) -> str:
        """Return six digits; raise `NoCode`, `NoTerminal`, or `KeyboardInterrupt`."""


def is_code(text: str) -> bool:
    """Return whether this is a code: six digits, of ASCII. Source: AWS STS API Reference, `TokenCode`."""
    return _CODE.fullmatch(text) is not None


def why_no_code(text: str) -> str:
    """Return what to say about what was typed, or piped in, in the place of a code; without repeating it."""
    if _TYPED_BY_A_YUBIKEY.fullmatch(text.lower()):
        return "that is a YubiKey's one-time password, AWS wants the six digits; `--mfa-from ykman` gets them"
    return "a code is six digits"


def no_code(source: str, why: str, *, hint: str | None = None) -> NoCode:
    """Return the error of a source that gave no code."""
    return NoCode(f"{source} gave no code: {why}", hint=hint, see=SEE_CODES)
