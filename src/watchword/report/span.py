"""Moments in local time, and spans of time, as people say them."""

from __future__ import annotations

from datetime import datetime

_MINUTE = 60
_HOUR = 3600
_DAY = 86_400


def span(seconds: int) -> str:
    """Return a span in its two largest units: `3 h 59 min`, `59 min`, `12 s`, `1 d 2 h`."""
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < _DAY:
        return _two(seconds // _HOUR, "h", seconds % _HOUR // _MINUTE, "min")
    return _two(seconds // _DAY, "d", seconds % _DAY // _HOUR, "h")


def local_time(moment: datetime, now: datetime) -> str:
    """Return `moment` (aware) in local time: `18:04` today, `Mon 23 Nov 02:04` on another day."""
    local = moment.astimezone()
    same_day = local.date() == now.astimezone().date()
    return local.strftime("%H:%M" if same_day else "%a %-d %b %H:%M")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"
