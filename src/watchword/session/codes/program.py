"""A program that prints a code: what those of `--mfa-from process`, `ykman`, `op`, `bw` and `pass` share."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence

from watchword.local.other_program import Ended, OtherProgramFailed, output_of
from watchword.session.codes.source import no_code

_OUTPUT = re.compile(rb"([0-9]{6})\r?\n?")


def code_from(command: Sequence[str], *, hint: str, install: str | None = None) -> str:
    """Return the code that a command prints: six digits and a newline, nothing else.

    Its stdin and stderr are the terminal, so it may ask and talk itself. What it printed is in no error.
    Raises `NoCode`: `hint` is what to do when it does not work, `install` when it is not there.
    """
    found = _OUTPUT.fullmatch(printed_by(command, hint=hint, install=install))
    if found is None:
        raise no_code(_named(command), "it printed something else than six digits and a newline", hint=hint)
    return found.group(1).decode()


def printed_by(command: Sequence[str], *, hint: str, install: str | None = None) -> bytes:
    """Return what a command prints; raise `NoCode`."""
    program = shutil.which(command[0])
    if program is None:
        raise no_code(_named(command), "it is not on the PATH, or not a program", hint=install or hint)
    try:
        ended: Ended = output_of([program, *command[1:]])
    except OtherProgramFailed as failed:
        raise no_code(_named(command), failed.message, hint=hint) from None
    if ended.exit_code != 0:
        raise no_code(_named(command), f"it ended with {ended.exit_code}", hint=hint)
    return ended.output


def _named(command: Sequence[str]) -> str:
    return f"`{command[0]}`"
