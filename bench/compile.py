"""How fast policies are read and compiled: AWS's own managed ones, each as it is written."""

from __future__ import annotations

from bench.figure import Figure
from bench.subjects import large_policy, managed_policies
from bench.timing import best, lookups_per_second
from watchword.iam import PolicyKind, compile_policy, parse_policy

ROUNDS = 3
PROMISED_SECONDS = 3.0


def measure(*, small: bool = False) -> list[Figure]:
    """Return the time for a policy of 90 kB, and for all of AWS's managed ones where moto has them."""
    rounds = 1 if small else ROUNDS
    lookups = lookups_per_second(rounds=rounds)
    large = {"large": large_policy()}
    seconds = _seconds(large, rounds)
    figures = [Figure(name="read and compile a policy of 90 kB", value=1000 * seconds, unit="ms")]
    managed = managed_policies()
    if not managed:
        return figures
    seconds = _seconds(managed, rounds)
    whole = Figure(
        name=f"read and compile the {len(managed)} managed policies of AWS",
        value=seconds,
        unit="s",
        ratio=seconds * lookups / sum(map(len, managed.values())),
        ratio_to="the time of a dictionary look-up, for each character",
        promise=f"under {PROMISED_SECONDS:g} s",
        kept=seconds < PROMISED_SECONDS,
    )
    return [*figures, whole]


def _seconds(texts: dict[str, str], rounds: int) -> float:
    def run() -> None:
        for name, text in texts.items():
            compile_policy(parse_policy(text, name=name, kind=PolicyKind.IDENTITY))

    return best(run, rounds=rounds)
