"""A bell for the one thread that waits."""

from __future__ import annotations

import contextlib
import os
import select


class Bell:
    """Wakes the one that waits: rung by threads and by handlers of signals."""

    def __init__(self) -> None:
        self._hears, self._rings = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def ring(self) -> None:
        """Wake whoever waits, now or next."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._rings, b"!")

    def wait(self, seconds: float) -> None:
        """Wait until it rings, `seconds` at most."""
        select.select([self._hears], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            os.read(self._hears, 4096)
