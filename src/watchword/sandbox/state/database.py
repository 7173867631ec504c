"""The SQLite file: rows of bytes by store and name, each change one transaction, the seal in it."""

from __future__ import annotations

import hmac
import os
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from watchword.sandbox.state.errors import DamagedState, ForeignState, StateError, StateNotWritten
from watchword.sandbox.state.seal import SCHEMA, Key, Seal, digest_of, stamps

Row = tuple[str, str]
Value = bytes | Callable[[], bytes] | None

_TABLES: Final = (
    "CREATE TABLE stamp (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE seal (one INTEGER PRIMARY KEY CHECK (one = 1), value BLOB NOT NULL)",
    """CREATE TABLE row
    (store TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, name))""",
)
_PAGES_BEFORE_CHECKPOINT: Final = 4000
BODIES: Final = "moto-body"
"""The store whose rows are named by their content: one that is there need not be written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Rows that differ from what is there: their values (None: to be removed), digests, and the new sum."""

    values: Mapping[Row, bytes | None]
    digests: Mapping[Row, bytes]
    total: int


class Database:
    """One open state. Not thread-safe: one writer at a time."""

    def __init__(self, file: Path, key: Key) -> None:
        """Open or make the file. Raises ForeignState, DamagedState, StateNotWritten; changes nothing then."""
        self._file = file
        self._digests: dict[Row, bytes] = {}
        self._seal = Seal(key, stamps())
        self.is_fresh = not _has_tables(file)
        if not self.is_fresh:
            self._check(key)
        try:
            self._connection = self._open_to_write()
        except sqlite3.Error as error:
            raise _not_written(file, error) from error

    def _open_to_write(self) -> sqlite3.Connection:
        os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        connection = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        # In WAL mode a killed process loses nothing that was committed; a power cut may lose the last
        # moments, and leaves a whole file. Source: SQLite, "PRAGMA synchronous" (NORMAL).
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES_BEFORE_CHECKPOINT}")
        if self.is_fresh:
            connection.execute("BEGIN IMMEDIATE")
            for statement in _TABLES:
                connection.execute(statement)
            connection.executemany("INSERT INTO stamp VALUES (?, ?)", stamps().items())
            connection.execute("INSERT INTO seal VALUES (1, ?)", (self._seal.of(0),))
            connection.execute("COMMIT")
        return connection

    def _check(self, key: Key) -> None:
        """Look at stamps, rows and seal without writing. Nothing that is read here is interpreted."""
        try:
            connection = _read_only(self._file)
            try:
                found = dict(connection.execute("SELECT name, value FROM stamp"))
                _refuse_other_version(self._file, found)
                rows = connection.execute("SELECT store, name, value FROM row")
                digests = {(store, name): digest_of(value) for store, name, value in rows}
                sealed = connection.execute("SELECT value FROM seal").fetchone()
            finally:
                connection.close()
        except (sqlite3.Error, TypeError, ValueError, OverflowError) as error:
            raise _damaged(self._file, str(error)) from error
        total = self._seal.with_changes((), ((*row, digest) for row, digest in digests.items()))
        if sealed is None or not hmac.compare_digest(bytes(sealed[0]), self._seal.of(total)):
            raise _not_ours(self._file, key)
        self._digests, self._seal.total = digests, total

    def read(self, store: str) -> dict[str, bytes]:
        """Return the rows of a store by name. Raises DamagedState."""
        try:
            rows = self._connection.execute("SELECT name, value FROM row WHERE store = ?", (store,))
            found = {name: bytes(value) for name, value in rows}
        except sqlite3.Error as error:
            raise _damaged(self._file, str(error)) from error
        for name, value in found.items():
            self._refuse_changed(store, name, value)
        return found

    def read_one(self, store: str, name: str) -> bytes:
        """Return one row. Raises DamagedState: it is not what the seal was checked with."""
        query = "SELECT value FROM row WHERE store = ? AND name = ?"
        found = self._connection.execute(query, (store, name)).fetchone()
        value = b"" if found is None else bytes(found[0])
        self._refuse_changed(store, name, value)
        return value

    def _refuse_changed(self, store: str, name: str, value: bytes) -> None:
        if self._digests.get((store, name)) != digest_of(value):
            raise _damaged(self._file, f"{store} {name} has changed while it was read")

    def prepare(self, values: Mapping[Row, Value], *, everything: bool) -> Prepared:
        """Find out what of `values` differs from what is there; with `everything`, the rest goes."""
        wanted: dict[Row, bytes | None] = {}
        digests: dict[Row, bytes] = {}
        for row, value in values.items():
            if value is None:
                if row in self._digests:
                    wanted[row] = None
                continue
            if row[0] == BODIES and row in self._digests:
                continue
            data = value if isinstance(value, bytes) else value()
            digest = digest_of(data)
            if self._digests.get(row) != digest:
                wanted[row], digests[row] = data, digest
        if everything:
            wanted.update(dict.fromkeys(self._digests.keys() - values.keys()))
        gone = ((*row, self._digests[row]) for row in wanted if row in self._digests)
        come = ((*row, digest) for row, digest in digests.items())
        return Prepared(values=wanted, digests=digests, total=self._seal.with_changes(gone, come))

    def commit(self, prepared: Prepared) -> None:
        """Write what was prepared, in one transaction. Raises StateNotWritten: then nothing was."""
        if not prepared.values:
            return
        removed = [row for row, value in prepared.values.items() if value is None]
        written = [(*row, value) for row, value in prepared.values.items() if value is not None]
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("DELETE FROM row WHERE store = ? AND name = ?", removed)
            self._connection.executemany("INSERT OR REPLACE INTO row VALUES (?, ?, ?)", written)
            self._connection.execute("UPDATE seal SET value = ?", (self._seal.of(prepared.total),))
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise _not_written(self._file, error) from error
        for row in removed:
            del self._digests[row]
        self._digests.update(prepared.digests)
        self._seal.total = prepared.total

    def close(self) -> None:
        """Close the file. What is in its journal goes into it."""
        self._connection.close()


def _has_tables(file: Path) -> bool:
    """Tell whether anything was ever committed: a process may have been killed while it made the file."""
    if not file.exists() or file.stat().st_size == 0:
        return False
    try:
        connection = _read_only(file)
        try:
            return bool(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise _damaged(file, str(error)) from error


def _read_only(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _refuse_other_version(file: Path, found: Mapping[str, str]) -> None:
    mine = stamps()
    if found.get("schema") != SCHEMA:
        raise ForeignState(f"`{file}` is no state of a sandbox", hint="name another --state DIR")
    for name, here in mine.items():
        there = found.get(name)
        if there != here:
            raise ForeignState(
                f"the state in `{file.parent}` was written with {name} {there}; this is {here}",
                hint=f"use {name} {there} for it, or begin another --state DIR; "
                "`--scenario FILE` makes the same people and resources again",
            )


def _not_ours(file: Path, key: Key) -> StateError:
    if key.made:
        return ForeignState(
            f"the state in `{file.parent}` was sealed with a key that this user does not have",
            hint="begin another --state DIR; only the user who wrote a state reads it, on the same machine",
        )
    return DamagedState(
        f"the state in `{file.parent}` was not written by you on this machine, or was altered",
        hint="begin another --state DIR; this one is left as it is, and nothing in it was run",
    )


def _damaged(file: Path, why: str) -> DamagedState:
    return DamagedState(
        f"the state in `{file.parent}` cannot be read: {why}",
        hint="put back a copy of the folder, or begin another --state DIR; this one is left as it is",
    )


def _not_written(file: Path, error: sqlite3.Error) -> StateNotWritten:
    return StateNotWritten(
        f"cannot write to the state in `{file.parent}`: {error}",
        hint="make room on the disk, or the folder writable; the sandbox goes on by itself then",
    )
