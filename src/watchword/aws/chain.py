"""Profiles that assume roles: which roles, one from the other, and whence the first.

What a profile may say, and what goes before what, is as in AWS's own SDK for Python (`AssumeRoleProvider`).
Source: "Assume role credential provider", AWS SDKs and Tools Reference Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import botocore.session

from watchword.aws.answers import ProfileSettings
from watchword.aws.errors import NotALongTermKey, ProfileNotFound, UnusableSettings
from watchword.aws.hop import Hop, hop_of
from watchword.aws.profile import (
    AwsProfile,
    profile_in_use,
    profile_with_key,
    read_profile,
    settings_of,
)
from watchword.aws.source import OtherSource, open_other_source
from watchword.fastpath.line import profile_of_line

_SEE = "docs/getting-in/roles.md"
Source = AwsProfile | OtherSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """How a profile gets its credentials: roles (`hops`), the first of them assumed from `source`.

    `settings` are those of the profile that was named: all roles are assumed as they say. Without hops
    the source itself is what is used.
    """

    settings: ProfileSettings
    source: Source = field(repr=False)
    hops: tuple[Hop, ...] = ()

    @property
    def asking_for_mfa(self) -> str | None:
        """Return the first profile on the way that asks for MFA (`mfa_serial`); None when none does."""
        if isinstance(self.source, OtherSource) and self.source.asks_for_mfa:
            return self.source.name
        return next((hop.profile for hop in self.hops if hop.mfa_serial), None)

    @property
    def key(self) -> AwsProfile:
        """Return the profile with the long-term key at the source; raise `NotALongTermKey` without one."""
        if isinstance(self.source, AwsProfile):
            return self.source
        raise NotALongTermKey(
            f"profile `{self.settings.name}` begins with {self.source.what}, not with an access key",
            hint="programs use it as it is, and `--role ROLE` assumes a role from it;"
            " for a code, name the profile of a user with a key",
            see=_SEE,
        )


def read_chain(name: str | None) -> Chain:
    """Return how the profile `name` (None: the one in use) gets its credentials. Nothing is sent.

    A role's `mfa_serial` (and `mfa_process`) is about the device of the user at the source.
    Raises `ProfileNotFound`, `NotALongTermKey` when there is nothing that it could begin with,
    `UnusableSettings` when the profiles contradict themselves.
    """
    wanted = profile_in_use(name)
    session, settings = read_profile(wanted)
    found = _Reading(session=session).follow(wanted)
    chain = Chain(settings=settings_of(session), source=found.source, hops=found.hops)
    serial = next((hop.mfa_serial for hop in reversed(chain.hops) if hop.mfa_serial), None)
    if not isinstance(chain.source, AwsProfile):
        return chain
    key = chain.source
    return replace(
        chain,
        source=replace(
            key,
            mfa_serial=serial or key.mfa_serial,
            mfa_process=settings.get("mfa_process") or key.mfa_process,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    source: Source
    hops: tuple[Hop, ...]


@dataclass(slots=True, kw_only=True)
class _Reading:
    """Follows profiles from one to the next; `seen` are those it came by."""

    session: botocore.session.Session
    seen: list[str] = field(default_factory=list)

    def follow(self, name: str, *, as_source: bool = False) -> _Found:
        settings = self._settings(name)
        other = profile_of_line(settings.get("credential_process", ""))
        if other is not None and other != name and not _is_role(settings) and not has_key(settings):
            return self._next(name, other, "credential_process", as_source=as_source)
        if not _is_role(settings) or (as_source and has_key(settings)):
            return _Found(source=self._begin(name, settings), hops=())
        found = self._whence(name, settings)
        return replace(found, hops=(*found.hops, hop_of(name, settings)))

    def _whence(self, name: str, settings: Mapping[str, Any]) -> _Found:
        source, kind = settings.get("source_profile"), settings.get("credential_source")
        if source is not None and kind is not None:
            raise UnusableSettings(
                f"profile `{name}` has both `source_profile` and `credential_source`",
                hint="a role is assumed from one of them; take the other out",
                see=_SEE,
            )
        if kind is not None:
            return _Found(source=self._other(name, settings), hops=())
        if source is None:
            raise UnusableSettings(
                f"profile `{name}` has a `role_arn`, but does not say who assumes it",
                hint="add `source_profile = NAME` with the profile that holds your access key",
                see=_SEE,
            )
        if source == name:
            # A profile may take its own key as the source. Source: the same page, "source_profile".
            if not has_key(settings):
                raise _loop([*self.seen, source])
            return _Found(source=self._begin(name, settings), hops=())
        return self._next(name, source, "source_profile", as_source=True)

    def _next(self, name: str, other: str, setting: str, *, as_source: bool) -> _Found:
        self.seen.append(name)
        if other in self.seen:
            raise _loop([*self.seen, other])
        if other not in self._profiles():
            raise ProfileNotFound(
                f"profile `{name}` names `{other}` as its `{setting}`, and there is no such profile",
                hint="check how it is written: `aws configure list-profiles` shows them",
                see=_SEE,
            )
        return self.follow(other, as_source=as_source)

    def _begin(self, name: str, settings: Mapping[str, Any]) -> Source:
        """Return what a profile without a role, or one whose own key goes before its role, begins with."""
        session, own = read_profile(name)
        roleless = {key: own[key] for key in own if key != "role_arn"}
        key_counts = has_key(settings) and not _goes_before_a_key(settings)
        other = open_other_source(name, roleless if key_counts else own, session)
        if other is None:
            return profile_with_key(session, roleless)
        return replace(other, asks_for_mfa=bool(own.get("mfa_serial")))

    def _other(self, name: str, settings: Mapping[str, Any]) -> OtherSource:
        other = open_other_source(name, settings, self.session)
        if other is None:
            raise UnusableSettings(
                f"profile `{name}` says `credential_source = {settings['credential_source']}`, which is none",
                hint="it is `Environment`, `Ec2InstanceMetadata` or `EcsContainer`",
                see=_SEE,
            )
        return other

    def _settings(self, name: str) -> Mapping[str, Any]:
        settings: Mapping[str, Any] = self._profiles()[name]
        return settings

    def _profiles(self) -> Mapping[str, Any]:
        profiles: Mapping[str, Any] = self.session.full_config["profiles"]
        return profiles


def has_key(settings: Mapping[str, Any]) -> bool:
    """Return whether there is a key, or half of one, as AWS's SDK sees it."""
    return "aws_access_key_id" in settings or "aws_secret_access_key" in settings


def _is_role(settings: Mapping[str, Any]) -> bool:
    # With a web identity the role is assumed by the token, in a call of its own.
    return "role_arn" in settings and "web_identity_token_file" not in settings


def _goes_before_a_key(settings: Mapping[str, Any]) -> bool:
    # Source: `ProfileProviderBuilder.providers` of botocore.
    web_identity = "role_arn" in settings and "web_identity_token_file" in settings
    return web_identity or "sso_session" in settings or "sso_start_url" in settings


def _loop(path: list[str]) -> UnusableSettings:
    return UnusableSettings(
        f"the profiles go in a circle: {' → '.join(f'`{name}`' for name in path)}",
        hint="the last `source_profile` must name a profile with an access key",
        see=_SEE,
    )
