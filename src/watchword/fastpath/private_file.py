"""Files that are ours alone: read when nobody else can have written them, replaced in one step."""

from __future__ import annotations

import os
import stat

_LARGEST_BYTES = 64 * 1024
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class UnsafeSessionFile(Exception):
    """The file is not ours alone, so what it says may be somebody else's wish."""


class BrokenSessionFile(Exception):
    """The file does not hold a session."""


def read_private(path: str) -> str:
    """Return the text of a file that is ours alone.

    Raises FileNotFoundError, `UnsafeSessionFile` when others own it or may read it, `BrokenSessionFile` when
    it is no text. Follows no link and waits for no pipe.
    """
    file_descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        state = os.fstat(file_descriptor)
        if not stat.S_ISREG(state.st_mode) or state.st_uid != os.geteuid():
            raise UnsafeSessionFile(f"`{path}` is not a file of this user")
        if state.st_mode & _OTHERS:
            raise UnsafeSessionFile(
                f"`{path}` can be read by others (mode {stat.S_IMODE(state.st_mode):04o})"
            )
        content = os.read(file_descriptor, _LARGEST_BYTES)
    finally:
        os.close(file_descriptor)
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BrokenSessionFile(path) from None


def is_private_folder(path: str) -> bool:
    """Return whether `path` is a folder, no link, of this user, that nobody else may enter."""
    state = os.lstat(path)
    return stat.S_ISDIR(state.st_mode) and state.st_uid == os.geteuid() and not state.st_mode & _OTHERS


def replace(path: str, text: str) -> None:
    """Put a file of mode 0600 in the place of `path` in one step; raise OSError when that fails."""
    new = f"{path}.{os.getpid()}.new"
    file_descriptor = os.open(
        new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
    )
    try:
        with open(file_descriptor, "wb") as file:  # noqa: PTH123 a descriptor, not a path
            file.write(text.encode())
            file.flush()
            os.fsync(file_descriptor)
        os.replace(new, path)  # noqa: PTH105 pathlib is not for the fast path
    except BaseException:
        try:  # noqa: SIM105 contextlib costs more than the rest of this file
            os.unlink(new)  # noqa: PTH108 pathlib is not for the fast path
        except OSError:
            pass
        raise
