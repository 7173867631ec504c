"""How fast all actions are answered at once, in three MFA states, for one principal."""

from __future__ import annotations

from bench.figure import Figure
from bench.subjects import USER, five_policies
from bench.timing import ROUNDS, best, lookups_per_second
from watchword.iam import cover, principal_context, principal_from_arn
from watchword.local.universe import load_universe

QUESTIONS = 500
PROMISED_MICROSECONDS = 100.0


def measure(*, small: bool = False) -> list[Figure]:
    """Return the time of one question, and of the work on the policies that comes before the first."""
    rounds = 1 if small else ROUNDS
    universe, policies = load_universe(), five_policies()
    context = principal_context(principal_from_arn(USER))
    covered = cover(policies, universe, principal_arn=USER)
    lookups = lookups_per_second(rounds=rounds)

    def run() -> None:
        for _ in range(QUESTIONS):
            covered.reach(context)

    seconds = best(run, rounds=rounds) / QUESTIONS
    before = best(lambda: cover(policies, universe, principal_arn=USER), rounds=rounds)
    count = len(universe.matching("*"))
    return [
        Figure(
            name=f"all {count} actions in three MFA states",
            value=1e6 * seconds,
            unit="µs",
            ratio=seconds * lookups / count,
            ratio_to="the time of a dictionary look-up, for each action",
            promise=f"under {PROMISED_MICROSECONDS:g} µs",
            kept=1e6 * seconds < PROMISED_MICROSECONDS,
        ),
        Figure(name="five policies measured against all actions, once", value=1000 * before, unit="ms"),
    ]
