"""Who is talked to when nobody can be asked: what is said goes to stderr, and no question is answered."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable

from watchword.errors import NoTerminal

_SEE = "docs/rooms/local.md"


def say(text: str) -> None:
    """Write a line on stderr; that nobody reads it is not an error."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


class StderrOnly:
    """A `Terminal` without anybody at it. `hint` is what to run instead, when a question must be asked."""

    is_live = False

    def __init__(self, *, hint: str | None = None) -> None:
        self._hint = hint

    def say(self, text: str) -> None:
        """Write a line on stderr."""
        say(text)

    def ask(self, prompt: object, *, hidden: bool = False) -> str:  # noqa: ARG002 nobody is asked
        """Raise `NoTerminal`."""
        raise NoTerminal("there is no terminal to ask on", hint=self._hint, see=_SEE)

    def confirm(self, question: str) -> bool:
        """Raise `NoTerminal`."""
        return bool(self.ask(question))

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        """Say once how long it will take, and wait."""
        say(text(seconds))
        time.sleep(seconds)
