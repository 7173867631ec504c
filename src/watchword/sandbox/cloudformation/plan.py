"""What a template wants of one stack: its resources in the order in which they can be made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watchword.sandbox.cloudformation.functions import Functions, dependencies
from watchword.sandbox.cloudformation.refusals import circular, format_error
from watchword.sandbox.cloudformation.template import Template
from watchword.sandbox.wire.error import SandboxRefusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One resource. `properties` still have functions in them; `needs` are those that must be there first."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    needs: tuple[str, ...]
    deletion_policy: str
    replace_policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All resources, each after those that it needs. `tags` are the stack's."""

    template: Template
    resources: tuple[Planned, ...]
    functions: Functions
    tags: list[dict[str, str]]


def plan_of(template: Template, functions: Functions, tags: list[dict[str, str]]) -> Plan:
    """Put the resources that the conditions leave into order.

    Raises AwsError when they need each other, or what is not there.
    """
    planned = {
        name: _planned(name, said, functions)
        for name, said in template.resources.items()
        if "Condition" not in said or functions.condition(said["Condition"])
    }
    for each in planned.values():
        missing = [name for name in each.needs if name not in planned]
        if missing:
            raise format_error(
                f"Unresolved resource dependencies [{', '.join(missing)}] in the Resources block of the "
                "template"
            )
    for said in template.section("Outputs").values():
        if isinstance(said, Mapping) and _is_told(said, functions):
            missing = [name for name in dependencies(said.get("Value"), functions) if name not in planned]
            if missing:
                raise format_error(
                    f"Unresolved resource dependencies [{', '.join(missing)}] in the Outputs block of the "
                    "template"
                )
    return Plan(template=template, resources=_ordered(planned), functions=functions, tags=tags)


def _is_told(output: Mapping[str, Any], functions: Functions) -> bool:
    return "Condition" not in output or functions.condition(output["Condition"])


def outputs_of(plan: Plan) -> list[tuple[str, str | None, str, str | None]]:
    """Return the outputs: key, description, value, and the name of the export. Raises AwsError."""
    found = []
    for key, said in plan.template.section("Outputs").items():
        if not isinstance(said, Mapping) or "Value" not in said:
            raise format_error(f"Every Outputs member must contain a Value object ({key})")
        if not _is_told(said, plan.functions):
            continue
        export = plan.functions.value(said.get("Export", {}).get("Name")) if said.get("Export") else None
        description = said.get("Description")
        value = plan.functions.value(said["Value"])
        found.append((str(key), description and str(description), _text(value), export and str(export)))
    return found


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(each) for each in value)
    return str(value)


def _planned(name: str, said: Mapping[str, Any], functions: Functions) -> Planned:
    properties = said.get("Properties") or {}
    if not isinstance(properties, Mapping):
        raise format_error(f"[/Resources/{name}/Properties] must be an object.")
    depends = said.get("DependsOn") or ()
    asked = [depends] if isinstance(depends, str) else list(depends)
    needs = dict.fromkeys([*(str(each) for each in asked), *dependencies(properties, functions)])
    policies = [str(said.get(each, "Delete")) for each in ("DeletionPolicy", "UpdateReplacePolicy")]
    if "Snapshot" in policies:
        raise SandboxRefusal(f"the policy Snapshot of `{name}` is refused: snapshots are not made here")
    return Planned(
        logical_id=name,
        type=str(said["Type"]),
        properties=properties,
        needs=tuple(needs),
        deletion_policy=policies[0],
        replace_policy=policies[1],
    )


def _ordered(planned: Mapping[str, Planned]) -> tuple[Planned, ...]:
    waiting = dict(planned)
    ordered: dict[str, Planned] = {}
    while waiting:
        ready = [each for each in waiting.values() if all(name in ordered for name in each.needs)]
        if not ready:
            raise circular(waiting)
        for each in ready:
            ordered[each.logical_id] = waiting.pop(each.logical_id)
    return tuple(ordered.values())
