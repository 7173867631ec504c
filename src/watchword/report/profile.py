"""Profiles as data and as text; the text is rendered from the data. Nothing secret is in either."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from watchword.errors import printable
from watchword.fastpath.session_file import written
from watchword.local.aws_files import AwsFile
from watchword.report.span import ending, span
from watchword.report.style import Style
from watchword.session.profile_add import NewProfile
from watchword.session.profile_files import ProfileKind
from watchword.session.profile_write import WrittenProfile
from watchword.session.profiles import Profile

PROFILES_SCHEMA: Final = "watchword/profiles/v1"
WRITTEN_SCHEMA: Final = "watchword/profile-written/v1"
ADDED_SCHEMA: Final = "watchword/profile-added/v1"
DEFAULT_SCHEMA: Final = "watchword/profile-default/v1"
_IS: Final = {
    ProfileKind.KEY: "access key",
    ProfileKind.ROLE: "role {role} of {source}",
    ProfileKind.WEB_IDENTITY: "role {role} by web identity",
    ProfileKind.IDENTITY_CENTER: "Identity Center {source}",
    ProfileKind.AWS_LOGIN: "aws login",
    ProfileKind.SESSION: "session of {source}, written",
    ProfileKind.OTHER_SESSION: "session made elsewhere",
    ProfileKind.WATCHWORD: "session of {source}, by watchword",
    ProfileKind.OTHER_PROCESS: "credentials of another program",
    ProfileKind.NONE: "settings only",
}


def profiles_value(profiles: Sequence[Profile], *, in_use: str, now: datetime) -> dict[str, Any]:
    """Return profiles as `watchword/profiles/v1`; `in_use` is the one that is meant when none is named."""
    return {
        "schema": PROFILES_SCHEMA,
        "in_use": in_use,
        "profiles": [
            {
                "name": profile.name,
                "kind": profile.kind.value,
                "source": profile.source,
                "role_arn": profile.role_arn,
                "region": profile.region,
                "session": _life(profile.expires_at, now),
            }
            for profile in profiles
        ],
    }


def profiles_text(value: dict[str, Any], now: datetime, style: Style) -> str:
    """Return a value of profiles as text: a line for each, in columns."""
    if not value["profiles"]:
        return "no profile"
    rows = [
        (
            f"{'*' if entry['name'] == value['in_use'] else ' '} {printable(entry['name'])}",
            printable(_what(entry)),
            printable(entry["region"] or "-"),
            _until(entry["session"], now, style) if entry["session"] else "-",
        )
        for entry in value["profiles"]
    ]
    rows.insert(0, ("  profile", "is", "region", "session"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        for row in rows
    ]
    return "\n".join([style.quiet(lines[0]), *lines[1:]])


def profile_note(entry: dict[str, Any]) -> str:
    """Return what stands beside a profile in a list to choose from: what it is, and how long it lives."""
    life = entry["session"]
    return f"{_what(entry)} · live, {span(life['seconds_left'])} left" if life else _what(entry)


def written_value(profile: WrittenProfile, now: datetime) -> dict[str, Any]:
    """Return what was written as `watchword/profile-written/v1`."""
    return {
        "schema": WRITTEN_SCHEMA,
        "profile": profile.target.profile,
        "source": profile.target.source,
        "convention": profile.target.convention.value,
        "identity": profile.session.arn,
        "credentials_file": str(profile.credentials_file),
        "config_file": str(profile.config_file),
        "replaced": None if profile.replaced is None else profile.replaced.value,
        "session": _life(profile.session.expires_at, now),
    }


def written_text(value: dict[str, Any], now: datetime, style: Style) -> str:
    """Return what was written as one line: where, and until when."""
    until = _until(value["session"], now, style)
    return f"{style.strong(value['profile'])} in `{value['credentials_file']}`: {value['identity']}, {until}"


def added_value(new: NewProfile, config: AwsFile, *, changed: bool) -> dict[str, Any]:
    """Return a profile that was added, or would be, as `watchword/profile-added/v1`."""
    return {
        "schema": ADDED_SCHEMA,
        "profile": new.profile,
        "source": new.source,
        "role_arn": new.role_arn,
        "credential_process": new.line,
        "config_file": str(config.path),
        "changed": changed,
        "sections": {section: dict(settings) for section, settings in new.sections(config).items()},
    }


def added_text(value: dict[str, Any]) -> str:
    """Return the sections of a profile as they stand in the config file."""
    blocks = [
        "\n".join([f"[{section}]", *(_setting(name, text) for name, text in settings.items())])
        for section, settings in value["sections"].items()
    ]
    return "\n\n".join(blocks)


def _setting(name: str, text: str) -> str:
    nested = text.replace("\n", "\n    ")
    return f"{name} = {nested}"


def default_value(kind: ProfileKind, source: str | None, *, in_use: str) -> dict[str, Any]:
    """Return what `[default]` is as `watchword/profile-default/v1`; `source` is what it stands for."""
    return {"schema": DEFAULT_SCHEMA, "kind": kind.value, "source": source, "in_use": in_use}


def default_text(value: dict[str, Any]) -> str:
    """Return what `[default]` is as one line."""
    entry = {**value, "role_arn": None}
    return f"[default]: {printable(_what(entry))}"


def _what(entry: dict[str, Any]) -> str:
    return _IS[ProfileKind(entry["kind"])].format(source=entry["source"] or "-", role=entry["role_arn"])


def _life(expires_at: datetime | None, now: datetime) -> dict[str, Any] | None:
    if expires_at is None:
        return None
    left = max(0, int((expires_at - now).total_seconds()))
    return {"expires_at": written(expires_at), "seconds_left": left}


def _until(life: dict[str, Any], now: datetime, style: Style) -> str:
    return f"{style.good('live')} until {ending(datetime.fromisoformat(life['expires_at']), now)}"
