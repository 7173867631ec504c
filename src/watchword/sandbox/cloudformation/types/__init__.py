"""The reviewed tables: which calls make, change and delete a resource of each type, one file a service.

How a table is written is in docs/rooms/sandbox-cloudformation.md.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from watchword.sandbox.cloudformation.expressions import Expression, compiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call: botocore's service and operation, its parameters as (path, expression).

    It is made if `when` is true, and once for each element of `each`. `on` are the properties whose change
    makes it a step of an update.
    """

    service: str
    operation: str
    params: tuple[tuple[tuple[str, ...], Expression], ...]
    when: Expression | None
    each: Expression | None
    on: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """The property that names a resource, and what a generated name looks like.

    `longest` in characters; `lower` for names in small letters.
    """

    property: str
    longest: int
    lower: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """What a resource of one type is made of.

    `properties` are the paths that the steps read, `replaces` those whose change needs a new resource, `only`
    properties that may have no other value than these. `there` is the ARN to look for before it is made, for
    services that would hand out what is there already as if it were new.
    `id` is the physical ID, `ref` what Ref gives, `attributes` what Fn::GetAtt gives: expressions over the
    answers of `create`.
    """

    name: str
    properties: frozenset[str]
    replaces: frozenset[str]
    only: Mapping[str, tuple[Any, ...]]
    there: Expression | None
    naming: Naming | None
    id: Expression
    ref: Expression
    attributes: Mapping[str, Expression]
    create: tuple[Step, ...]
    update: tuple[Step, ...]
    delete: tuple[Step, ...]

    def updatable(self) -> frozenset[str]:
        """Return the properties that an update can change in place."""
        return frozenset(name for step in self.update for name in step.on)


def type_named(name: str) -> ResourceType | None:
    """Return the type `AWS::Service::Kind`, or None when no table has it."""
    return all_types().get(name)


@cache
def all_types() -> Mapping[str, ResourceType]:
    """Return every type of every table."""
    found: dict[str, ResourceType] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".toml"):
            table = tomllib.loads(file.read_text(encoding="utf-8"))
            found.update({name: _type(name, entry) for name, entry in table.items()})
    return found


def _type(name: str, entry: Mapping[str, Any]) -> ResourceType:
    naming = entry.get("name")
    identity = entry.get("id", "name")
    return ResourceType(
        name=name,
        properties=frozenset(entry.get("properties", ())),
        replaces=frozenset(entry.get("replaces", ())),
        only={key: tuple(values) for key, values in entry.get("only", {}).items()},
        there=compiled(entry["there"]) if "there" in entry else None,
        naming=None if naming is None else Naming(**{"longest": 255, "lower": False, **naming}),
        id=compiled(identity),
        ref=compiled(entry.get("ref", "id")),
        attributes={key: compiled(text) for key, text in entry.get("attributes", {}).items()},
        create=tuple(_step(step) for step in entry.get("create", ())),
        update=tuple(_step(step) for step in entry.get("update", ())),
        delete=tuple(_step(step) for step in entry.get("delete", ())),
    )


def _step(step: Mapping[str, Any]) -> Step:
    service, _, operation = step["call"].partition(":")
    return Step(
        service=service,
        operation=operation,
        params=tuple(
            (tuple(path.split(".")), compiled(text)) for path, text in step.get("params", {}).items()
        ),
        when=compiled(step["when"]) if "when" in step else None,
        each=compiled(step["each"]) if "each" in step else None,
        on=frozenset(step.get("on", ())),
    )
