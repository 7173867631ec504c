"""A profile that holds a key, as a chain begins with it."""

from __future__ import annotations

from watchword.aws import AwsProfile, profile_in_use
from watchword.aws.profile import profile_with_key, read_profile


def key_profile(name: str | None) -> AwsProfile:
    """Return the profile `name` (None: the one in use)."""
    session, settings = read_profile(profile_in_use(name))
    return profile_with_key(session, settings)
