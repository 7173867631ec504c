"""A dialog on the desktop, for when there is no terminal to ask on."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping

from watchword.errors import NoTerminal
from watchword.local.desktop import has_desktop
from watchword.local.dialog_programs import DialogProgram, Kdialog, Osascript, Zenity
from watchword.local.other_program import OtherProgramFailed, output_of
from watchword.local.stderr_only import say
from watchword.local.terminal import Prompt, Terminal, open_terminal

_SEE = "docs/rooms/local.md"
_SWITCH = "WATCHWORD_NO_DIALOG"
_TITLE = "Watchword"
_LONGEST_WAIT_SECONDS = 300
_CANCELLED = 1
_YES = "yes"


def open_dialog(environment: Mapping[str, str] | None = None, *, hint: str | None = None) -> Dialog | None:
    """Return the person at the desktop; None when there is no desktop, or no program that shows dialogs.

    None too where WATCHWORD_NO_DIALOG says anything. `hint` is what to run instead when nobody answers.
    """
    environment = os.environ if environment is None else environment
    if environment.get(_SWITCH):
        return None
    programs: tuple[DialogProgram, ...] = (
        (Osascript(),) if sys.platform == "darwin" else (Zenity(), Kdialog())
    )
    found = next((each for each in programs if shutil.which(each.name)), None)
    return Dialog(found, hint=hint) if found and has_desktop(environment) else None


def open_terminal_or_dialog(*, hint: str | None = None) -> Terminal:
    """Return whom to ask: the person at the terminal, else the one at the desktop.

    `hint` is what to run instead. Raises `NoTerminal` at once when there is neither.
    """
    try:
        return open_terminal(hint=hint)
    except NoTerminal:
        dialog = open_dialog(hint=hint)
        if dialog is None:
            raise
        return dialog


class Dialog:
    """A `Terminal` of windows. What is said before a question is shown with it, and written on stderr too."""

    is_live = False

    def __init__(self, program: DialogProgram, *, hint: str | None = None) -> None:
        self._program = program
        self._hint = hint
        self._said: list[str] = []

    def say(self, text: str) -> None:
        """Keep a line for the next window; write it on stderr."""
        self._said.append(text)
        say(text)

    def ask(self, prompt: Prompt, *, hidden: bool = False) -> str:
        """Show a window and return what was filled in.

        Raises `KeyboardInterrupt` when it was cancelled, for that is a no like Ctrl-C; `NoTerminal` when
        nobody answered for five minutes, or it could not be shown.
        """
        question = prompt() if callable(prompt) else prompt
        text = "\n".join([*self._said, question])
        self._said = []
        title = f"{_TITLE}: {question.rstrip(' :')}"
        command = self._program.command(title, text, hidden=hidden, seconds=_LONGEST_WAIT_SECONDS)
        try:
            ended = output_of(command, longest_run_seconds=_LONGEST_WAIT_SECONDS + 5)
        except OtherProgramFailed as failed:
            raise self._nobody(failed.message) from None
        if ended.exit_code == _CANCELLED:
            raise KeyboardInterrupt
        if ended.exit_code != 0:
            raise self._nobody(f"it ended with {ended.exit_code}")
        return ended.output.decode(errors="replace").rstrip("\r\n")

    def confirm(self, question: str) -> bool:
        """Return whether `yes` was filled in."""
        return self.ask(f"{question} ({_YES}): ").strip().lower() == _YES

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        """Say once how long it will take, and wait; the next window comes afterwards."""
        say(text(seconds))
        time.sleep(seconds)

    def _nobody(self, why: str) -> NoTerminal:
        return NoTerminal(
            f"nobody answered the dialog (`{self._program.name}`: {why})", hint=self._hint, see=_SEE
        )
