"""Two codes in a row: asked unseen, checked before AWS is, with the time until the second."""

from __future__ import annotations

import re
from collections.abc import Callable

from watchword.device.screen import Screen

STEP_SECONDS = 30  # Source: RFC 6238, 4.1 (X), and the default of the otpauth address
_SIX_DIGITS = re.compile(r"[0-9]{6}")
Clock = Callable[[], float]  # seconds since 1970


def ask_pair(screen: Screen, *, clock: Clock) -> tuple[str, str]:
    """Ask for the code shown now and for the one after it; both have six digits and they differ.

    `clock` says when the app turns to its next code: that is counted down, but the second code may
    be typed at any time, since the app may be ahead.
    """
    first = _ask_six_digits(screen, lambda: "first code: ")
    change = (clock() // STEP_SECONDS + 1) * STEP_SECONDS

    def prompt() -> str:
        return f"second code ({_when(change - clock())}): "

    second = _ask_six_digits(screen, prompt)
    while second == first:
        second = _ask_six_digits(screen, lambda: f"that is the first one again; {prompt()}")
    return first, second


def _when(seconds_left: float) -> str:
    return f"your app shows it in {int(seconds_left) + 1} s" if seconds_left > 0 else "your app shows it now"


def _ask_six_digits(screen: Screen, prompt: Callable[[], str]) -> str:
    # Apps show `123 456`, and people type what they see.
    typed = re.sub(r"\s", "", screen.ask(prompt))
    while not _SIX_DIGITS.fullmatch(typed):
        typed = re.sub(r"\s", "", screen.ask(lambda: f"six digits are needed; {prompt()}"))
    return typed
