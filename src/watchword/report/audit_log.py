"""The audit log as data and as text. The text is rendered from the data; nothing secret is in either."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from watchword.errors import printable
from watchword.local.audit_log import Entry
from watchword.report.span import span
from watchword.report.style import Style
from watchword.session import device_name

AUDIT_LOG_SCHEMA: Final = "watchword/audit-log/v1"
_NOTHING: Final = "-"
_TITLES: Final = ("when", "profile", "who", "role", "device", "for", "until", "how", "access key")


def audit_log_value(entries: Sequence[Entry]) -> dict[str, Any]:
    """Return entries as `watchword/audit-log/v1`: what each line says, and which lines are damaged."""
    return {
        "schema": AUDIT_LOG_SCHEMA,
        "entries": [_said(entry.event) for entry in entries if entry.event is not None],
        "damaged": [
            {"file": str(entry.file), "line": entry.line} for entry in entries if entry.event is None
        ],
    }


def audit_log_text(value: Mapping[str, Any], style: Style) -> str:
    """Return the value as a table, a row for each time that somebody got in; times are local."""
    rows = [_row(entry) for entry in value["entries"]]
    shown = [at for at in range(len(_TITLES)) if any(row[at] != _NOTHING for row in rows)]
    table = [[row[at] for at in shown] for row in (_TITLES, *rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(shown))]
    first, *others = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join([style.quiet(first), *others])


def _said(event: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in event.items() if name != "schema"}


def _row(entry: Mapping[str, Any]) -> tuple[str, ...]:
    at = datetime.fromisoformat(entry["time"]).astimezone()
    return (
        f"{at:%Y-%m-%d %H:%M}",
        _text(entry, "profile"),
        _who(entry),
        _role(entry),
        device_name(_text(entry, "serial_number")),
        _duration(entry),
        _until(entry, at),
        _text(entry, "how"),
        _text(entry, "access_key_id"),
    )


def _text(entry: Mapping[str, Any], name: str) -> str:
    return printable(str(entry.get(name) or _NOTHING))


def _who(entry: Mapping[str, Any]) -> str:
    """Return `NAME in ACCOUNT` for an ARN, for that is what people know."""
    parts = _text(entry, "who").split(":", 5)
    return f"{parts[5].rpartition('/')[2]} in {parts[4]}" if len(parts) > 5 else parts[0]


def _role(entry: Mapping[str, Any]) -> str:
    role = _text(entry, "role_arn").rpartition("/")[2]
    name = _text(entry, "role_session_name")
    return role if name == _NOTHING else f"{role} as {name}"


def _duration(entry: Mapping[str, Any]) -> str:
    seconds = entry.get("duration_seconds")
    return span(seconds) if isinstance(seconds, int) else _NOTHING


def _until(entry: Mapping[str, Any], at: datetime) -> str:
    try:
        until = datetime.fromisoformat(entry["expires_at"]).astimezone()
    except (KeyError, TypeError, ValueError, OverflowError):
        return _NOTHING
    return f"{until:%H:%M}" if until.date() == at.date() else f"{until:%Y-%m-%d %H:%M}"
