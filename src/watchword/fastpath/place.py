"""Where the cache is."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def cache_place(environment: Mapping[str, str], *, home: str | None = None) -> str | None:
    """Return the path of the cache folder, as text; None when the environment does not say where it is.

    `$XDG_CACHE_HOME/watchword`, or `~/.cache/watchword` (on macOS `~/Library/Caches/watchword`); `home` is
    the home folder to use where HOME names none.
    Source: XDG Base Directory Specification 0.8, "$XDG_CACHE_HOME" (relative paths are ignored).
    """
    configured = environment.get("XDG_CACHE_HOME", "")
    if configured.startswith("/"):
        return f"{configured}/watchword"
    named = environment.get("HOME", "")
    folder = named if named.startswith("/") else home
    if folder is None:
        return None
    return f"{folder}/Library/Caches/watchword" if sys.platform == "darwin" else f"{folder}/.cache/watchword"
