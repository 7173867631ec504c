"""Change a file of the user's in place: all of it or nothing, and never over somebody else's change."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchword.errors import WatchwordError
from watchword.local.lock import try_lock

_BOM: Final = "\ufeff"
_POLL_SECONDS: Final = 0.02
_TRIES: Final = 100
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MARK: Final = "watchword-"
_ACCESS_LIST: Final = "system.posix_acl_"


class NotRewritten(WatchwordError):
    """A file was left as it is, because it could not be changed without harm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """How a file is to be treated, and what is said when it cannot be changed.

    `hint` and `see` go with every error. `make`: a file that is missing is made, mode 0600, with the folders
    that are missing, mode 0700. `private`: what others may do with the file is taken away when it is written.
    """

    hint: str
    see: str
    make: bool = False
    private: bool = False
    longest_wait_seconds: float = 10.0

    def cannot(self, path: Path, why: str) -> NotRewritten:
        """Return the error for a file that is left as it is."""
        return NotRewritten(f"`{path}` was not changed: {why}", hint=self.hint, see=self.see)


def rewrite(path: Path, change: Callable[[str], str], care: Care) -> tuple[str, str]:
    """Put `change(text)` in the place of the text of a file; return the text before and after, without a BOM.

    As `rewrite_bytes`, for text in UTF-8; the byte order mark and the line ends stay.
    """
    texts = ("", "")

    def changed(before: bytes) -> bytes:
        nonlocal texts
        mark, text = _taken_apart(before, path, care)
        texts = text, change(text)
        return f"{mark}{texts[1]}".encode()

    rewrite_bytes(path, changed, care)
    return texts


def rewrite_bytes(path: Path, change: Callable[[bytes], bytes], care: Care) -> bool:
    """Put `change(content)` in the place of the content of a file; return whether that is another one.

    The content is read under a lock on the file, so that two of us change it one after the other; `change` is
    called again when somebody without the lock wrote the file meanwhile. The new content is a new file that
    takes the old one's name in one step, with its mode, owner and extended attributes; links are followed.
    A content that `change` leaves alone is not written. What writers that were killed have left is removed.

    Raises NotRewritten when the file cannot be read or written, has other hard links, or its owner
    cannot be kept. Between the last look at the file and the step that replaces it lie microseconds, in
    which a change by a program without the lock can still be lost.
    """
    try:
        return (
            _with_folders(path, change, care)
            if care.make
            else _rewritten(path.resolve(strict=True), change, care)
        )
    except RuntimeError:
        # What `resolve` says of links that lead to each other.
        raise care.cannot(path, "it is a link that leads to itself") from None
    except OSError as error:
        raise care.cannot(path, (error.strerror or str(error)).lower()) from error


def _with_folders(path: Path, change: Callable[[bytes], bytes], care: Care) -> bool:
    """Do it, and make the folders for it; those that are empty in the end are removed again."""
    target = path.resolve()
    for _ in range(_TRIES):
        # Another of us, who made the folder and had nothing to write, may have removed it meanwhile.
        with contextlib.suppress(FileNotFoundError):
            made_folders = _make_folders(path, target.parent, care)
            try:
                return _rewritten(target, change, care)
            finally:
                _remove_if_empty_folders(made_folders)
    raise care.cannot(path, "another program does not stop removing its folder")


def _rewritten(target: Path, change: Callable[[bytes], bytes], care: Care) -> bool:
    for _ in range(_TRIES):
        with _locked(target, care) as file_descriptor:
            before = _content(file_descriptor)
            after = change(before)
            if after == before:
                return False
            if _swap(target, file_descriptor, before, after, care):
                return True
    raise care.cannot(target, "another program does not stop writing it")


def _make_folders(path: Path, folder: Path, care: Care) -> list[Path]:
    """Make what is missing of the folder, for this user alone; return what was made, the innermost first.

    The far end of a dangling link is not made: a disk that is not there now may be what it points to.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    if missing and any(each.is_symlink() and not each.exists() for each in (path, *path.absolute().parents)):
        raise care.cannot(path, f"it is a link into a folder that does not exist, `{folder}`")
    for each in reversed(missing):
        # Another of us may be at it in this moment.
        each.mkdir(mode=0o700, exist_ok=True)
    return missing


def _remove_if_empty_folders(folders: list[Path]) -> None:
    with contextlib.suppress(OSError):
        for folder in folders:
            folder.rmdir()


@contextlib.contextmanager
def _locked(target: Path, care: Care) -> Iterator[int]:
    """Open the file that has this name now, and hold the lock on it.

    A file that had to be made for that, and is empty still in the end, is removed under the same lock.
    """
    end = time.monotonic() + care.longest_wait_seconds
    while True:
        file_descriptor, made = _open(target, care)
        try:
            if not stat.S_ISREG(os.fstat(file_descriptor).st_mode):
                raise care.cannot(target, "it is not a regular file")
            if try_lock(file_descriptor) and _is_at(target, file_descriptor):
                try:
                    yield file_descriptor
                finally:
                    if made:
                        _remove_if_empty(target, file_descriptor)
                return
        finally:
            os.close(file_descriptor)
        if time.monotonic() > end:
            raise care.cannot(
                target, f"another process has kept it locked for {care.longest_wait_seconds:.0f} seconds"
            )
        time.sleep(_POLL_SECONDS)


def _open(target: Path, care: Care) -> tuple[int, bool]:
    """Return the open file, and whether it was made for that."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        return os.open(target, flags), False
    except FileNotFoundError:
        if not care.make:
            raise
    try:
        return os.open(target, flags | os.O_CREAT | os.O_EXCL, 0o600), True
    except FileExistsError:
        return os.open(target, flags), False


def _remove_if_empty(target: Path, file_descriptor: int) -> None:
    with contextlib.suppress(OSError):
        if os.fstat(file_descriptor).st_size == 0 and _is_at(target, file_descriptor):
            target.unlink()


def _is_at(target: Path, file_descriptor: int) -> bool:
    """Whether the open file is the one of that name: it has been replaced or removed when it is not."""
    try:
        return os.path.samestat(target.lstat(), os.fstat(file_descriptor))
    except FileNotFoundError:
        return False


def _content(file_descriptor: int) -> bytes:
    with open(os.dup(file_descriptor), "rb") as file:  # noqa: PTH123 a descriptor, not a path
        file.seek(0)
        return file.read()


def _taken_apart(content: bytes, path: Path, care: Care) -> tuple[str, str]:
    """Return the byte order mark, or nothing, and the text after it."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise care.cannot(path, "it is not UTF-8") from None
    return (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)


def _swap(target: Path, file_descriptor: int, before: bytes, after: bytes, care: Care) -> bool:
    """Put a new file in the place of the old one, unless that is not what it was any more."""
    state = os.fstat(file_descriptor)
    _refuse_if_harmful(target, state, care)
    _sweep(target)
    file_descriptor_new, name = tempfile.mkstemp(
        dir=target.parent, prefix=f".{target.name}.{_MARK}", suffix=".new"
    )
    new = Path(name)
    try:
        _write(file_descriptor_new, new, after, target, state, care)
        if not _is_at(target, file_descriptor) or _content(file_descriptor) != before:
            new.unlink(missing_ok=True)
            return False
        _replace(new, target, care)
    except BaseException:
        with contextlib.suppress(OSError):
            new.unlink()
        raise
    _sync_folder(target.parent)
    return True


def _replace(new: Path, target: Path, care: Care) -> None:
    try:
        new.replace(target)
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise care.cannot(
                target, "it is mounted on its own, so that no new file can take its name"
            ) from None
        raise


def _refuse_if_harmful(target: Path, state: os.stat_result, care: Care) -> None:
    if state.st_nlink > 1:
        raise care.cannot(target, "it has other hard links, which would keep the old text")
    if not state.st_mode & stat.S_IWUSR:
        raise care.cannot(target, f"it is read-only (mode {stat.S_IMODE(state.st_mode):04o})")


def _sweep(target: Path) -> None:
    """Remove the new files of writers that were killed: who holds the lock is the only one who has one."""
    ours = re.compile(rf"\.{re.escape(target.name)}\.{_MARK}[a-z0-9_]{{8}}\.new")
    for name in os.listdir(target.parent):  # noqa: PTH208 names, not paths
        if ours.fullmatch(name):
            with contextlib.suppress(OSError):
                (target.parent / name).unlink()


def _write(
    file_descriptor: int, new: Path, content: bytes, target: Path, state: os.stat_result, care: Care
) -> None:
    with open(file_descriptor, "wb") as file:
        made = os.fstat(file_descriptor)
        if (made.st_uid, made.st_gid) != (state.st_uid, state.st_gid):
            try:
                os.fchown(file_descriptor, state.st_uid, state.st_gid)
            except PermissionError:
                raise care.cannot(
                    target, "its owner or group is another one, and could not be kept"
                ) from None
        # Before anything is in it: who may open the file now can read later what comes into it.
        if care.private:
            _copy_attributes(target, new)
            os.fchmod(file_descriptor, stat.S_IMODE(state.st_mode) & ~_OTHERS)
        else:
            shutil.copystat(target, new)
        file.write(content)
        file.flush()
        os.utime(new)
        os.fsync(file_descriptor)


def _copy_attributes(source: Path, new: Path) -> None:
    """Copy the extended attributes, but for access lists: those would let others in."""
    for name in os.listxattr(source) if sys.platform == "linux" else ():
        if not name.startswith(_ACCESS_LIST):
            # What the system keeps for itself, or this file system does not know, cannot be set.
            with contextlib.suppress(OSError):
                os.setxattr(new, name, os.getxattr(source, name))


def _sync_folder(folder: Path) -> None:
    file_descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # Some file systems cannot, and the new file is in its place in any case.
        with contextlib.suppress(OSError):
            os.fsync(file_descriptor)
    finally:
        os.close(file_descriptor)
