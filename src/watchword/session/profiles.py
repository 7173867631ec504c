"""The profiles of this user: what each is, and whether a session of it lives."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from watchword.fastpath.line import profile_of_line
from watchword.session.profile_files import (
    KEY_ID,
    MADE_FOR,
    MADE_UNTIL,
    PROCESS,
    ProfileFiles,
    ProfileKind,
)
from watchword.session.session import Session

_LONGEST_CHAIN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A profile. `source` is the profile, or what else, that its credentials come from; None for its own.

    `expires_at` is when the session ends that lives for it: in watchword's cache, or in the profile itself as
    written by `profile write`. None when there is none, or nobody can tell.
    """

    name: str
    kind: ProfileKind
    region: str | None
    source: str | None
    role_arn: str | None
    expires_at: datetime | None


def list_profiles(files: ProfileFiles, sessions: Iterable[Session], now: datetime) -> tuple[Profile, ...]:
    """Return all profiles, in the order of the files. `sessions` are all that are kept on this machine."""
    live = [session for session in sessions if session.is_live(now)]
    return tuple(_profile(files, name, live, now) for name in files.names())


def _profile(files: ProfileFiles, name: str, live: list[Session], now: datetime) -> Profile:
    settings, kind = files.settings(name), files.kind(name)
    return Profile(
        name=name,
        kind=kind,
        region=settings.get("region"),
        source=_source(settings, kind),
        role_arn=settings.get("role_arn"),
        expires_at=_written_until(settings, now)
        if kind is ProfileKind.SESSION
        else max((each.expires_at for each in live if _is_of(files, name, each)), default=None),
    )


def _source(settings: Mapping[str, str], kind: ProfileKind) -> str | None:
    match kind:
        case ProfileKind.ROLE:
            return settings.get("source_profile") or settings.get("credential_source")
        case ProfileKind.WATCHWORD:
            return profile_of_line(settings[PROCESS])
        case ProfileKind.SESSION:
            return settings[MADE_FOR]
        case ProfileKind.IDENTITY_CENTER:
            return settings.get("sso_session") or settings.get("sso_start_url")
        case _:
            return None


def _is_of(files: ProfileFiles, name: str, session: Session) -> bool:
    """Return whether a session is what watchword would hand out for a profile."""
    for _ in range(_LONGEST_CHAIN):
        settings = files.settings(name)
        match files.kind(name):
            case ProfileKind.WATCHWORD:
                name = profile_of_line(settings[PROCESS]) or name
            case ProfileKind.KEY:
                return session.role is None and session.key.access_key_id == settings.get(KEY_ID)
            case ProfileKind.ROLE:
                return session.role_arn == settings["role_arn"] and session.profile == name
            case _:
                return False
    return False


def _written_until(settings: Mapping[str, str], now: datetime) -> datetime | None:
    try:
        until = datetime.fromisoformat(settings.get(MADE_UNTIL, ""))
    except ValueError:
        return None
    return until.astimezone(UTC) if until.tzinfo and until > now else None
