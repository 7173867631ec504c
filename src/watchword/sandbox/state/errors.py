"""What can go wrong with a state folder.

WatchwordError
└── StateError
    ├── StateInUse      another sandbox has it
    ├── UnsafeState     somebody else made it, or may look into it or change it
    ├── ForeignState    another user, another version, or no state at all
    ├── DamagedState    altered, or not readable
    └── StateNotWritten the last change could not be written
"""

from __future__ import annotations

from watchword.errors import WatchwordError

SEE = "docs/sandbox/state.md"


class StateError(WatchwordError):
    """Something is wrong with a state folder. It is left as it is."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message, hint=hint, see=SEE)


class StateInUse(StateError):
    """Another sandbox has this folder."""


class UnsafeState(StateError):
    """The folder, or a file in it, may be read or changed by others, or is a link."""


class ForeignState(StateError):
    """What is there was not written by this user with this version, and so is not read."""


class DamagedState(StateError):
    """What is there is not what was written."""


class StateNotWritten(StateError):
    """A change could not be written: the disk is full, or the folder is gone."""
