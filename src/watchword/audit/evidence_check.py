"""Whether a bundle of evidence is still what it was."""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from watchword.audit.errors import NoBundle
from watchword.audit.evidence import SUMS

_SEE: Final = "docs/prove/report.md"
_CHUNK_BYTES: Final = 1 << 20
_MOST_SUMS_BYTES: Final = 64 << 20
_LINE: Final = re.compile(r"([0-9a-f]{64})  ([^\0\r\n]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A bundle that was looked at: how many `files` its manifest names, what is not as it says.

    `sums_sha256` is the SHA-256 of the manifest itself, to compare with the one told when it was made.
    """

    files: int
    problems: tuple[str, ...]
    sums_sha256: str


def checked(path: Path) -> Checked:
    """Look at each file of a bundle: which were changed, are missing, were added.

    Raises NoBundle when there is no manifest, or it cannot be read. Nothing is taken out of a zip file.
    """
    try:
        if path.is_dir():
            with (path / SUMS).open("rb") as file:
                manifest = file.read(_MOST_SUMS_BYTES)
            return _checked(manifest, _sums_of_folder(path))
        with zipfile.ZipFile(path) as archive:
            with archive.open(SUMS) as file:
                manifest = file.read(_MOST_SUMS_BYTES)
            names = Counter(archive.namelist())
            twice = tuple(f"`{name}` is in the zip file twice" for name in names if names[name] > 1)
            return _checked(manifest, _sums_of_zip(archive), also=twice)
    except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        why = (
            "it holds no SHA256SUMS"
            if isinstance(error, KeyError | FileNotFoundError)
            else "it cannot be read"
        )
        raise NoBundle(
            f"`{path}` is no bundle of evidence: {why if path.exists() else 'there is nothing of that name'}",
            hint="`watchword report --bundle FILE.zip SNAPSHOT` makes one",
            see=_SEE,
        ) from None


def _checked(manifest: bytes, found: Mapping[str, str], *, also: tuple[str, ...] = ()) -> Checked:
    expected = _manifest(manifest)
    changed = (
        f"`{name}` was changed" for name in expected if found.get(name, expected[name]) != expected[name]
    )
    missing = (f"`{name}` is missing" for name in expected if name not in found)
    added = (f"`{name}` was added" for name in found if name not in expected and name != SUMS)
    return Checked(
        files=len(expected),
        problems=(*changed, *missing, *added, *also),
        sums_sha256=hashlib.sha256(manifest).hexdigest(),
    )


def _manifest(data: bytes) -> dict[str, str]:
    """Return the sums by name; KeyError when a line is none, as for no manifest at all."""
    expected = {}
    for line in data.decode("utf-8", "replace").splitlines():
        found = _LINE.fullmatch(line)
        if found is None:
            raise KeyError(line)
        expected[found[2]] = found[1]
    return expected


def _sums_of_folder(folder: Path) -> dict[str, str]:
    """A link is never followed: it is counted as a file that is not the one of the manifest."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = "a link"
        elif path.is_file():
            with path.open("rb") as file:
                found[name] = _sum(file)
    return found


def _sums_of_zip(archive: zipfile.ZipFile) -> dict[str, str]:
    found = {}
    for entry in archive.infolist():
        if not entry.is_dir():
            with archive.open(entry) as file:
                found[entry.filename] = _sum(file)
    return found


def _sum(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()
