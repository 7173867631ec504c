"""Time steps and the codes that belong to them (RFC 6238), as AWS matches them."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import pyotp

STEP_SECONDS: Final = 30
"""How long a code lasts. Source: RFC 6238, 4.1; AWS's devices use 30 s."""

TOLERATED_STEPS: Final = 2
"""How far a code may be off at STS, either way. Source: observed on AWS."""

PAIR_STEPS_BEHIND: Final = 998
PAIR_STEPS_AHEAD: Final = 1000
"""Where the second code of a pair may lie, from the device's clock. Source: observed on AWS."""


def step_at(now: datetime) -> int:
    """Return the time step that `now`, an aware time, falls into. Source: RFC 6238, 4.2."""
    return int(now.timestamp() // STEP_SECONDS)


def seconds_left(now: datetime) -> int:
    """Return how many whole seconds the code of `now` still lasts: 30 to 1."""
    return STEP_SECONDS - int(now.timestamp() % STEP_SECONDS)


def code_at(seed: str, step: int) -> str:
    """Return the six digits of `seed` (base32) at `step`. Source: RFC 4226, 5.3."""
    return pyotp.HOTP(seed).at(step)


def matching_steps(seed: str, code: str, *, clock_step: int) -> Iterator[int]:
    """Yield the steps within two of `clock_step` whose code is `code`, the nearest first."""
    for step in _nearest_first(clock_step, behind=TOLERATED_STEPS, ahead=TOLERATED_STEPS):
        if _is_code_at(seed, code, step):
            yield step


def find_pair(seed: str, first: str, second: str, *, clock_step: int, newer_than: int | None) -> int | None:
    """Return the step of `second` when `first` and `second` are codes that follow each other.

    The second one's step lies from 998 behind to 1000 ahead of `clock_step`, and both are newer than
    `newer_than`, the second step of the pair that was last accepted. None when no pair fits.

    Source: observed on AWS.
    """
    for step in _nearest_first(clock_step, behind=PAIR_STEPS_BEHIND, ahead=PAIR_STEPS_AHEAD):
        if newer_than is not None and step - 1 <= newer_than:
            continue
        if _is_code_at(seed, second, step) and _is_code_at(seed, first, step - 1):
            return step
    return None


def _nearest_first(middle: int, *, behind: int, ahead: int) -> Iterator[int]:
    # Nearly every code is for the present step, so the search nearly always ends at once.
    yield middle
    for distance in range(1, max(behind, ahead) + 1):
        if distance <= behind:
            yield middle - distance
        if distance <= ahead:
            yield middle + distance


def _is_code_at(seed: str, code: str, step: int) -> bool:
    return step >= 0 and hmac.compare_digest(code_at(seed, step).encode(), code.encode())
