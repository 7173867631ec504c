"""Change a file of the user's in place: all of it or nothing, and never over somebody else's change."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from watchword.errors import WatchwordError
from watchword.local.lock import try_lock

_SEE: Final = "docs/policy/lint.md"
_BOM: Final = "\ufeff"
_POLL_SECONDS: Final = 0.02
_LONGEST_WAIT_SECONDS: Final = 10.0


class NotRewritten(WatchwordError):
    """A file was left as it is, because it could not be changed without harm."""


def rewrite(path: Path, change: Callable[[str], str]) -> tuple[str, str]:
    """Put `change(text)` in the place of the text of a file; return the text before and after, without a BOM.

    The text is read under a lock on the file, so that two of us change it one after the other; `change` is
    called again when somebody without the lock wrote the file meanwhile. The new text is a new file that
    takes the old one's name in one step, with its mode, owner, extended attributes, byte order mark and
    line ends; links are followed. A text that `change` leaves alone is not written.

    Raises NotRewritten when the file cannot be read or written, has other hard links, or its owner
    cannot be kept. Between the last look at the file and the step that replaces it lie microseconds, in
    which a change by a program without the lock can still be lost.
    """
    try:
        target = path.resolve(strict=True)
        while True:
            with _locked(target) as file_descriptor:
                before = _content(file_descriptor)
                mark, text = _taken_apart(before, path)
                changed = change(text)
                if changed == text or _swap(target, file_descriptor, before, f"{mark}{changed}".encode()):
                    return text, changed
    except OSError as error:
        raise _cannot(path, (error.strerror or str(error)).lower()) from error


@contextlib.contextmanager
def _locked(target: Path) -> Iterator[int]:
    """Open the file that has this name now, and hold the lock on it."""
    end = time.monotonic() + _LONGEST_WAIT_SECONDS
    while True:
        file_descriptor = os.open(target, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(file_descriptor).st_mode):
                raise _cannot(target, "it is not a regular file")
            if try_lock(file_descriptor) and _is_at(target, file_descriptor):
                yield file_descriptor
                return
        finally:
            os.close(file_descriptor)
        if time.monotonic() > end:
            raise _cannot(
                target, f"another process has kept it locked for {_LONGEST_WAIT_SECONDS:.0f} seconds"
            )
        time.sleep(_POLL_SECONDS)


def _is_at(target: Path, file_descriptor: int) -> bool:
    """Whether the open file is the one of that name: it has been replaced when it is not."""
    return os.path.samestat(target.lstat(), os.fstat(file_descriptor))


def _content(file_descriptor: int) -> bytes:
    with open(os.dup(file_descriptor), "rb") as file:  # noqa: PTH123 a descriptor, not a path
        file.seek(0)
        return file.read()


def _taken_apart(content: bytes, path: Path) -> tuple[str, str]:
    """Return the byte order mark, or nothing, and the text after it."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise _cannot(path, "it is not UTF-8") from None
    return (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)


def _swap(target: Path, file_descriptor: int, before: bytes, after: bytes) -> bool:
    """Put a new file in the place of the old one, unless that is not what it was any more."""
    state = os.fstat(file_descriptor)
    if state.st_nlink > 1:
        raise _cannot(target, "it has other hard links, which would keep the old text")
    file_descriptor_new, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
    new = Path(name)
    try:
        _write(file_descriptor_new, new, after, target, state)
        if not _is_at(target, file_descriptor) or _content(file_descriptor) != before:
            new.unlink()
            return False
        new.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    _sync_folder(target.parent)
    return True


def _write(file_descriptor: int, new: Path, content: bytes, target: Path, state: os.stat_result) -> None:
    with open(file_descriptor, "wb") as file:
        made = os.fstat(file_descriptor)
        if (made.st_uid, made.st_gid) != (state.st_uid, state.st_gid):
            try:
                os.fchown(file_descriptor, state.st_uid, state.st_gid)
            except PermissionError:
                raise _cannot(target, "its owner or group is another one, and could not be kept") from None
        file.write(content)
        file.flush()
        shutil.copystat(target, new)
        os.utime(new)
        os.fsync(file_descriptor)


def _sync_folder(folder: Path) -> None:
    file_descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # Some file systems cannot, and the new file is in its place in any case.
        with contextlib.suppress(OSError):
            os.fsync(file_descriptor)
    finally:
        os.close(file_descriptor)


def _cannot(path: Path, why: str) -> NotRewritten:
    return NotRewritten(
        f"`{path}` was not changed: {why}",
        hint="`--diff` shows what would be changed, without changing it",
        see=_SEE,
    )
