"""The names that a shell may complete: profiles and roles that this machine knows of already.

Nothing is called, and nothing goes wrong aloud: a shell shows no errors while somebody types.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator

import click

from watchword.errors import WatchwordError

# What no shell reads as anything but itself, and no shell splits a word at.
_PLAIN = re.compile(r"[\w@+./][\w@+./-]*", re.ASCII)


def profile_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return `known_profiles`, as click asks for them."""
    return known_profiles(incomplete)


def role_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """Return `known_roles`, as click asks for them."""
    return known_roles(incomplete)


def known_profiles(incomplete: str) -> list[str]:
    """Return the profiles in the user's AWS files that begin with `incomplete`."""
    return _beginning_with(incomplete, _profiles)


def known_roles(incomplete: str) -> list[str]:
    """Return the roles that profiles or sessions of this machine are in and that begin with `incomplete`."""
    return _beginning_with(incomplete, _roles)


def _beginning_with(incomplete: str, names: Callable[[], Iterator[str]]) -> list[str]:
    found = {name for name in names() if name.startswith(incomplete) and _PLAIN.fullmatch(name)}
    return sorted(found)


def _profiles() -> Iterator[str]:
    from watchword.local.aws_files import config_path, config_profiles, credentials_path, read_aws_file

    with contextlib.suppress(WatchwordError, OSError):
        yield from config_profiles(read_aws_file(config_path(os.environ)))
    with contextlib.suppress(WatchwordError, OSError):
        yield from read_aws_file(credentials_path(os.environ)).sections()


def _roles() -> Iterator[str]:
    yield from (arn.rpartition("/")[2] for arn in (*_roles_of_profiles(), *_roles_of_sessions()))


def _roles_of_profiles() -> Iterator[str]:
    from watchword.local.aws_files import config_path, read_aws_file

    with contextlib.suppress(WatchwordError, OSError):
        config = read_aws_file(config_path(os.environ))
        yield from filter(None, (config.get(section, "role_arn") for section in config.sections()))


def _roles_of_sessions() -> Iterator[str]:
    # Not through `watchword.session`, which would load the SDK while somebody waits for a TAB.
    from watchword.fastpath import session_file
    from watchword.local.cache_folder import cache_folder

    with contextlib.suppress(WatchwordError, OSError):
        for path in (cache_folder() / "sessions").glob("*.session"):
            with contextlib.suppress(
                OSError, session_file.BrokenSessionFile, session_file.UnsafeSessionFile, KeyError, ValueError
            ):
                yield session_file.read(str(path))[1]["role_arn"]
