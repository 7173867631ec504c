"""What keeps an account from being read.

WatchwordError
├── BeingRead         exit 1   another process reads into the same file
├── NoBundle          exit 1   what was named is no bundle of evidence
├── NotOverwritten    exit 1   a report or a bundle would have to replace something
├── NotTheSame        exit 1   what is kept of an earlier run is of another account, or too old
├── UnwritablePlace   exit 1   the snapshot, or what is kept on the way, cannot be written
└── StoppedReading    exit 1   AWS could not be reached any more; what was read is kept
"""

from __future__ import annotations

from watchword.errors import WatchwordError

SEE = "docs/prove/snapshot.md"


class BeingRead(WatchwordError):
    """Another process reads an account into the same file."""


class NotTheSame(WatchwordError):
    """What an earlier run has kept does not belong to this one."""


class UnwritablePlace(WatchwordError):
    """A file cannot be written."""


class NotOverwritten(WatchwordError):
    """Something is where a report or a bundle was to be written."""


class NoBundle(WatchwordError):
    """What was named is no bundle of evidence."""
