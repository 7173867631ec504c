"""Sessions as data and as text. The text is rendered from the data; nothing secret is in either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from watchword.fastpath.session_file import written
from watchword.report.span import local_time, span
from watchword.report.style import Style
from watchword.session import AWS_ITSELF, Session, device_name

SESSION_SCHEMA = "watchword/session/v1"
STATUS_SCHEMA = "watchword/status/v1"


def session_value(session: Session, now: datetime) -> dict[str, Any]:
    """Return a session as `watchword/session/v1`."""
    return {"schema": SESSION_SCHEMA, **_fields(session, now)}


def status_value(
    sessions: Sequence[Session], problems: Sequence[str], refused: Sequence[Session], now: datetime
) -> dict[str, Any]:
    """Return sessions as `watchword/status/v1`; `refused` are those that AWS no longer takes."""
    return {
        "schema": STATUS_SCHEMA,
        "sessions": [
            _fields(session, now) | ({"state": "refused"} if session in refused else {})
            for session in sessions
        ],
        "problems": list(problems),
    }


def session_line(value: dict[str, Any], now: datetime, style: Style) -> str:
    """Return a session's value as one line: who, which account, until when."""
    return f"{style.strong(value['identity'])}, {_until(value, now, style)}"


def status_text(value: dict[str, Any], now: datetime, style: Style) -> str:
    """Return a status value as text: a block of lines for each session."""
    blocks = [_block(entry, now, style) for entry in value["sessions"]]
    blocks += [f"{style.warning('problem')}: {problem}" for problem in value["problems"]]
    return "\n".join(blocks) if blocks else "no session"


def _fields(session: Session, now: datetime) -> dict[str, Any]:
    return {
        "profile": session.profile,
        "identity": session.arn,
        "account": session.account,
        "endpoint": session.key.endpoint,
        "long_term_access_key_id": session.key.access_key_id,
        "device": {
            "name": device_name(session.key.serial_number),
            "serial_number": session.key.serial_number,
        },
        "mfa": True,
        "issued_at": written(session.issued_at),
        "expires_at": written(session.expires_at),
        "seconds_left": session.seconds_left(now),
        "state": "live" if session.is_live(now) else "expired",
    }


def _block(value: dict[str, Any], now: datetime, style: Style) -> str:
    rows = [
        ("identity", value["identity"]),
        ("MFA", f"yes, with `{value['device']['name']}`"),
        ("session", _until(value, now, style)),
    ]
    if value["endpoint"] != AWS_ITSELF:
        rows.append(("endpoint", value["endpoint"]))
    lines = [style.strong(value["profile"])]
    return "\n".join(lines + [f"  {name:<9} {text}" for name, text in rows])


def _until(value: dict[str, Any], now: datetime, style: Style) -> str:
    moment = datetime.fromisoformat(value["expires_at"])
    at = local_time(moment, now)
    match value["state"]:
        case "live":
            return f"{style.good('live')} until {at} ({span(value['seconds_left'])} left)"
        case "refused":
            return f"{style.bad('refused by AWS')} although it should live until {at}"
        case _:
            return f"{style.warning('expired')} at {at}"
