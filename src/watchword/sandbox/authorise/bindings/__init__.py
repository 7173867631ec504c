"""The tables: which action on which resource an operation is. Reviewed ones, and generated ones beneath them.

`SERVICE.toml` is written by hand. `generated/SERVICE.json` is made by `python -m watchword.sandbox.tables`;
what it says of an operation counts only if the reviewed table does not name the operation.
"""

from __future__ import annotations

import json
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
    `context` are condition keys with their values (`${Operation}`: the operation's name), `keys` condition
    keys and the parameters that carry them. `or_resource` is what AWS may decide on instead, where that is
    contested.
    """

    action: str
    resource: str
    shown: str | None = None
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    item_by_item: bool = False
    context: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    or_resource: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """Parameters with which an operation is not decided, and why."""

    parameters: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBindings:
    """The table of one service. `keys` says which parameter carries the value of a condition key.

    `generated` names the operations that nobody reviewed one by one, `undecided` those that are in no table
    although the service is decided wholly, each with the reason. `uncovered` are operations that are decided
    but with certain parameters, each with those and the reason; `also` is what comes on top of the generated.
    """

    prefix: str
    operations: Mapping[str, tuple[Binding, ...]]
    keys: Mapping[str, str]
    generated: frozenset[str] = frozenset()
    undecided: Mapping[str, str] = field(default_factory=dict)
    uncovered: Mapping[str, tuple[Uncovered, ...]] = field(default_factory=dict)
    also: Mapping[str, tuple[Binding, ...]] = field(default_factory=dict)


@cache
def bindings_of(service: str) -> ServiceBindings | None:
    """Return the table of a service by botocore's name, or None when there is none yet."""
    if not service.replace("-", "").isalnum():
        return None
    here = resources.files(__name__)
    reviewed, generated = here.joinpath(f"{service}.toml"), here.joinpath("generated", f"{service}.json")
    tables = []
    if reviewed.is_file():
        tables.append(_read_reviewed(tomllib.loads(reviewed.read_text(encoding="utf-8"))))
    if generated.is_file():
        tables.append(_read_generated(json.loads(generated.read_bytes())))
    return _merged(tables) if tables else None


def bound_services() -> tuple[str, ...]:
    """Return botocore's names of all services that have a table."""
    here = resources.files(__name__)
    files = (*here.iterdir(), *here.joinpath("generated").iterdir())
    return tuple(
        sorted({file.name.partition(".")[0] for file in files if file.name.endswith((".toml", ".json"))})
    )


def _merged(tables: list[ServiceBindings]) -> ServiceBindings:
    if len(tables) == 1:
        return tables[0]
    reviewed, generated = tables
    return ServiceBindings(
        prefix=reviewed.prefix,
        operations={
            name: (*bindings, *reviewed.also.get(name, ()))
            for name, bindings in {**generated.operations, **reviewed.operations}.items()
            if name not in reviewed.undecided
        },
        keys=reviewed.keys,
        generated=generated.generated - set(reviewed.operations) - set(reviewed.undecided),
        undecided={
            **{name: why for name, why in generated.undecided.items() if name not in reviewed.operations},
            **reviewed.undecided,
        },
        uncovered={
            **{name: why for name, why in generated.uncovered.items() if name not in reviewed.operations},
            **reviewed.uncovered,
        },
    )


def _read_reviewed(table: dict[str, Any]) -> ServiceBindings:
    undecided: dict[str, str] = {}
    uncovered: dict[str, tuple[Uncovered, ...]] = {}
    for entry in table.get("undecided", ()):
        for name in entry["operations"]:
            if "with" in entry:
                found = Uncovered(parameters=_several(entry["with"]), reason=entry["reason"])
                uncovered[name] = (*uncovered.get(name, ()), found)
            else:
                undecided[name] = entry["reason"]
    return ServiceBindings(
        prefix=table["prefix"],
        operations=_by_operation(table, "bind"),
        keys=table.get("keys", {}),
        undecided=undecided,
        uncovered=uncovered,
        also=_by_operation(table, "also"),
    )


def _by_operation(table: dict[str, Any], kind: str) -> dict[str, tuple[Binding, ...]]:
    found: dict[str, list[Binding]] = {}
    for entry in table.get(kind, ()):
        for name in entry["operations"]:
            found.setdefault(name, []).append(_binding(entry, table["prefix"], name))
    return {name: tuple(bindings) for name, bindings in found.items()}


def _read_generated(table: dict[str, Any]) -> ServiceBindings:
    prefix = table["prefix"]
    return ServiceBindings(
        prefix=prefix,
        operations={
            name: tuple(_binding(entry, prefix, name) for entry in entries)
            for name, entries in table["operations"].items()
        },
        keys={},
        generated=frozenset(table["operations"]),
        undecided=table["undecided"],
        uncovered={
            name: (Uncovered(parameters=tuple(paths), reason="it passes a role to somebody unknown"),)
            for name, paths in table["uncovered"].items()
        },
    )


def _binding(entry: dict[str, Any], prefix: str, operation: str) -> Binding:
    return Binding(
        action=entry.get("action", f"{prefix}:{operation}"),
        resource=entry["resource"],
        shown=entry.get("shown"),
        when=_several(entry.get("when")),
        unless=_several(entry.get("unless")),
        item_by_item=entry.get("item_by_item", False),
        context={
            key: operation if value == "${Operation}" else value
            for key, value in entry.get("context", {}).items()
        },
        keys=entry.get("keys", {}),
        or_resource=entry.get("or_resource"),
    )


def _several(value: str | list[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
