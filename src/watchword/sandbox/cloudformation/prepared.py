"""Everything that a call says about a stack, read and resolved before anything is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from watchword.sandbox.cloudformation import refusals
from watchword.sandbox.cloudformation.functions import Functions
from watchword.sandbox.cloudformation.parameters import Parameters, resolve_parameters
from watchword.sandbox.cloudformation.plan import Plan, plan_of
from watchword.sandbox.cloudformation.rules import check_rules
from watchword.sandbox.cloudformation.sources import Made, stored_parameters, zones_of
from watchword.sandbox.cloudformation.stack import Stack
from watchword.sandbox.cloudformation.stacks import Stacks
from watchword.sandbox.cloudformation.template import Template
from watchword.sandbox.wire.error import SandboxRefusal

_NOT_DONE: Final = {
    "NotificationARNs": "events of stacks are not published",
    "StackPolicyBody": "stack policies are not evaluated",
    "StackPolicyURL": "stack policies are not evaluated",
    "StackPolicyDuringUpdateBody": "stack policies are not evaluated",
    "StackPolicyDuringUpdateURL": "stack policies are not evaluated",
    "ResourceTypes": "it limits the types of a template, which is not looked at",
    "RetainExceptOnCreate": "it is not there",
    "ResourcesToImport": "resources cannot be imported into stacks",
    "DeploymentMode": "there is one way to deploy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A template that can be deployed. `imports` fills with the exports that it uses."""

    template: Template
    parameters: Parameters
    plan: Plan
    tags: list[dict[str, str]]
    imports: set[str]


def refuse_undone(params: Mapping[str, Any]) -> None:
    """Raise SandboxRefusal for parameters of a call that would have an effect which is not there."""
    for name, reason in _NOT_DONE.items():
        if params.get(name):
            raise SandboxRefusal(f"the parameter {name} is refused: {reason}")
    deployment = params.get("DeploymentConfig") or {}
    if deployment.get("Mode", "STANDARD") != "STANDARD" or deployment.get("DisableRollback"):
        raise SandboxRefusal("the parameter DeploymentConfig is refused: there is one way to deploy")
    if (params.get("RollbackConfiguration") or {}).get("RollbackTriggers"):
        raise SandboxRefusal("the parameter RollbackConfiguration is refused: alarms are not watched")


def prepared(
    stack: Stack,
    template: Template,
    given: Sequence[Mapping[str, Any]],
    tags: list[dict[str, str]],
    *,
    stacks: Stacks,
    read: Made,
    partition: str,
) -> Prepared:
    """Resolve `template` for `stack`. `read` reads from services on the caller's behalf. Raises AwsError."""
    parameters = resolve_parameters(
        template, given, previous=stack.parameters, stored=stored_parameters(read)
    )
    imports: set[str] = set()
    functions = Functions(
        values={**parameters.values, **_pseudo(stack, partition)},
        mappings=template.section("Mappings"),
        conditions=template.section("Conditions"),
        resources=frozenset(template.resources),
        ref=lambda name: _there(stack, name).ref,
        attribute=lambda name, attribute: _attribute(stack, name, attribute),
        exported=lambda name: _exported(stacks, stack, name, imports),
        zones=zones_of(read),
    )
    check_rules(template, functions)
    plan = plan_of(template, functions, tags)
    return Prepared(template=template, parameters=parameters, plan=plan, tags=tags, imports=imports)


def _pseudo(stack: Stack, partition: str) -> dict[str, Any]:
    """Source: pseudo-parameter-reference."""
    return {
        "AWS::AccountId": stack.account,
        "AWS::NotificationARNs": [],
        "AWS::Partition": partition,
        "AWS::Region": stack.region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com",
    }


def _there(stack: Stack, name: str) -> Any:  # noqa: ANN401 - a Resource
    found = stack.resources.get(name)
    if found is None or found.physical_id is None:
        raise refusals.format_error(
            f"Unresolved resource dependencies [{name}] in the Resources block of the template"
        )
    return found


def _attribute(stack: Stack, name: str, attribute: str) -> object:
    resource = _there(stack, name)
    if attribute not in resource.attributes:
        raise SandboxRefusal(f"the attribute {attribute} of {name} ({resource.type}) is not covered")
    return resource.attributes[attribute]


def _exported(stacks: Stacks, stack: Stack, name: str, imports: set[str]) -> str:
    for owner, export, value in stacks.exports(stack.account, stack.region):
        if export == name and owner is not stack:
            imports.add(name)
            return value
    raise refusals.validation_error(f"No export named {name} found.")
