"""Whose turn it is to ask: one watchword at a time for each access key, and for each device.

The lock of the key is held from the moment a device is looked for until its session is kept, so that many
callers at once ask once, and so that a caller who cannot ask anybody can tell whether somebody does.
The lock of the device comes second, for its codes serve every key of the user.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from watchword.local.lock import locked, wait_until_free
from watchword.local.stderr_only import say

# As long as a person may take to find the phone.
_LONGEST_WAIT_SECONDS = 300


@contextlib.contextmanager
def turn_to_ask(
    path: Path, what: str, *, longest_wait_seconds: float = _LONGEST_WAIT_SECONDS
) -> Iterator[bool]:
    """Hold the lock at `path` to ask for a code of `what`; the value is whether another asked meanwhile.

    Raises `LockBusy` after `longest_wait_seconds` (five minutes, unless given), `UnusableCache`.
    """
    with locked(path, on_wait=lambda: _say(what), longest_wait_seconds=longest_wait_seconds) as waited:
        yield waited


def another_asked(path: Path, what: str) -> bool:
    """Wait until nobody asks for a code of `what` any more; return False at once when nobody does.

    Raises `LockBusy` after five minutes.
    """
    return wait_until_free(path, on_wait=lambda: _say(what), longest_wait_seconds=_LONGEST_WAIT_SECONDS)


def _say(what: str) -> None:
    say(f"another watchword is asking for a code of {what}; waiting for it")
