"""What AWS's Organizations does and moto's does not: refused before moto runs, or put right after it ran.

Source: AWS Organizations API Reference, the operations' errors; the texts are those of the service's model,
where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from watchword.iam import PolicySyntaxError, parse_policy
from watchword.iam.policy import PolicyKind
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.organizations import (
    RESOURCE_CONTROL,
    SERVICE_CONTROL,
    backend_of,
    enabled,
)
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.operation import Operation

_KINDS: Final = {SERVICE_CONTROL: PolicyKind.SERVICE_CONTROL, RESOURCE_CONTROL: PolicyKind.RESOURCE_CONTROL}
_DEFAULTS: Final = {SERVICE_CONTROL: "p-FullAWSAccess", RESOURCE_CONTROL: "p-RCPFullAWSAccess"}


def refuse_outsiders(operation: Operation, account: str) -> None:
    """Refuse whoever does not manage the organization. Raises AwsError, SandboxRefusal.

    Source: Organizations API Reference: "You can only call this operation from the management account or a
    member account that is a delegated administrator"; the texts are observed.
    """
    if operation.service != "organizations" or operation.name == "CreateOrganization":
        return
    backend = backend_of(account)
    if backend is None:
        raise _error("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    if backend.org.master_account_id == account or operation.name == "DescribeOrganization":
        return
    if any(admin.account.id == account for admin in list(backend.admins)):
        raise SandboxRefusal(
            "what a delegated administrator may call of Organizations is not decided; ask as the manager"
        )
    raise _error("AccessDeniedException", "You don't have permissions to access this resource.")


def before(operation: str, params: Mapping[str, Any], backend: MotoObject) -> None:
    """Refuse what AWS refuses although moto would not. Raises AwsError, SandboxRefusal."""
    rule = _RULES.get(operation)
    if rule is not None:
        rule(backend, params)


def after(operation: str, params: Mapping[str, Any], backend: MotoObject) -> None:
    """Put right what moto left undone after it accepted an operation."""
    match operation:
        case "EnablePolicyType" if params["PolicyType"] in _DEFAULTS:
            _attach_everywhere(backend, _DEFAULTS[params["PolicyType"]])
        case "DisablePolicyType":
            _detach_everywhere(backend, params["PolicyType"])
        case "DeleteOrganizationalUnit":
            there = {entity.id for entity in [*backend.ou, *backend.accounts]}
            for policy in backend.policies:
                policy.attachments = [each for each in policy.attachments if each.id in there]
        case _:
            pass


def _storable(_backend: MotoObject, params: Mapping[str, Any]) -> None:
    _refuse_malformed(params["Type"], params["Content"])


def _changeable(backend: MotoObject, params: Mapping[str, Any]) -> None:
    policy = _policy(backend, params)
    if policy.aws_managed:
        raise SandboxRefusal(f"{policy.name} is AWS's own: what AWS answers to changing it is not known")
    if params.get("Content") is not None:
        _refuse_malformed(policy.type, params["Content"])


def _attachable(backend: MotoObject, params: Mapping[str, Any]) -> None:
    policy, target = _policy(backend, params), _target(backend, params)
    _type_enabled(backend, policy.type)
    if target is not None and policy in target.attached_policies:
        raise _error(
            "DuplicatePolicyAttachmentException",
            "The selected policy is already attached to the specified target.",
        )


def _detachable(backend: MotoObject, params: Mapping[str, Any]) -> None:
    """Source: orgs_manage_policies_scps_attach ("at least one SCP"); the last one's text is observed."""
    policy, target = _policy(backend, params), _target(backend, params)
    _type_enabled(backend, policy.type)
    if target is None:
        return
    if policy not in target.attached_policies:
        raise _error(
            "PolicyNotAttachedException",
            "The policy isn't attached to the specified target in the specified root.",
        )
    if policy.id == _DEFAULTS[RESOURCE_CONTROL]:
        raise SandboxRefusal("RCPFullAWSAccess cannot be detached; in which words AWS says so is not known")
    if policy.type == SERVICE_CONTROL and _of_type(target, policy.type) == [policy]:
        raise _error(
            "ConstraintViolationException",
            "You cannot remove the last policy attached to the specified target. You must have at least one "
            "attached at all times.",
        )


def _can_be_enabled(backend: MotoObject, _params: Mapping[str, Any]) -> None:
    if backend.org.feature_set != "ALL":
        raise _error(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled for this "
            "organization.",
        )


def _free_unit_name(backend: MotoObject, params: Mapping[str, Any]) -> None:
    parent = params["ParentId"]
    if not any(entity.id == parent for entity in backend.ou):
        raise _error("ParentNotFoundException", "You specified parent that doesn't exist.")
    if any(entity.parent_id == parent and entity.name == params["Name"] for entity in backend.ou):
        raise _error("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")


def _empty_unit(backend: MotoObject, params: Mapping[str, Any]) -> None:
    unit = params["OrganizationalUnitId"]
    if any(entity.parent_id == unit for entity in [*backend.ou, *backend.accounts]):
        raise _error(
            "OrganizationalUnitNotEmptyException",
            "The specified OU is not empty. Move all accounts to another root or to other OUs, remove all "
            "child OUs, and try the operation again.",
        )


def _movable(backend: MotoObject, params: Mapping[str, Any]) -> None:
    account = next((each for each in backend.accounts if each.id == params["AccountId"]), None)
    if account is not None and account.parent_id != params["SourceParentId"]:
        raise _error(
            "SourceParentNotFoundException",
            "We can't find a source root or OU with the ParentId that you specified.",
        )
    if not any(entity.id == params["DestinationParentId"] for entity in backend.ou):
        raise _error(
            "DestinationParentNotFoundException",
            "We can't find the destination container (a root or OU) with the ParentId that you specified.",
        )
    if params["SourceParentId"] == params["DestinationParentId"]:
        raise _error(
            "DuplicateAccountException", "That account is already present in the specified destination."
        )


def _not_the_manager(backend: MotoObject, params: Mapping[str, Any]) -> None:
    if params["AccountId"] == backend.org.master_account_id:
        raise _error(
            "MasterCannotLeaveOrganizationException",
            "You can't remove a management account from an organization.",
        )


def _without_members(backend: MotoObject, _params: Mapping[str, Any]) -> None:
    if len(backend.accounts) > 1:
        raise _error(
            "OrganizationNotEmptyException",
            "To delete an organization you must first remove all member accounts (except the master).",
        )


def _refuse_malformed(policy_type: str, content: str) -> None:
    """Refuse a policy that the engine cannot read: it is never stored. The text is observed."""
    kind = _KINDS.get(policy_type)
    if kind is None:
        return
    try:
        parse_policy(content, name="Content", kind=kind)
    except PolicySyntaxError as error:
        raise _error(
            "MalformedPolicyDocumentException",
            "The provided policy document does not meet the requirements of the specified policy type.",
        ) from error


def _type_enabled(backend: MotoObject, policy_type: str) -> None:
    if not enabled(backend, policy_type):
        raise _error(
            "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types."
        )


def _attach_everywhere(backend: MotoObject, policy_id: str) -> None:
    """Source: orgs_manage_policies_enable-disable: FullAWSAccess is attached everywhere."""
    for entity in [*backend.ou, *backend.accounts]:
        backend.attach_policy(PolicyId=policy_id, TargetId=entity.id)


def _detach_everywhere(backend: MotoObject, policy_type: str) -> None:
    """Source: API_DisablePolicyType: the policies are detached from all entities of the root."""
    for entity in [*backend.ou, *backend.accounts]:
        entity.attached_policies = [each for each in entity.attached_policies if each.type != policy_type]
    for policy in backend.policies:
        if policy.type == policy_type:
            policy.attachments = []


def _policy(backend: MotoObject, params: Mapping[str, Any]) -> MotoObject:
    found = next((policy for policy in backend.policies if policy.id == params["PolicyId"]), None)
    if found is None:
        raise _error(
            "PolicyNotFoundException", "We can't find a policy with the PolicyId that you specified."
        )
    return found


def _target(backend: MotoObject, params: Mapping[str, Any]) -> MotoObject:
    """Return the root, unit or account; None when it is not there, which moto refuses."""
    entities = [*backend.ou, *backend.accounts]
    return next((entity for entity in entities if entity.id == params["TargetId"]), None)


def _of_type(target: MotoObject, policy_type: str) -> list[MotoObject]:
    return [policy for policy in target.attached_policies if policy.type == policy_type]


def _error(code: str, message: str) -> AwsError:
    return AwsError(code, message, status=400)


_RULES: Final[Mapping[str, Callable[[MotoObject, Mapping[str, Any]], None]]] = {
    "AttachPolicy": _attachable,
    "CreateOrganizationalUnit": _free_unit_name,
    "CreatePolicy": _storable,
    "DeleteOrganization": _without_members,
    "DeleteOrganizationalUnit": _empty_unit,
    "DeletePolicy": _changeable,
    "DetachPolicy": _detachable,
    "EnablePolicyType": _can_be_enabled,
    "MoveAccount": _movable,
    "RemoveAccountFromOrganization": _not_the_manager,
    "UpdatePolicy": _changeable,
}
