"""Whether a profile is a long-term access key, and if not, what it is."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from watchword.aws.dead_sandbox import if_files_are_gone
from watchword.aws.errors import NotALongTermKey
from watchword.aws.spelling import named

_SEE = "docs/rooms/aws.md"
_SEE_ROLES = "docs/getting-in/roles.md"
_TEMPORARY_PREFIX = "ASIA"
_OTHER_WAYS = {
    "sso_session": "signs in through IAM Identity Center",
    "sso_start_url": "signs in through IAM Identity Center",
    "login_session": "signs in through the console (`aws login`)",
    "credential_process": "gets its credentials from another program",
    "web_identity_token_file": "assumes a role with a web identity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermKey:
    """An access key of a user. Its secret is never shown."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


def long_term_key(name: str, settings: Mapping[str, Any]) -> LongTermKey:
    """Return the key in the settings of profile `name`; raise `NotALongTermKey`, saying what it is instead.

    A role in a profile goes before its key, as in every SDK.
    Source: "Settings reference" and "Standardized credential providers", AWS SDKs and Tools Reference Guide.
    """
    if "role_arn" in settings:
        raise _role(name, settings)
    access_key_id, secret = settings.get("aws_access_key_id"), settings.get("aws_secret_access_key")
    if "aws_session_token" in settings or str(access_key_id).startswith(_TEMPORARY_PREFIX):
        raise NotALongTermKey(
            f"profile `{name}` holds a session that was made elsewhere, not an access key",
            hint="name the profile that holds the user's own access key (AKIA…)",
            see=_SEE,
        )
    if access_key_id and secret:
        return LongTermKey(access_key_id=access_key_id, secret_access_key=secret)
    raise _no_key(name, settings, half=bool(access_key_id or secret))


def _role(name: str, settings: Mapping[str, Any]) -> NotALongTermKey:
    return NotALongTermKey(
        f"profile `{name}` assumes the role `{settings['role_arn']}`; it has no key of its own",
        hint=f"`watchword exec {named(name)}` gets into the role; its `source_profile` leads to the key",
        see=_SEE_ROLES,
    )


def _no_key(name: str, settings: Mapping[str, Any], *, half: bool) -> NotALongTermKey:
    if half:
        return NotALongTermKey(
            f"profile `{name}` holds half a key",
            hint=if_files_are_gone(os.environ)
            or "both aws_access_key_id and aws_secret_access_key are needed: `aws configure`",
            see=_SEE,
        )
    for setting, what in _OTHER_WAYS.items():
        if setting in settings:
            return NotALongTermKey(
                f"profile `{name}` {what}; there is no access key to give a code for",
                hint="it needs no watchword: use it as it is, or name the profile of a user with a key",
                see=_SEE,
            )
    return NotALongTermKey(
        f"profile `{name}` holds no access key",
        hint=if_files_are_gone(os.environ)
        or f"`aws configure --profile {shlex.quote(name)}` puts one there;"
        " keys in environment variables are not used",
        see=_SEE,
    )
