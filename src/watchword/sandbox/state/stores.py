"""Between the stores of a sandbox and rows of JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

import msgspec

from watchword.sandbox.kept import Store
from watchword.sandbox.state.database import Row, Value
from watchword.sandbox.state.errors import DamagedState

T = TypeVar("T")


def rows_of(stores: Iterable[Store], *, everything: bool) -> dict[Row, Value]:
    """Return what may have changed in the stores since the last call; with `everything`, all there is."""
    return {
        (store.name, name): None if entry is None else msgspec.json.encode(entry)
        for store in stores
        for name, entry in store.dump(everything).items()
    }


def entries_of(name: str, kind: type[T], rows: Mapping[str, bytes]) -> dict[str, T]:
    """Return the entries of a store that `rows` hold. Raises DamagedState: they are not of that kind."""
    try:
        return {key: msgspec.json.decode(row, type=kind) for key, row in rows.items()}
    except (msgspec.MsgspecError, ValueError) as error:
        raise DamagedState(
            f"the state cannot be read: {name}: {error}",
            hint="begin another --state DIR; this one is left as it is",
        ) from error


def load(store: Store, rows: Mapping[str, bytes]) -> None:
    """Put rows back into a store. Raises DamagedState: they are not what the store holds."""
    store.load(entries_of(store.name, store.kind, rows))
