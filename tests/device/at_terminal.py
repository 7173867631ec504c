"""A person who enrols: sees the terminal, scans what is on it with a phone, types codes."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import pexpect
import pyotp
import zxingcpp

from device.half_blocks import picture

WATCHWORD = str(Path(sys.executable).with_name("watchword"))
FIRST = "first code: "
SECOND = r"second code \(your app shows it [^)]*\): "
YES_OR_NO = r"\[y/N\] "
_PAINTED = re.compile(r"\x1b\[38;5;16;48;5;231m.*?\x1b\[0m")
_ALTERNATE = re.compile(r"\x1b\[\?1049([hl])")


class AtTerminal:
    """`watchword …` at a terminal of its own."""

    def __init__(
        self, arguments: list[str], environment: dict[str, str], *, columns: int = 80, lines: int = 24
    ) -> None:
        self.process = pexpect.spawn(
            WATCHWORD,
            arguments,
            env={**os.environ, "TERM": "xterm-256color", **environment},
            dimensions=(lines, columns),
            encoding="utf-8",
            timeout=20,
        )
        self.received = ""

    def sees(self, pattern: str) -> str:
        """Wait for `pattern`; return what came since the last time, it included."""
        self.process.expect(pattern)
        seen = f"{self.process.before}{self.process.after}"
        self.received += seen
        return seen

    def types(self, line: str) -> None:
        self.process.sendline(line)

    def ends(self) -> int:
        """Wait for the end, refusing what may be offered; return the exit code (negative: the signal)."""
        while self.process.expect([pexpect.EOF, YES_OR_NO]):
            self.received += f"{self.process.before}{self.process.after}"
            self.types("n")
        self.received += str(self.process.before)
        self.process.close()
        if self.process.signalstatus is not None:
            return -self.process.signalstatus
        assert self.process.exitstatus is not None
        return self.process.exitstatus

    def types_pair(self, secret: str) -> None:
        """Type the code of now and the next one, when each is asked for."""
        first, second = codes(secret)
        self.types(first)
        self.sees(SECOND)
        self.types(second)

    def ordinary_screen(self) -> str:
        """Return what was written outside the alternate screen: what stays when it is left."""
        kept, alternate = "", False
        for index, part in enumerate(_ALTERNATE.split(self.received)):
            if index % 2:
                alternate = part == "h"
            elif not alternate:
                kept += part
        return kept


def scanned(seen: str, *, background: int = 0) -> str:
    """Scan the QR code in what the terminal showed; return its text."""
    rows = _PAINTED.findall(seen)
    (found,) = zxingcpp.read_barcodes(picture(rows, background=background))
    return str(found.text)


def secret_in(uri: str) -> str:
    (secret,) = re.findall(r"[?&]secret=([A-Z2-7]+)", uri)
    return str(secret)


def codes(secret: str, *, at: float | None = None) -> tuple[str, str]:
    """Return the code of now (or `at`, seconds since 1970) and the one after it."""
    totp = pyotp.TOTP(secret)
    moment = time.time() if at is None else at
    return totp.at(int(moment)), totp.at(int(moment) + 30)
