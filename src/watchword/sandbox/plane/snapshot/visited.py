"""Which of moto's backends were asked for: only those can have changed.

moto reaches a backend through its dictionary (`s3_backends[account][partition]`), or through another backend
that refers to it. The first is noted here; the second is found when the first is written.
"""

from __future__ import annotations

from collections.abc import ItemsView, ValuesView
from typing import Any

from watchword.sandbox.plane.moto_object import MotoObject

_seen: dict[int, MotoObject] = {}
_watched = False


def watch() -> None:
    """Note from now on which backends are asked for, in the whole process: moto is one for all of it."""
    global _watched  # noqa: PLW0603 - as moto itself, it is there once a process
    if _watched:
        return
    _watched = True
    from moto.core.base_backend import AccountSpecificBackend as Regions

    get_item: Any = Regions.__getitem__

    def noted(self: Regions[Any], region: str) -> Any:  # noqa: ANN401 - any backend
        backend = get_item(self, region)
        _seen[id(backend)] = backend
        return backend

    def noted_get(self: Regions[Any], region: str, default: Any = None) -> Any:  # noqa: ANN401
        return noted(self, region) if dict.__contains__(self, region) else default

    def noted_values(self: Regions[Any]) -> ValuesView[Any]:
        values = dict.values(self)
        _seen.update({id(each): each for each in values})
        return values

    def noted_items(self: Regions[Any]) -> ItemsView[str, Any]:
        noted_values(self)
        return dict.items(self)

    for name, method in {
        "__getitem__": noted, "get": noted_get, "values": noted_values, "items": noted_items,
    }.items():  # fmt: skip
        setattr(Regions, name, method)


def note(backend: MotoObject) -> None:
    """Note a backend that was reached in another way."""
    _seen[id(backend)] = backend


def take_visited() -> list[MotoObject]:
    """Return the backends asked for since the last call."""
    taken = list(_seen.values())
    _seen.clear()
    return taken


def all_backends() -> list[MotoObject]:
    """Return every backend that there is."""
    from moto.core.base_backend import BackendDict

    services: Any = BackendDict
    return [
        backend
        for service in list(services._instances)  # noqa: SLF001 - moto has no other list
        for by_region in list(dict.values(service))
        for backend in list(dict.values(by_region))
    ]


def note_iam() -> None:
    """Note IAM's backends, which the sandbox changes without asking for them anew."""
    from moto.iam.models import iam_backends

    for by_region in list(dict.values(iam_backends)):
        for backend in list(dict.values(by_region)):
            note(backend)
