"""Everything that is not identity: one operation that has been authorised, run by moto."""

from __future__ import annotations

from collections.abc import Callable

from watchword.iam import PolicySyntaxError, parse_policy
from watchword.iam.policy import PolicyKind
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.identity import constraints
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.devices import Devices
from watchword.sandbox.kept import Store
from watchword.sandbox.plane import (
    ec2_rules,
    elbv2_rules,
    iam_rules,
    node_sessions,
    resource_policies,
    root_keys,
    s3_items,
    s3_rules,
)
from watchword.sandbox.plane.iam_answers import IamAnswers
from watchword.sandbox.plane.last_used import LastUsed
from watchword.sandbox.plane.lookup import MotoLookup
from watchword.sandbox.plane.managed_policies import ManagedPolicies
from watchword.sandbox.plane.moto import Moto
from watchword.sandbox.plane.moto_operations import moto_has
from watchword.sandbox.plane.moto_time import follow
from watchword.sandbox.plane.organization_calls import OrganizationCalls
from watchword.sandbox.plane.passwords import OPERATIONS as PASSWORD_OPERATIONS
from watchword.sandbox.plane.passwords import Passwords
from watchword.sandbox.plane.policies.answer import answer
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.render import WireResponse, render_result
from watchword.sandbox.wire.request import WireRequest

_IDENTITY_POLICIES = frozenset(
    {"CreatePolicy", "CreatePolicyVersion", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy"}
)
_TRUST_POLICIES = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}


_BOUNDARIES = frozenset({"PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary"})


class Plane:
    """The resources of all accounts. Thread-safe: IAM changes one at a time.

    `directory_of` gives the directory of an account. It raises SandboxRefusal where there is none.
    """

    def __init__(
        self,
        *,
        moto: Moto,
        directory_of: Callable[[str], MotoLookup],
        organizations: OrganizationCalls,
        clock: SandboxClock,
        devices: Devices,
        last_used: LastUsed,
    ) -> None:
        self._moto = moto
        self._clock = clock
        self._directory_of = directory_of
        self._organizations = organizations
        self._managed_policies = ManagedPolicies()
        self._passwords = Passwords(now=clock.now)
        self._node_sessions = node_sessions.NodeSessions(now=clock.now)
        self._answers = IamAnswers(
            clock=clock,
            devices=devices,
            passwords=self._passwords,
            last_used=last_used,
            account_created_at=moto.started_at,
        )

    def stores(self) -> tuple[Store, ...]:
        """Return what is known here and not to moto, to be kept."""
        return self._passwords.store(), self._answers.store()

    def has(self, service: str, operation: str) -> bool:
        """Tell whether an operation (botocore's names) is there, whoever may call it."""
        own: dict[str, frozenset[str]] = {
            "iam": PASSWORD_OPERATIONS | self._answers.names | _BOUNDARIES,
            "ssm": node_sessions.OPERATIONS,
        }
        return operation in own.get(service, ()) or moto_has(service, operation)

    def run(
        self, operation: Operation, request: WireRequest, caller: Caller, *, request_id: str, account: str
    ) -> WireResponse:
        """Run an authorised operation in `account`, and return AWS's answer, success or failure.

        Raises AwsError where AWS refuses and moto would not, SandboxRefusal where moto does not have it.
        """
        directory = self._directory_of(account)
        if operation.service == "iam":
            return self._run_iam(operation, request, caller, request_id, directory)
        if operation.service == "organizations":
            return self._organizations.run(operation, request, caller, account=account)
        if operation.service == "ec2":
            ec2_rules.before(operation)
        if operation.service == "elbv2":
            elbv2_rules.before(operation, account)
        if operation.service == "s3":
            s3_rules.before(operation, directory)
        if operation.service == "ssm" and operation.name in node_sessions.OPERATIONS:
            result = self._node_sessions.call(operation, caller, account)
            return answer(operation, result, request_id=request_id)
        answered = resource_policies.run(operation, caller, directory, request_id=request_id)
        if answered is not None:
            return answered
        response = self._run(operation, request, caller, directory)
        resource_policies.after(operation, directory, response)
        return response

    def run_partly(
        self,
        operation: Operation,
        request: WireRequest,
        caller: Caller,
        refused: s3_items.Refused,
        *,
        request_id: str,
        account: str,
    ) -> WireResponse:
        """Run an operation for those of its items that were not refused. Raises as `run` does."""
        return s3_items.delete_objects(
            operation,
            request,
            refused,
            lambda some, made: self.run(some, made, caller, request_id=request_id, account=account),
        )

    def _run(
        self, operation: Operation, request: WireRequest, caller: Caller, directory: MotoLookup
    ) -> WireResponse:
        return self._moto.run(
            request, operation, access_key_id=caller.access_key_id, account=directory.account
        )

    def _run_iam(
        self,
        operation: Operation,
        request: WireRequest,
        caller: Caller,
        request_id: str,
        directory: MotoLookup,
    ) -> WireResponse:
        follow(self._clock)
        if operation.name in self._answers.names:
            with self._moto.iam_lock:
                self._managed_policies.before(operation.name, operation.params, directory.backend)
                result = self._answers.call(operation.name, operation.params, directory)
            return render_result(operation, result, request_id=request_id)
        constraints.check("iam", operation.name, operation.params)
        with self._moto.iam_lock:
            self._managed_policies.before(operation.name, operation.params, directory.backend)
            self._answers.before(operation.name, operation.params, directory)
            _refuse_malformed(operation)
            iam_rules.before(operation.name, operation.params, directory)
            match operation.name:
                case "PutUserPermissionsBoundary":
                    iam_rules.put_user_boundary(operation.params, directory)
                    return render_result(operation, {}, request_id=request_id)
                case "DeleteUserPermissionsBoundary":
                    iam_rules.delete_user_boundary(operation.params, directory)
                    return render_result(operation, {}, request_id=request_id)
                case "GetUser" if "UserName" not in operation.params:
                    return render_result(operation, self._root_user(directory), request_id=request_id)
                case name if name in root_keys.OPERATIONS and "UserName" not in operation.params:
                    began_at = self._moto.started_at
                    result = root_keys.run(name, operation.params, directory, created_at=began_at)
                    return render_result(operation, result, request_id=request_id)
                case name if name in PASSWORD_OPERATIONS:
                    backend = directory.backend
                    result = self._passwords.run(name, operation.params, backend, caller=caller.user_name)
                    return render_result(operation, result, request_id=request_id)
                case _:
                    pass
            response = self._run(operation, request, caller, directory)
            if response.status < 300:
                iam_rules.after(operation.name, operation.params, directory)
            return response

    def _root_user(self, directory: MotoLookup) -> dict[str, object]:
        arn = f"arn:aws:iam::{directory.account}:root"
        return {"User": {"UserId": directory.account, "Arn": arn, "CreateDate": self._moto.started_at}}


def _refuse_malformed(operation: Operation) -> None:
    """Refuse a policy that the engine cannot read. Raises AwsError (MalformedPolicyDocument)."""
    parameter, kind = "PolicyDocument", PolicyKind.IDENTITY
    if operation.name in _TRUST_POLICIES:
        parameter, kind = _TRUST_POLICIES[operation.name], PolicyKind.TRUST
    elif operation.name not in _IDENTITY_POLICIES:
        return
    text = operation.params.get(parameter)
    if text is None:
        return  # moto answers that the parameter is missing
    try:
        parse_policy(text, name=parameter, kind=kind)
    except PolicySyntaxError as error:
        raise AwsError("MalformedPolicyDocument", "Syntax errors in policy.", status=400) from error
