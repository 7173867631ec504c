"""Documents that the user names on the command line: read whole, as text, or refused with the way out."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO, Final

from watchword.errors import WatchwordError

MAX_BYTES: Final = 16 * 1024 * 1024
"""More is not read: no policy and no file of cases comes near it, and a device never ends."""

STANDARD_INPUT: Final = "-"

_SEE: Final = "docs/policy/index.md"
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_read_already: set[str] = set()


class UnreadableDocument(WatchwordError):
    """A file that was named cannot be read as text."""


def read_document(path: str) -> str:
    r"""Return the text of a file in UTF-8, with its line ends as they are; a byte order mark is left out.

    `-` is standard input, which can be read once in a process. Pipes are read like files. Raises
    `UnreadableDocument` when it is not there, a folder, not permitted, longer than `MAX_BYTES` bytes,
    or no UTF-8.
    """
    data = _standard_input() if path == STANDARD_INPUT else _file(path)
    if len(data) > MAX_BYTES:
        raise UnreadableDocument(
            f"`{path}` is longer than {MAX_BYTES // 1024 // 1024} MB",
            hint="a policy has at most 131072 characters",
            see=_SEE,
        )
    return _text(data, path)


def _standard_input() -> bytes:
    if STANDARD_INPUT in _read_already:
        raise UnreadableDocument(
            "standard input can be read only once", hint="name `-` for one document only", see=_SEE
        )
    _read_already.add(STANDARD_INPUT)
    return _bounded(sys.stdin.buffer)


def _file(path: str) -> bytes:
    try:
        with open(path, "rb", opener=_open) as file:
            return _bounded(file)
    except FileNotFoundError:
        raise UnreadableDocument(f"there is no file `{path}`", hint=_near(path), see=_SEE) from None
    except IsADirectoryError:
        raise UnreadableDocument(f"`{path}` is a folder", hint=_inside(path), see=_SEE) from None
    except PermissionError:
        hint = "`ls -l` shows who may read it"
        raise UnreadableDocument(f"`{path}` may not be read", hint=hint, see=_SEE) from None
    except (OSError, ValueError) as error:
        # ValueError: a name with a NUL in it.
        why = (getattr(error, "strerror", None) or str(error)).lower()
        raise UnreadableDocument(f"cannot read `{path}`: {why}", see=_SEE) from None


def _open(path: str, flags: int) -> int:
    """A terminal that is named does not become the one that rules this process."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOCTTY)


def _bounded(file: BinaryIO) -> bytes:
    """Read a little more than is taken, to know that there is more, and no further."""
    return file.read(MAX_BYTES + 1)


def _near(path: str) -> str:
    folder = os.path.dirname(path) or "."  # noqa: PTH120 it is text still
    if not os.path.isdir(folder):  # noqa: PTH112 as above
        return f"there is no folder `{folder}` either"
    return f"`ls {folder}` shows what is there"


def _inside(path: str) -> str:
    return f"name the files in it: `{path.rstrip('/')}/*.json`"


def _text(data: bytes, path: str) -> str:
    if data.startswith(_UTF16):
        hint = "save it as UTF-8 (PowerShell: `Set-Content -Encoding utf8`)"
        raise UnreadableDocument(f"`{path}` is in UTF-16, not in UTF-8", hint=hint, see=_SEE)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise UnreadableDocument(
            f"`{path}` is no text in UTF-8: {path}:{line}:{column} holds the byte 0x{data[error.start]:02x}",
            hint="policies are JSON in UTF-8; save it as such",
            see=_SEE,
        ) from None
