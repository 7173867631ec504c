"""Moments in local time, and spans of time, as people say them."""

from __future__ import annotations

from datetime import datetime

_MINUTE = 60
_HOUR_MINUTES = 60
_DAY_HOURS = 24


def span(seconds: int) -> str:
    """Return a span in its two largest units, rounded: `4 h`, `3 h 59 min`, `59 min`, `12 s`, `1 d 2 h`."""
    if seconds < _MINUTE:
        return f"{seconds} s"
    minutes = round(seconds / _MINUTE)
    if minutes < _HOUR_MINUTES:
        return f"{minutes} min"
    hours = round(minutes / _HOUR_MINUTES)
    if minutes < _DAY_HOURS * _HOUR_MINUTES:
        return _two(minutes // _HOUR_MINUTES, "h", minutes % _HOUR_MINUTES, "min")
    return _two(hours // _DAY_HOURS, "d", hours % _DAY_HOURS, "h")


def local_time(moment: datetime, now: datetime) -> str:
    """Return `moment` (aware) in local time: `18:04` today, `Mon 23 Nov 02:04` on another day."""
    local = moment.astimezone()
    same_day = local.date() == now.astimezone().date()
    return local.strftime("%H:%M" if same_day else "%a %-d %b %H:%M")


def ending(moment: datetime, now: datetime) -> str:
    """Return when something ends, in local time and as a span: `18:04 (4 h left)`."""
    left = max(0, int((moment - now).total_seconds()))
    return f"{local_time(moment, now)} ({span(left)} left)"


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large} {large_unit} {small} {small_unit}" if small else f"{large} {large_unit}"
