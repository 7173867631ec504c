"""How fast the engine decides.

Each speed is given beside that of a plain loop of dictionary look-ups in the same run: that ratio says
more than the number, which belongs to one machine at one moment.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.figure import Figure
from bench.subjects import distinct, five_policies, request
from bench.timing import LOOKUP, ROUNDS, best, lookups_per_second
from watchword.iam import Decision, PolicySet, Request, evaluate

REPEATED = 50_000
PROMISED_REPEATED = 500_000
PROMISED_DISTINCT = 150_000


def measure(*, small: bool = False) -> list[Figure]:
    """Return the decisions a second on one request again and again, and on 10 000 distinct ones."""
    rounds = 1 if small else ROUNDS
    policies = five_policies()
    lookups = lookups_per_second(rounds=rounds)
    same, others = [request(0)] * REPEATED, distinct()
    return [
        _figure("one request", same, policies, lookups, promised=PROMISED_REPEATED, rounds=rounds),
        _figure(
            f"{len(others):,} distinct requests".replace(",", " "),
            others,
            policies,
            lookups,
            promised=PROMISED_DISTINCT,
            rounds=rounds,
        ),
    ]


def _figure(
    what: str, requests: Sequence[Request], policies: PolicySet, lookups: float, *, promised: int, rounds: int
) -> Figure:
    def run() -> Decision | None:
        decision = None
        for each in requests:
            decision = evaluate(each, policies)
        return decision

    per_second = len(requests) / best(run, rounds=rounds)
    return Figure(
        name=f"evaluate, {what}",
        value=per_second,
        unit="1/s",
        ratio=per_second / lookups,
        ratio_to=LOOKUP,
        promise=f"at least {promised:,}/s".replace(",", " "),
        kept=per_second >= promised,
    )
