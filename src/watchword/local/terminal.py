"""The terminal itself: questions and talk go to `/dev/tty`, never to stdin, stdout or stderr.

A program that runs another (an SDK with a credential process, `eval "$(…)"`, a pipe) swallows those
three, and a question nobody can see is a program that hangs.
"""

from __future__ import annotations

import contextlib
import os
import select
import termios
import time
from collections.abc import Callable
from typing import Protocol

from watchword.errors import NoTerminal
from watchword.local.hidden_input import Hidden, visible_again_on_signals

_DEVICE = "/dev/tty"
_SEE = "docs/rooms/local.md"
_CLEAR_LINE = "\r\x1b[K"
_LONGEST_ANSWER_BYTES = 4096


_TICK_SECONDS = 1.0
Prompt = str | Callable[[], str]


class Terminal(Protocol):
    """Somebody who can be told things and asked questions.

    `is_live` is whether a prompt is kept true while it waits for its answer.
    """

    @property
    def is_live(self) -> bool: ...

    def say(self, text: str) -> None:
        """Show a line."""

    def ask(self, prompt: Prompt, *, hidden: bool = False) -> str:
        """Return what was typed, without the newline; raise `NoTerminal` when nobody can answer."""

    def confirm(self, question: str) -> bool:
        """Return whether the answer was yes; an empty answer is no."""

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        """Show `text(seconds left)` on one line, anew each second, until none are left."""


def open_terminal(*, hint: str | None = None) -> Terminal:
    """Open the terminal of this process.

    `hint` says what to run instead. Raises `NoTerminal` at once when there is no terminal, or when
    this process is in its background, where a question would stop the job.
    """
    try:
        file_descriptor = os.open(_DEVICE, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise NoTerminal("there is no terminal to ask on", hint=hint, see=_SEE) from error
    if not _in_foreground(file_descriptor):
        os.close(file_descriptor)
        raise NoTerminal("this runs in the background of its terminal", hint=hint, see=_SEE)
    return DeviceTerminal(file_descriptor)


def foreground_terminal() -> int | None:
    """Return this process's terminal as an open file, for another program; None where nobody can be asked."""
    try:
        file_descriptor = os.open(_DEVICE, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    if _in_foreground(file_descriptor):
        return file_descriptor
    os.close(file_descriptor)
    return None


class DeviceTerminal:
    """A terminal by its file descriptor, which it owns."""

    is_live = True

    def __init__(self, file_descriptor: int) -> None:
        self._fd = file_descriptor

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._fd)

    def say(self, text: str) -> None:
        """Show a line; a terminal that has gone away is not an error, for nobody is there to miss it."""
        with contextlib.suppress(OSError):
            self._write(f"{text}\n")

    def ask(self, prompt: Prompt, *, hidden: bool = False) -> str:
        """Show `prompt` and return the line that is typed; `hidden` turns the echo off meanwhile.

        A hidden question's prompt may be a function: it is shown anew whenever what it says changes,
        if it fits on a line of a terminal that can rewrite one, and after `fg` in any case.

        Raises `NoTerminal` when the terminal has gone away, `KeyboardInterrupt` on Ctrl-C and Ctrl-D.
        """
        try:
            text = prompt if callable(prompt) else lambda: prompt
            return self._ask_hidden(text) if hidden else self._ask_shown(text())
        except (OSError, termios.error) as error:
            raise NoTerminal("the terminal was closed", see=_SEE) from error

    def confirm(self, question: str) -> bool:
        """Ask `question` with `[y/N]`; anything but yes is no, and what was typed before it is no answer."""
        with contextlib.suppress(OSError, termios.error):
            termios.tcflush(self._fd, termios.TCIFLUSH)
        return self.ask(f"{question} [y/N] ").strip().lower() in {"y", "yes"}

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        """Count down on one line and wipe it at the end; what is typed meanwhile is not shown.

        Raises `NoTerminal` when the terminal has gone away, `KeyboardInterrupt` on Ctrl-C.
        """
        end = time.monotonic() + seconds
        try:
            hidden = Hidden(self._fd)
            with visible_again_on_signals(hidden, prompt_again=lambda: None), hidden:
                self._count(text, end)
        except (OSError, termios.error) as error:
            raise NoTerminal("the terminal was closed", see=_SEE) from error

    def _count(self, text: Callable[[int], str], end: float) -> None:
        try:
            while (left := end - time.monotonic()) > 0:
                self._write(f"{_CLEAR_LINE}{text(int(left) + 1)}")
                time.sleep(min(left, 1.0))
        finally:
            self._write(_CLEAR_LINE)

    def _ask_shown(self, prompt: str) -> str:
        self._write(prompt)
        return self._line()

    def _ask_hidden(self, prompt: Callable[[], str]) -> str:
        hidden = Hidden(self._fd)
        with visible_again_on_signals(hidden, prompt_again=lambda: self._write(prompt())), hidden:
            shown = prompt()
            self._write(shown)
            while not select.select([self._fd], [], [], _TICK_SECONDS)[0]:
                text = prompt()
                if text != shown and self._can_rewrite(shown):
                    shown = text
                    self._write(f"{_CLEAR_LINE}{shown}")
            return self._line()

    def _can_rewrite(self, line: str) -> bool:
        columns = os.get_terminal_size(self._fd).columns
        return os.environ.get("TERM", "dumb") != "dumb" and len(line) < columns

    def _line(self) -> str:
        line = b""
        while not line.endswith(b"\n"):
            piece = os.read(self._fd, _LONGEST_ANSWER_BYTES)
            if not piece:
                # Ctrl-D: whoever answers with "nothing more to come" wants out, as with Ctrl-C.
                raise KeyboardInterrupt
            line += piece
        return line.decode(errors="replace").rstrip("\r\n")

    def _write(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._fd, data) :]


def _in_foreground(file_descriptor: int) -> bool:
    try:
        return os.tcgetpgrp(file_descriptor) == os.getpgrp()
    except OSError:
        return False
