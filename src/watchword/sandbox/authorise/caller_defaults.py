"""IAM operations that are about the caller when they name no user: the name is filled in here, once.

Source: IAM API Reference, "If you do not specify a user name, IAM determines the user name implicitly based
on the Amazon Web Services access key ID signing the request".
"""

from __future__ import annotations

import dataclasses
from urllib.parse import quote_plus

from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.request import WireRequest

_IMPLICIT = frozenset(
    {
        "CreateAccessKey",
        "CreateLoginProfile",
        "DeactivateMFADevice",
        "DeleteAccessKey",
        "DeleteLoginProfile",
        "DeleteServiceSpecificCredential",
        "DeleteSigningCertificate",
        "GetLoginProfile",
        "GetMFADevice",
        "GetUser",
        "ListAccessKeys",
        "ListMFADevices",
        "ListSSHPublicKeys",
        "ListSigningCertificates",
        "ResetServiceSpecificCredential",
        "UpdateAccessKey",
        "UpdateServiceSpecificCredential",
        "UpdateSigningCertificate",
        "UploadSigningCertificate",
    }
)
_EMPTY_NAME = (
    "1 validation error detected: Value at 'userName' failed to satisfy constraint: "
    "Member must have length greater than or equal to 1"
)
# What root may ask of itself, answered without moto.
ROOT_ANSWERS = frozenset(
    {
        "DeactivateMFADevice",
        "DeleteAccessKey",
        "GetMFADevice",
        "GetUser",
        "ListAccessKeys",
        "ListMFADevices",
    }
)


def with_caller(
    operation: Operation, request: WireRequest, *, user_name: str | None, is_root: bool
) -> tuple[Operation, WireRequest]:
    """Return the operation and the request with the caller's user name in them, where IAM implies it.

    Raises AwsError (ValidationError: the name is empty or the caller is no user; InvalidUserType: it is root
    that changes its password), and SandboxRefusal where root would be meant.
    """
    if operation.service == "iam" and operation.name == "ChangePassword" and is_root:
        # The code is documented (AWS CLI Command Reference, change-password); the text is the model's.
        raise AwsError("InvalidUserType", "The type of user for the transaction was incorrect.", status=400)
    if operation.service != "iam" or operation.name not in _IMPLICIT:
        return operation, request
    if operation.params.get("UserName") == "":
        raise AwsError("ValidationError", _EMPTY_NAME, status=400)
    if "UserName" in operation.params:
        return operation, request
    if is_root:
        if operation.name in ROOT_ANSWERS:
            return operation, request
        raise SandboxRefusal(f"iam:{operation.name} for root itself is not there; name a user")
    if user_name is None:
        raise AwsError(
            "ValidationError", "Must specify userName when calling with non-User credentials", status=400
        )
    named = dataclasses.replace(operation, params={**operation.params, "UserName": user_name})
    pair = f"UserName={quote_plus(user_name)}"
    if request.body:
        return named, dataclasses.replace(request, body=request.body + b"&" + pair.encode())
    joined = f"{request.raw_query}&{pair}" if request.raw_query else pair
    return named, dataclasses.replace(request, raw_query=joined)
