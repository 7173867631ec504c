"""A session in the credentials file, for programs that read nothing else."""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from watchword.errors import UsageError
from watchword.fastpath.session_file import written
from watchword.local.aws_files import AwsFile, checked_name, config_section, edit
from watchword.session.profile_files import (
    KEY_ID,
    MADE_FOR,
    MADE_KEY_ID,
    MADE_UNTIL,
    OLD_TOKEN,
    SECRET,
    SEE,
    TOKEN,
    InTheWay,
    ProfileFiles,
    ProfileKind,
    places,
    read_profile_files,
)
from watchword.session.profile_settings import copied_names, with_settings_of, without_copied
from watchword.session.session import Session

_MFA: Final = "_mfa"
_LONG_TERM: Final = "-long-term"
_EXPIRATION: Final = "expiration"
_ACCOUNT: Final = "aws_account_id"
# How aws-mfa writes a moment: UTC, without saying so.
_AWS_MFA_TIME: Final = "%Y-%m-%d %H:%M:%S"
_WRITTEN: Final = (
    KEY_ID,
    SECRET,
    TOKEN,
    OLD_TOKEN,
    MADE_FOR,
    MADE_KEY_ID,
    MADE_UNTIL,
    _EXPIRATION,
    "assumed_role",
    "assumed_role_arn",
)


class Convention(enum.StrEnum):
    """Where the key is and where its session goes."""

    MFA = "mfa"
    """`[x]` holds the key, `[x_mfa]` its session."""
    LONG_TERM = "long-term"
    """`[x-long-term]` holds the key, `[x]` its session, as aws-mfa has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whose session goes where."""

    source: str
    profile: str
    convention: Convention


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenProfile:
    """What was written. `replaced` is what was there before: None, a session of ours, or one of others."""

    target: Target
    session: Session
    credentials_file: Path
    config_file: Path
    replaced: ProfileKind | None


def target_of(profile: str, convention: Convention, *, written_as: str | None, in_a_role: bool) -> Target:
    """Return where the session of `profile` goes; raise `UsageError` when that must be said and was not."""
    if in_a_role and written_as is None:
        raise UsageError(
            "a profile for the session of a role needs a name of its own",
            hint="add `--as NAME`",
            see=SEE,
        )
    match convention:
        case Convention.MFA:
            source, other = profile, f"{profile}{_MFA}"
        case Convention.LONG_TERM:
            other = profile.removesuffix(_LONG_TERM)
            source = f"{other}{_LONG_TERM}"
    name = checked_name(other if written_as is None else written_as)
    if name == source:
        raise UsageError(
            f"profile `{source}` cannot hold its own session",
            hint="name another one: `--as NAME`",
            see=SEE,
        )
    return Target(source=source, profile=name, convention=convention)


def refuse_if_in_the_way(files: ProfileFiles, profile: str) -> ProfileKind | None:
    """Return what the profile is now, None for none yet; raise `InTheWay` unless a session may go there."""
    kind = files.kind(profile)
    match kind:
        case ProfileKind.NONE:
            return None
        case ProfileKind.SESSION | ProfileKind.OTHER_SESSION:
            if KEY_ID in files.config.section(config_section(files.config, profile)):
                raise _in_the_way(profile, "holds credentials in the config file, too")
            return kind
        case ProfileKind.KEY:
            raise _in_the_way(profile, "holds a key that is no session, and that is never written over")
        case ProfileKind.ROLE | ProfileKind.WEB_IDENTITY:
            raise _in_the_way(profile, "assumes a role, which goes before any session in it")
        case ProfileKind.IDENTITY_CENTER | ProfileKind.AWS_LOGIN:
            raise _in_the_way(profile, "signs in elsewhere")
        case ProfileKind.WATCHWORD | ProfileKind.OTHER_PROCESS:
            raise _in_the_way(profile, "has a `credential_process`, and no credentials belong beside one")


def write_session(
    target: Target, session: Session, environment: Mapping[str, str], source_settings: Mapping[str, str]
) -> WrittenProfile:
    """Put the session into the credentials file, and the region and so on of its profile into the config.

    What was written there by others stays, but for the credentials of an older session. Raises `InTheWay`,
    `UnreadableAwsFile`, `NotRewritten`; the files are whole in any case.
    """
    config, credentials = places(environment)
    replaced = refuse_if_in_the_way(read_profile_files(environment), target.profile)
    edit(
        config,
        lambda file: with_settings_of(file, config_section(file, target.profile), source_settings),
    )

    def with_session(file: AwsFile) -> AwsFile:
        # What was looked at before the lock was had may be another now.
        refuse_if_in_the_way(
            ProfileFiles(config=AwsFile(path=config, text=""), credentials=file), target.profile
        )
        return _with_session(file, target, session)

    edit(credentials, with_session, private=True)
    return WrittenProfile(
        target=target,
        session=session,
        credentials_file=credentials,
        config_file=config,
        replaced=replaced,
    )


def forget_written(source: str | None, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Take the sessions of a profile (None: of all) out of the credentials file; return whose they were in.

    Only sessions of ours, and what was written with them; a section that is empty then goes, too.
    Raises `UnreadableAwsFile`, `NotRewritten`. Nothing is written when there is none.
    """
    files = read_profile_files(environment)
    found = tuple(name for name in files.credentials.sections() if _is_ours(files, name, source))
    if found:
        config, credentials = places(environment)
        edit(credentials, lambda file: _without_sessions(file, found), private=True)
        edit(config, lambda file: _without_copies(file, found))
    return found


def _is_ours(files: ProfileFiles, profile: str, source: str | None) -> bool:
    made_for = files.credentials.get(profile, MADE_FOR)
    return files.kind(profile) is ProfileKind.SESSION and source in (None, made_for)


def _without_sessions(file: AwsFile, profiles: Iterable[str]) -> AwsFile:
    for profile in profiles:
        if file.get(profile, KEY_ID) == file.get(profile, MADE_KEY_ID):
            file = _without_nothing(file.unset(profile, _WRITTEN), profile)
    return file


def _without_copies(file: AwsFile, profiles: Iterable[str]) -> AwsFile:
    for profile in profiles:
        section = config_section(file, profile)
        if copied_names(file, section):
            file = _without_nothing(without_copied(file, section), section)
    return file


def _without_nothing(file: AwsFile, section: str) -> AwsFile:
    return file if file.section(section) else file.remove_section(section)


def _with_session(file: AwsFile, target: Target, session: Session) -> AwsFile:
    before = file.section(target.profile)
    wanted = {
        KEY_ID: session.credentials.access_key_id,
        SECRET: session.credentials.secret_access_key,
        TOKEN: session.credentials.session_token,
    }
    for_aws_mfa = target.convention is Convention.LONG_TERM
    if for_aws_mfa or OLD_TOKEN in before:
        wanted[OLD_TOKEN] = session.credentials.session_token
    if _ACCOUNT in before:
        wanted[_ACCOUNT] = session.account
    if for_aws_mfa:
        wanted |= {"assumed_role": str(session.role is not None), _EXPIRATION: _plain(session.expires_at)}
        if session.role:
            wanted["assumed_role_arn"] = session.role.arn
        else:
            file = file.unset(target.profile, ["assumed_role_arn"])
    elif _EXPIRATION in before:
        wanted[_EXPIRATION] = _like(before[_EXPIRATION], session.expires_at)
    wanted |= {
        MADE_FOR: target.source,
        MADE_KEY_ID: session.credentials.access_key_id,
        MADE_UNTIL: written(session.expires_at),
    }
    return file.set(target.profile, wanted)


def _like(before: str, moment: datetime) -> str:
    """Return a moment as other tools wrote the one before, for a stale one would mislead them."""
    with contextlib.suppress(ValueError):
        datetime.strptime(before, _AWS_MFA_TIME)  # noqa: DTZ007 aws-mfa writes no zone
        return _plain(moment)
    return written(moment)


def _plain(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_AWS_MFA_TIME)


def _in_the_way(profile: str, what: str) -> InTheWay:
    return InTheWay(
        f"profile `{profile}` {what}",
        hint="take another name: `--as NAME`",
        see=SEE,
    )
