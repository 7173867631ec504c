"""The reviewed tables: which action on which resource an operation is, one file a service."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One action that an operation needs, if the parameters in `when` are given and those in `unless` not.

    `resource` is a template (see `authorise.resource`). `shown` is how AWS names the resource in a refusal:
    None for the ARN, empty when it is left out. With `item_by_item` AWS answers for each resource apart.
    """

    action: str
    resource: str
    shown: str | None = None
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    item_by_item: bool = False
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBindings:
    """The table of one service. `keys` says which parameter carries the value of a condition key."""

    prefix: str
    operations: Mapping[str, tuple[Binding, ...]]
    keys: Mapping[str, str]


@cache
def bindings_of(service: str) -> ServiceBindings | None:
    """Return the table of a service by botocore's name, or None when there is none yet."""
    if not service.replace("-", "").isalnum():
        return None
    file = resources.files(__name__).joinpath(f"{service}.toml")
    if not file.is_file():
        return None
    return _read(tomllib.loads(file.read_text(encoding="utf-8")))


def bound_services() -> tuple[str, ...]:
    """Return botocore's names of all services that have a table."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def _read(table: dict[str, Any]) -> ServiceBindings:
    operations: dict[str, list[Binding]] = {}
    for entry in table["bind"]:
        for name in entry["operations"]:
            operations.setdefault(name, []).append(
                Binding(
                    action=entry.get("action", f"{table['prefix']}:{name}"),
                    resource=entry["resource"],
                    shown=entry.get("shown"),
                    when=_several(entry.get("when")),
                    unless=_several(entry.get("unless")),
                    item_by_item=entry.get("item_by_item", False),
                    context=entry.get("context", {}),
                )
            )
    return ServiceBindings(
        prefix=table["prefix"],
        operations={name: tuple(found) for name, found in operations.items()},
        keys=table.get("keys", {}),
    )


def _several(value: str | list[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
