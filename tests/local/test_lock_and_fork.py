from __future__ import annotations

import os
import signal
from pathlib import Path

from watchword.local.lock import locked


def nobody_waits() -> None:
    raise AssertionError("somebody else holds the lock")


def test_a_child_that_was_forked_under_a_lock_does_not_keep_it(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", on_wait=nobody_waits, longest_wait_seconds=0):
        child = os.fork()
        if child == 0:
            signal.pause()
    try:
        with locked(tmp_path / "lock", on_wait=nobody_waits, longest_wait_seconds=0):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
