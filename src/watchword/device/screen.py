"""A screen of its own for the QR code, which is gone afterwards, and a prompt that tells the time.

The seed is in the code, so it is drawn on the terminal's alternate screen: that has no scrollback
and is wiped when it is left, at the end, on Ctrl-C, on Ctrl-Z and when a signal ends the process.
"""

from __future__ import annotations

import contextlib
import os
import select
import termios
from collections.abc import Callable, Iterator
from typing import Protocol

from watchword.device.card import Card, Size, compose
from watchword.device.interruption import ending_interrupts
from watchword.errors import NoTerminal
from watchword.local.hidden_input import Hidden, visible_again_on_signals

_ENTER = "\x1b[?1049h\x1b[2J\x1b[H"
_LEAVE = "\x1b[2J\x1b[H\x1b[?1049l"
_WIPE = "\x1b[2J\x1b[H"
_REWRITE = "\r\x1b[K"
_LOCAL_FLAGS = 3
_LONGEST_ANSWER_BYTES = 4096
_ASSUMED = Size(columns=80, lines=24)


class Screen(Protocol):
    """Shows one card at a time and asks hidden questions below it."""

    def display(self, card: Card) -> None:
        """Show `card` instead of what was shown before."""

    def ask(self, prompt: Callable[[], str]) -> str:
        """Return the line typed, unseen; `prompt` is called anew each second for what to show."""


class TtyScreen(Hidden):
    """The alternate screen of the terminal with this file descriptor, without echo."""

    def __init__(self, file_descriptor: int) -> None:
        super().__init__(file_descriptor)
        self._tty = file_descriptor
        self._card: Card | None = None
        self._size = size_of(file_descriptor)
        self._prompt = ""

    def hide(self) -> None:
        """Turn to the alternate screen, with no echo, of the Enter key neither."""
        super().hide()
        mode = termios.tcgetattr(self._tty)
        mode[_LOCAL_FLAGS] &= ~termios.ECHONL
        termios.tcsetattr(self._tty, termios.TCSANOW, mode)
        self._write(_ENTER)

    def show(self) -> None:
        """Wipe the screen, turn back to the ordinary one and to the echo it had."""
        with contextlib.suppress(OSError, termios.error):  # a terminal that is gone shows nothing
            self._write(_LEAVE)
            super().show()

    def display(self, card: Card) -> None:
        """Show `card` instead of what was shown before."""
        self._card = card
        self.draw_again()

    def draw_again(self) -> None:
        """Draw what was shown last, in the size that the terminal has now."""
        if self._card is not None:
            self._size = size_of(self._tty)
            lines = compose(self._card, self._size)
            self._write(_WIPE + "".join(f"{line}\r\n" for line in lines) + self._prompt)

    def ask(self, prompt: Callable[[], str]) -> str:
        """Return the line typed, without the newline.

        Raises `KeyboardInterrupt` on Ctrl-C and Ctrl-D, `NoTerminal` when the terminal has gone away.
        """
        try:
            return self._line(prompt)
        except (OSError, termios.error) as error:
            raise NoTerminal("the terminal was closed", see="docs/enrol.md") from error

    def _line(self, prompt: Callable[[], str]) -> str:
        line = b""
        while not line.endswith(b"\n"):
            if size_of(self._tty) != self._size:
                self.draw_again()
            if (text := prompt()) != self._prompt:
                self._prompt = text
                self._write(_REWRITE + text)
            if not select.select([self._tty], [], [], 1.0)[0]:
                continue
            piece = os.read(self._tty, _LONGEST_ANSWER_BYTES)
            if not piece:
                raise KeyboardInterrupt
            line += piece
        self._prompt = ""
        self._write(_REWRITE)
        return line.decode(errors="replace").rstrip("\r\n")

    def _write(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self._tty, data) :]


@contextlib.contextmanager
def open_screen() -> Iterator[Screen]:
    """Turn to the alternate screen of this process's terminal, for as long as the `with` lasts.

    Ctrl-Z shows the ordinary screen and `fg` the card again. Raises `NoTerminal`.
    """
    with _opened() as file_descriptor:
        screen = TtyScreen(file_descriptor)
        # The innermost handlers count: an ending signal must reach whoever has a device to remove.
        with visible_again_on_signals(screen, prompt_again=screen.draw_again), ending_interrupts(), screen:
            yield screen


def terminal_size() -> Size:
    """Return the size of this process's terminal; raises `NoTerminal`."""
    with _opened() as file_descriptor:
        return size_of(file_descriptor)


def size_of(file_descriptor: int) -> Size:
    """Return the size of a terminal; one that does not know its size is taken for 80x24."""
    columns, lines = os.get_terminal_size(file_descriptor)
    return Size(columns=columns or _ASSUMED.columns, lines=lines or _ASSUMED.lines)


@contextlib.contextmanager
def _opened() -> Iterator[int]:
    try:
        file_descriptor = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        raise NoTerminal("there is no terminal to show the QR code on", see="docs/enrol.md") from error
    try:
        yield file_descriptor
    finally:
        os.close(file_descriptor)
