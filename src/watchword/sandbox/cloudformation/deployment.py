"""A stack on its way to what its template says: resource by resource, and back again when one fails.

The order of events and their texts are those of DescribeStackEvents as published from AWS by others.
Resources are made one after another, those that others need first; AWS makes them side by side.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from watchword.sandbox.cloudformation.calls import CallFailed, Calls
from watchword.sandbox.cloudformation.handler import (
    Handler,
    Made,
    Wanted,
    differing,
    generated_name,
    refuse_unknown,
    uncovered,
)
from watchword.sandbox.cloudformation.plan import Plan, Planned
from watchword.sandbox.cloudformation.stack import Resource, Stack
from watchword.sandbox.cloudformation.types import ResourceType, Step, type_named
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

_REPLACES: Final = "Requested update requires the creation of a new physical resource; hence creating one."
_INITIATED: Final = "Resource creation Initiated"
_KEPT: Final = frozenset({"Retain", "RetainExceptOnCreate"})


@dataclass(slots=True, kw_only=True)
class _Changed:
    """A resource that an update has changed, and what it takes to change it back.

    `before` is what it was; `replaced` tells that there is a new physical resource beside the old one.
    """

    before: Resource
    done: list[Step]
    replaced: bool


class Failed(Exception):
    """Resources could not be made or changed: their events are written, the stack's is not yet."""

    def __init__(self, *, created: list[str], updated: list[str], otherwise: str = "") -> None:
        super().__init__(created, updated, otherwise)
        self.created = created
        self.updated = updated
        self.otherwise = otherwise

    @property
    def reason(self) -> str:
        """What the stack's event says of it."""
        parts = [f"{self.otherwise} "] if self.otherwise else []
        if self.created:
            parts.append(f"The following resource(s) failed to create: [{', '.join(self.created)}]. ")
        if self.updated:
            parts.append(f"The following resource(s) failed to update: [{', '.join(self.updated)}]. ")
        return "".join(parts)


@dataclass(slots=True, kw_only=True)
class Deployment:
    """One operation at work on `stack`, with the calls of whoever asked for it.

    `now` is the sandbox's clock. `hidden` are values that no event may tell. With `imports_existing` AWS
    would take what is there already into the stack.
    """

    stack: Stack
    calls: Calls
    partition: str
    now: Callable[[], datetime]
    hidden: tuple[str, ...] = ()
    imports_existing: bool = False
    _created: list[str] = field(default_factory=list)
    _changed: list[_Changed] = field(default_factory=list)

    # --- forward ------------------------------------------------------------------------------------

    def apply(self, plan: Plan) -> None:
        """Make and change what `plan` wants, deleting nothing. Raises Failed at the first failure."""
        for planned in plan.resources:
            there = self.stack.resources.get(planned.logical_id)
            if there is None:
                self._create(planned, plan)
            else:
                self._update(there, planned, plan)

    def _create(self, planned: Planned, plan: Plan) -> None:
        resource = Resource(
            logical_id=planned.logical_id, type=planned.type, status="", at=self.now(), needs=planned.needs
        )
        resource.deletion_policy, resource.replace_policy = planned.deletion_policy, planned.replace_policy
        self.stack.resources[planned.logical_id] = resource
        self._created.append(planned.logical_id)
        made = Made()

        def begun() -> None:
            resource.physical_id = made.physical_id
            self._tell(resource, "CREATE_IN_PROGRESS", _INITIATED)

        self._tell(resource, "CREATE_IN_PROGRESS")
        try:
            handler, wanted = self._prepared(planned, plan, name=None)
            resource.properties, resource.tags, resource.name = wanted.properties, wanted.tags, wanted.name
            resource.told = self._as_json(wanted.properties)
            handler.create(wanted, made, begun=begun)
        except (CallFailed, AwsError) as error:
            _note(resource, made)
            self._tell(resource, "CREATE_FAILED", self._why_not_made(resource, error))
            raise Failed(created=[planned.logical_id], updated=[]) from error
        _note(resource, made)
        self._tell(resource, "CREATE_COMPLETE")

    def _why_not_made(self, resource: Resource, error: CallFailed | AwsError) -> str:
        """Source: CreateChangeSet (`ImportExistingResources`: what has a name of its own, and is there)."""
        if not (self.imports_existing and isinstance(error, CallFailed) and error.there):
            return _reason(error)
        refusal = SandboxRefusal(
            f"{resource.name or resource.logical_id} ({resource.type}) is there already, and AWS would take "
            "it into the stack (ImportExistingResources); the sandbox imports nothing: delete it first"
        )
        return refusal.message

    def _update(self, there: Resource, planned: Planned, plan: Plan) -> None:
        before = replace(there)
        changed = _Changed(before=before, done=[], replaced=False)
        try:
            handler, wanted = self._prepared(planned, plan, name=there.name)
            there.needs, there.deletion_policy = planned.needs, planned.deletion_policy
            there.replace_policy = planned.replace_policy
            differs = differing(wanted, Wanted(properties=there.properties, tags=there.tags))
            if not differs:
                return
            self._changed.append(changed)
            if differs & handler.type.replaces:
                self._replace(there, handler, wanted, changed)
            else:
                self._change(there, handler, wanted, changed, differs)
        except (CallFailed, AwsError) as error:
            if changed not in self._changed:
                self._changed.append(changed)
                self._tell(there, "UPDATE_IN_PROGRESS")
            self._tell(there, "UPDATE_FAILED", _reason(error))
            raise Failed(created=[], updated=[there.logical_id]) from error
        self._tell(there, "UPDATE_COMPLETE")

    def _change(
        self, there: Resource, handler: Handler, wanted: Wanted, changed: _Changed, differs: frozenset[str]
    ) -> None:
        there.told = self._as_json(wanted.properties)
        self._tell(there, "UPDATE_IN_PROGRESS")
        unknown = differs - handler.type.updatable()
        if unknown:
            raise SandboxRefusal(
                f"changes of {', '.join(sorted(unknown))} of a resource of type {there.type} are not covered"
            )
        old = Wanted(properties=there.properties, tags=there.tags, name=there.name)
        handler.update(wanted, old, _made(there), changed.done)
        there.properties, there.tags = wanted.properties, wanted.tags

    def _replace(self, there: Resource, handler: Handler, wanted: Wanted, changed: _Changed) -> None:
        named = handler.type.naming.property if handler.type.naming else None
        if named is not None and named in wanted.properties and wanted.name == there.name:
            self._tell(there, "UPDATE_IN_PROGRESS", _REPLACES)
            raise CallFailed(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {there.name} and update the stack again."
            )
        there.told = self._as_json(wanted.properties)
        self._tell(there, "UPDATE_IN_PROGRESS", _REPLACES)
        if named is not None and named not in wanted.properties:
            wanted = replace(wanted, name=generated_name(handler.type, self.stack.name, there.logical_id))
        made = Made()

        def begun() -> None:
            changed.replaced = True
            there.physical_id = made.physical_id
            there.name, there.properties, there.tags = wanted.name, wanted.properties, wanted.tags
            self._tell(there, "UPDATE_IN_PROGRESS", _INITIATED)

        try:
            handler.create(wanted, made, begun=begun)
        finally:
            if made.physical_id is not None:
                _note(there, made)

    def _prepared(self, planned: Planned, plan: Plan, *, name: str | None) -> tuple[Handler, Wanted]:
        kind = type_named(planned.type)
        if kind is None:
            raise refuse_unknown(planned.type)
        properties = plan.functions.value(planned.properties)
        unknown = uncovered(kind, properties)
        if unknown:
            raise SandboxRefusal(
                f"the properties {', '.join(unknown)} of a resource of type {planned.type} are not covered"
            )
        for key, values in kind.only.items():
            if key in properties and properties[key] not in values:
                told = ", ".join(str(value) for value in values)
                raise SandboxRefusal(
                    f"the property {key} of a resource of type {planned.type} is covered only as {told}"
                )
        given = None if kind.naming is None else properties.get(kind.naming.property)
        generated = name or generated_name(kind, self.stack.name, planned.logical_id)
        wanted = Wanted(
            properties=properties,
            tags=_merged(plan.tags, properties.get("Tags")) if "Tags" in kind.properties else [],
            name=str(given) if given is not None else generated,
        )
        return self._handler(kind, planned.logical_id), wanted

    # --- and back ---------------------------------------------------------------------------------------

    def undo(self) -> list[str]:
        """Change back what was changed, last first. Returns the logical IDs of those that cannot be."""
        return [each.before.logical_id for each in reversed(self._changed) if not self._undo(each)]

    def _undo(self, changed: _Changed) -> bool:
        now = self.stack.resources[changed.before.logical_id]
        self._tell(now, "UPDATE_IN_PROGRESS")
        if changed.done:
            kind = type_named(now.type)
            if kind is None:
                raise refuse_unknown(now.type)
            before = changed.before
            wanted = Wanted(properties=before.properties, tags=before.tags, name=before.name)
            made_with = Wanted(properties=now.properties, tags=now.tags, name=now.name)
            try:
                self._handler(kind, now.logical_id).revert(wanted, made_with, _made(now), changed.done)
            except (CallFailed, AwsError) as error:
                self._tell(now, "UPDATE_FAILED", _reason(error))
                return False
        restored = replace(changed.before)
        self.stack.resources[restored.logical_id] = restored
        self._tell(restored, "UPDATE_COMPLETE")
        if changed.replaced:
            changed.before = now  # the new one is what is left over
        return True

    def leftovers(self, *, rolled_back: bool) -> list[Resource]:
        """Return the physical resources that replacements have left over, newest first."""
        found = [each.before for each in reversed(self._changed) if each.replaced]
        return found if rolled_back else [each for each in found if each.replace_policy not in _KEPT]

    def created(self) -> list[str]:
        """Return the logical IDs of what was made, last first."""
        return list(reversed(self._created))

    # --- deletion -----------------------------------------------------------------------------------------

    def delete(self, resources: list[Resource], *, keeps: bool = True) -> list[str]:
        """Delete resources in this order; those that must be kept are skipped. Returns those that failed.

        What others that could not be deleted need is not tried. Without `keeps` nothing is kept.
        """
        failed: list[str] = []
        needed: set[str] = set()
        for resource in resources:
            if resource.logical_id in needed or not self._delete(resource, keeps=keeps):
                if resource.logical_id not in needed:
                    failed.append(resource.logical_id)
                needed.update(resource.needs)
        return failed

    def _delete(self, resource: Resource, *, keeps: bool) -> bool:
        listed = self.stack.resources.get(resource.logical_id) is resource
        if keeps and resource.deletion_policy == "Retain" and resource.physical_id is not None:
            self._tell(resource, "DELETE_SKIPPED")
        else:
            self._tell(resource, "DELETE_IN_PROGRESS")
            try:
                if resource.physical_id is not None:
                    self._gone(resource)
            except (CallFailed, AwsError) as error:
                self._tell(resource, "DELETE_FAILED", _reason(error))
                return False
            self._tell(resource, "DELETE_COMPLETE")
        if listed:
            del self.stack.resources[resource.logical_id]
        return True

    def _gone(self, resource: Resource) -> None:
        kind = type_named(resource.type)
        if kind is None:
            raise refuse_unknown(resource.type)
        wanted = Wanted(properties=resource.properties, tags=resource.tags, name=resource.name)
        self._handler(kind, resource.logical_id).delete(wanted, _made(resource))

    # --- details --------------------------------------------------------------------------------------------

    def _handler(self, kind: ResourceType, logical_id: str) -> Handler:
        surroundings = {
            "stack": {"name": self.stack.name, "id": self.stack.id},
            "logical_id": logical_id,
            "account": self.stack.account,
            "region": self.stack.region,
            "partition": self.partition,
        }
        return Handler(type=kind, calls=self.calls, surroundings=surroundings)

    def _tell(self, resource: Resource, status: str, reason: str | None = None) -> None:
        self.stack.tell_of(resource, status, reason, now=self.now(), properties=resource.told)

    def _as_json(self, properties: Mapping[str, Any]) -> str:
        return json.dumps(_without(self.hidden, properties), default=str)


def _merged(stack_tags: list[dict[str, str]], own: object) -> list[dict[str, str]]:
    """Source: CloudFormation User Guide, aws-properties-resource-tags (the stack's tags are propagated)."""
    listed = [{"Key": key, "Value": value} for key, value in own.items()] if isinstance(own, Mapping) else own
    tags = {str(tag["Key"]): str(tag.get("Value", "")) for tag in [*stack_tags, *_tags(listed)]}
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _tags(given: object) -> list[Mapping[str, Any]]:
    return (
        [tag for tag in given if isinstance(tag, Mapping) and "Key" in tag] if isinstance(given, list) else []
    )


def _made(resource: Resource) -> Made:
    return Made(physical_id=resource.physical_id, ref=resource.ref, attributes=dict(resource.attributes))


def _note(resource: Resource, made: Made) -> None:
    resource.physical_id = made.physical_id
    resource.ref, resource.attributes = made.ref, made.attributes


def _reason(error: CallFailed | AwsError) -> str:
    return error.reason if isinstance(error, CallFailed) else error.message


def _without(hidden: tuple[str, ...], told: object) -> object:
    """Source: parameters-section-structure, `NoEcho` (the value is masked wherever it is told)."""
    if isinstance(told, Mapping):
        return {key: _without(hidden, value) for key, value in told.items()}
    if isinstance(told, list):
        return [_without(hidden, value) for value in told]
    if isinstance(told, str):
        for value in hidden:
            told = told.replace(value, "****")
    return told
