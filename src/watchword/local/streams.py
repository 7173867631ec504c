"""Standard input, output and error, also where whoever started this process has closed them."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def fill_closed_streams() -> None:
    """Put something in the place of closed standard streams: to be called before any file is opened.

    Otherwise the next file that is opened gets the number of one of them, and what is meant for the screen
    is written into it. Writing data to a closed output fails as it should; talk on a closed error output
    is lost, and its failure would hide the real one. A program that is run later finds them closed again.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            # The lowest free number is taken, and all below this one are in use.
            os.open(os.devnull, mode | os.O_CLOEXEC)
    sys.stdin = sys.stdin or _stream(0, "r")
    sys.stdout = sys.stdout or _stream(1, "w")
    sys.stderr = sys.stderr or _stream(2, "w")


def _stream(number: int, mode: str) -> TextIO:
    return open(number, mode, encoding="utf-8", closefd=False)  # type: ignore[return-value]
