"""The seal on a state: who wrote it, with what, and that nobody has changed it since.

What moto holds is a pickle, and reading a stranger's pickle runs the stranger's code. So nothing is read that
does not carry the seal of this user's key, which is in no state folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from watchword.sandbox.state.errors import StateNotWritten, UnsafeState

SCHEMA: Final = "watchword/sandbox-state/v1"
_KEY_BYTES: Final = 32
_SUM_BITS: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """This user's key for states. `made` says that there was none before."""

    value: bytes
    made: bool

    def __repr__(self) -> str:
        return "Key(•••)"


def stamps() -> dict[str, str]:
    """Return what a state must have been written with to be read: schema and versions."""
    return {
        "schema": SCHEMA,
        "watchword": version("watchword"),
        "moto": version("moto"),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def key_file(environment: Mapping[str, str]) -> Path:
    """Return where the key is: `watchword/sandbox-state.key` below the user's state folder.

    Source: XDG Base Directory Specification 0.8, "$XDG_STATE_HOME" (relative paths are ignored).
    """
    state = environment.get("XDG_STATE_HOME", "")
    home = Path(environment.get("HOME") or Path.home())
    base = Path(state) if state.startswith("/") else home / ".local" / "state"
    return base / "watchword" / "sandbox-state.key"


def open_key(file: Path) -> Key:
    """Return the key, made at once if there is none. Raises UnsafeState, StateNotWritten."""
    try:
        made = _make(file)
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            found = os.fstat(stream.fileno())
            value = stream.read()
    except OSError as error:
        raise StateNotWritten(
            f"cannot read or make `{file}`: {(error.strerror or str(error)).lower()}",
            hint="it holds the key that seals states; make its folder writable, or set XDG_STATE_HOME",
        ) from error
    if (
        found.st_uid != os.geteuid()
        or found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        or len(value) != _KEY_BYTES
    ):
        raise UnsafeState(
            f"`{file}` is not a key that only you can read",
            hint="remove it; states that were sealed with it cannot be read any more then",
        )
    return Key(value=value, made=made)


def _make(file: Path) -> bool:
    if file.exists():
        return False
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Whole or not at all, and never twice: the link fails for whoever comes second.
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(secrets.token_bytes(_KEY_BYTES))
    try:
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(draft)
            return True
        return False
    finally:
        draft.unlink()


class Seal:
    """The sum of everything that is in a state, under a key. One row in or out is one addition.

    Rows are a set: the sum of their keyed digests says which are there, whatever their order.
    """

    def __init__(self, key: Key, stamped: Mapping[str, str]) -> None:
        self._key = key.value
        self._stamped = "\n".join(f"{name}={value}" for name, value in sorted(stamped.items())).encode()
        self.total = 0

    def with_changes(
        self, gone: Iterable[tuple[str, str, bytes]], come: Iterable[tuple[str, str, bytes]]
    ) -> int:
        """Return the sum with rows (store, name, digest of the value) taken out and put in."""
        changed = sum(map(self._row, come)) - sum(map(self._row, gone))
        return int((self.total + changed) % 2**_SUM_BITS)

    def of(self, total: int) -> bytes:
        """Return the seal on a sum."""
        text = self._stamped + b"\n" + total.to_bytes(_SUM_BITS // 8, "big")
        return hmac.digest(self._key, text, "sha256")

    def _row(self, row: tuple[str, str, bytes]) -> int:
        store, name, digest = row
        text = f"{len(store)}:{store}{len(name)}:{name}".encode() + digest
        return int.from_bytes(
            hashlib.blake2b(text, key=self._key, digest_size=_SUM_BITS // 8).digest(), "big"
        )


def digest_of(value: bytes) -> bytes:
    """Return the digest of a row's value."""
    return hashlib.blake2b(value, digest_size=32).digest()
