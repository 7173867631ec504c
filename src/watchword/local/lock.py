"""One process at a time: an advisory lock on a file."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from watchword.errors import WatchwordError
from watchword.local.cache_folder import unwritable

_POLL_SECONDS = 0.1
_MOMENT_SECONDS = 0.02


class LockBusy(WatchwordError):
    """Another process kept the lock for too long."""


@contextlib.contextmanager
def locked(path: Path, *, on_wait: Callable[[], None], longest_wait_seconds: float) -> Iterator[bool]:
    """Hold the lock at `path` for as long as the `with` lasts; the value is whether it had to wait.

    `on_wait` is called once, when another process holds it. The kernel drops the lock when its holder
    dies, so it is never stale; the file stays, for removing it would let two processes lock two files.
    Raises `LockBusy` after `longest_wait_seconds`, `UnusableCache` when the file cannot be made.
    """
    with _opened(path) as file_descriptor:
        yield _acquire(file_descriptor, fcntl.LOCK_EX, on_wait, longest_wait_seconds)


def wait_until_free(path: Path, *, on_wait: Callable[[], None], longest_wait_seconds: float) -> bool:
    """Wait until nobody holds the lock at `path`, without taking it; return whether somebody did.

    `on_wait` is called once, when somebody does. However many wait like this, they go on together.
    Raises `LockBusy` after `longest_wait_seconds`, `UnusableCache` when the file cannot be made.
    """
    with _opened(path) as file_descriptor:
        return _acquire(file_descriptor, fcntl.LOCK_SH, on_wait, longest_wait_seconds)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    try:
        file_descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield file_descriptor
    finally:
        # Closing is not enough: a child that was forked meanwhile has the same lock open.
        with contextlib.suppress(OSError):
            fcntl.flock(file_descriptor, fcntl.LOCK_UN)
        os.close(file_descriptor)


def _acquire(
    file_descriptor: int, kind: int, on_wait: Callable[[], None], longest_wait_seconds: float
) -> bool:
    if _try(file_descriptor, kind):
        return False
    # Those who only look hold it for a moment: nobody is told of that.
    time.sleep(_MOMENT_SECONDS)
    if _try(file_descriptor, kind):
        return True
    on_wait()
    end = time.monotonic() + longest_wait_seconds
    while time.monotonic() < end:
        time.sleep(_POLL_SECONDS)
        if _try(file_descriptor, kind):
            return True
    raise LockBusy(
        f"another watchword has been waiting for its code for {longest_wait_seconds:.0f} seconds",
        hint="answer or end it, then run this again",
        see="docs/rooms/local.md",
    )


def try_lock(file_descriptor: int) -> bool:
    """Lock an open file for this one alone, until it is closed; return False when somebody else has it."""
    return _try(file_descriptor, fcntl.LOCK_EX)


def _try(file_descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(file_descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
