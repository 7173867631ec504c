"""Two codes in a row: asked unseen, checked before AWS is, with the time until the second."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

STEP_SECONDS = 30  # Source: RFC 6238, 4.1 (X), and the default of the otpauth address
_SIX_DIGITS = re.compile(r"[0-9]{6}")
Clock = Callable[[], float]  # seconds since 1970
_NOTHING_ELSE: Mapping[str, Callable[[], None]] = {}


class Asks(Protocol):
    """Whoever answers a question; `prompt` is called anew each second for what to show."""

    def ask(self, prompt: Callable[[], str]) -> str: ...


def ask_pair(
    asks: Asks, *, clock: Clock, instead: Mapping[str, Callable[[], None]] = _NOTHING_ELSE
) -> tuple[str, str]:
    """Ask for the code shown now and for the one after it; both have six digits and they differ.

    `clock` says when the app turns to its next code: that is counted down, but the second code may
    be typed at any time, since the app may be ahead. `instead` is what may be typed in the place of the
    first code, and what is done then.
    """
    first = _ask_six_digits(asks, lambda: "first code: ", instead)
    change = (clock() // STEP_SECONDS + 1) * STEP_SECONDS

    def prompt() -> str:
        return f"second code ({_when(change - clock())}): "

    second = _ask_six_digits(asks, prompt)
    while second == first:
        second = _ask_six_digits(asks, lambda: f"that is the first one again; {prompt()}")
    return first, second


def _when(seconds_left: float) -> str:
    return f"your app shows it in {int(seconds_left) + 1} s" if seconds_left > 0 else "your app shows it now"


def _ask_six_digits(
    asks: Asks, prompt: Callable[[], str], instead: Mapping[str, Callable[[], None]] = _NOTHING_ELSE
) -> str:
    def again() -> str:
        return f"six digits are needed; {prompt()}"

    shown = prompt
    while True:
        # Apps show `123 456`, and people type what they see.
        typed = re.sub(r"\s", "", asks.ask(shown))
        if _SIX_DIGITS.fullmatch(typed):
            return typed
        do = instead.get(typed.lower())
        if do is not None:
            do()
        shown = again if do is None else prompt
