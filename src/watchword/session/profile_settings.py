"""What is copied from one profile to another: how AWS is called. Nothing in it is secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from watchword.local.aws_files import AwsFile

# With a session, a program must call the same region and the same endpoints as the profile that it is of.
_COPIED: Final = (
    "region",
    "output",
    "endpoint_url",
    "services",
    "ca_bundle",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
)
MARK: Final = "watchword_copied"


def with_settings_of(file: AwsFile, section: str, source: Mapping[str, str]) -> AwsFile:
    """Return the config file in which a section has the settings of `source` that it does not say itself.

    What was copied is listed in the section, so that it follows the source the next time, and can be told
    from what the user wrote there: that always stays.
    """
    ours = copied_names(file, section)
    wanted = {
        name: source[name]
        for name in _COPIED
        if name in source
        and not source[name].startswith("\n")
        and (name in ours or file.get(section, name) is None)
    }
    if ours:
        file = file.unset(section, ours - wanted.keys())
    if not wanted:
        return file.unset(section, [MARK])
    return file.set(section, {**wanted, MARK: " ".join(wanted)})


def copied_names(file: AwsFile, section: str) -> frozenset[str]:
    """Return which settings of a section of the config file were copied there."""
    return frozenset((file.get(section, MARK) or "").split()) & frozenset(_COPIED)


def without_copied(file: AwsFile, section: str) -> AwsFile:
    """Return the config file without what was copied into a section."""
    return file.unset(section, [*copied_names(file, section), MARK])
