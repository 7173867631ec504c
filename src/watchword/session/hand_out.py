"""A session as environment variables, for programs that know nothing of watchword.

Source: "Environment variables to configure the AWS CLI", AWS CLI User Guide; AWS_CREDENTIAL_EXPIRATION
is read by the SDK for Python.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from watchword.aws import ProfileSettings, set_by_us
from watchword.fastpath.session_file import written
from watchword.session.session import Session

# AWS_SECURITY_TOKEN is the token's old name, and the next two are the key's: some programs read them first.
_SHADOWING = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SECURITY_TOKEN",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
)
_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
)
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
_PROFILE = "WATCHWORD_PROFILE"
_SET = "WATCHWORD_SET"
_BEFORE = "WATCHWORD_AWS_PROFILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """What to set and what to unset, in this order: first unset."""

    unset: tuple[str, ...]
    set: Mapping[str, str] = field(repr=False)

    def applied_to(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Return the environment with them."""
        kept = {name: text for name, text in environment.items() if name not in self.unset}
        return kept | dict(self.set)


def session_variables(
    session: Session, profile: ProfileSettings, environment: Mapping[str, str]
) -> Variables:
    """Return the variables that put the session in the place of the profile.

    `environment` is the one that was inherited. What it says of the region goes before the profile, as in
    AWS's own programs, unless an earlier session said it: what is set beside the credentials is listed in
    WATCHWORD_SET, so that it can be told from the user's own settings.
    """
    ours = set_by_us(environment)
    theirs = environment.keys() - ours.keys()
    regions = {name: profile.region for name in _REGIONS if profile.region and name not in theirs}
    settings = regions | dict(profile.variables)
    credentials = session.credentials
    values = (
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
        written(credentials.expires_at),
    )
    found = dict(zip(_CREDENTIALS, values, strict=True)) | settings
    found |= {_PROFILE: profile.name, _SET: json.dumps(settings, separators=(",", ":"))}
    before = environment.get("AWS_PROFILE") or environment.get(_BEFORE)
    if before:
        found[_BEFORE] = before
    return Variables(unset=(*_SHADOWING, *sorted(ours.keys() - settings.keys())), set=found)


def variables_after_logout(environment: Mapping[str, str]) -> Variables:
    """Return what gives a shell back what it had before it took the session; nothing when it took none."""
    if _PROFILE not in environment:
        return Variables(unset=(), set={})
    names = [*_CREDENTIALS, *set_by_us(environment), _PROFILE, _SET, _BEFORE]
    before = environment.get(_BEFORE)
    return Variables(
        unset=tuple(name for name in names if name in environment),
        set={"AWS_PROFILE": before} if before and "AWS_PROFILE" not in environment else {},
    )
