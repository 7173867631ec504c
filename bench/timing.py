"""How long something takes on this processor, and what a plain look-up takes beside it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

LOOKUP = "the speed of a dictionary look-up"
ROUNDS = 5
_LOOKUPS = 200_000


def best(run: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Return the processor seconds of the quickest round: the others were disturbed."""
    times = []
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def lookups_per_second(*, rounds: int = ROUNDS) -> float:
    """Return the speed of a plain loop of dictionary look-ups, each beside an assignment."""
    table = {f"key-{number}": number for number in range(1000)}
    keys = list(table) * (_LOOKUPS // 1000)

    def run() -> int:
        found = 0
        for key in keys:
            found = table[key]
        return found

    return len(keys) / best(run, rounds=rounds)
