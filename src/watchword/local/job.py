"""A program that runs while watchword stays: in the foreground of the terminal, as a shell runs it.

On a terminal the program gets a process group of its own and the terminal with it, so that Ctrl-C and Ctrl-Z
are its own, and so that watchword can take the terminal for a question: what is typed then cannot reach the
program.
Source: POSIX.1-2024, 11.1.2 "Process Groups" and 11.1.4 "Terminal Access Control"; "Implementing a Job
Control Shell", The GNU C Library Reference Manual.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NoReturn

from watchword.errors import NoTerminal
from watchword.local.terminal import foreground_terminal

_SEE = "docs/getting-in/serve.md"
_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_WANTS_THE_TERMINAL = (signal.SIGTTIN, signal.SIGTTOU)


class JobEnded(BaseException):
    """The program ended while somebody was asked something: no error, and nothing to recover from."""


class Job:
    """A program that was started. `look` has to be called when something may have happened to it."""

    def __init__(self, program: str, words: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it; raise OSError when it cannot be run. No thread may run beside this.

        Signals that should end this process wait from here until `pass_signals_on`: one that came in between
        would end it, and leave the program behind.
        """
        self._tty = foreground_terminal()
        self._asking = False
        self._stopped = False
        self._looking = False
        self._news = False
        self.exit_status: int | None = None
        tty = self._tty
        if tty is not None:
            signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # we give and take the terminal from behind

        before = signal.pthread_sigmask(signal.SIG_BLOCK, _PASSED_ON)

        def lead() -> None:
            if tty is not None:
                os.setpgid(0, 0)
                os.tcsetpgrp(tty, os.getpid())
                signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

        try:
            self._process = subprocess.Popen(
                list(words),
                executable=program,
                env=dict(environment),
                # It must have the terminal before it runs, and there is no other thread yet.
                preexec_fn=lead,  # noqa: PLW1509
            )
        except BaseException:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            raise
        self.pid = self._process.pid
        self._group = self.pid if tty is not None else None

    def look(self) -> None:
        """Take note of what happened to the program; when Ctrl-Z stopped it, stop with it.

        May be called by a handler of signals while it runs. Breaks off, by `JobEnded`, a question that nobody
        needs an answer to any more.
        """
        self._news = True
        if self._looking:
            return
        self._looking = True
        try:
            while self._news:
                self._news = False
                self._reap()
        finally:
            self._looking = False
        if self._asking and self.exit_status is not None:
            self._asking = False
            raise JobEnded

    def _reap(self) -> None:
        while self.exit_status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
            if pid == 0:
                return
            if os.WIFSTOPPED(status):
                self._on_stop(os.WSTOPSIG(status))
            elif os.WIFCONTINUED(status):
                self._stopped = False
            else:
                self.exit_status = self._process.returncode = os.waitstatus_to_exitcode(status)
                self._take_terminal()

    @property
    def is_asking(self) -> bool:
        """Return whether the terminal is held for a question now."""
        return self._asking

    def send(self, number: int) -> None:
        """Pass a signal on to the program, and to all that belongs to it on a terminal."""
        with contextlib.suppress(ProcessLookupError):
            if self._group is not None:
                os.killpg(self._group, number)
            else:
                os.kill(self.pid, number)

    def resume(self) -> None:
        """Let the program go on after this process was stopped, in the foreground if this is in it."""
        if self._asking or self.exit_status is not None:
            return
        if self._tty is not None and _foreground(self._tty) == os.getpgrp():
            self._give_terminal()
        if self._stopped:
            self._stopped = False
            self.send(signal.SIGCONT)

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Hold the terminal for a question while the program runs on; raise `NoTerminal` when that cannot be.

        Raises `JobEnded` out of the question when the program ends meanwhile.
        """
        if self._tty is None or self._stopped or _foreground(self._tty) != self._group:
            raise NoTerminal(
                "the program was not started on a terminal, or is not in its foreground", see=_SEE
            )
        if not _reads_lines(self._tty):
            raise NoTerminal(
                "a program uses the whole terminal, so that nothing can be asked there", see=_SEE
            )
        self._take_terminal()
        self._asking = True
        try:
            self.look()
            yield
        finally:
            self._asking = False
            if self.exit_status is None:
                self._give_terminal()
                self.send(signal.SIGCONT)  # it may have been stopped for wanting to read

    def _on_stop(self, number: int) -> None:
        self._stopped = True
        if self._tty is None or (self._asking and number in _WANTS_THE_TERMINAL):
            return
        self._take_terminal()
        os.killpg(0, signal.SIGSTOP)  # as the shell expects of all that it started together
        self.resume()

    def _take_terminal(self) -> None:
        if self._tty is not None and _foreground(self._tty) == self._group:
            with contextlib.suppress(OSError):
                os.tcsetpgrp(self._tty, os.getpgrp())

    def _give_terminal(self) -> None:
        if self._tty is not None and self._group is not None:
            with contextlib.suppress(OSError):
                os.tcsetpgrp(self._tty, self._group)


def pass_signals_on(job: Job, *, wake: Callable[[], None]) -> None:
    """From now on, signals that should end this process go to `job`, and news of it call `wake`.

    So do those that have waited since it was started.
    """

    def on_signal(number: int, _frame: object) -> None:
        if number == signal.SIGINT and job.is_asking:
            raise KeyboardInterrupt  # it is the question that somebody does not want
        job.send(number)

    def on_child(_number: int, _frame: object) -> None:
        wake()
        job.look()

    def on_continue(_number: int, _frame: object) -> None:
        job.resume()

    for number in _PASSED_ON:
        signal.signal(number, on_signal)
    signal.signal(signal.SIGCHLD, on_child)
    signal.signal(signal.SIGCONT, on_continue)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _PASSED_ON)


def end_as(exit_status: int) -> NoReturn:
    """End as the program ended: with its exit code, or by its signal."""
    if exit_status >= 0:
        raise SystemExit(exit_status)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # what this process knows is for no file
    number = -exit_status
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    raise SystemExit(128 + number)


def _foreground(tty: int) -> int | None:
    try:
        return os.tcgetpgrp(tty)
    except OSError:
        return None


def _reads_lines(tty: int) -> bool:
    try:
        return bool(termios.tcgetattr(tty)[3] & termios.ICANON)
    except termios.error:
        return False
