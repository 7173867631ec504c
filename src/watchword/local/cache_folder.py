"""The folder that holds sessions: ours, and readable by nobody else, or not used at all."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
from collections.abc import Mapping
from pathlib import Path

from watchword.errors import WatchwordError
from watchword.fastpath.place import cache_place

_SEE = "docs/rooms/local.md"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class UnusableCache(WatchwordError):
    """The cache folder cannot be made, or is not safe to keep sessions in."""


class UnsafeFolder(UnusableCache):
    """A folder that is there, and that somebody else may look into or has made."""


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder, made with mode 0700 when it is missing.

    `$XDG_CACHE_HOME/watchword`, or `~/.cache/watchword` (on macOS `~/Library/Caches/watchword`).
    Raises `UnusableCache` when it cannot be made, belongs to somebody else, or others may enter it.
    Source: XDG Base Directory Specification 0.8, "$XDG_CACHE_HOME" (relative paths are ignored).
    """
    folder = _place(os.environ if environment is None else environment)
    return private_folder(folder)


def private_folder(folder: Path, *, variable: str = "XDG_CACHE_HOME") -> Path:
    """Return `folder`, made if need be, once it is certain that only its owner can look inside.

    `variable` is the one that moves it. Raises `UnsafeFolder`, or `UnusableCache` when it cannot be made.
    """
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700, parents=True)
        state = folder.lstat()
    except OSError as error:
        raise UnusableCache(
            f"cannot make the folder `{folder}`: {(error.strerror or str(error)).lower()}",
            hint=f"make it writable, or set {variable} to a folder that is",
            see=_SEE,
        ) from error
    _refuse_if_unsafe(folder, state, variable)
    return folder


def unwritable(path: Path, error: OSError) -> UnusableCache:
    """Return the error for a file in the cache that could not be written."""
    return UnusableCache(
        f"cannot write `{path}`: {(error.strerror or str(error)).lower()}",
        hint="free some space or make the folder writable, or set XDG_CACHE_HOME to another one",
        see=_SEE,
    )


def _place(environment: Mapping[str, str]) -> Path:
    return Path(cache_place(environment) or str(cache_place(environment, home=str(home_folder(environment)))))


def home_folder(environment: Mapping[str, str]) -> Path:
    """Return this user's home: `$HOME`, else what the system says; raise `UnusableCache` when nobody does."""
    named = environment.get("HOME", "")
    if named.startswith("/"):
        return Path(named)
    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        raise UnusableCache(
            "cannot tell where this user's home is", hint="set HOME or XDG_CACHE_HOME", see=_SEE
        ) from None


def _refuse_if_unsafe(folder: Path, state: os.stat_result, variable: str) -> None:
    if not stat.S_ISDIR(state.st_mode):
        raise UnsafeFolder(
            f"`{folder}` is not a folder of its own (a link or a file)", hint="remove it", see=_SEE
        )
    if state.st_uid != os.geteuid():
        raise UnsafeFolder(
            f"`{folder}` belongs to another user",
            hint=f"set {variable} to a folder of your own (with sudo, HOME is still the caller's)",
            see=_SEE,
        )
    if state.st_mode & _OTHERS:
        mode = stat.S_IMODE(state.st_mode)
        raise UnsafeFolder(
            f"`{folder}` can be entered by others (mode {mode:04o})", hint=f"chmod 700 {folder}", see=_SEE
        )
