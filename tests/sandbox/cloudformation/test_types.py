"""The tables of types are held against botocore's models and against CloudFormation's own schemas."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # type: ignore[import-untyped]

from watchword.sandbox.authorise.bindings import bindings_of
from watchword.sandbox.cloudformation.types import ResourceType, Step, all_types
from watchword.sandbox.wire import catalog

TYPES = all_types()
# What a handler calls beside what the schema lists for it: reads that Fn::GetAtt's values come from, of the
# handler `read`, and what it takes to change a property that the schema says can be changed.
BESIDE: dict[str, set[str]] = {
    "AWS::EC2::VPC": {"ec2:DescribeSecurityGroups"},
    "AWS::S3::Bucket": {
        "s3:PutBucketOwnershipControls",
        "s3:DeleteBucketOwnershipControls",
    },
}


@cache
def schema_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", name).schema
    return found


def steps() -> list[tuple[str, str, Step]]:
    return [
        (kind.name, verb, step)
        for kind in TYPES.values()
        for verb, each in (("create", kind.create), ("update", kind.update), ("delete", kind.delete))
        for step in each
    ]


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.name)
def test_every_property_is_one_of_the_type(kind: ResourceType) -> None:
    properties = set(schema_of(kind.name).get("properties", {}))
    assert {re.split(r"[.\[]", path)[0] for path in kind.properties} <= properties
    assert kind.replaces <= properties
    if kind.naming is not None:
        assert kind.naming.property in kind.properties


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.name)
def test_a_property_that_cannot_be_changed_is_replaced(kind: ResourceType) -> None:
    schema = schema_of(kind.name)
    fixed = {path.removeprefix("/properties/") for path in schema.get("createOnlyProperties", ())}
    tops = {re.split(r"[.\[]", path)[0] for path in kind.properties}
    assert fixed & tops <= kind.replaces
    assert not kind.replaces & kind.updatable()
    assert not fixed & kind.updatable()


@pytest.mark.parametrize(
    ("name", "verb", "step"),
    steps(),
    ids=[f"{name}-{verb}-{step.operation}-{at}" for at, (name, verb, step) in enumerate(steps())],
)
def test_every_call_is_one_of_the_service_with_its_parameters(name: str, verb: str, step: Step) -> None:
    shape = catalog.operation_model(step.service, step.operation).input_shape
    assert shape is not None
    for path, _ in step.params:
        inner: Any = shape
        for member in path:
            if inner.type_name == "map":
                break
            assert member in inner.members, (step.operation, path)
            inner = inner.members[member]
    given = {path[0] for path, _ in step.params}
    assert set(shape.required_members) <= given
    assert (verb == "update") == bool(step.on)
    assert name in TYPES


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: kind.name)
def test_the_calls_are_those_that_the_schema_says_the_handlers_make(kind: ResourceType) -> None:
    handlers = schema_of(kind.name).get("handlers", {})
    if not handlers:
        return
    for verb, made in (("create", kind.create), ("update", kind.update), ("delete", kind.delete)):
        listed = {action.lower() for action in handlers.get(verb, {}).get("permissions", ())}
        listed |= {action.lower() for action in BESIDE.get(kind.name, set())}
        for step in made:
            actions = _actions(step)
            assert actions & listed, (kind.name, verb, step.operation, sorted(actions))


def _actions(step: Step) -> set[str]:
    table = bindings_of(step.service)
    assert table is not None, step.service
    bound = table.operations.get(step.operation)
    if bound is None:
        return {f"{table.prefix}:{step.operation}".lower()}
    return {binding.action.lower() for binding in bound}


def test_the_page_for_users_names_every_type() -> None:
    page = (Path(__file__).parents[3] / "docs/sandbox/forwarded.md").read_text(encoding="utf-8")
    assert [name for name in TYPES if f"`{name.rpartition(':')[2]}`" not in page] == []
