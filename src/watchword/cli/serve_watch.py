"""What `serve` does while it serves: wait, renew, ask, and end."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from dataclasses import dataclass

from watchword.cli.bell import Bell
from watchword.cli.failure import show
from watchword.cli.getting_in import announce, now, talk
from watchword.errors import NoTerminal, WatchwordError
from watchword.local.job import Job, JobEnded
from watchword.report.span import ending
from watchword.session.serve_supply import Supply

# A clock that is set, or a machine that slept, is noticed after this long.
_LONGEST_SLEEP_SECONDS = 30.0
_ENDED_BY = (signal.SIGTERM, signal.SIGHUP)


@dataclass(slots=True)
class Ended:
    """Which signal ended the watch."""

    signal: int = signal.SIGINT


class _ByeBye(BaseException):
    """A signal asked for the end."""


@contextlib.contextmanager
def ended_by_signals() -> Iterator[Ended]:
    """Let SIGINT, SIGTERM and SIGHUP end what is within, and note which it was."""
    ended = Ended()

    def on_signal(number: int, _frame: object) -> None:
        ended.signal = number
        raise _ByeBye

    for number in _ENDED_BY:
        signal.signal(number, on_signal)
    try:
        yield ended
    except KeyboardInterrupt:
        ended.signal = signal.SIGINT
    except _ByeBye:
        pass


def watch(supply: Supply, bell: Bell, job: Job | None) -> None:
    """Renew what is served until the job ends; without a job, until an exception comes out of a signal."""
    told: str | None = None
    while job is None or job.exit_status is None:
        due = supply.seconds_until_due()
        if due > 0:
            bell.wait(min(due, _LONGEST_SLEEP_SECONDS))
            if job is not None:
                job.look()
            continue
        try:
            told = _renew(supply, job, told)
        except JobEnded:
            return


def _renew(supply: Supply, job: Job | None, told: str | None) -> str | None:
    """Renew; return the failure that was told, so that it is told once."""
    try:
        with contextlib.ExitStack() as held:
            if supply.needs_a_code():
                _hold_the_terminal(held, job)
                _say_why(supply)
            signed_in = supply.renew()
    except WatchwordError as error:
        if error.message != told:
            show(error)
        return error.message
    except KeyboardInterrupt:
        if job is None:
            raise
        talk("nobody signed in; the command runs on, and is refused credentials when the session is over")
        return None
    if signed_in is not None:
        announce(signed_in)
    return None


def _hold_the_terminal(held: contextlib.ExitStack, job: Job | None) -> None:
    if job is None:
        return
    # Where the terminal cannot be had, another source of codes may do.
    with contextlib.suppress(NoTerminal):
        held.enter_context(job.asking())


def _say_why(supply: Supply) -> None:
    session, at = supply.session, now()
    when = f"ends at {ending(session.expires_at, at)}" if session.seconds_left(at) else "is over"
    talk(f"the session of `{session.profile}` that is served {when}")
