"""How long a session lives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from watchword.session.errors import SEE, BadDuration

DEFAULT_SECONDS = 4 * 3600
# Source: GetSessionToken, AWS STS API Reference, `DurationSeconds`.
SHORTEST_SECONDS = 900
LONGEST_SECONDS = 129_600
LONGEST_FOR_ROOT_SECONDS = 3600
# Source: AssumeRole, AWS STS API Reference, `DurationSeconds`.
LONGEST_FOR_ROLE_SECONDS = 43_200
LONGEST_WHEN_CHAINED_SECONDS = 3600

_HOUR_MINUTES = 60
_PARTS = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s?)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """How long a session shall live, and why it is not as long as was asked (None: it is)."""

    seconds: int
    reason: str | None = None


def parse_duration(text: str) -> int:
    """Return the seconds of `4h`, `90m`, `1h30m`, `900s` or `900`; raise `BadDuration`.

    AWS gives sessions of 15 minutes to 36 hours.
    """
    match = _PARTS.fullmatch(text.strip().lower())
    if match is None or not any(match.groups()):
        raise BadDuration(f"`{text}` is not a duration", hint="write `4h`, `90m`, `1h30m` or `900s`", see=SEE)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = hours * 3600 + minutes * 60 + seconds
    if not SHORTEST_SECONDS <= total <= LONGEST_SECONDS:
        raise BadDuration(
            f"`{text}` is not a duration that AWS gives", hint="15 minutes (15m) to 36 hours (36h)", see=SEE
        )
    return total


def spelled(seconds: int) -> str:
    """Return a duration as `parse_duration` reads it: `12h`, `1h30m`, `900s`."""
    minutes, odd = divmod(seconds, 60)
    if odd or minutes < _HOUR_MINUTES:
        return f"{seconds}s" if odd else f"{minutes}m"
    hours, minutes = divmod(minutes, _HOUR_MINUTES)
    return f"{hours}h{minutes}m" if minutes else f"{hours}h"


def for_identity(seconds: int, *, is_root: bool) -> Duration:
    """Return the duration that AWS gives this identity: root gets an hour at most."""
    if is_root and seconds > LONGEST_FOR_ROOT_SECONDS:
        return Duration(
            seconds=LONGEST_FOR_ROOT_SECONDS,
            reason="a session of the root user lives one hour at most, so it is made for one hour",
        )
    return Duration(seconds=seconds)
