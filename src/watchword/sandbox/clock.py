"""The time in the sandbox: one clock that can be moved, and the signatures' own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from watchword.sandbox.kept import Store

_NO_TIME = timedelta(0)


def machine_now() -> datetime:
    """Return the time of the machine that this runs on, in UTC."""
    return datetime.now(UTC)


class SandboxClock:
    """Two times that run at the machine's pace.

    `now()` is what codes, expiry and `aws:CurrentTime` follow; it can be moved and set.
    `signature_now()` is what the dates of signatures are compared with and what the `Date` header
    says: the machine's time plus a skew. Moving the first never touches the second, because an SDK
    signs with the machine's time, whatever the sandbox plays.

    `machine` returns the machine's time, aware and in UTC. Any thread may use a clock.
    """

    def __init__(self, machine: Callable[[], datetime] = machine_now) -> None:
        self._machine = machine
        self._lock = threading.Lock()
        self._offset = _NO_TIME
        self._skew = _NO_TIME

    def now(self) -> datetime:
        """Return the sandbox's time, aware and in UTC."""
        with self._lock:
            return self._machine() + self._offset

    def signature_now(self) -> datetime:
        """Return the time that signatures are checked against, aware and in UTC."""
        with self._lock:
            return self._machine() + self._skew

    @property
    def offset(self) -> timedelta:
        """How far the sandbox's time is ahead of the machine's."""
        with self._lock:
            return self._offset

    @property
    def skew(self) -> timedelta:
        """How far the signatures' time is ahead of the machine's."""
        with self._lock:
            return self._skew

    @skew.setter
    def skew(self, skew: timedelta) -> None:
        with self._lock:
            self._within_reach(skew)
            self._skew = skew

    def move(self, by: timedelta) -> datetime:
        """Move the sandbox's time by `by`, back if negative, and return the new time.

        Raises ValueError when that is outside the years 1970 to 9998.
        """
        with self._lock:
            offset = self._offset + by
            moved = self._within_reach(offset)
            self._offset = offset
            return moved

    def set(self, to: datetime) -> datetime:
        """Set the sandbox's time to `to`, which must be aware, and return it in UTC.

        Raises ValueError when `to` is naive, or outside the years 1970 to 9998.
        """
        if to.tzinfo is None:
            raise ValueError("the time to set must have a time zone")
        with self._lock:
            offset = to - self._machine()
            moved = self._within_reach(offset)
            self._offset = offset
            return moved

    def reset(self) -> None:
        """Go back to the machine's time, for both."""
        with self._lock:
            self._offset = self._skew = _NO_TIME

    def store(self) -> Store:
        """Return how far both times are from the machine's, in seconds, to be kept."""

        def dump(_everything: bool) -> dict[str, float]:
            return {"offset": self.offset.total_seconds(), "skew": self.skew.total_seconds()}

        def load(kept: Mapping[str, float]) -> None:
            with self._lock:
                self._offset = timedelta(seconds=kept.get("offset", 0))
                self._skew = timedelta(seconds=kept.get("skew", 0))

        return Store(name="clock", kind=float, dump=dump, load=load)

    def _within_reach(self, offset: timedelta) -> datetime:
        # Time steps count from 1970, and expiry adds up to 36 hours to what is now.
        try:
            moved = self._machine() + offset
        except OverflowError:
            raise ValueError("the sandbox's time must lie between the years 1970 and 9998") from None
        if not 1970 <= moved.year <= 9998:
            raise ValueError("the sandbox's time must lie between the years 1970 and 9998")
        return moved
