"""All sessions of a machine, as data and as text. The text is rendered from the data."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from watchword.report.session import SayLeft, session_block, session_value
from watchword.report.span import span
from watchword.report.style import Style
from watchword.session import Session

STATUS_SCHEMA = "watchword/status/v1"
_MINUTE = 60
_HOUR = 3600


def status_value(
    sessions: Sequence[Session], problems: Sequence[str], refused: Sequence[Session], now: datetime
) -> dict[str, Any]:
    """Return sessions as `watchword/status/v1`; `refused` are those that AWS no longer takes.

    Those of roles come after the session that they began with, and `beneath` is how many are between such
    a session and the top: 0 or 1.
    """
    return {
        "schema": STATUS_SCHEMA,
        "sessions": [
            _entry(session, beneath, now) | ({"state": "refused"} if session in refused else {})
            for session, beneath in _in_order(sessions)
        ],
        "problems": list(problems),
    }


def status_text(value: dict[str, Any], now: datetime, style: Style, *, left: SayLeft = span) -> str:
    """Return a status value as text: a block of lines for each session, those of roles beneath theirs."""
    blocks = [
        textwrap.indent(session_block(entry, now, style, left=left), "    " * entry["beneath"])
        for entry in value["sessions"]
    ]
    blocks += [f"{style.warning('problem')}: {problem}" for problem in value["problems"]]
    return "\n".join(blocks) if blocks else "no session"


def countdown(seconds: int) -> str:
    """Return a span to the second, for a text that changes with it: `3:59:07`, `59:07`, `0:07`."""
    hours, rest = divmod(seconds, _HOUR)
    minutes, seconds = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _entry(session: Session, beneath: int, now: datetime) -> dict[str, Any]:
    fields = session_value(session, now)
    return {name: fields[name] for name in fields if name != "schema"} | {"beneath": beneath}


def _in_order(sessions: Sequence[Session]) -> list[tuple[Session, int]]:
    """Return each session with how deep it stands: those of roles under the user's that they began with."""
    found: list[tuple[Session, int]] = []
    users = [session for session in sessions if not session.key.role]
    for user in users:
        found.append((user, 0))
        found += [(session, 1) for session in sessions if session.key.role and begins_with(session, user)]
    alone = [
        session
        for session in sessions
        if session.key.role and not any(begins_with(session, user) for user in users)
    ]
    return found + [(session, 0) for session in alone]


def begins_with(role: Session, user: Session) -> bool:
    """Return whether two sessions are of the same key and device at the same endpoint."""
    return (role.key.endpoint, role.key.access_key_id, role.key.serial_number) == (
        user.key.endpoint,
        user.key.access_key_id,
        user.key.serial_number,
    )
