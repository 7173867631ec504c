"""Whose turn it is: requests go side by side, a reset goes alone."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Final

from watchword.errors import WatchwordError

_PATIENCE_SECONDS: Final = 10.0


class StillAnswering(WatchwordError):
    """Requests that were being answered did not come to an end."""


class Turns:
    """Any thread may use it. What waits for a turn is let in as soon as it can be."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._answering = 0
        self._alone = False

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Be one of the requests that are answered; waits while somebody is alone."""
        with self._changed:
            while self._alone:
                self._changed.wait()
            self._answering += 1
        try:
            yield
        finally:
            with self._changed:
                self._answering -= 1
                self._changed.notify_all()

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one. Raises StillAnswering when requests do not end within ten seconds."""
        with self._changed:
            while self._alone:
                self._changed.wait()
            self._alone = True
            quiet = self._changed.wait_for(lambda: self._answering == 0, timeout=_PATIENCE_SECONDS)
            if not quiet:
                self._alone = False
                self._changed.notify_all()
                raise StillAnswering(
                    f"{self._answering} requests have been answered for {_PATIENCE_SECONDS:.0f} seconds",
                    hint="end what calls the sandbox before it is reset",
                    see="docs/sandbox/tests.md",
                )
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
