"""Markers of lists that are paged by number: where to go on, and of what."""

from __future__ import annotations

import base64
import binascii


def written_marker(position: int, *, of: str) -> str:
    """Return the marker of the item `position` of the list `of`."""
    return base64.urlsafe_b64encode(f"{of}\n{position}".encode()).decode()


def read_marker(marker: str, *, of: str) -> int | None:
    """Return the position that a marker holds; None when it is no marker, or that of another list."""
    try:
        about, _, position = base64.b64decode(marker, altchars=b"-_", validate=True).decode().rpartition("\n")
        found = int(position)
    except (binascii.Error, ValueError):
        return None
    return found if about == of and found >= 0 else None
