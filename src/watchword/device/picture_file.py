"""The PNG of a QR code: a file that holds the seed, so nobody else may read it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from watchword.device.errors import SEE, DeviceError, FileExists


@contextlib.contextmanager
def picture_file(path: Path | None) -> Iterator[Callable[[bytes], None]]:
    """Make the file `path` (mode 0600) and give what writes it; without a path, do nothing.

    The file is made before anything else can fail, and is removed when the `with` ends in an
    exception, since its seed is good for nothing then. Raises `FileExists`, or `DeviceError` where
    no file can be made or the disk is full.
    """
    if path is None:
        yield lambda _png: None
        return
    file_descriptor = _create(path)
    try:
        yield lambda png: _write(file_descriptor, png, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(file_descriptor)


def _create(path: Path) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags, 0o600)
    except FileExistsError:
        raise FileExists(
            f"`{path}` exists, and a QR code overwrites nothing",
            hint="name another file, or remove this one",
            see=SEE,
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None


def _write(file_descriptor: int, data: bytes, path: Path) -> None:
    try:
        while data:
            data = data[os.write(file_descriptor, data) :]
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> DeviceError:
    return DeviceError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}", see=SEE)
