from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from watchword.local.cache_folder import UnusableCache
from watchword.local.lock import LockBusy, locked

_HOLD = (
    "import sys, time\nfrom pathlib import Path\nfrom watchword.local.lock import locked\n"
    "with locked(Path(sys.argv[1]), on_wait=lambda: None, longest_wait_seconds=9):\n"
    "    print('held', flush=True)\n    time.sleep(float(sys.argv[2]))\n"
)


def _holder(path: Path, seconds: float) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_free_lock_is_had_at_once(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", on_wait=pytest.fail, longest_wait_seconds=1) as waited:
        assert waited is False
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_a_held_one_is_waited_for_and_that_is_said_once(tmp_path: Path) -> None:
    said: list[str] = []
    with _holder(tmp_path / "lock", 1) as process:
        with locked(
            tmp_path / "lock", on_wait=lambda: said.append("waiting"), longest_wait_seconds=20
        ) as waited:
            assert waited is True
        assert said == ["waiting"]
        process.wait()


def test_waiting_ends(tmp_path: Path) -> None:
    with _holder(tmp_path / "lock", 30) as process:
        began = time.monotonic()
        with (
            pytest.raises(LockBusy),
            locked(tmp_path / "lock", on_wait=lambda: None, longest_wait_seconds=0.3),
        ):
            pass
        assert time.monotonic() - began < 5
        process.kill()


def test_a_holder_that_dies_leaves_no_lock(tmp_path: Path) -> None:
    with _holder(tmp_path / "lock", 30) as process:
        process.kill()
        process.wait()
        with locked(tmp_path / "lock", on_wait=pytest.fail, longest_wait_seconds=1):
            pass


def test_where_no_file_can_be_made_it_is_an_error(tmp_path: Path) -> None:
    with (
        pytest.raises(UnusableCache, match="cannot write"),
        locked(tmp_path / "no" / "lock", on_wait=lambda: None, longest_wait_seconds=1),
    ):
        pass
