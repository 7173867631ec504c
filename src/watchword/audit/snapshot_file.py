"""Where a snapshot is put, and where what was read is kept until it is whole."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from watchword.audit.errors import SEE, UnwritablePlace
from watchword.audit.kept_answers import unwritable


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The file of a snapshot, and the one beside it that keeps what was read so far."""

    path: Path
    partial: Path


def place_of(wanted: str | None, *, account_id: str, now: datetime) -> Place:
    """Return where to put the snapshot: the file that is named, or one in this folder.

    Raises `UnwritablePlace` when there is something else than a file.
    """
    if wanted is None:
        name = f"snapshot-{account_id}"
        # Without the date: whoever goes on after midnight goes on with the same.
        return Place(path=Path(f"{name}-{now:%Y-%m-%d}.json"), partial=Path(f"{name}.partial"))
    path = Path(wanted)
    if path.exists() and not path.is_file():
        raise UnwritablePlace(
            f"`{wanted}` is not a file", hint="name a file with `-o`, or `-o -` for stdout", see=SEE
        )
    return Place(path=path, partial=path.with_name(f"{path.name}.partial"))


def write(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 in the place of `path` in one step; a link to a file is followed.

    What is there and no file, such as a pipe or `/dev/null`, stays what it is and is written into. Raises
    `UnwritablePlace`.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.exists() and not target.is_file() and not target.is_dir():
            target.write_bytes(content)
            return
        file_descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".new")
        try:
            with open(file_descriptor, "wb") as file:  # noqa: PTH123 a descriptor, not a path
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise unwritable(path, error) from None
