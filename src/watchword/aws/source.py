"""Where a chain of roles can begin, when it is not with a user's long-term key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore import exceptions
from botocore.configloader import raw_config_parse

from watchword.aws.errors import SEE_SOURCES, UnusableSource
from watchword.aws.login_session import login_session
from watchword.aws.source_credentials import NOBODY_SAYS, OtherSource
from watchword.aws.source_mfa import MfaKnowledge
from watchword.aws.source_named import credential_source
from watchword.aws.source_process import credential_process
from watchword.aws.source_web_identity import web_identity
from watchword.aws.sso import identity_center, names_identity_center
from watchword.fastpath.session_file import Credentials

__all__ = ["NOBODY_SAYS", "MfaKnowledge", "OtherSource", "open_other_source"]

_KEY, _SECRET = "aws_access_key_id", "aws_secret_access_key"
_TOKENS = ("aws_session_token", "aws_security_token")


def open_other_source(
    name: str, settings: Mapping[str, Any], session: botocore.session.Session
) -> OtherSource | None:
    """Return the source that profile `name` is; None when it is a key, a role of another profile, or nothing.

    `settings` are the profile's own, `session` belongs to the same AWS files. Nothing is called and no
    program is run before `credentials()`. Which of several settings counts is the order in which the SDK
    tries them. Raises `UnusableSource` when a `credential_source` does not exist.
    """
    if "web_identity_token_file" in settings:
        return web_identity(name, settings)
    if "role_arn" in settings and "credential_source" in settings:
        return credential_source(name, settings)
    if names_identity_center(settings):
        return identity_center(name, settings)
    if _in_credentials_file(name, session):
        return _made_elsewhere(name, settings)
    if "login_session" in settings:
        return login_session(name, settings)
    if "credential_process" in settings:
        return credential_process(name, settings)
    return _made_elsewhere(name, settings)


def _in_credentials_file(name: str, session: botocore.session.Session) -> bool:
    """Return whether there is a key in the credentials file: one in the config file comes last."""
    try:
        return _KEY in raw_config_parse(session.get_config_variable("credentials_file")).get(name, {})
    except exceptions.BotoCoreError:
        return False


def _made_elsewhere(name: str, settings: Mapping[str, Any]) -> OtherSource | None:
    token = next((settings[key] for key in _TOKENS if settings.get(key)), None)
    if token is None:
        return None
    return OtherSource(
        name=name,
        what="a session that was made elsewhere",
        cache_name=f"session {settings.get(_KEY)}",
        access_key_id=settings.get(_KEY),
        mfa=MfaKnowledge.UNKNOWN,
        mfa_says=f"the session in profile `{name}` does not say whether a code was given for it",
        _load=lambda: _in_profile(name, settings, token),
    )


def _in_profile(name: str, settings: Mapping[str, Any], token: str) -> Credentials:
    if not settings.get(_KEY) or not settings.get(_SECRET):
        raise UnusableSource(
            f"profile `{name}` holds half a session",
            hint=f"{_KEY}, {_SECRET} and {_TOKENS[0]} belong together",
            see=SEE_SOURCES,
        )
    return Credentials(
        access_key_id=settings[_KEY],
        secret_access_key=settings[_SECRET],
        session_token=token,
        expires_at=NOBODY_SAYS,
    )
