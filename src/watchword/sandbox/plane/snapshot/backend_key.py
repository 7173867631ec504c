"""The name of one of moto's backends: its class, its account, its region (or partition)."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.snapshot.errors import BrokenSnapshot, CannotKeep


@dataclass(frozen=True, slots=True, order=True)
class BackendKey:
    """`module` and `name` are those of the backend's class."""

    module: str
    name: str
    account: str
    region: str

    @classmethod
    def of(cls, backend: MotoObject) -> BackendKey:
        """Return the key of a backend. Raises CannotKeep: moto itself would not find it by that key."""
        key = cls.named(backend)
        if not is_there(backend, key):
            raise CannotKeep(f"{key.name}: one of its own")
        return key

    @classmethod
    def named(cls, backend: MotoObject) -> BackendKey:
        """Return the key that a backend has, or had."""
        kind = type(backend)
        return cls(kind.__module__, kind.__qualname__, backend.account_id, backend.region_name)


def is_there(backend: MotoObject, key: BackendKey) -> bool:
    """Tell whether it is this one that moto finds by the key: backends can be dropped."""
    by_region = dict.get(dictionary_of(key), key.account, {})
    return dict.get(by_region, key.region) is backend


def backend_class(key: BackendKey) -> type:
    """Return the class of a backend. Raises BrokenSnapshot: there is none of that name."""
    found = getattr(_module(key), key.name, None)
    if not isinstance(found, type):
        raise BrokenSnapshot(f"moto has no `{key.module}.{key.name}`")
    return found


def dictionary_of(key: BackendKey) -> MotoObject:
    """Return moto's dictionary of the backends of that class. Raises BrokenSnapshot."""
    from moto.core.base_backend import BackendDict

    kind = backend_class(key)
    for each in vars(_module(key)).values():
        if isinstance(each, BackendDict) and each.backend is kind:
            return each
    raise BrokenSnapshot(f"moto has no backends of the class `{key.module}.{key.name}`")


def _module(key: BackendKey) -> ModuleType:
    if not key.module.startswith("moto."):
        raise BrokenSnapshot(f"`{key.module}` is no part of moto")
    try:
        return importlib.import_module(key.module)
    except ImportError as error:
        raise BrokenSnapshot(f"moto has no `{key.module}`") from error
