"""What can go wrong, and how the program ends when it does.

WatchwordError              exit 1   every error that a user can meet
├── UsageError              exit 2   the command was typed wrongly
├── SignInNeeded            exit 4   no session, or a code is needed
├── AwsRefused              exit 5   AWS answered no (raised by `watchword.aws`)
└── NoTerminal              exit 6   a code must be asked and nobody can be asked

Each room derives its own errors from these.
"""

from __future__ import annotations

import enum
from typing import ClassVar, Final

_SHOWN: Final = 60


class ExitCode(enum.IntEnum):
    """How the `watchword` process ends. These numbers never change."""

    OK = 0
    FAILED = 1
    USAGE = 2
    FINDINGS = 3
    SIGN_IN_NEEDED = 4
    AWS_REFUSED = 5
    NO_TERMINAL = 6
    INTERRUPTED = 130


def printable(text: str) -> str:
    """Return a text in which no sign can command a terminal, begin a line or turn one round.

    File names, and what stands in a document, are whatever their author wanted.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)


def short(text: str) -> str:
    """Return a text as a message shows it: its beginning, when it is longer than 60 signs."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


class WatchwordError(Exception):
    """Something the user should read: what went wrong, what to do, where it is explained.

    `message` is lower case, without a full stop, with the user's own input in backticks.
    No part of it ever holds a secret or a code. `names` are those of things that it speaks of and that could
    be taken for one, being long.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED
    names: tuple[str, ...] = ()

    def __init__(self, message: str, *, hint: str | None = None, see: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.see = see
        for note in self._advice():  # a traceback shows them: it is all that users of the library see
            self.add_note(note)

    def diagnostics(self) -> str:
        """Return the error as it is shown: up to three lines, no trailing newline."""
        return "\n".join([f"error: {printable(self.message)}", *self._advice()])

    def _advice(self) -> list[str]:
        hint = [f"hint: {printable(self.hint)}"] if self.hint else []
        return [*hint, f"see: {self.see}"] if self.see else hint


class UsageError(WatchwordError):
    """The command was typed in a way that it cannot follow."""

    exit_code = ExitCode.USAGE


class SignInNeeded(WatchwordError):
    """There is no live session, or a code is needed to get one."""

    exit_code = ExitCode.SIGN_IN_NEEDED


class AwsRefused(WatchwordError):
    """AWS answered, and the answer was no."""

    exit_code = ExitCode.AWS_REFUSED

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int,
        operation: str,
        hint: str | None = None,
        see: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, see=see)
        self.code = code
        self.status = status
        self.operation = operation


class NoTerminal(WatchwordError):
    """A question must be asked and there is no terminal to ask it on."""

    exit_code = ExitCode.NO_TERMINAL
