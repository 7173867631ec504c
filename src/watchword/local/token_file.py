"""The file that holds the token of an endpoint, for as long as that is served."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from watchword.fastpath.private_file import replace
from watchword.local.cache_folder import cache_folder, private_folder, unwritable


@contextlib.contextmanager
def token_file(token: str) -> Iterator[Path]:
    """Keep `token` in a private file for as long as the `with` lasts; raise `UnusableCache`.

    No newline at the end: SDKs send the whole file as the header, and refuse one with a line break.
    """
    folder = private_folder(cache_folder() / "serve")
    _sweep(folder)
    path = folder / f"{os.getpid()}.token"
    try:
        replace(str(path), token)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what processes left that were killed; their tokens open nothing any more."""
    for path in folder.glob("*.token"):
        if path.stem.isdigit() and not _lives(int(path.stem)):
            path.unlink(missing_ok=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it is somebody else's now
    return True
