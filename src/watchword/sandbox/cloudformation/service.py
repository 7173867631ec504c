"""CloudFormation's operations that change stacks; `describe` has those that tell of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.gate import Gate
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.cloudformation import refusals
from watchword.sandbox.cloudformation.calls import PRINCIPAL, Calls
from watchword.sandbox.cloudformation.capabilities import check_capabilities
from watchword.sandbox.cloudformation.changes import changes_of
from watchword.sandbox.cloudformation.deployment import Deployment
from watchword.sandbox.cloudformation.describe import Describe
from watchword.sandbox.cloudformation.parameters import shown
from watchword.sandbox.cloudformation.prepared import Prepared, prepared, refuse_undone
from watchword.sandbox.cloudformation.rollout import Rollout
from watchword.sandbox.cloudformation.service_role import role_session
from watchword.sandbox.cloudformation.sources import reader, template_of
from watchword.sandbox.cloudformation.stack import UNDER_REVIEW, ChangeSet, Stack
from watchword.sandbox.cloudformation.stacks import Stacks
from watchword.sandbox.cloudformation.template import MOST_CHARACTERS_FROM_S3, Template, read_template
from watchword.sandbox.forward import Forward
from watchword.sandbox.identity.constraints import check
from watchword.sandbox.identity.directory import Directory
from watchword.sandbox.plane.policies.kept import kept
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

_UPDATABLE: Final = frozenset(
    {"CREATE_COMPLETE", "CREATE_FAILED", "UPDATE_COMPLETE", "UPDATE_FAILED", "UPDATE_ROLLBACK_COMPLETE"}
)
_NAME: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
_UNCHANGED: Final = (
    "The submitted information didn't contain changes. Submit different information to create a change set."
)


class CloudFormation:
    """The operations on the sandbox's stacks. Thread-safe. A deployment is over when its call returns.

    `host` is where the sandbox is reached.
    """

    def __init__(
        self,
        *,
        forward: Forward,
        gate: Gate,
        directory: Directory,
        clock: SandboxClock,
        partition: str,
        host: str,
    ) -> None:
        self.stacks = Stacks()
        self._forward = forward
        self._gate = gate
        self._directory = directory
        self._clock = clock
        self._partition = partition
        self._host = host
        self._operations: Mapping[str, Callable[[Call], dict[str, Any]]] = {
            "CreateChangeSet": self._create_change_set,
            "CreateStack": self._create_stack,
            "DeleteChangeSet": self._delete_change_set,
            "DeleteStack": self._delete_stack,
            "ExecuteChangeSet": self._execute_change_set,
            "UpdateStack": self._update_stack,
            "UpdateTerminationProtection": self._protect,
        }
        self._describe = Describe(stacks=self.stacks, read=self._read_template)

    @property
    def names(self) -> frozenset[str]:
        """The operations that are answered here, named as in botocore."""
        return frozenset(self._operations) | self._describe.names

    def identified(self, call: Call) -> Call:
        """Return the call with the ARN of the stack that it names as the parameter `StackArn`.

        It is that of the stack with its ID, or `…:stack/NAME/*` when there is none of that name (observed).
        """
        params = dict(call.operation.params)
        params.pop("StackArn", None)
        name = str(params.get("StackName") or "")
        if not name and call.operation.name in {"DescribeChangeSet", "DeleteChangeSet", "ExecuteChangeSet"}:
            change_set = self.stacks.change_set(None, str(params.get("ChangeSetName")))
            name = change_set.stack_id if change_set else "*"
        if name:
            account, region = call.caller.account, call.operation.region
            found = self.stacks.find(account, region, name)
            home = f"arn:{self._partition}:cloudformation:{region}:{account}:stack/"
            params["StackArn"] = (
                found.id if found else (name if name.startswith("arn:") else f"{home}{name}/*")
            )
        return replace(call, operation=replace(call.operation, params=params))

    def call(self, call: Call) -> dict[str, Any]:
        """Answer an authorised operation. Raises AwsError, and SandboxRefusal for what is not here."""
        name, params = call.operation.name, call.operation.params
        operation = self._operations.get(name)
        if operation is None:
            return self._describe.call(call)
        check("cloudformation", name, params)
        refuse_undone(params)
        return operation(call)

    # --- stacks -----------------------------------------------------------------------------------------

    def _create_stack(self, call: Call) -> dict[str, Any]:
        params = call.operation.params
        if self._there(call) is not None:
            raise refusals.stack_exists(params["StackName"])
        on_failure = _on_failure(params)
        stack = self._new_stack(call)
        wanted = self._prepared(call, stack, self._template(call, None), params.get("Parameters") or ())
        stack.protected = bool(params.get("EnableTerminationProtection"))
        stack.disable_rollback = on_failure == "DO_NOTHING"
        rollout = self._rollout(call, stack)
        self.stacks.add(stack)
        stack.tell("CREATE_IN_PROGRESS", "User Initiated", now=self._clock.now())
        with _finishing(stack, self._clock.now):
            rollout.create(wanted, on_failure)
        return {"StackId": stack.id}

    def _update_stack(self, call: Call) -> dict[str, Any]:
        params = call.operation.params
        stack = self._to_change(call, "updated")
        wanted = self._prepared(
            call, stack, self._template(call, stack), params.get("Parameters") or (), _tags(params, stack)
        )
        _refuse_other_types(stack, wanted)
        if not self._differs(stack, wanted):
            raise refusals.no_updates()
        stack_role = stack.role_arn
        stack.role_arn = params.get("RoleARN") or stack_role
        self._update(call, stack, wanted, rolls_back=not params.get("DisableRollback"))
        return {"StackId": stack.id}

    def _update(
        self,
        call: Call,
        stack: Stack,
        wanted: Prepared,
        *,
        rolls_back: bool,
        imports_existing: bool = False,
    ) -> None:
        rollout = self._rollout(call, stack, imports_existing=imports_existing)
        stack.token = call.operation.params.get("ClientRequestToken")
        self.stacks.begin(stack, "UPDATE_IN_PROGRESS", "updated", now=self._clock.now())
        stack.capabilities = tuple(call.operation.params.get("Capabilities") or stack.capabilities)
        stack.updated_at = self._clock.now()
        with _finishing(stack, self._clock.now):
            rollout.update(wanted, rolls_back=rolls_back)

    def _delete_stack(self, call: Call) -> dict[str, Any]:
        params = call.operation.params
        stack = self._there(call)
        if stack is None:
            return {}
        if stack.protected:
            raise refusals.protected(stack.name)
        retained = frozenset(str(name) for name in params.get("RetainResources") or ())
        if params.get("DeletionMode", "STANDARD") != "STANDARD":
            raise SandboxRefusal("the parameter DeletionMode is refused: nothing is deleted by force")
        if retained and stack.status != "DELETE_FAILED":
            raise refusals.validation_error(
                "Invalid operation on stack ["
                + stack.id
                + "]. RetainResources can only be specified for stacks "
                "in the DELETE_FAILED state."
            )
        if stack.status == UNDER_REVIEW:
            self.stacks.drop(stack)
            return {}
        stack.role_arn = params.get("RoleARN") or stack.role_arn
        rollout = self._rollout(call, stack)
        stack.token = params.get("ClientRequestToken")
        self.stacks.begin(stack, "DELETE_IN_PROGRESS", "deleted", now=self._clock.now())
        with _finishing(stack, self._clock.now):
            rollout.delete(retained)
        return {}

    def _protect(self, call: Call) -> dict[str, Any]:
        stack = self._there(call)
        if stack is None:
            raise refusals.no_stack(call.operation.params["StackName"])
        stack.protected = bool(call.operation.params["EnableTerminationProtection"])
        return {"StackId": stack.id}

    # --- change sets --------------------------------------------------------------------------------------

    def _create_change_set(self, call: Call) -> dict[str, Any]:
        params = call.operation.params
        _plain_name("changeSetName", str(params["ChangeSetName"]))
        kind = params.get("ChangeSetType", "UPDATE")
        if kind not in {"CREATE", "UPDATE"}:
            raise SandboxRefusal(f"change sets of the type {kind} are not made")
        stack = self._stack_for_change_set(call, creates=kind == "CREATE")
        tags = _tags(params, stack)
        wanted = self._prepared(
            call, stack, self._template(call, stack), params.get("Parameters") or (), tags
        )
        _refuse_other_types(stack, wanted)
        differs = kind == "CREATE" or self._differs(stack, wanted)
        change_set = ChangeSet(
            id=f"arn:{self._partition}:cloudformation:{stack.region}:{stack.account}:changeSet/"
            f"{params['ChangeSetName']}/{uuid.uuid4()}",
            name=params["ChangeSetName"],
            stack_id=stack.id,
            creates=kind == "CREATE",
            at=self._clock.now(),
            template=wanted.template.text,
            parameters=[
                {"ParameterKey": key, "ParameterValue": text} for key, text in wanted.parameters.given.items()
            ],
            shown_parameters=shown(wanted.template, wanted.parameters),
            tags=tags,
            role_arn=params.get("RoleARN"),
            capabilities=tuple(params.get("Capabilities") or ()),
            description=params.get("Description"),
            changes=changes_of(stack, wanted.plan) if differs else [],
            status="CREATE_COMPLETE" if differs else "FAILED",
            reason=None if differs else _UNCHANGED,
            execution_status="AVAILABLE" if differs else "UNAVAILABLE",
            on_failure=params.get("OnStackFailure"),
            imports_existing=bool(params.get("ImportExistingResources")),
        )
        if stack.status == UNDER_REVIEW and not stack.events:
            self.stacks.add(stack)
            stack.tell(UNDER_REVIEW, "User Initiated", now=self._clock.now())
        self.stacks.add_change_set(change_set)
        return {"Id": change_set.id, "StackId": stack.id}

    def _stack_for_change_set(self, call: Call, *, creates: bool) -> Stack:
        params = call.operation.params
        stack = self._there(call)
        if not creates:
            return self._to_change(call, "updated")
        if stack is None:
            return self._new_stack(call)
        if stack.status != UNDER_REVIEW:
            raise refusals.validation_error(
                f"Stack [{stack.name}] already exists and cannot be created again with the changeSet "
                f"[{params['ChangeSetName']}]."
            )
        return stack

    def _execute_change_set(self, call: Call) -> dict[str, Any]:
        params = call.operation.params
        change_set, stack = self._describe.change_set(call)
        if change_set.execution_status != "AVAILABLE":
            raise refusals.cannot_execute(change_set.id, change_set.status, change_set.execution_status)
        template = read_template(change_set.template, most=MOST_CHARACTERS_FROM_S3)
        check_capabilities(template, change_set.capabilities)
        wanted = self._resolved(call, stack, template, change_set.parameters, change_set.tags or [])
        stack.role_arn = change_set.role_arn or stack.role_arn
        stack.token = params.get("ClientRequestToken")
        on_failure = change_set.on_failure or ("DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK")
        if change_set.creates:
            rollout = self._rollout(call, stack, imports_existing=change_set.imports_existing)
            self._executing(stack, change_set)
            self.stacks.begin(stack, "CREATE_IN_PROGRESS", "created", now=self._clock.now())
            with _finishing(stack, self._clock.now):
                rollout.create(wanted, on_failure)
        else:
            self._executing(stack, change_set)
            self._update(
                call,
                stack,
                wanted,
                rolls_back=on_failure != "DO_NOTHING",
                imports_existing=change_set.imports_existing,
            )
        change_set.execution_status = "EXECUTE_COMPLETE"
        return {}

    def _executing(self, stack: Stack, change_set: ChangeSet) -> None:
        # Source: ExecuteChangeSet (the other change sets of the stack are deleted).
        for other in self.stacks.change_sets(stack.id):
            if other is not change_set:
                self.stacks.drop_change_set(other)
        stack.change_set_id = change_set.id
        stack.capabilities = change_set.capabilities

    def _delete_change_set(self, call: Call) -> dict[str, Any]:
        try:
            change_set, _ = self._describe.change_set(call)
        except AwsError as error:
            # Observed: it succeeds as long as the stack is there, whether the change set is or not.
            if error.code == "ChangeSetNotFound" and call.operation.params.get("StackName"):
                return {}
            raise
        self.stacks.drop_change_set(change_set)
        return {}

    # --- details --------------------------------------------------------------------------------------------

    def _there(self, call: Call) -> Stack | None:
        params = call.operation.params
        return self.stacks.there(call.caller.account, call.operation.region, str(params["StackName"]))

    def _to_change(self, call: Call, verb: str) -> Stack:
        stack = self._there(call)
        if stack is None:
            raise refusals.no_stack(call.operation.params["StackName"])
        if stack.status not in _UPDATABLE:
            raise refusals.not_in_this_state(stack.id, stack.status, verb)
        return stack

    def _new_stack(self, call: Call) -> Stack:
        params, operation = call.operation.params, call.operation
        name, account = _plain_name("stackName", str(params["StackName"])), call.caller.account
        home = f"arn:{self._partition}:cloudformation:{operation.region}:{account}:stack"
        return Stack(
            account=account,
            region=operation.region,
            name=name,
            id=f"{home}/{name}/{uuid.uuid4()}",
            created_at=self._clock.now(),
            tags=_tags(params, None),
            role_arn=params.get("RoleARN"),
            capabilities=tuple(params.get("Capabilities") or ()),
            token=params.get("ClientRequestToken"),
        )

    def _template(self, call: Call, stack: Stack | None) -> Template:
        template = template_of(call.operation.params, stack, self._reader(call), host=self._host)
        check_capabilities(template, call.operation.params.get("Capabilities") or ())
        return template

    def _read_template(self, call: Call, stack: Stack | None) -> Template:
        return template_of(call.operation.params, stack, self._reader(call), host=self._host)

    def _reader(self, call: Call) -> Any:  # noqa: ANN401 - a `sources.Made`
        return reader(self._forward, call.caller, region=call.operation.region, request_id=call.request_id)

    def _prepared(
        self,
        call: Call,
        stack: Stack,
        template: Template,
        given: Any,  # noqa: ANN401 - a list of Parameter
        tags: list[dict[str, str]] | None = None,
    ) -> Prepared:
        return self._resolved(call, stack, template, given, stack.tags if tags is None else tags)

    def _resolved(
        self,
        call: Call,
        stack: Stack,
        template: Template,
        given: Any,  # noqa: ANN401
        tags: list[dict[str, str]],
    ) -> Prepared:
        return prepared(
            stack,
            template,
            given,
            tags,
            stacks=self.stacks,
            read=self._reader(call),
            partition=self._partition,
        )

    def _differs(self, stack: Stack, wanted: Prepared) -> bool:
        before = read_template(stack.template, most=MOST_CHARACTERS_FROM_S3)
        sections = ("Conditions", "Mappings", "Outputs", "Resources")
        return (
            any(before.section(name) != wanted.template.section(name) for name in sections)
            or stack.parameters != wanted.parameters.given
            or stack.tags != wanted.tags
            or not stack.status.endswith("_COMPLETE")
        )

    def _rollout(self, call: Call, stack: Stack, *, imports_existing: bool = False) -> Rollout:
        caller, via = call.caller, PRINCIPAL
        if stack.role_arn is not None:
            caller = role_session(
                stack.role_arn,
                call,
                gate=self._gate,
                directory=self._directory,
                now=self._clock.now,
                host=self._host,
            )
        calls = Calls(
            forward=self._forward,
            caller=caller,
            via=via if stack.role_arn is None else None,
            region=stack.region,
            token=str(uuid.uuid4()),
            is_there=lambda arn: kept(arn, stack.account, self._partition) is not None,
        )
        deployment = Deployment(
            stack=stack,
            calls=calls,
            partition=self._partition,
            now=self._clock.now,
            imports_existing=imports_existing,
        )
        return Rollout(deployment=deployment, stacks=self.stacks, now=self._clock.now)


class _finishing:  # noqa: N801 - it reads as what it does
    """Let no stack stay in progress when the sandbox itself fails."""

    def __init__(self, stack: Stack, now: Callable[[], datetime]) -> None:
        self._stack = stack
        self._now = now

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: object, _trace: object) -> None:
        if kind is not None:
            first = self._stack.status.partition("_")[0]
            reason = "watchword sandbox: it failed at this; its own log says where"
            self._stack.tell(f"{first}_FAILED", reason, now=self._now())


def _plain_name(what: str, name: str) -> str:
    # A name is a part of an ARN that policies are held against.
    if not _NAME.fullmatch(name):
        raise refusals.validation_error(
            f"1 validation error detected: Value '{name}' at '{what}' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    return name


def _on_failure(params: Mapping[str, Any]) -> str:
    if "OnFailure" in params and "DisableRollback" in params:
        raise refusals.validation_error("You cannot specify both DisableRollback and OnFailure.")
    return str(params.get("OnFailure") or ("DO_NOTHING" if params.get("DisableRollback") else "ROLLBACK"))


def _tags(params: Mapping[str, Any], stack: Stack | None) -> list[dict[str, str]]:
    given = params.get("Tags")
    if given is None and stack is not None:
        return stack.tags
    return [{"Key": str(tag["Key"]), "Value": str(tag["Value"])} for tag in given or ()]


def _refuse_other_types(stack: Stack, wanted: Prepared) -> None:
    changed = [
        planned.logical_id
        for planned in wanted.plan.resources
        if planned.logical_id in stack.resources and stack.resources[planned.logical_id].type != planned.type
    ]
    if changed:
        raise refusals.validation_error(
            "Update of resource type is not permitted. The new template modifies resource type of the "
            f"following resources: [{', '.join(changed)}]"
        )
