"""A text on the terminal that is shown anew as it changes."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

# The other screen, without a cursor and without breaking long lines, and back to the first.
# Source: "XTerm Control Sequences", DEC Private Mode Set (1049, 25, 7).
_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_LEAVE = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_FROM_THE_TOP = "\x1b[H\x1b[2J"
_TICK_SECONDS = 1.0


def can_show_live_text() -> bool:
    """Return whether stdout is a terminal that can show a text anew."""
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def show_live(text: Callable[[], str]) -> NoReturn:
    """Show `text()`, anew each second when it has changed and never more often, until an exception ends it.

    What does not fit on the screen is counted in its last line. The screen is what it was afterwards.
    """
    shown = ""
    with _other_screen():
        while True:
            fitting = _fitting(text(), os.get_terminal_size(sys.stdout.fileno()).lines)
            if fitting != shown:
                shown = fitting
                sys.stdout.write(_FROM_THE_TOP + shown)
                sys.stdout.flush()
            time.sleep(_TICK_SECONDS)


@contextlib.contextmanager
def _other_screen() -> Iterator[None]:
    sys.stdout.write(_ENTER)
    try:
        yield
    finally:
        sys.stdout.write(_LEAVE)
        sys.stdout.flush()


def _fitting(text: str, rows: int) -> str:
    lines = text.split("\n")
    if len(lines) < rows:
        return text
    kept = max(rows - 2, 0)
    return "\n".join([*lines[:kept], f"… and {len(lines) - kept} more lines"])
