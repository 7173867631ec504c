"""What AWS's IAM does and moto's does not: refused before moto runs, or put right after it ran."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from watchword.sandbox.identity import refusals
from watchword.sandbox.plane.directory import MotoDirectory, boundary_arn
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.trust import pin_trusted, refuse_unknown_principals
from watchword.sandbox.wire.error import AwsError

_POLICY_CHANGES = frozenset(
    {
        "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "SetDefaultPolicyVersion", "TagPolicy",
        "UntagPolicy",
    }
)  # fmt: skip
BOUNDARY_TYPE: Final = "Policy"
"""Source: API_AttachedPermissionsBoundary ("can only have a value of Policy"); the enum says otherwise."""

_TRUST_POLICIES = frozenset({"CreateRole", "UpdateAssumeRolePolicy"})


def before(operation: str, params: Mapping[str, Any], directory: MotoDirectory) -> None:
    """Refuse what AWS refuses although moto would not. Raises AwsError."""
    backend = directory.backend
    _own_policy(operation, params)
    _whole_path(params)
    match operation:
        case "CreateUser":
            _free_name(params["UserName"], backend.users, "User")
            _boundary_exists(params, directory)
        case "UpdateUser" if params.get("NewUserName") not in (None, params.get("UserName")):
            _free_name(params["NewUserName"], set(backend.users) - {params["UserName"]}, "User")
        case "CreateGroup":
            _free_name(params["GroupName"], backend.groups, "Group")
        case "CreateRole":
            _free_name(params["RoleName"], [role.name for role in list(backend.roles.values())], "Role")
            _boundary_exists(params, directory)
        case "PutRolePermissionsBoundary":
            _boundary_exists(params, directory)
        case "DeleteUser":
            _deletable_user(backend, params["UserName"])
        case "DeleteGroup":
            _deletable_group(backend, params["GroupName"])
        case "DeletePolicy":
            _deletable_policy(backend, params["PolicyArn"])
        case _:
            pass
    if operation in _TRUST_POLICIES:
        text = params.get("AssumeRolePolicyDocument") or params.get("PolicyDocument") or "{}"
        refuse_unknown_principals(text, directory.account, directory.ids_of)


def after(operation: str, params: Mapping[str, Any], directory: MotoDirectory) -> None:
    """Put right what moto left undone after it accepted an operation."""
    backend = directory.backend
    match operation:
        case "CreateRole" | "UpdateAssumeRolePolicy":
            pin_trusted(directory.moto_role(params["RoleName"]), directory.ids_of)
        case "CreateUser" if params.get("PermissionsBoundary"):
            set_user_boundary(backend.users[params["UserName"]], params["PermissionsBoundary"])
        case "UpdateUser":
            user = backend.users[params.get("NewUserName") or params["UserName"]]
            for key in user.access_keys:
                key.user_name = user.name
        case "UpdateGroup" if params.get("NewPath"):
            backend.groups[params.get("NewGroupName") or params["GroupName"]].path = params["NewPath"]
        case "AddUserToGroup":
            group = backend.groups[params["GroupName"]]
            group.users[:] = list(dict.fromkeys(group.users))
        case _:
            pass


def put_user_boundary(params: Mapping[str, Any], directory: MotoDirectory) -> None:
    """PutUserPermissionsBoundary, which moto does not have. Raises AwsError (NoSuchEntity)."""
    user = _existing_user(directory.backend, params["UserName"])
    _boundary_exists(params, directory)
    set_user_boundary(user, params["PermissionsBoundary"])


def delete_user_boundary(params: Mapping[str, Any], directory: MotoDirectory) -> None:
    """DeleteUserPermissionsBoundary, which moto does not have. Raises AwsError (NoSuchEntity)."""
    user = _existing_user(directory.backend, params["UserName"])
    if boundary_arn(user) is None:
        raise AwsError("NoSuchEntity", "User does not have a permissions boundary.", status=404)
    user.permissions_boundary = None


def set_user_boundary(user: MotoObject, arn: str) -> None:
    """Set the boundary on moto's user, in the form in which GetUser shows it."""
    user.permissions_boundary = {
        "PermissionsBoundaryType": BOUNDARY_TYPE,
        "PermissionsBoundaryArn": arn,
    }


def _own_policy(operation: str, params: Mapping[str, Any]) -> None:
    # Source: observed on AWS.
    if operation in _POLICY_CHANGES and params.get("PolicyArn", "").split(":")[4:5] == ["aws"]:
        raise AwsError("AccessDenied", "Policy is outside your own account.", status=403)


def _whole_path(params: Mapping[str, Any]) -> None:
    for name in ("Path", "NewPath"):
        path = params.get(name) or "/"
        if not (path.startswith("/") and path.endswith("/")):
            raise refusals.invalid_path()


def _existing_user(backend: MotoObject, name: str) -> MotoObject:
    user = backend.users.get(name)
    if user is None:
        raise AwsError("NoSuchEntity", f"The user with name {name} cannot be found.", status=404)
    return user


def _free_name(name: str, taken: MotoObject, what: str) -> None:
    # Source: IAM User Guide, reference_iam-quotas: names are unique without regard to case.
    if name.lower() in {each.lower() for each in list(taken)}:
        raise AwsError("EntityAlreadyExists", f"{what} with name {name} already exists.", status=409)


def _boundary_exists(params: Mapping[str, Any], directory: MotoDirectory) -> None:
    arn = params.get("PermissionsBoundary")
    if arn and directory.managed_policy(arn) is None:
        raise AwsError("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", status=404)


def _conflict(what: str) -> AwsError:
    return AwsError("DeleteConflict", what, status=409)


def _deletable_user(backend: MotoObject, name: str) -> None:
    """Source: IAM API Reference, DeleteUser; the texts are observed on AWS."""
    user = _existing_user(backend, name)
    obstacles = (
        (user.policies, "delete policies"),
        (user.managed_policies, "detach all policies"),
        (
            [group for group in list(backend.groups.values()) if user in group.users],
            "remove users from group",
        ),
        (user.mfa_devices, "delete MFA device"),
        (user.access_keys, "delete access keys"),
        (user.password, "delete login profile"),
        (user.signing_certificates, "delete signing certificates"),
    )
    for present, remedy in obstacles:
        if present:
            raise _conflict(f"Cannot delete entity, must {remedy} first.")
    if user.ssh_public_keys:
        raise _conflict("Cannot delete entity, must remove referenced objects first.")


def _deletable_group(backend: MotoObject, name: str) -> None:
    """Source: IAM API Reference, DeleteGroup."""
    group = backend.groups.get(name)
    if group is None:
        return
    obstacles = (
        (group.users, "remove users from group"),
        (group.policies, "delete policies"),
        (group.managed_policies, "detach all policies"),
    )
    for present, remedy in obstacles:
        if present:
            raise _conflict(f"Cannot delete entity, must {remedy} first.")


def _deletable_policy(backend: MotoObject, arn: str) -> None:
    """Source: IAM API Reference, DeletePolicy."""
    policy = backend.managed_policies.get(arn)
    if policy is None:
        return
    entities = [*backend.users.values(), *backend.groups.values(), *backend.roles.values()]
    if any(arn in entity.managed_policies or boundary_arn(entity) == arn for entity in entities):
        raise _conflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise _conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy."
        )
