"""Many clients at once: no wrong decision, no failure. `make bench` does so for a minute."""

from __future__ import annotations

from pathlib import Path

from bench.load import run_load
from bench.sandbox import running_sandbox


def test_sixteen_clients_at_once_see_no_wrong_decision_and_no_failure(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as door:
        seen, _ = run_load(door, tmp_path, seconds=2, least=3)
    assert seen.wrong == []
    assert seen.failed == []
    assert len(seen.seconds) > 32
