"""One sandbox at a time in a process: what moto holds is one set for all of them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from watchword.errors import WatchwordError

_LOCK = threading.Lock()


class SandboxInUse(WatchwordError):
    """Another sandbox is used in this process."""


@contextlib.contextmanager
def occupied() -> Iterator[None]:
    """Use this process's only place for a sandbox. Raises SandboxInUse."""
    if not _LOCK.acquire(blocking=False):
        raise SandboxInUse(
            "this process uses a sandbox already, and two would share what is in them",
            hint="end the other one first; processes of their own have sandboxes of their own",
            see="docs/sandbox/tests.md",
        )
    try:
        yield
    finally:
        _LOCK.release()
