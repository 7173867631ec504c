"""How many of the mutants of `iam` the tests notice: `make mutate`, which runs for hours.

A mutant that no test reaches counts as one that lives, and so does one that was not tried.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec

from bench.figure import Figure

PROMISED_PERCENT = 90.0
STATISTICS = Path("mutants/mutmut-cicd-stats.json")


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What mutmut counts. A mutant that runs into its time limit is noticed: the tests would hang."""

    total: int
    killed: int
    timeout: int

    @property
    def noticed_percent(self) -> float:
        """The share that the tests notice, of all mutants."""
        return 100 * (self.killed + self.timeout) / self.total


def figure(tally: Tally) -> Figure:
    """Return the share as a figure with its promise."""
    return Figure(
        name=f"mutants of iam noticed ({tally.total} in all)",
        value=tally.noticed_percent,
        unit="%",
        promise=f"at least {PROMISED_PERCENT:.0f} %",
        kept=tally.noticed_percent >= PROMISED_PERCENT,
    )


def main() -> int:
    """Run mutmut, print the figure, exit 1 when the promise is broken."""
    mutmut = [sys.executable, "-m", "mutmut"]
    subprocess.run([*mutmut, "run"], check=True)
    subprocess.run([*mutmut, "export-cicd-stats"], check=True, stdout=subprocess.DEVNULL)
    result = figure(msgspec.json.decode(STATISTICS.read_bytes(), type=Tally))
    sys.stdout.write(f"\n{result}\n")
    return 0 if result.kept else 1


if __name__ == "__main__":
    sys.exit(main())
