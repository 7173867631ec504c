"""The reviewed names of a service: which parameters name a resource of which type."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeNames:
    """What is reviewed about one resource type.

    `parameters` are names that identify such a resource wherever they stand. `arn` takes the place of the
    service reference's ARN, with `${}` for the name. `filter` is one of `authorise.resource`.
    """

    parameters: tuple[str, ...] = ()
    arn: str | None = None
    filter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What is reviewed about one service.

    `creates` names types that an operation only creates although the reference does not show it,
    `without` types that the reference names and no parameter can. `passes` says to which service a role
    in a parameter goes, `keys` which parameter carries a condition key. `named_only` are types that are
    asked for only where a call names them, although the reference requires them. `filter` reads the names
    of all types that have none of their own. With `created_is_star` what is only being created is
    `type/*`.
    """

    types: Mapping[str, TypeNames] = field(default_factory=dict)
    creates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    passes: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    named_only: tuple[str, ...] = ()
    created_is_star: bool = False
    filter: str = "own"


def names_of(service: str) -> Names:
    """Read the reviewed names of a service; without a file nothing is reviewed."""
    file = resources.files(__package__).joinpath("names", f"{service}.toml")
    if not file.is_file():
        return Names()
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return Names(
        types={
            key: TypeNames(
                parameters=tuple(entry.get("parameters", ())),
                arn=entry.get("arn"),
                filter=entry.get("filter"),
            )
            for key, entry in table.get("types", {}).items()
        },
        creates={name: tuple(types) for name, types in table.get("creates", {}).items()},
        without={name: tuple(types) for name, types in table.get("without", {}).items()},
        passes=table.get("passes", {}),
        keys=table.get("keys", {}),
        filter=table.get("filter", "own"),
        named_only=tuple(table.get("named_only", ())),
        created_is_star=table.get("created_is_star", False),
    )
