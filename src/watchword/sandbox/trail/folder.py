"""The folder that stands for the bucket of a trail."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from watchword.errors import WatchwordError

SEE: Final = "docs/sandbox/cloudtrail.md"


class CannotDeliver(WatchwordError):
    """The folder for CloudTrail's files cannot be used."""


def make_folder(folder: Path) -> None:
    """Make the folder, for its owner alone, unless it is there. Raises CannotDeliver."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(folder, os.strerror(error.errno or 0)) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise _unusable(folder, "it may not be written to")


def _unusable(folder: Path, why: str) -> CannotDeliver:
    return CannotDeliver(
        f"CloudTrail's files cannot be written into `{folder}`: {why}",
        hint="name a folder of your own with --cloudtrail",
        see=SEE,
    )
