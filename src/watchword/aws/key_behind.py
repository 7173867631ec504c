"""Whose long-term key a program signs with when it is told a profile by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import botocore.session
from botocore import exceptions

_OPTION = "--profile"


def profiles_named(arguments: Sequence[str]) -> Iterator[str]:
    """Yield the profiles in the arguments of a program: `--profile NAME`, `--profile=NAME`."""
    for position, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        if option != _OPTION:
            continue
        if equals:
            yield value
        elif position + 1 < len(arguments):
            yield arguments[position + 1]


def profile_of_the_key(name: str) -> str | None:
    """Return the profile whose long-term key signs for profile `name`; None when none does.

    A role with a `source_profile` is assumed with that profile's key; one with
    `credential_source = Environment` with whatever is in the environment, such as a session.
    Source: "Assume role credential provider", AWS SDKs and Tools Reference Guide.
    """
    try:
        profiles: Mapping[str, Any] = botocore.session.Session().full_config["profiles"]
    except exceptions.BotoCoreError:
        return None
    seen: set[str] = set()
    while name in profiles and name not in seen:
        settings = profiles[name]
        source = settings.get("source_profile") if "role_arn" in settings else None
        if source is None or source == name:
            return name if _holds_a_key(settings, is_source=source == name) else None
        seen.add(name)
        name = source
    return None


def _holds_a_key(settings: Mapping[str, Any], *, is_source: bool) -> bool:
    keeps_it = "aws_access_key_id" in settings and "aws_session_token" not in settings
    return keeps_it and (is_source or "role_arn" not in settings)
