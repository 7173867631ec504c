"""The folder that holds sessions: ours, and readable by nobody else, or not used at all."""

from __future__ import annotations

import os
import pwd
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from watchword.errors import WatchwordError

_SEE = "docs/rooms/local.md"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class UnusableCache(WatchwordError):
    """The cache folder cannot be made, or is not safe to keep sessions in."""


def cache_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Return the folder, made with mode 0700 when it is missing.

    `$XDG_CACHE_HOME/watchword`, or `~/.cache/watchword` (on macOS `~/Library/Caches/watchword`).
    Raises `UnusableCache` when it cannot be made, belongs to somebody else, or others may enter it.
    Source: XDG Base Directory Specification 0.8, "$XDG_CACHE_HOME" (relative paths are ignored).
    """
    folder = _place(os.environ if environment is None else environment)
    return private_folder(folder)


def private_folder(folder: Path) -> Path:
    """Return `folder`, made if need be, once it is certain that only its owner can look inside.

    Raises `UnusableCache`.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.lstat()
    except OSError as error:
        raise UnusableCache(
            f"cannot make the folder `{folder}`: {(error.strerror or str(error)).lower()}",
            hint="make it writable, or set XDG_CACHE_HOME to a folder that is",
            see=_SEE,
        ) from error
    _refuse_if_unsafe(folder, state)
    return folder


def unwritable(path: Path, error: OSError) -> UnusableCache:
    """Return the error for a file in the cache that could not be written."""
    return UnusableCache(
        f"cannot write `{path}`: {(error.strerror or str(error)).lower()}",
        hint="free some space or make the folder writable, or set XDG_CACHE_HOME to another one",
        see=_SEE,
    )


def _place(environment: Mapping[str, str]) -> Path:
    configured = environment.get("XDG_CACHE_HOME", "")
    if configured.startswith("/"):
        return Path(configured) / "watchword"
    home = _home(environment)
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "watchword"
    return home / ".cache" / "watchword"


def _home(environment: Mapping[str, str]) -> Path:
    named = environment.get("HOME", "")
    if named.startswith("/"):
        return Path(named)
    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        raise UnusableCache(
            "cannot tell where this user's home is", hint="set HOME or XDG_CACHE_HOME", see=_SEE
        ) from None


def _refuse_if_unsafe(folder: Path, state: os.stat_result) -> None:
    if not stat.S_ISDIR(state.st_mode):
        raise UnusableCache(
            f"`{folder}` is not a folder of its own (a link or a file)", hint="remove it", see=_SEE
        )
    if state.st_uid != os.geteuid():
        raise UnusableCache(
            f"`{folder}` belongs to another user",
            hint="set XDG_CACHE_HOME to a folder of your own (with sudo, HOME is still the caller's)",
            see=_SEE,
        )
    if state.st_mode & _OTHERS:
        mode = stat.S_IMODE(state.st_mode)
        raise UnusableCache(
            f"`{folder}` can be entered by others (mode {mode:04o})", hint=f"chmod 700 {folder}", see=_SEE
        )
