"""One role of a chain: what is asked for when it is assumed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from watchword.aws.errors import UnusableSettings

_SEE = "docs/getting-in/roles.md"
_NO_TAGS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A role to assume, and what goes with it; None, or nothing, is AWS's default.

    `profile` is the one that asks for it. `role_arn` is a role's ARN, or the name of one in the account of
    whoever assumes it (asked for on a command line; profiles hold ARNs).
    Source: AssumeRole, AWS STS API Reference.
    """

    profile: str
    role_arn: str
    role_session_name: str | None = None
    external_id: str | None = None
    source_identity: str | None = None
    duration_seconds: int | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: _NO_TAGS)
    transitive_tag_keys: tuple[str, ...] = ()
    mfa_serial: str | None = None

    @property
    def is_named(self) -> bool:
        """Return whether `role_arn` is only a name, perhaps with a path."""
        return not self.role_arn.startswith("arn:")

    @property
    def role_name(self) -> str:
        """Return the name of the role, without its path."""
        return self.role_arn.rpartition("/")[2]


def hop_of(name: str, settings: Mapping[str, Any]) -> Hop:
    """Return the role of profile `name`; raise `UnusableSettings` when its tags cannot be read.

    A `duration_seconds` that is no number is passed over, as in AWS's SDK for Python. `source_identity`,
    `session_tags` and `transitive_session_tags` are not AWS's own; they are written as aws-vault reads them.
    """
    duration_seconds: int | None = None
    with contextlib.suppress(TypeError, ValueError):
        duration_seconds = int(settings["duration_seconds"]) if "duration_seconds" in settings else None
    return Hop(
        profile=name,
        role_arn=settings["role_arn"],
        role_session_name=settings.get("role_session_name"),
        external_id=settings.get("external_id"),
        source_identity=settings.get("source_identity"),
        duration_seconds=duration_seconds,
        tags=_tags(name, settings.get("session_tags", "")),
        transitive_tag_keys=_listed(settings.get("transitive_session_tags", "")),
        mfa_serial=settings.get("mfa_serial"),
    )


def _tags(name: str, text: str) -> Mapping[str, str]:
    tags: dict[str, str] = {}
    for part in _listed(text):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise UnusableSettings(
                f"the `session_tags` of profile `{name}` are not `key=value,key2=value2`",
                hint="write a key, `=` and a value for each tag, with commas between",
                see=_SEE,
            )
        tags[key.strip()] = value.strip()
    return tags


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
