"""Any command that prints a code: `mfa_process` of a profile, `--mfa-from process:COMMAND`."""

from __future__ import annotations

import shlex

from watchword.session.codes.program import code_from
from watchword.session.codes.source import Occasion, no_code

_HINT = "it must print six digits and a newline, and end with 0; run it yourself to see what it does"


class Process:
    """A command of the user's, split into words as a shell would, and run without one.

    `said_by` is where the command is written, for messages.
    """

    tries = 2
    asks = False

    def __init__(self, command: str, *, said_by: str) -> None:
        self._command = command
        self.name = said_by

    def code(self, occasion: Occasion) -> str:  # noqa: ARG002 the command knows its device
        """Run the command and return what it prints."""
        return code_from(self._words(), hint=_HINT)

    def _words(self) -> list[str]:
        try:
            words = shlex.split(self._command)
        except ValueError:
            raise no_code(self.name, "a quote in it is not closed") from None
        if not words:
            raise no_code(self.name, "it is empty")
        return words
