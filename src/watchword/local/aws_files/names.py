"""How profiles are called in brackets: `[work]` in the credentials file, `[profile work]` in the config."""

from __future__ import annotations

import functools
import shlex
from typing import Final

from watchword.errors import UsageError
from watchword.local.aws_files.aws_file import AwsFile
from watchword.local.aws_files.errors import SEE

_DEFAULT: Final = "default"
_NOT_IN_A_NAME: Final = frozenset("[]\"'\\#;")


@functools.lru_cache(maxsize=4096)
def profile_of_section(section: str) -> str | None:
    """Return the profile that a section of the config file is about; None when it is about something else.

    Source: `build_profile_map` of botocore.configloader: whatever begins with `profile` and is two words
    for a shell is a profile.
    """
    if section == _DEFAULT:
        return _DEFAULT
    if not section.startswith("profile"):
        return None
    try:
        words = shlex.split(section)
    except ValueError:
        return None
    return words[1] if len(words) == 2 else None


def config_section(file: AwsFile, profile: str) -> str:
    """Return the section of a config file that is about a profile, or what a new one is called.

    Of several, botocore reads the last. Source: as `profile_of_section`.
    """
    own = [section for section in file.sections() if profile_of_section(section) == profile]
    return own[-1] if own else _DEFAULT if profile == _DEFAULT else f"profile {shlex.quote(profile)}"


def config_profiles(file: AwsFile) -> tuple[str, ...]:
    """Return the profiles of a config file, in order."""
    found = [profile_of_section(section) for section in file.sections()]
    return tuple(dict.fromkeys(name for name in found if name is not None))


def checked_name(profile: str) -> str:
    """Return the name of a profile to write; raise UsageError for one that SDKs read differently."""
    if (
        not profile
        or profile != profile.strip()
        or not profile.isprintable()
        or _NOT_IN_A_NAME.intersection(profile)
        or profile in ("DEFAULT", "-")
    ):
        raise UsageError(
            f"`{profile}` cannot be the name of a profile that is written",
            hint="take letters, digits and `-_.@+/`; a blank within is read by some programs only",
            see=SEE,
        )
    return profile
