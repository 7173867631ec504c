"""What a store keeps on disk, if the sandbox has a state folder: its entries, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, overload

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")


class Kept(dict[K, V]):
    """A dictionary that notes each key that is asked for, set or removed, until `take_touched`.

    What is changed in place is reached by its key first; so whoever writes a store to disk need look at the
    touched entries only. INVARIANT: walking with `values` or `items` is for looking, never for changing.
    """

    def __init__(self) -> None:
        super().__init__()
        self._touched: set[K] = set()

    def take_touched(self) -> set[K]:
        """Return the keys touched since the last call; some of them may be gone, or as they were."""
        taken, self._touched = self._touched, set()
        return taken

    def __getitem__(self, key: K) -> V:
        self._touched.add(key)
        return super().__getitem__(key)

    def __setitem__(self, key: K, value: V) -> None:
        self._touched.add(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: K) -> None:
        self._touched.add(key)
        super().__delitem__(key)

    @overload
    def get(self, key: K, default: None = None, /) -> V | None: ...

    @overload
    def get(self, key: K, default: V, /) -> V: ...

    @overload
    def get(self, key: K, default: T, /) -> V | T: ...

    def get(self, key: K, default: Any = None, /) -> Any:
        """Return the entry, or `default`."""
        if key in self:
            self._touched.add(key)
        return super().get(key, default)

    def pop(self, key: K, *default: V) -> V:  # type: ignore[override] # its default is one of the entries
        """Remove an entry and return it."""
        self._touched.add(key)
        return super().pop(key, *default)

    def setdefault(self, key: K, default: V, /) -> V:
        """Return the entry, set to `default` if it was not there."""
        self._touched.add(key)
        return super().setdefault(key, default)

    def update(self, entries: Mapping[K, V]) -> None:  # type: ignore[override] # a mapping only
        """Set entries one by one."""
        for key, value in entries.items():
            self[key] = value

    def clear(self) -> None:
        """Remove every entry."""
        self._touched.update(self)
        super().clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A store as whoever writes it to disk sees it.

    `kind` is the type of its entries, which JSON can hold. `dump` returns entries by name: those that may
    have changed since the last call, None for one that is gone; with `True`, all there are. `load` puts
    entries back into a store that is new.
    """

    name: str
    kind: Any
    dump: Callable[[bool], Mapping[str, Any]]
    load: Callable[[Mapping[str, Any]], None]

    @classmethod
    def of(cls, name: str, kind: Any, entries: Kept[str, Any]) -> Store:  # noqa: ANN401 - any type
        """Return the store that a `Kept` dictionary is."""

        def dump(everything: bool) -> Mapping[str, Any]:
            touched = entries.take_touched()
            return dict(entries) if everything else {key: dict.get(entries, key) for key in touched}

        return cls(name=name, kind=kind, dump=dump, load=entries.update)
