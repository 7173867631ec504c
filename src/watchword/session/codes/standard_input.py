"""One line of standard input: `--mfa-code -`."""

from __future__ import annotations

import os
import select
import time

from watchword.session.codes.source import Occasion, is_code, no_code, why_no_code

_STDIN = 0
_NAME = "standard input"
_LONGEST_LINE_BYTES = 80
_LONGEST_WAIT_SECONDS = 60


class StandardInput:
    """The first line of standard input, once. What follows is left to whatever is run afterwards."""

    tries = 1
    asks = False
    name = _NAME

    def code(self, occasion: Occasion) -> str:  # noqa: ARG002 it knows nothing of devices
        """Return the code; wait for it a minute at most."""
        if os.isatty(_STDIN):
            raise no_code(
                _NAME, "it is a terminal", hint="leave `--mfa-code -` out, and the code is asked for"
            )
        text = "".join(_line(time.monotonic() + _LONGEST_WAIT_SECONDS).split())
        if not is_code(text):
            raise no_code(_NAME, why_no_code(text), hint="one line with the six digits is read")
        return text


def _line(until: float) -> str:
    """Read byte by byte, for what is behind the line belongs to somebody else."""
    line = b""
    while len(line) < _LONGEST_LINE_BYTES:
        if not select.select([_STDIN], [], [], max(0.0, until - time.monotonic()))[0]:
            raise no_code(_NAME, f"nothing came for {_LONGEST_WAIT_SECONDS} s")
        try:
            byte = os.read(_STDIN, 1)
        except OSError as error:
            raise no_code(_NAME, (error.strerror or "").lower()) from error
        if byte in {b"", b"\n"}:
            return line.decode(errors="replace")
        line += byte
    return line.decode(errors="replace")
