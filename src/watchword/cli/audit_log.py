"""`watchword audit-log`: show who got in, with what, and for how long."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import click

from watchword.cli.getting_in import now, talk
from watchword.cli.options import color_option, output_option, stderr_style, stdout_style
from watchword.errors import UsageError
from watchword.local.audit_log import Entry, entries
from watchword.report.audit_log import audit_log_text, audit_log_value

_SEE: Final = "docs/getting-in/audit-log.md"
_LAST: Final = 20
_TOLD: Final = 3
_SPAN: Final = re.compile(r"([0-9]{1,5})([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@click.command(epilog="Examples: `watchword audit-log` · `watchword audit-log --since 7d --output json`")
@click.option(
    "--last", type=click.IntRange(min=1), metavar="N", help=f"The last N entries; {_LAST} by default."
)
@click.option("--since", metavar="SPAN", help="All entries of this span: 90m, 12h, 7d, 4w.")
@output_option
@color_option
def audit_log(last: int | None, since: str | None, output: str) -> None:
    """Show who got in from this machine: with which device, into which role, and for how long.

    A line is added whenever a session is opened, and none is ever changed. Nothing in it is secret.
    The access key and the role session's name are what CloudTrail calls them by too.
    """
    began = None if since is None else now() - _span(since)
    found = [entry for entry in entries(since=began) if entry.event is None or _is_since(entry, began)]
    shown, hidden = _cut(found, last if last or since else _LAST)
    value = audit_log_value(shown)
    if output == "json":
        click.echo(json.dumps(value, indent=2))
    elif value["entries"]:
        style = stdout_style()
        click.echo(audit_log_text(value, style), color=style.color)
    else:
        talk("nobody got in" + (" in that time" if since else " yet, as far as this log goes"))
    _tell_of_damage(value["damaged"])
    if hidden and not last:
        note = stderr_style().quiet("note")
        talk(f"{note}: {hidden} earlier entries; `--last N` or `--since SPAN` shows them")


def _cut(found: Sequence[Entry], last: int | None) -> tuple[Sequence[Entry], int]:
    """Return the last entries, with the damaged lines among them, and how many good ones are left out."""
    good = [at for at, entry in enumerate(found) if entry.event is not None]
    if last is None or len(good) <= last:
        return found, 0
    return found[good[-last] :], len(good) - last


def _is_since(entry: Entry, began: datetime | None) -> bool:
    return began is None or (
        entry.event is not None and datetime.fromisoformat(entry.event["time"]).astimezone(UTC) >= began
    )


def _span(text: str) -> timedelta:
    match = _SPAN.fullmatch(text.strip().lower())
    if match is None:
        raise UsageError(f"`{text}` is not a span of time", hint="write `90m`, `12h`, `7d` or `4w`", see=_SEE)
    return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))})


def _tell_of_damage(damaged: Sequence[dict[str, object]]) -> None:
    warning = stderr_style().warning("warning")
    for place in damaged[:_TOLD]:
        talk(f"{warning}: a damaged line was left out: {place['file']}:{place['line']}")
    if len(damaged) > _TOLD:
        talk(f"{warning}: and {len(damaged) - _TOLD} more; `--output json` lists them")
