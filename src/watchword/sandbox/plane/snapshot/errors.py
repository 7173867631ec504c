"""What can go wrong with a snapshot of moto.

WatchwordError
├── CannotKeep      moto holds something that has no form on disk
└── BrokenSnapshot  what was kept does not fit together, or names what it may not
"""

from __future__ import annotations

from watchword.errors import WatchwordError

SEE = "docs/sandbox/state.md"


class CannotKeep(WatchwordError):
    """An object of moto's cannot be written to a state folder."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the sandbox cannot keep `{what}` in a state folder",
            hint="run what needs it in a sandbox without --state",
            see=SEE,
        )


class BrokenSnapshot(WatchwordError):
    """What was kept of moto cannot be read."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the state cannot be read: {what}",
            hint="start with another --state DIR; this one is left as it is",
            see=SEE,
        )
