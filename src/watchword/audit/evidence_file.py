"""Where a bundle of evidence is put: a zip file or a folder."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from watchword.audit.errors import NotOverwritten, UnwritablePlace
from watchword.audit.evidence import README, SUMS

_SEE: Final = "docs/prove/report.md"
# The first moment that a zip file can name: the bytes must not depend on when they are written.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3


def write_bundle(path: Path, files: Mapping[str, bytes], *, overwrite: bool) -> None:
    """Put the files into a zip file, when `path` ends in `.zip`, else into a folder; for this user alone.

    It is there whole or not at all. Raises NotOverwritten when something is there already, and `overwrite` is
    not said or it is no bundle; UnwritablePlace when it cannot be written.
    """
    if path.suffix.lower() == ".zip":
        write_file(path, zipped(files), overwrite=overwrite)
        return
    try:
        _write_folder(path, files, overwrite=overwrite)
    except OSError as error:
        raise _unwritable(path, error) from None


def write_file(path: Path, content: bytes, *, overwrite: bool) -> None:
    """Write a file of mode 0600 in one step.

    Raises NotOverwritten when it is there and `overwrite` is not said, UnwritablePlace when it cannot be
    written.
    """
    try:
        if path.is_dir():
            raise NotOverwritten(f"`{path}` is a folder", hint="name a file", see=_SEE)
        if path.exists() and not path.is_file():
            raise NotOverwritten(f"`{path}` is not a file", hint="name a file, or `-` for stdout", see=_SEE)
        file_descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
        new = Path(name)
        try:
            with open(file_descriptor, "wb") as file:  # noqa: PTH123 a descriptor, not a path
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _put(new, path, overwrite=overwrite)
        finally:
            with contextlib.suppress(OSError):
                new.unlink()
    except OSError as error:
        raise _unwritable(path, error) from None


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip file: no times, one order, one mode, so that the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=_NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o600) << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


# -- folders


def _write_folder(path: Path, files: Mapping[str, bytes], *, overwrite: bool) -> None:
    _refuse_unless_ours(path, overwrite=overwrite)
    new = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new"))
    try:
        for name, data in files.items():
            target = new / name
            for folder in reversed(target.relative_to(new).parents):  # `parents` of mkdir keeps no mode
                (new / folder).mkdir(mode=0o700, exist_ok=True)
            with open(target, "xb", opener=_private) as file:
                file.write(data)
        with _moved_away(path):
            new.rename(path)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _refuse_unless_ours(path: Path, *, overwrite: bool) -> None:
    """An empty folder is filled; one that is a bundle gives way when that is wished; no other ever does."""
    if not path.exists() and not path.is_symlink():
        return
    if path.is_dir() and not path.is_symlink():
        inside = {each.name for each in path.iterdir()}
        if not inside:
            return
        if overwrite and {SUMS, README} <= inside:
            return
        if overwrite:
            raise NotOverwritten(
                f"the folder `{path}` holds something else than a bundle", hint="name a new folder", see=_SEE
            )
    raise NotOverwritten(f"`{path}` is there already", hint="name another place, or add `--force`", see=_SEE)


@contextlib.contextmanager
def _moved_away(path: Path) -> Iterator[None]:
    """Have nothing at `path`: what is there comes back when the new one does not get its place."""
    if not path.exists():
        yield
        return
    away = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".old"))
    path.rename(away / "old")
    try:
        yield
    except BaseException:
        (away / "old").rename(path)
        raise
    finally:
        shutil.rmtree(away, ignore_errors=True)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _put(new: Path, path: Path, *, overwrite: bool) -> None:
    """Give the file its name; without `overwrite` never to one that is taken, even in this moment."""
    if overwrite:
        new.replace(os.path.realpath(path))
        return
    try:
        path.hardlink_to(new)
    except FileExistsError:
        raise NotOverwritten(
            f"`{path}` is there already", hint="name another file, or add `--force`", see=_SEE
        ) from None
    except OSError:
        # A file system without hard links.
        if path.exists():
            raise NotOverwritten(
                f"`{path}` is there already", hint="name another file, or add `--force`", see=_SEE
            ) from None
        new.replace(path)


def _unwritable(path: Path, error: OSError) -> UnwritablePlace:
    why = (error.strerror or str(error)).lower()
    return UnwritablePlace(f"cannot write `{path}`: {why}", hint="name another place", see=_SEE)
