"""The audit log: who got in, with what, for how long. Lines are added and never changed; nothing is secret.

A file a month in a folder of its own, a JSON object a line. What a line may hold is listed in `FIELDS`, so
that nothing else can come into it by mistake.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from watchword.errors import WatchwordError, printable
from watchword.fastpath.session_file import written
from watchword.local.cache_folder import UnsafeFolder, UnusableCache, home_folder, private_folder

SCHEMA: Final = "watchword/audit/v1"
FIELDS: Final = frozenset(
    {
        "time",  # when, ISO 8601 in UTC; added when it is left out
        "profile",
        "account",
        "who",  # the ARN that AWS gives the caller
        "serial_number",  # of the device that showed the code
        "role_arn",
        "role_session_name",
        "source_identity",
        "duration_seconds",
        "expires_at",  # ISO 8601 in UTC
        "access_key_id",  # of the new session: not secret, and what CloudTrail names it by
        "source_access_key_id",  # of the credentials that it was made with
        "how",  # "code", "chained", …
        "endpoint",
    }
)
Value = str | int | bool | None

_SEE: Final = "docs/getting-in/audit-log.md"
_VARIABLE: Final = "XDG_STATE_HOME"
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
# One write of this much is one line, whoever else is writing.
_LONGEST_LINE_BYTES: Final = 4096
# More than any name that AWS takes; the next ones are for files that were made to be odd.
_LONGEST_TEXTS: Final = (1024, 256, 64, len("2026-03-01T12:00:00Z"))
_SUFFIX: Final = ".jsonl"
_USERINFO: Final = re.compile(r"//[^/@]*@")
_ADD: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT


class UnsafeAuditLog(WatchwordError):
    """The audit log is a link, belongs to somebody else, or can be read by others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of the log: what it says, or None when it is damaged; `line` counts from 1."""

    file: Path
    line: int
    event: Mapping[str, Any] | None


def record(event: Mapping[str, Value], environment: Mapping[str, str] | None = None) -> None:
    """Add a line to the log. The names in `event` are from `FIELDS`; None is left out.

    A log that cannot be written is said on stderr, and nobody is kept from getting in for that. Raises
    `UnsafeAuditLog` when the log is not this user's alone, ValueError for a name that is not in `FIELDS`.
    """
    unknown = event.keys() - FIELDS
    if unknown:
        raise ValueError(f"not a field of the audit log: {', '.join(sorted(unknown))}")
    time = str(event.get("time") or written(datetime.now(UTC)))
    line = _line({"schema": SCHEMA, **event, "time": time})
    try:
        _append(_folder(environment) / f"{time[:7]}{_SUFFIX}", line)
    except UnusableCache as error:
        _say(error.message)
    except OSError as error:
        _say((error.strerror or str(error)).lower())


def refuse_unsafe_log(environment: Mapping[str, str] | None = None) -> None:
    """Raise `UnsafeAuditLog` now, before a code is spent, when a line could not be added safely."""
    with contextlib.suppress(UnusableCache, OSError):
        path = _folder(environment) / f"{datetime.now(UTC):%Y-%m}{_SUFFIX}"
        os.close(_open(path, _ADD))


def entries(
    environment: Mapping[str, str] | None = None, *, since: datetime | None = None
) -> Iterator[Entry]:
    """Yield the lines of the log in the order in which they were written, damaged ones too.

    Files of months before `since` (aware) are left out. Raises `UnsafeAuditLog`, `UnusableCache`.
    """
    first = f"{since.astimezone(UTC):%Y-%m}" if since else ""
    for path in sorted(_folder(environment).glob(f"*{_SUFFIX}")):
        if path.stem >= first:
            yield from _read(path)


def audit_folder(environment: Mapping[str, str]) -> Path:
    """Return where the log is: `$XDG_STATE_HOME/watchword/audit`, or `~/.local/state/watchword/audit`.

    On macOS `~/Library/Application Support/watchword/audit`. A folder of its own, because that of all state
    is not always private. Source: XDG Base Directory Specification 0.8, "$XDG_STATE_HOME".
    """
    configured = environment.get(_VARIABLE, "")
    if configured.startswith("/"):
        return Path(configured) / "watchword" / "audit"
    home = home_folder(environment)
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "watchword" / "audit"
    return home / ".local" / "state" / "watchword" / "audit"


def _folder(environment: Mapping[str, str] | None) -> Path:
    try:
        folder = audit_folder(os.environ if environment is None else environment)
        return private_folder(folder, variable=_VARIABLE)
    except UnsafeFolder as error:
        raise UnsafeAuditLog(error.message, hint=error.hint, see=_SEE) from None


def _line(event: Mapping[str, Value]) -> bytes:
    """Return the line, its texts shortened as far as it takes to stay within one write."""
    lines = (_json(event, longest) for longest in _LONGEST_TEXTS)
    return next(line for line in lines if len(line) <= _LONGEST_LINE_BYTES)


def _json(event: Mapping[str, Value], longest: int) -> bytes:
    kept = {
        name: _text(value, longest) if isinstance(value, str) else value
        for name, value in event.items()
        if value is not None
    }
    return f"{json.dumps(kept, separators=(',', ':'))}\n".encode()


def _text(text: str, longest: int) -> str:
    """Return a text without the user and password that an endpoint may hold, and not too long."""
    shown = _USERINFO.sub("//", text)
    return f"{shown[:longest]}…" if len(shown) > longest else shown


def _append(path: Path, line: bytes) -> None:
    file_descriptor = _open(path, _ADD)
    try:
        if _ends_within_a_line(file_descriptor):
            # A full disk took only a part of the last one.
            line = b"\n" + line
        if os.write(file_descriptor, line) != len(line):
            raise OSError(None, "the disk took only a part of the line")
        os.fsync(file_descriptor)
    finally:
        os.close(file_descriptor)


def _open(path: Path, flags: int) -> int:
    try:
        file_descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError:
        if path.is_symlink():
            raise _unsafe(path, "is a link") from None
        raise
    try:
        _refuse_if_unsafe(path, os.fstat(file_descriptor))
    except UnsafeAuditLog:
        os.close(file_descriptor)
        raise
    return file_descriptor


def _ends_within_a_line(file_descriptor: int) -> bool:
    size = os.fstat(file_descriptor).st_size
    return size > 0 and os.pread(file_descriptor, 1, size - 1) != b"\n"


def _refuse_if_unsafe(path: Path, state: os.stat_result) -> None:
    if not stat.S_ISREG(state.st_mode):
        raise _unsafe(path, "is not a regular file")
    if state.st_uid != os.geteuid():
        raise _unsafe(path, "belongs to another user")
    if state.st_nlink > 1:
        raise _unsafe(path, "has another name elsewhere (a hard link)")
    if state.st_mode & _OTHERS:
        mode = stat.S_IMODE(state.st_mode)
        raise _unsafe(path, f"can be read by others (mode {mode:04o})", hint=f"chmod 600 {path}")


def _unsafe(path: Path, what: str, *, hint: str = "look at it, then move it away") -> UnsafeAuditLog:
    return UnsafeAuditLog(f"the audit log `{path}` {what}", hint=hint, see=_SEE)


def _read(path: Path) -> Iterator[Entry]:
    with open(_open(path, os.O_RDONLY), "rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield Entry(file=path, line=number, event=_event(line))


def _event(line: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(line)
        at = datetime.fromisoformat(value["time"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    known = isinstance(value, dict) and value.get("schema") == SCHEMA and at.tzinfo is not None
    return value if known else None


def _say(why: str) -> None:
    with contextlib.suppress(OSError, AttributeError):
        text = printable(f"warning: the audit log could not be written: {why}")
        sys.stderr.write(f"{text}\n")
