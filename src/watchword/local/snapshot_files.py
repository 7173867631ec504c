"""The files of snapshots that the user names: one, all of a folder, or standard input."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from watchword.errors import WatchwordError

MAX_BYTES: Final = 1024 * 1024 * 1024
"""A file of ten thousand principals has some sixty million; a device never ends."""

STANDARD_INPUT: Final = "-"
_SEE: Final = "docs/prove/snapshot.md"


class UnreadableFile(WatchwordError):
    """A file or folder that was named cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file: what it is called, what is in it, and the SHA-256 of that in hexadecimal digits."""

    name: str
    data: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Return the sum that `sha256sum` shows."""
        return hashlib.sha256(self.data).hexdigest()


def read_files(path: str) -> Iterator[File]:
    """Give the file of this name, or each `*.json` of the folder of this name, in order.

    `-` is standard input. Raises `UnreadableFile`.
    """
    for name in _names(path):
        yield File(name=name, data=_read(name))


def _names(path: str) -> list[str]:
    folder = Path(path)
    if path == STANDARD_INPUT or not folder.is_dir():
        return [path]
    try:
        names = sorted(str(each) for each in folder.iterdir() if each.suffix == ".json" and each.is_file())
    except OSError as error:
        raise _refused(path, error) from None
    if not names:
        raise UnreadableFile(
            f"the folder `{path}` holds no `*.json`",
            hint=f"`watchword account snapshot -o {path.rstrip('/')}/NAME.json` makes one for an account",
            see=_SEE,
        )
    return names


def _read(path: str) -> bytes:
    if path == STANDARD_INPUT:
        return _bounded(path, sys.stdin.buffer)
    try:
        with open(path, "rb", opener=_open) as file:
            return _bounded(path, file)
    except FileNotFoundError:
        raise UnreadableFile(
            f"there is no file `{path}`",
            hint="`watchword account snapshot -o FILE` makes a snapshot of an account",
            see=_SEE,
        ) from None
    except (OSError, ValueError) as error:
        raise _refused(path, error) from None


def _open(path: str, flags: int) -> int:
    """A terminal that is named does not become the one that rules this process."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOCTTY)


def _bounded(path: str, file: BinaryIO) -> bytes:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UnreadableFile(f"`{path}` is longer than {MAX_BYTES // 1024 // 1024} MB", see=_SEE)
    return data


def _refused(path: str, error: Exception) -> UnreadableFile:
    why = (getattr(error, "strerror", None) or str(error)).lower()
    return UnreadableFile(f"cannot read `{path}`: {why}", see=_SEE)
