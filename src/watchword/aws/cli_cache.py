"""The AWS CLI's own cache of role sessions, filled, so that plain `aws --profile ROLE` asks for no code.

The CLI keeps a session of a role in `~/.aws/cli/cache`, in a file whose name is a digest of what the profile
asks for, `mfa_serial` included; while the file is good it asks nobody. AWS documents that the cache exists,
not its form: the name and the content are made here by the SDK's own code, which the CLI runs too.
Source: "Using an IAM role in the AWS CLI", AWS CLI User Guide ("clearing cached credentials").
"""

from __future__ import annotations

import functools
import json
import os
import stat
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.session
from botocore.credentials import (
    AssumeRoleProvider,
    CanonicalNameCredentialSourcer,
    CredentialProvider,
)
from botocore.credentials import Credentials as SdkCredentials
from botocore.exceptions import BotoCoreError

from watchword.aws.errors import SEE_SOURCES, UnusableCliCache
from watchword.fastpath.private_file import replace
from watchword.fastpath.session_file import Credentials, written

# What the CLI thinks over: `AssumeRoleProvider.EXPIRY_WINDOW_SECONDS` of the SDK.
_TOO_LITTLE = timedelta(seconds=AssumeRoleProvider.EXPIRY_WINDOW_SECONDS)
_FAR = datetime.max.replace(tzinfo=UTC)
_OURS = "Watchword"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledCliCache:
    """What came of it: the file, and why nothing was written (None: it was)."""

    path: Path
    left_alone: str | None = None


def cli_cache_folder() -> Path:
    """Return where the AWS CLI keeps sessions of roles. No setting moves it, but HOME does."""
    return Path("~/.aws/cli/cache").expanduser()


def fill_cli_cache(profile: str, credentials: Credentials, session_arn: str) -> FilledCliCache:
    """Give the AWS CLI the session of the role that `profile` assumes; `session_arn` is the session's own.

    The entry ends when the session does. One that the CLI made itself, and still uses, is left alone, and so
    is everything when the session ends too soon for the CLI.
    Raises `UnusableCliCache` when the profile assumes no role or the file cannot be written.
    """
    name, entry = _entry(profile, credentials, session_arn)
    path = cli_cache_folder() / f"{name}.json"
    if credentials.expires_at - datetime.now(UTC) <= _TOO_LITTLE:
        return FilledCliCache(
            path=path, left_alone="the AWS CLI uses no session with 15 minutes left or less"
        )
    present = _read(path)
    if present is not None and _OURS not in present and _is_used(present):
        return FilledCliCache(path=path, left_alone="the AWS CLI has a session of this role already")
    _write(path, json.dumps({**entry, _OURS: {"profile": profile}}))
    return FilledCliCache(path=path)


def refuse_without_role(profile: str) -> None:
    """Raise `UnusableCliCache` when the AWS CLI keeps no session for `profile`; ask it first."""
    nobody = Credentials(access_key_id="-", secret_access_key="-", session_token="-", expires_at=_FAR)  # noqa: S106
    _entry(profile, nobody, "-")


def forget_cli_cache(
    *, profiles: Collection[str] = (), access_key_ids: Collection[str] = (), everything: bool = False
) -> list[Path]:
    """Take out of the AWS CLI's cache what was filled in here: for these profiles, or of these sessions.

    Returns the files. What the CLI or others put there is not touched. Raises `UnusableCliCache`.
    """
    gone = []
    for path in sorted(cli_cache_folder().glob("*.json")):
        entry = _read(path)
        ours = entry.get(_OURS) if entry else None
        if not isinstance(ours, dict) or entry is None:
            continue
        if everything or ours.get("profile") in profiles or _value(entry, "AccessKeyId") in access_key_ids:
            _try(path, functools.partial(path.unlink, missing_ok=True))
            gone.append(path)
    return gone


def _entry(profile: str, credentials: Credentials, session_arn: str) -> tuple[str, Mapping[str, Any]]:
    """Return the name and the content that the SDK gives the entry, had it assumed the role itself."""
    session = botocore.session.Session(profile=profile)
    kept: dict[str, Any] = {}
    try:
        # Whence the role is assumed is no part of the name, so a source is named that costs nothing.
        settings = {**session.get_scoped_config(), "credential_source": _Nobody.CANONICAL_NAME}
        settings.pop("source_profile", None)
        sdk = AssumeRoleProvider(
            load_config=lambda: {"profiles": {profile: settings}},
            client_creator=_answering(_Assumed(credentials, session_arn)),
            cache=kept,
            profile_name=profile,
            prompter=lambda _: "",
            credential_sourcer=CanonicalNameCredentialSourcer([_Nobody()]),
        )
        found = sdk.load()
        if found is not None:
            found.get_frozen_credentials()
    except BotoCoreError as error:
        raise UnusableCliCache(f"profile `{profile}` cannot be used: {error}", see=SEE_SOURCES) from None
    if not kept:
        raise UnusableCliCache(
            f"profile `{profile}` assumes no role, and the AWS CLI keeps sessions of roles only",
            hint="name the profile with the `role_arn`",
            see=SEE_SOURCES,
        )
    ((name, entry),) = kept.items()
    return name, entry


def _answering(assumed: _Assumed) -> Any:  # noqa: ANN401 it stands in the place of a client of the SDK
    return lambda *_, **__: assumed


class _Nobody(CredentialProvider):
    METHOD = "nobody"
    CANONICAL_NAME = "Nobody"

    def load(self) -> SdkCredentials:
        return SdkCredentials("nobody", "nobody")


class _Assumed:
    """Answers AssumeRole with a session that is there already."""

    def __init__(self, credentials: Credentials, session_arn: str) -> None:
        self._credentials = credentials
        self._arn = session_arn

    def assume_role(self, **_: object) -> dict[str, Any]:
        made = self._credentials
        return {
            "Credentials": {
                "AccessKeyId": made.access_key_id,
                "SecretAccessKey": made.secret_access_key,
                "SessionToken": made.session_token,
                # As the CLI keeps it: what AWS sent.
                "Expiration": written(made.expires_at),
            },
            "AssumedRoleUser": {"Arn": self._arn},
        }


def _read(path: Path) -> Mapping[str, Any] | None:
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None


def _is_used(entry: Mapping[str, Any]) -> bool:
    try:
        # The CLI keeps what AWS sent, or its own `cli_timestamp_format`; the SDK for Python ends it in `UTC`.
        ends = datetime.fromisoformat(str(_value(entry, "Expiration")).replace("UTC", "Z"))
        return ends - datetime.now(UTC) > _TOO_LITTLE
    except (ValueError, TypeError):
        return False


def _value(entry: Mapping[str, Any], name: str) -> object:
    credentials = entry.get("Credentials")
    return credentials.get(name) if isinstance(credentials, dict) else None


def _write(path: Path, text: str) -> None:
    def write() -> None:
        for folder in [*reversed(path.parent.parents), path.parent]:
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
        state = path.parent.stat()
        if state.st_uid != os.geteuid() or state.st_mode & _OTHERS_WRITE:
            raise UnusableCliCache(
                f"others may write into `{path.parent}`",
                hint=f"`chmod go-w {path.parent}`, and look at what is in it",
                see=SEE_SOURCES,
            )
        replace(str(path), text)

    _try(path, write)


def _try(path: Path, change: Callable[[], None]) -> None:
    try:
        change()
    except OSError as error:
        raise UnusableCliCache(
            f"cannot write `{path}`: {error.strerror}", hint="the session itself is kept", see=SEE_SOURCES
        ) from None
