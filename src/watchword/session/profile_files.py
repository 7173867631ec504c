"""Both AWS files together, and what a profile is: what goes before what as in AWS's SDK for Python."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchword.errors import WatchwordError
from watchword.fastpath.line import profile_of_line
from watchword.local.aws_files import (
    AwsFile,
    config_path,
    config_profiles,
    config_section,
    credentials_path,
    read_aws_file,
)

SEE: Final = "docs/getting-in/profiles.md"
KEY_ID: Final = "aws_access_key_id"
SECRET: Final = "aws_secret_access_key"  # noqa: S105 the name of a setting
TOKEN: Final = "aws_session_token"  # noqa: S105 as above
# botocore reads this one first. Source: `SharedCredentialProvider.TOKENS` of botocore.credentials.
OLD_TOKEN: Final = "aws_security_token"  # noqa: S105 as above
PROCESS: Final = "credential_process"
# What a session of ours says of itself. AWS programs pass over names that they do not know.
MADE_FOR: Final = "watchword_profile"
MADE_UNTIL: Final = "watchword_expiration"
# Another tool may write its own session there and leave what we said of ours: this tells which one it was.
MADE_KEY_ID: Final = "watchword_access_key_id"
_LONG_TERM_PREFIX: Final = "AKIA"
# With `sso_session` alone a profile has a token for other things, and no credentials.
_IDENTITY_CENTER: Final = ("sso_account_id", "sso_role_name")


class ProfileKind(enum.StrEnum):
    """How a profile gets its credentials."""

    KEY = "key"
    ROLE = "role"
    WEB_IDENTITY = "webIdentity"
    IDENTITY_CENTER = "identityCenter"
    SESSION = "session"
    OTHER_SESSION = "otherSession"
    AWS_LOGIN = "awsLogin"
    WATCHWORD = "watchword"
    OTHER_PROCESS = "otherProcess"
    NONE = "none"


class InTheWay(WatchwordError):
    """What stands in a profile already must not be written over, or would go before what is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileFiles:
    """The config and the credentials file, as they were read."""

    config: AwsFile
    credentials: AwsFile

    def names(self) -> tuple[str, ...]:
        """Return the profiles, those of the config file first, each file in its own order."""
        return tuple(dict.fromkeys((*config_profiles(self.config), *self.credentials.sections())))

    def settings(self, profile: str) -> Mapping[str, str]:
        """Return the settings of a profile; those of the credentials file go before.

        Source: `Session.full_config` of botocore.session.
        """
        in_config = self.config.section(config_section(self.config, profile))
        return {**in_config, **self.credentials.section(profile)}

    def kind(self, profile: str) -> ProfileKind:
        """Return how a profile gets its credentials.

        Source: `create_credential_resolver` and `ProfileProviderBuilder.providers` of botocore.credentials.
        """
        settings = self.settings(profile)
        if "role_arn" in settings:
            return ProfileKind.WEB_IDENTITY if "web_identity_token_file" in settings else ProfileKind.ROLE
        if any(name in settings for name in _IDENTITY_CENTER):
            return ProfileKind.IDENTITY_CENTER
        if _has_key(self.credentials.section(profile)):
            return _kind_of_key(settings)
        if "login_session" in settings:
            return ProfileKind.AWS_LOGIN
        if PROCESS in settings:
            ours = profile_of_line(settings[PROCESS]) is not None
            return ProfileKind.WATCHWORD if ours else ProfileKind.OTHER_PROCESS
        return _kind_of_key(settings) if _has_key(settings) else ProfileKind.NONE


def read_profile_files(environment: Mapping[str, str]) -> ProfileFiles:
    """Return both files; a missing one says nothing. Raises `UnreadableAwsFile`, `NoPlaceForAwsFile`."""
    return ProfileFiles(
        config=read_aws_file(config_path(environment)),
        credentials=read_aws_file(credentials_path(environment)),
    )


def places(environment: Mapping[str, str]) -> tuple[Path, Path]:
    """Return where the config and the credentials file are; raise `NoPlaceForAwsFile`."""
    return config_path(environment), credentials_path(environment)


def _kind_of_key(settings: Mapping[str, str]) -> ProfileKind:
    token = settings.get(TOKEN) or settings.get(OLD_TOKEN)
    if not token or settings.get(KEY_ID, "").startswith(_LONG_TERM_PREFIX):
        return ProfileKind.KEY
    ours = MADE_FOR in settings and settings.get(MADE_KEY_ID) == settings.get(KEY_ID)
    return ProfileKind.SESSION if ours else ProfileKind.OTHER_SESSION


def _has_key(settings: Mapping[str, str]) -> bool:
    return KEY_ID in settings or SECRET in settings
