"""How many codes may be checked: nine a device and window, right and wrong ones alike."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from watchword.sandbox.kept import Kept, Store

CHECKS_A_WINDOW: Final = 9
WINDOW_SECONDS: Final = 180


class CheckBudget:
    """The checks spent on each device ARN in its present window.

    Windows are the three minutes of UTC that begin at 00, 03, 06, …, not a time since the last check.
    The ARN counts, not the seed: a device that is deleted and made anew keeps what was spent.

    Source: observed on AWS. Not thread-safe: its owner locks.
    """

    def __init__(self) -> None:
        self._spent: Kept[str, tuple[int, int]] = Kept()

    def spend(self, serial_number: str, now: datetime) -> bool:
        """Count one check; return False, and count nothing, when the window has none left."""
        window = int(now.timestamp() // WINDOW_SECONDS)
        last_window, spent = self._spent.get(serial_number, (window, 0))
        if last_window != window:
            spent = 0
        if spent >= CHECKS_A_WINDOW:
            return False
        self._spent[serial_number] = (window, spent + 1)
        return True

    def store(self) -> Store:
        """Return what has been spent, to be kept."""
        return Store.of("checks", tuple[int, int], self._spent)
