"""What can go wrong with a file of `~/.aws`. No message holds anything that stands in the file.

WatchwordError
├── UnreadableAwsFile    exit 1   the file is none that an AWS program can read; says file and line
├── UnwritableSetting    exit 1   a setting cannot be written there without changing something else
├── NoPlaceForAwsFile    exit 1   the environment names no file
└── NotRewritten         exit 1   `local.rewrite`: the file could not be replaced without harm
"""

from __future__ import annotations

from watchword.errors import WatchwordError

SEE = "docs/getting-in/files.md"


class UnreadableAwsFile(WatchwordError):
    """No AWS program can read the file. `line` counts from 1; None when it cannot be opened."""

    def __init__(self, message: str, *, line: int | None, hint: str) -> None:
        super().__init__(message, hint=hint, see=SEE)
        self.line = line


class UnwritableSetting(WatchwordError):
    """A setting cannot be written there without changing what something else means."""


class NoPlaceForAwsFile(WatchwordError):
    """The environment names no file to read or write."""
