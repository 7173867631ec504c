"""Another program, run for what it prints: it may talk and ask on the terminal, and it never runs on."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType

from watchword.errors import WatchwordError
from watchword.local.terminal import foreground_terminal

LONGEST_RUN_SECONDS = 120
"""As long as a person may take to find a key and touch it, or to type a passphrase."""

_LONGEST_OUTPUT_BYTES = 65_536
_GRACE_SECONDS = 0.5
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class OtherProgramFailed(WatchwordError):
    """It could not be started, took too long, or printed without end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a program ended (minus the signal's number when one ended it), and what it printed on stdout."""

    exit_code: int
    output: bytes = field(repr=False)


def output_of(command: Sequence[str], *, longest_run_seconds: float = LONGEST_RUN_SECONDS) -> Ended:
    """Run a command until it ends and return what it printed on its stdout.

    Its stdin and stderr are the terminal when there is one in whose foreground this is, so that it can ask by
    itself even where our own streams are swallowed; else its stdin is empty and its stderr ours. Ctrl-C,
    and a signal that ends this process, end the program too, and the terminal is left as it was found.
    Raises `OtherProgramFailed`.
    """
    with _terminal() as terminal:
        streams = (terminal, terminal) if terminal is not None else (subprocess.DEVNULL, None)

        def start() -> subprocess.Popen[bytes]:
            try:
                return subprocess.Popen(command, stdin=streams[0], stdout=subprocess.PIPE, stderr=streams[1])
            except OSError as error:
                raise OtherProgramFailed(f"it cannot be run: {(error.strerror or '').lower()}") from error

        with _ended_with_us(start) as process:
            return _wait(process, time.monotonic() + longest_run_seconds, longest_run_seconds)


def _wait(process: subprocess.Popen[bytes], until: float, longest_run_seconds: float) -> Ended:
    assert process.stdout is not None  # noqa: S101 it was asked for
    output = b""
    while True:
        if not select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))[0]:
            raise OtherProgramFailed(f"it did not end within {longest_run_seconds:.0f} s")
        piece = os.read(process.stdout.fileno(), _LONGEST_OUTPUT_BYTES)
        if not piece:
            break
        output += piece
        if len(output) > _LONGEST_OUTPUT_BYTES:
            raise OtherProgramFailed("it printed without end")
    try:
        exit_code = process.wait(timeout=max(0.0, until - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise OtherProgramFailed(f"it did not end within {longest_run_seconds:.0f} s") from None
    return Ended(exit_code=exit_code, output=output)


@contextlib.contextmanager
def _ended_with_us(start: Callable[[], subprocess.Popen[bytes]]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the program, and end it however the `with` is left, also when a signal ends this process.

    A signal that comes while it is being started waits until it can be ended: it would be left running.
    Signals belong to the main thread; a library may run this in another one.
    """
    process: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        if process is None:
            early.append(number)
            return
        process.terminate()
        signal.signal(number, before[signal.Signals(number)])
        os.kill(os.getpid(), number)
        # Whoever waits for it as well, as `serve` does, need not end at once.
        signal.signal(number, end)

    ours = _ENDING if threading.current_thread() is threading.main_thread() else ()
    handlers = {number: signal.getsignal(number) for number in ours}
    # One that is ignored ends neither: `nohup`, and Ctrl-C for what a script runs in the background.
    before = {number: handler for number, handler in handlers.items() if handler != signal.SIG_IGN}
    try:
        for number in before:
            signal.signal(number, end)
        process = start()
        for came in early:
            signal.raise_signal(came)
        yield process
    finally:
        if process is not None:
            with process:
                _end(process)
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        process.stdout.close()
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_GRACE_SECONDS)
    if process.poll() is None:
        process.kill()


@contextlib.contextmanager
def _terminal() -> Iterator[int | None]:
    """Open the terminal, and put it back as it was: a program that is ended may have turned the echo off."""
    terminal = foreground_terminal()
    if terminal is None:
        yield None
        return
    try:
        before = termios.tcgetattr(terminal)
        yield terminal
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSANOW, before)
        os.close(terminal)
