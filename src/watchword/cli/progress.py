"""How far long work is: a count on stderr, on a terminal only, and only when it takes a while."""

from __future__ import annotations

import sys
import time

_QUIET_SECONDS = 0.3
_BETWEEN_SECONDS = 0.1
_CLEAR_LINE = "\r\x1b[K"


class Progress:
    """A line such as `read 120 of 500 users`, rewritten in place and gone afterwards.

    `what` has two `{}`, for what is done and for all there is.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = False
        self._next = time.monotonic() + _QUIET_SECONDS

    def __call__(self, done: int, of: int) -> None:
        """Show how far it is."""
        if time.monotonic() >= self._next and sys.stderr.isatty():
            self._next = time.monotonic() + _BETWEEN_SECONDS
            self._shown = True
            sys.stderr.write(f"{_CLEAR_LINE}{self._what.format(done, of)}")
            sys.stderr.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def say(self, text: str) -> None:
        """Say something meanwhile, on a line of its own."""
        self._clear()
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def _clear(self) -> None:
        if self._shown:
            self._shown = False
            sys.stderr.write(_CLEAR_LINE)
            sys.stderr.flush()
