import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    "subject", ["evaluate", "compile", "actions", "checks", "sandbox", "prove", "startup"]
)
def test_the_benchmark_runs_and_says_of_each_promise_whether_it_is_kept(subject: str) -> None:
    """Whether they are kept on a busy machine is for `make bench` to say, not for a test."""
    run = subprocess.run(
        [sys.executable, "-m", "bench", "--small", subject],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in run.stderr
    broken = run.stdout.count(": not kept")
    assert run.returncode == (1 if broken else 0)
    assert run.stdout.count("\n") >= 1
