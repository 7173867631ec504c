"""One resource made, changed or deleted, by the calls that its type's table says."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from watchword.sandbox.cloudformation.calls import CallFailed, Calls
from watchword.sandbox.cloudformation.expressions import evaluated
from watchword.sandbox.cloudformation.types import ResourceType, Step
from watchword.sandbox.wire.error import SandboxRefusal

_ALPHABET: Final = string.ascii_uppercase + string.digits
_RANDOM: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A resource as the template wants it. `tags` are the stack's with its own over them."""

    properties: Mapping[str, Any]
    tags: list[dict[str, str]]
    name: str | None = None


@dataclass(slots=True, kw_only=True)
class Made:
    """What has come of a resource so far: nothing is made as long as `physical_id` is None."""

    physical_id: str | None = None
    ref: Any = None
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """The calls for resources of one type. `surroundings` is what expressions see of the stack."""

    type: ResourceType
    calls: Calls
    surroundings: Mapping[str, Any]

    def create(self, wanted: Wanted, made: Made, *, begun: Callable[[], None]) -> None:
        """Make the resource, and say in `made` what there is; `begun` is called after the first call.

        Raises CallFailed; what was made before is in `made`.
        """
        scope = self._scope(wanted, None, None)
        self._refuse_existing(scope)
        for step in self.type.create:
            items = _items(step, scope)
            for item in items:
                answer = self._make(step, {**scope, "item": item})
                scope.setdefault(step.operation, answer)
            if items and made.physical_id is None:
                self._begin(made, scope, begun)
        if made.physical_id is None:
            self._begin(made, scope, begun)
        if made.physical_id is None:
            raise CallFailed(f"watchword sandbox: {self.type.name} has no physical ID after it was made")
        self._read(made, scope)

    def _refuse_existing(self, scope: Mapping[str, Any]) -> None:
        """Source: the contract of resource types (a create handler fails with AlreadyExists)."""
        if self.type.there is None or not self.calls.is_there(str(evaluated(self.type.there, scope))):
            return
        self._make(self.type.create[0], scope, runs=False)  # who may not make it is told so first
        raise CallFailed(
            f"Resource handler returned message: \"Resource of type '{self.type.name}' with identifier "
            f"'{scope['name']}' already exists.\" (RequestToken: {self.calls.token}, "
            "HandlerErrorCode: AlreadyExists)",
            there=True,
        )

    def _begin(self, made: Made, scope: Mapping[str, Any], begun: Callable[[], None]) -> None:
        self._read(made, scope)
        if made.physical_id is not None:
            begun()

    def update(self, wanted: Wanted, old: Wanted, made: Made, done: list[Step]) -> None:
        """Change the resource in place by the steps for what differs, and add them to `done` one by one.

        Raises CallFailed.
        """
        changed = differing(wanted, old)
        self._change([step for step in self.type.update if step.on & changed], wanted, old, made, done)

    def revert(self, wanted: Wanted, old: Wanted, made: Made, done: list[Step]) -> None:
        """Take back what the steps in `done` changed, last first. Raises CallFailed.

        What took something away is undone by what puts it there: all steps for the same properties are made.
        """
        changed = differing(wanted, old)
        touched = frozenset(name for step in done for name in step.on & changed)
        self._change(
            [step for step in reversed(self.type.update) if step.on & touched], wanted, old, made, []
        )

    def _change(self, steps: list[Step], wanted: Wanted, old: Wanted, made: Made, done: list[Step]) -> None:
        scope = self._scope(wanted, old, made)
        for step in steps:
            for item in _items(step, scope):
                scope[step.operation] = self._make(step, {**scope, "item": item})
                if step not in done:
                    done.append(step)

    def delete(self, wanted: Wanted, made: Made) -> None:
        """Delete the resource; what is gone already is no failure. Raises CallFailed."""
        scope = self._scope(wanted, None, made)
        for step in self.type.delete:
            for item in _items(step, scope):
                try:
                    scope[step.operation] = self._make(step, {**scope, "item": item})
                except CallFailed as failed:
                    if not failed.missing:
                        raise

    def _make(self, step: Step, scope: Mapping[str, Any], *, runs: bool = True) -> dict[str, Any]:
        params: dict[str, Any] = {}
        for path, expression in step.params:
            value = evaluated(expression, scope)
            if value is not None:
                inner = params
                for name in path[:-1]:
                    inner = inner.setdefault(name, {})
                inner[path[-1]] = value
        return self.calls.make(step.service, step.operation, params, runs=runs)

    def _read(self, made: Made, scope: Mapping[str, Any]) -> None:
        found = evaluated(self.type.id, scope)
        if found is None:
            return
        made.physical_id = str(found)
        told = {**scope, "id": made.physical_id}
        made.ref = evaluated(self.type.ref, told)
        made.attributes = {name: evaluated(each, told) for name, each in self.type.attributes.items()}

    def _scope(self, wanted: Wanted, old: Wanted | None, made: Made | None) -> dict[str, Any]:
        return {
            **self.surroundings,
            "p": wanted.properties,
            "tags": wanted.tags or None,
            "name": wanted.name,
            "old": None if old is None else old.properties,
            "old_tags": None if old is None else old.tags or None,
            "id": None if made is None else made.physical_id,
            "ref": None if made is None else made.ref,
            "attributes": {} if made is None else made.attributes,
        }


def differing(wanted: Wanted, old: Wanted) -> frozenset[str]:
    """Return the properties that differ; `Tags` for tags, wherever they come from."""
    names = {*wanted.properties, *old.properties} - {"Tags"}
    found = {name for name in names if wanted.properties.get(name) != old.properties.get(name)}
    return frozenset({*found, "Tags"} if wanted.tags != old.tags else found)


def uncovered(kind: ResourceType, properties: Mapping[str, Any]) -> list[str]:
    """Return the properties, with those inside them, that no call of the type's table would carry."""
    return sorted(set(_uncovered(kind.properties, properties, "")))


def _uncovered(known: frozenset[str], value: object, at: str) -> Iterator[str]:
    if at in known:
        return
    if isinstance(value, list) and any(path.startswith(f"{at}[]") for path in known):
        for item in value:
            yield from _uncovered(known, item, f"{at}[]")
    elif isinstance(value, Mapping) and (not at or any(path.startswith(f"{at}.") for path in known)):
        for name, item in value.items():
            yield from _uncovered(known, item, f"{at}.{name}" if at else str(name))
    else:
        yield at


def generated_name(kind: ResourceType, stack_name: str, logical_id: str) -> str | None:
    """Return a name for a resource that the template gives none; None for types without names.

    Source: AWS CloudFormation User Guide, aws-properties-name; where a part is cut is as seen in names.
    """
    if kind.naming is None:
        return None
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(_RANDOM))
    room = kind.naming.longest - len(tail) - 2
    logical = logical_id[: max(room - min(len(stack_name), room // 2), 1)]
    made = f"{stack_name[: room - len(logical)]}-{logical}-{tail}"
    return made.lower() if kind.naming.lower else made


def refuse_unknown(name: str) -> SandboxRefusal:
    """Return the refusal of a type that no table has."""
    if name.startswith("Custom::") or name == "AWS::CloudFormation::CustomResource":
        return SandboxRefusal(f"{name} is a custom resource: a function would make it, and no code runs here")
    return SandboxRefusal(f"{name} is not a type of resource that the sandbox makes")


def _items(step: Step, scope: Mapping[str, Any]) -> list[Any]:
    if step.when is not None and not evaluated(step.when, scope):
        return []
    return [None] if step.each is None else list(evaluated(step.each, scope) or ())
