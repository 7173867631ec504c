"""An error as the process's own log may have it: its type and places. Its text may hold a secret."""

from __future__ import annotations

import traceback

_MOST = 8


def places_of(error: Exception) -> str:
    """Return the type of an error and where it was raised, the innermost place first."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames[-_MOST:])
    )
    return f"{type(error).__name__} at {places}"
