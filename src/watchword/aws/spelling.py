"""How a profile is named on a command line, so that a hint can be typed as it stands."""

from __future__ import annotations

import shlex


def named(profile: str) -> str:
    """Return the words that name a profile behind a command: `work`, `'my work'`, `--profile=-x`."""
    return shlex.quote(f"--profile={profile}" if profile.startswith("-") else profile)


def as_option(profile: str) -> str:
    """Return the words that tell another program the profile: `--profile work`, `--profile=-x`."""
    return (
        shlex.quote(f"--profile={profile}")
        if profile.startswith("-")
        else f"--profile {shlex.quote(profile)}"
    )
