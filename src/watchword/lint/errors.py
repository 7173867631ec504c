"""What this room raises."""

from __future__ import annotations

from watchword.errors import WatchwordError


class FixesOverlap(WatchwordError):
    """Two fixes change the same characters, so only one of them can be applied at a time."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(
            f"two fixes change the same text: `{one}` and `{other}`",
            hint="apply one, look at the result again, then apply the other",
            see="docs/rooms/lint.md",
        )
