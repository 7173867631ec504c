"""How long the command takes to begin: beside Python itself with click, in the same run."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.figure import Figure

ROUNDS = 15
CLICK_ALONE = [sys.executable, "-c", "import click"]
WATCHWORD = str(Path(sys.executable).with_name("watchword"))
PROMISED = 2.0


def measure(*, small: bool = False) -> list[Figure]:
    """Return how long `watchword --help` takes, and how that compares with importing click and ending."""
    alone: list[float] = []
    help_text: list[float] = []
    for _ in range(2 if small else ROUNDS):
        # In turns, so that a slower moment of the machine is a slower moment for both.
        alone.append(_milliseconds(CLICK_ALONE))
        help_text.append(_milliseconds([WATCHWORD, "--help"]))
    value, base = statistics.median(help_text), statistics.median(alone)
    return [
        Figure(
            name="watchword --help",
            value=value,
            unit="ms",
            ratio=value / base,
            ratio_to="python -c 'import click'",
            promise=f"at most {PROMISED:g} times that",
            kept=value / base <= PROMISED,
        )
    ]


def _milliseconds(command: list[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - begin)
