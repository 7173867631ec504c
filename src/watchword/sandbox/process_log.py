"""What the process itself has to say: lines on standard error, which never stand in a call's way."""

from __future__ import annotations

import contextlib
import sys
import traceback

_MOST = 8


def note(text: str) -> None:
    """Write a line. Where there is no room for it, or nobody listens, it is lost."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"{text}\n")


def places_of(error: Exception) -> str:
    """Return the type of an error and where it was raised, the innermost place first.

    That is all the log may have of it: the text may hold a secret.
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames[-_MOST:])
    )
    return f"{type(error).__name__} at {places}"
