"""Turning the echo of a terminal off, and on again whatever happens."""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import termios
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType

_LOCAL_FLAGS = 3
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Hidden:
    """A terminal without echo, for as long as the `with` lasts.

    The newline is still echoed, so that what comes next does not start behind the prompt.
    """

    def __init__(self, file_descriptor: int) -> None:
        self._fd = file_descriptor
        self._before = termios.tcgetattr(file_descriptor)

    def __enter__(self) -> None:
        self.hide()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.show()

    def hide(self) -> None:
        """Turn the echo off; what was typed ahead (and so was seen) is thrown away."""
        mode = termios.tcgetattr(self._fd)
        mode[_LOCAL_FLAGS] = (mode[_LOCAL_FLAGS] & ~termios.ECHO) | termios.ECHONL | termios.ICANON
        termios.tcsetattr(self._fd, termios.TCSAFLUSH, mode)

    def show(self) -> None:
        """Put the terminal back as it was found."""
        termios.tcsetattr(self._fd, termios.TCSANOW, self._before)


@contextlib.contextmanager
def _visible_again_at_the_end(hidden: Hidden) -> Iterator[None]:
    """Restore the terminal when the interpreter ends while a thread still asks: it is not waited for then."""
    atexit.register(hidden.show)
    try:
        yield
    finally:
        atexit.unregister(hidden.show)


@contextlib.contextmanager
def visible_again_on_signals(hidden: Hidden, *, prompt_again: Callable[[], None]) -> Iterator[None]:
    """Restore the terminal before a signal ends or stops the process; hide again when it goes on.

    Ctrl-C needs nothing here: it is an exception, and `Hidden` ends with it. Signals belong to the main
    thread: in another one, which a library may ask from, the terminal is restored when the program ends.
    """
    if threading.current_thread() is not threading.main_thread():
        with _visible_again_at_the_end(hidden):
            yield
        return

    def end(number: int, _frame: FrameType | None) -> None:
        hidden.show()
        signal.signal(number, before[signal.Signals(number)])
        os.kill(os.getpid(), number)
        # Whoever waits for it as well, as `serve` does for a running program, need not end at once.
        signal.signal(number, end)
        hidden.hide()
        prompt_again()

    def stop(_number: int, _frame: FrameType | None) -> None:
        hidden.show()
        os.kill(os.getpid(), signal.SIGSTOP)
        # Here the process was continued (`fg`): the shell has set the terminal to its own liking.
        hidden.hide()
        prompt_again()

    before = {number: signal.getsignal(number) for number in (*_ENDING, signal.SIGTSTP)}
    try:
        for number in _ENDING:
            signal.signal(number, end)
        signal.signal(signal.SIGTSTP, stop)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
