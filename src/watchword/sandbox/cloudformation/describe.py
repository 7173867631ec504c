"""CloudFormation's operations that tell of stacks, change sets, exports and templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.cloudformation import refusals
from watchword.sandbox.cloudformation.capabilities import needed
from watchword.sandbox.cloudformation.stack import UNDER_REVIEW, ChangeSet, Event, Resource, Stack
from watchword.sandbox.cloudformation.stacks import GONE, Stacks
from watchword.sandbox.cloudformation.template import MOST_CHARACTERS_FROM_S3, Template, read_template
from watchword.sandbox.wire.error import SandboxRefusal

_PAGE: Final = 100
Reads = Callable[[Call, Stack | None], Template]


class Describe:
    """The reading operations. `read` reads the template that a call names."""

    def __init__(self, *, stacks: Stacks, read: Reads) -> None:
        self._stacks = stacks
        self._read = read
        self._operations: Mapping[str, Callable[[Call], dict[str, Any]]] = {
            "DescribeChangeSet": self._describe_change_set,
            "DescribeStackEvents": self._events,
            "DescribeStackResource": self._resource,
            "DescribeStackResources": self._resources,
            "DescribeStacks": self._describe_stacks,
            "GetTemplate": self._get_template,
            "GetTemplateSummary": self._summary,
            "ListChangeSets": self._list_change_sets,
            "ListExports": self._exports,
            "ListImports": self._imports,
            "ListStackResources": self._list_resources,
            "ListStacks": self._list_stacks,
            "ValidateTemplate": self._validate,
        }

    @property
    def names(self) -> frozenset[str]:
        """The operations that are answered here."""
        return frozenset(self._operations)

    def call(self, call: Call) -> dict[str, Any]:
        """Answer an operation. Raises AwsError, and SandboxRefusal for one that is not here."""
        operation = self._operations.get(call.operation.name)
        if operation is None:
            raise SandboxRefusal(f"the sandbox does not have cloudformation:{call.operation.name}")
        return operation(call)

    def change_set(self, call: Call) -> tuple[ChangeSet, Stack]:
        """Return the change set that a call names, and its stack. Raises AwsError."""
        params = call.operation.params
        name = str(params["ChangeSetName"])
        stack = self._found(call) if params.get("StackName") else None
        found = self._stacks.change_set(None if stack is None else stack.id, name)
        if found is None:
            raise refusals.no_change_set(name)
        owner = self._stacks.find(call.caller.account, call.operation.region, found.stack_id)
        if owner is None or (stack is not None and stack is not owner):
            raise refusals.no_change_set(name)
        return found, owner

    # --- stacks -----------------------------------------------------------------------------------------

    def _describe_stacks(self, call: Call) -> dict[str, Any]:
        if call.operation.params.get("StackName"):
            return {"Stacks": [_stack(self._found(call))]}
        stacks = [each for each in self._all(call) if each.status != GONE]
        return _page(call, "Stacks", [_stack(each) for each in stacks])

    def _list_stacks(self, call: Call) -> dict[str, Any]:
        wanted = call.operation.params.get("StackStatusFilter")
        stacks = [each for each in self._all(call) if not wanted or each.status in wanted]
        return _page(call, "StackSummaries", [_summary_of(each) for each in stacks])

    def _events(self, call: Call) -> dict[str, Any]:
        stack = self._found(call)
        return _page(call, "StackEvents", [_event(stack, each) for each in reversed(stack.events)])

    def _resource(self, call: Call) -> dict[str, Any]:
        stack, wanted = self._found(call), str(call.operation.params["LogicalResourceId"])
        if wanted not in stack.resources:
            raise refusals.validation_error(f"Resource {wanted} does not exist for stack {stack.name}")
        told = _told(stack, stack.resources[wanted], "LastUpdatedTimestamp")
        return {"StackResourceDetail": told}

    def _resources(self, call: Call) -> dict[str, Any]:
        params = call.operation.params
        if params.get("PhysicalResourceId") and not params.get("StackName"):
            stack = self._holding(call, str(params["PhysicalResourceId"]))
        else:
            stack = self._found(call)
        wanted = params.get("LogicalResourceId")
        told = [
            _told(stack, each, "Timestamp")
            for each in stack.resources.values()
            if wanted is None or each.logical_id == wanted
        ]
        return {"StackResources": told}

    def _list_resources(self, call: Call) -> dict[str, Any]:
        stack = self._found(call)
        rows = [_told(stack, each, "LastUpdatedTimestamp") for each in stack.resources.values()]
        for row in rows:
            del row["StackId"], row["StackName"]
        return _page(call, "StackResourceSummaries", rows)

    # --- templates ----------------------------------------------------------------------------------------

    def _get_template(self, call: Call) -> dict[str, Any]:
        params = call.operation.params
        if params.get("ChangeSetName"):
            text = self.change_set(call)[0].template
        else:
            text = self._found(call).template
        return {"TemplateBody": text, "StagesAvailable": ["Original", "Processed"]}

    def _summary(self, call: Call) -> dict[str, Any]:
        params = call.operation.params
        if params.get("StackName"):
            stack = self._found(call)
            if stack.status == UNDER_REVIEW:
                raise refusals.validation_error(
                    "GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."
                )
            template = read_template(stack.template, most=MOST_CHARACTERS_FROM_S3)
        else:
            template = self._read(call, None)
        kinds = [str(said["Type"]) for said in template.resources.values()]
        version = template.body.get("AWSTemplateFormatVersion")
        metadata = template.body.get("Metadata")
        return {
            **_described(template),
            "ResourceTypes": kinds,
            **({} if version is None else {"Version": str(version)}),
            **({} if metadata is None else {"Metadata": str(metadata)}),
            "ResourceIdentifierSummaries": [],
        }

    def _validate(self, call: Call) -> dict[str, Any]:
        return _described(self._read(call, None), key="ParameterKey", validated=True)

    # --- change sets --------------------------------------------------------------------------------------

    def _describe_change_set(self, call: Call) -> dict[str, Any]:
        found, stack = self.change_set(call)
        return {
            **_change_set(found, stack),
            "Parameters": found.shown_parameters,
            "NotificationARNs": [],
            "RollbackConfiguration": {},
            "Capabilities": list(found.capabilities),
            "Tags": found.tags or [],
            "Changes": found.changes,
            **({} if found.on_failure is None else {"OnStackFailure": found.on_failure}),
        }

    def _list_change_sets(self, call: Call) -> dict[str, Any]:
        stack = self._found(call)
        rows = [_change_set(each, stack) for each in self._stacks.change_sets(stack.id)]
        return _page(call, "Summaries", rows)

    # --- exports ------------------------------------------------------------------------------------------

    def _exports(self, call: Call) -> dict[str, Any]:
        found = self._stacks.exports(call.caller.account, call.operation.region)
        rows = [{"ExportingStackId": stack.id, "Name": name, "Value": value} for stack, name, value in found]
        return _page(call, "Exports", sorted(rows, key=lambda row: str(row["Name"])))

    def _imports(self, call: Call) -> dict[str, Any]:
        name = str(call.operation.params["ExportName"])
        found = self._stacks.importers(call.caller.account, call.operation.region, name)
        if not found:
            raise refusals.validation_error(f"Export '{name}' is not imported by any stack.")
        return _page(call, "Imports", sorted(found))

    # --- details ------------------------------------------------------------------------------------------

    def _all(self, call: Call) -> list[Stack]:
        return self._stacks.all(call.caller.account, call.operation.region)

    def _found(self, call: Call) -> Stack:
        name = str(call.operation.params.get("StackName") or "")
        stack = self._stacks.find(call.caller.account, call.operation.region, name)
        if stack is None:
            raise refusals.no_stack_with_id(name)
        return stack

    def _holding(self, call: Call, physical_id: str) -> Stack:
        for stack in self._all(call):
            if any(each.physical_id == physical_id for each in stack.resources.values()):
                return stack
        raise refusals.validation_error(f"Stack for {physical_id} does not exist")


def _page(call: Call, name: str, rows: Sequence[Any]) -> dict[str, Any]:
    """Return one page of `rows`; the token is where the next one begins."""
    token = str(call.operation.params.get("NextToken") or "0")
    if not (token.isascii() and token.isdigit()):
        raise refusals.validation_error("The specified token is not valid")
    start = int(token)
    more = {"NextToken": str(start + _PAGE)} if start + _PAGE < len(rows) else {}
    return {name: list(rows[start : start + _PAGE]), **more}


def _told_without_none(**told: object) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}


def _stack(stack: Stack) -> dict[str, Any]:
    return _told_without_none(
        StackId=stack.id,
        StackName=stack.name,
        ChangeSetId=stack.change_set_id,
        Description=stack.description,
        Parameters=stack.shown_parameters,
        CreationTime=stack.created_at,
        DeletionTime=stack.deleted_at,
        LastUpdatedTime=stack.updated_at,
        RollbackConfiguration={},
        StackStatus=stack.status,
        StackStatusReason=stack.reason,
        DisableRollback=stack.disable_rollback,
        NotificationARNs=[],
        Capabilities=list(stack.capabilities),
        Outputs=stack.outputs,
        RoleARN=stack.role_arn,
        Tags=stack.tags,
        EnableTerminationProtection=stack.protected,
        DriftInformation={"StackDriftStatus": "NOT_CHECKED"},
    )


def _summary_of(stack: Stack) -> dict[str, Any]:
    return _told_without_none(
        StackId=stack.id,
        StackName=stack.name,
        TemplateDescription=stack.description,
        CreationTime=stack.created_at,
        LastUpdatedTime=stack.updated_at,
        DeletionTime=stack.deleted_at,
        StackStatus=stack.status,
        StackStatusReason=stack.reason,
        DriftInformation={"StackDriftStatus": "NOT_CHECKED"},
    )


def _event(stack: Stack, event: Event) -> dict[str, Any]:
    return _told_without_none(
        StackId=stack.id,
        EventId=event.id,
        StackName=stack.name,
        LogicalResourceId=event.logical_id,
        PhysicalResourceId=event.physical_id,
        ResourceType=event.type,
        Timestamp=event.at,
        ResourceStatus=event.status,
        ResourceStatusReason=event.reason,
        ResourceProperties=event.properties,
        ClientRequestToken=event.token,
    )


def _told(stack: Stack, resource: Resource, time_name: str) -> dict[str, Any]:
    return _told_without_none(
        StackName=stack.name,
        StackId=stack.id,
        LogicalResourceId=resource.logical_id,
        PhysicalResourceId=resource.physical_id,
        ResourceType=resource.type,
        ResourceStatus=resource.status,
        ResourceStatusReason=resource.reason,
        DriftInformation={"StackResourceDriftStatus": "NOT_CHECKED"},
        **{time_name: resource.at},
    )


def _change_set(found: ChangeSet, stack: Stack) -> dict[str, Any]:
    return _told_without_none(
        ChangeSetName=found.name,
        ChangeSetId=found.id,
        StackId=stack.id,
        StackName=stack.name,
        Description=found.description,
        CreationTime=found.at,
        ExecutionStatus=found.execution_status,
        Status=found.status,
        StatusReason=found.reason,
        IncludeNestedStacks=False,
    )


def _described(template: Template, *, key: str = "ParameterKey", validated: bool = False) -> dict[str, Any]:
    capabilities, kinds = needed(template)
    told: dict[str, Any] = {
        "Description": template.description,
        "Parameters": [
            _parameter(str(name), said, key=key, validated=validated)
            for name, said in template.section("Parameters").items()
        ],
        "Capabilities": capabilities,
        "DeclaredTransforms": [],
    }
    if kinds:
        told["CapabilitiesReason"] = f"The following resource(s) require capabilities: [{', '.join(kinds)}]"
    return _told_without_none(**told)


def _parameter(name: str, said: Mapping[str, Any], *, key: str, validated: bool) -> dict[str, Any]:
    default = said.get("Default")
    told: dict[str, Any] = {
        key: name,
        "DefaultValue": None if default is None else str(default),
        "NoEcho": str(said.get("NoEcho", "")).lower() == "true",
        "Description": said.get("Description"),
    }
    if not validated:
        told["ParameterType"] = str(said.get("Type", "String"))
        allowed = said.get("AllowedValues")
        told["ParameterConstraints"] = (
            {} if allowed is None else {"AllowedValues": [str(each) for each in allowed]}
        )
    return _told_without_none(**told)
