"""A shell that still points at a sandbox which is down: nobody should write a real key into its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

_FOLDER = "WATCHWORD_SANDBOX"
_FILES = ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
_WAY_OUT = 'this shell points at a sandbox that is down; `eval "$(watchword sandbox env --unset)"` leaves it'


def if_files_are_gone(environment: Mapping[str, str]) -> str | None:
    """Return the way out of a sandbox whose AWS files are gone; None when they are not."""
    folder = environment.get(_FOLDER)
    files = [Path(environment[name]) for name in _FILES if environment.get(name)]
    gone = [file for file in files if folder and file.parent == Path(folder) and not file.exists()]
    return _WAY_OUT if gone else None


def if_endpoint_is_its(endpoint: str, environment: Mapping[str, str]) -> str | None:
    """Return the way out when `endpoint`, which refuses connections, is the sandbox of this shell."""
    ours = urlsplit(endpoint).netloc == urlsplit(environment.get("AWS_ENDPOINT_URL", "")).netloc
    return _WAY_OUT if environment.get(_FOLDER) and ours else None
