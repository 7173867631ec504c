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
    """Return the profiles in the user's AWS files that begin with `incomplete`."""
    return _beginning_with(incomplete, _profiles)


def role_names(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
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
    from watchword.local.aws_files import config_path, read_aws_file
    from watchword.local.cache_folder import cache_folder
    from watchword.session.store import SessionStore

    with contextlib.suppress(WatchwordError, OSError):
        config = read_aws_file(config_path(os.environ))
        arns = (config.get(section, "role_arn") for section in config.sections())
        yield from (arn.rpartition("/")[2] for arn in arns if arn)
    with contextlib.suppress(WatchwordError, OSError):
        for stored in SessionStore(cache_folder()).all():
            if stored.session is not None and stored.session.role_arn is not None:
                yield stored.session.role_arn.rpartition("/")[2]
