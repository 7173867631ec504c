"""What a change set would do, as far as it can be told before anything is made.

Source: CloudFormation API Reference, ResourceChange.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from watchword.sandbox.cloudformation.functions import Functions
from watchword.sandbox.cloudformation.plan import Plan, Planned
from watchword.sandbox.cloudformation.stack import Resource, Stack
from watchword.sandbox.cloudformation.types import type_named

_LATER: Final = "{{changeSet:KNOWN_AFTER_APPLY}}"


def changes_of(stack: Stack, plan: Plan) -> list[dict[str, Any]]:
    """Return the `Changes` of a change set."""
    functions = _foreseeing(stack, plan.functions)
    found = []
    for planned in plan.resources:
        there = stack.resources.get(planned.logical_id)
        if there is None:
            found.append(_change("Add", planned.logical_id, planned.type, None))
            continue
        changed = _changed(there, planned, functions)
        if stack.tags != plan.tags:
            changed.add("Tags")
        if changed:
            found.append(_modify(there, changed))
    kept = {planned.logical_id for planned in plan.resources}
    removed = [each for each in reversed(stack.resources.values()) if each.logical_id not in kept]
    found += [_change("Remove", each.logical_id, each.type, each.physical_id) for each in removed]
    return found


def _foreseeing(stack: Stack, functions: Functions) -> Functions:
    def ref(name: str) -> object:
        there = stack.resources.get(name)
        return _LATER if there is None or there.physical_id is None else there.ref

    def attribute(name: str, wanted: str) -> object:
        there = stack.resources.get(name)
        return _LATER if there is None else there.attributes.get(wanted, _LATER)

    return replace(functions, ref=ref, attribute=attribute)


def _changed(there: Resource, planned: Planned, functions: Functions) -> set[str]:
    properties = functions.value(planned.properties)
    names = {*properties, *there.properties}
    return {name for name in names if properties.get(name) != there.properties.get(name)}


def _modify(there: Resource, changed: set[str]) -> dict[str, Any]:
    kind = type_named(there.type)
    replaces = kind.replaces if kind else frozenset()
    change = _change("Modify", there.logical_id, there.type, there.physical_id)
    told = change["ResourceChange"]
    told["Replacement"] = "True" if changed & replaces else "False"
    told["Scope"] = sorted({"Tags" if name == "Tags" else "Properties" for name in changed})
    told["Details"] = [
        {
            "Target": {
                "Attribute": "Tags" if name == "Tags" else "Properties",
                "RequiresRecreation": "Always" if name in replaces else "Never",
                **({} if name == "Tags" else {"Name": name}),
            },
            "Evaluation": "Static",
            "ChangeSource": "DirectModification",
        }
        for name in sorted(changed)
    ]
    return change


def _change(action: str, logical_id: str, kind: str, physical_id: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "Action": action,
        "LogicalResourceId": logical_id,
        "ResourceType": kind,
        "Scope": [],
        "Details": [],
    }
    if physical_id is not None:
        told["PhysicalResourceId"] = physical_id
    return {"Type": "Resource", "ResourceChange": told}
