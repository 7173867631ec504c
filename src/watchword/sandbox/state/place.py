"""The state folder: whose it is, what may stand in it, and who has it now."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchword.sandbox.state.errors import ForeignState, StateError, StateInUse, StateNotWritten, UnsafeState

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_DATABASE: Final = "state.sqlite"
# SQLite's own files beside it, our lock, and the profiles that go with the state.
_OURS: Final = frozenset(
    {
        _DATABASE,
        f"{_DATABASE}-wal",
        f"{_DATABASE}-shm",
        f"{_DATABASE}-journal",
        "lock",
        "config",
        "credentials",
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one state. `path` is absolute."""

    path: Path

    @property
    def database(self) -> Path:
        """Everything that is kept."""
        return self.path / _DATABASE

    def make(self) -> None:
        """Make the folder if need be, and see that it is safe.

        Raises UnsafeState: others may enter it, it is somebody else's, it or a file in it is a link;
        ForeignState: something else is in it; StateNotWritten: it cannot be made.
        """
        try:
            with contextlib.suppress(FileExistsError):
                self.path.mkdir(mode=0o700, parents=True)
            _refuse_unsafe(self.path, stat.S_IFDIR)
            for each in sorted(self.path.iterdir()):
                self._refuse_stranger(each)
        except OSError as error:
            raise self.not_writable(error) from error

    def _refuse_stranger(self, file: Path) -> None:
        if file.name not in _OURS:
            raise ForeignState(
                f"`{self.path}` has something in it that is no state of a sandbox: `{file.name}`",
                hint="name a folder that is not there yet, or an empty one",
            )
        _refuse_unsafe(file, stat.S_IFREG)

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Be the one sandbox that has this folder. Raises StateInUse, StateNotWritten.

        The kernel drops the lock with the process, however that ends.
        """
        try:
            lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise self.not_writable(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError:
            raise StateInUse(
                f"another sandbox has the state in `{self.path}`",
                hint="`watchword sandbox down` stops that one; or name another --state DIR",
            ) from None
        finally:
            os.close(lock)

    def not_writable(self, error: OSError) -> StateError:
        """Return the error for a folder or file that cannot be made or written."""
        return StateNotWritten(
            f"cannot write to `{self.path}`: {(error.strerror or str(error)).lower()}",
            hint="make room, or the folder writable; or name another --state DIR",
        )


def _refuse_unsafe(path: Path, kind: int) -> None:
    found = path.lstat()
    if stat.S_IFMT(found.st_mode) != kind:
        raise UnsafeState(
            f"`{path}` is a link, or not the kind of file that it should be",
            hint="name the folder itself, and remove what does not belong into it",
        )
    if found.st_uid != os.geteuid():
        raise UnsafeState(f"`{path}` belongs to another user", hint="name a folder of your own")
    if found.st_mode & _OTHERS:
        mode = stat.S_IMODE(found.st_mode)
        raise UnsafeState(
            f"`{path}` can be read or changed by others (mode {mode:04o})",
            hint=f"chmod go= {path}, if you trust what is in it; otherwise name another --state DIR",
        )
    if kind == stat.S_IFREG and found.st_nlink != 1:
        raise UnsafeState(f"`{path}` has a second name", hint="name another --state DIR")
