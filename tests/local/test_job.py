from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import os, signal, time
from watchword.local.job import Job, pass_signals_on
job = Job("/bin/sh", ["sh", "-c", "trap 'exit 8' TERM; echo up; while :; do sleep 0.1; done"], os.environ)
os.kill(os.getpid(), signal.SIGTERM)
time.sleep(1)
pass_signals_on(job, wake=lambda: None)
while job.exit_status is None:
    time.sleep(0.05)
    job.look()
print("ended with", job.exit_status)
"""


def test_a_signal_between_the_start_of_a_job_and_the_hold_on_it_reaches_the_job() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SCRIPT], capture_output=True, text=True, timeout=30, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "ended with 8" in ran.stdout
