"""Which profile, when none is named: a list to choose from, on a terminal."""

from __future__ import annotations

import os
from typing import Final

from watchword.aws import profile_named_by_environment
from watchword.cli.getting_in import now, store
from watchword.cli.options import one_profile
from watchword.errors import WatchwordError
from watchword.local.choice import Choice, choose
from watchword.local.terminal import foreground_terminal
from watchword.report.profile import profile_note, profiles_value
from watchword.session import Wish
from watchword.session.profile_files import ProfileKind, read_profile_files
from watchword.session.profiles import Profile, list_profiles

_DEFAULT: Final = "default"
_GET_IN: Final = frozenset({ProfileKind.KEY, ProfileKind.ROLE, ProfileKind.WATCHWORD})
# A role can be assumed from these, but they need no watchword for themselves.
_SOURCES: Final = frozenset({ProfileKind.IDENTITY_CENTER, ProfileKind.AWS_LOGIN, ProfileKind.WEB_IDENTITY})


def named_or_chosen(argument: str | None, option: str | None, wish: Wish) -> str | None:
    """Return the profile that is named on the command line, else the one that is chosen from a list.

    None, which is the profile of the environment or `default`, when the environment names one, when no more
    than one profile could be meant, and where nobody can be asked.
    Raises `UsageError` for two names, `KeyboardInterrupt` when nothing is chosen.
    """
    name = one_profile(argument, option)
    if name is not None or profile_named_by_environment() is not None or not _somebody_is_there():
        return name
    candidates = _candidates(wish)
    return _chosen(candidates) if len(candidates) > 1 else None


def _somebody_is_there() -> bool:
    file_descriptor = foreground_terminal()
    if file_descriptor is None:
        return False
    os.close(file_descriptor)
    return True


def _candidates(wish: Wish) -> list[Profile]:
    """Return the profiles that this can be, `default` first; none when the files are not understood."""
    wanted = _GET_IN | _SOURCES if wish.role else _GET_IN
    try:
        sessions = [stored.session for stored in store().all() if stored.session]
        profiles = list_profiles(read_profile_files(os.environ), sessions, now())
    except WatchwordError:
        # Whatever is wrong is told by what follows, which reads the same files for the one profile.
        return []
    usable = [profile for profile in profiles if profile.kind in wanted]
    return sorted(usable, key=lambda profile: profile.name != _DEFAULT)


def _chosen(candidates: list[Profile]) -> str:
    entries = profiles_value(candidates, in_use=_DEFAULT, now=now())["profiles"]
    return choose(
        "which profile",
        [Choice(value=entry["name"], label=entry["name"], note=profile_note(entry)) for entry in entries],
        hint="name one: `--profile NAME`, or AWS_PROFILE for the whole shell",
    )
