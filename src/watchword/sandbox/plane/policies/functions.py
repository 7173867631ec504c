"""The policies of functions, statement by statement: AddPermission, RemovePermission, GetPolicy.

Source: AWS Lambda API Reference, AddPermission, RemovePermission, GetPolicy; AWS Lambda Developer Guide,
access-control-resource-based (a version and an alias have policies of their own). Texts are observed on AWS.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from watchword.sandbox.plane.policies.kept import Kept, forget
from watchword.sandbox.plane.policies.principals import UniqueIds, unknown_principal
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import Operation

_MOST_BYTES = 20_480
_ACCOUNT = re.compile(r"[0-9]{12}")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?")


def add(params: Mapping[str, Any], place: Kept, *, account: str, unique_ids: UniqueIds) -> dict[str, Any]:
    """Add a statement, and return AddPermission's result. Raises AwsError."""
    document = _document(place.read())
    _same_revision(params, place.read())
    sid = params["StatementId"]
    if any(statement["Sid"] == sid for statement in document["Statement"]):
        raise AwsError(
            "ResourceConflictException",
            f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove "
            "the existing statement.",
            status=409,
        )
    statement = _statement(params, place.arn)
    added = json.dumps({**document, "Statement": [*document["Statement"], statement]})
    if _unknown(statement) or unknown_principal(added, unique_ids, account) is not None:
        raise AwsError(
            "InvalidParameterValueException",
            "The provided principal was invalid. Please check the principal and try again.",
            status=400,
        )
    if len(added.encode()) > _MOST_BYTES:
        raise AwsError(
            "PolicyLengthExceededException",
            f"The final policy size ({len(added.encode())}) is bigger than the limit ({_MOST_BYTES}).",
            status=400,
        )
    place.write(added)
    place.pin(unique_ids)
    return {"Statement": json.dumps(statement)}


def remove(params: Mapping[str, Any], place: Kept) -> None:
    """Take a statement away. Raises AwsError (ResourceNotFoundException)."""
    text = place.read()
    _same_revision(params, text)
    document = _document(text)
    kept = [statement for statement in document["Statement"] if statement["Sid"] != params["StatementId"]]
    if text is None:
        raise no_policy()
    if len(kept) == len(document["Statement"]):
        raise AwsError(
            "ResourceNotFoundException",
            f"Statement {params['StatementId']} is not found in resource policy.",
            status=404,
        )
    place.write(json.dumps({**document, "Statement": kept}) if kept else None)


def shown(text: str | None) -> dict[str, Any]:
    """Return GetPolicy's result. Raises AwsError (ResourceNotFoundException)."""
    if text is None:
        raise no_policy()
    return {"Policy": text, "RevisionId": revision(text)}


def no_policy() -> AwsError:
    """The function has no policy."""
    return AwsError("ResourceNotFoundException", "The resource you requested does not exist.", status=404)


def not_found(arn: str) -> AwsError:
    """There is no such function, version or alias."""
    return AwsError("ResourceNotFoundException", f"Function not found: {arn}", status=404)


def forget_gone(operation: Operation, account: str) -> None:
    """Forget the policy of an alias or a version that was deleted: the next of its name has none."""
    gone = {"DeleteAlias": "Name", "DeleteFunction": "Qualifier"}.get(operation.name)
    if gone is not None and operation.params.get(gone):
        name = str(operation.params["FunctionName"]).rpartition("function:")[2].partition(":")[0]
        forget(account, operation.region, name, str(operation.params[gone]))


def revision(text: str) -> str:
    """Return the revision of a policy: another text, another revision."""
    return str(uuid.UUID(bytes=sha256(text.encode()).digest()[:16]))


def _same_revision(params: Mapping[str, Any], text: str | None) -> None:
    wanted = params.get("RevisionId")
    if wanted and (text is None or wanted != revision(text)):
        raise AwsError(
            "PreconditionFailedException",
            "The RevisionId provided does not match the latest RevisionId for the Lambda function or alias. "
            "Call the GetFunction or the GetAlias API to retrieve the latest RevisionId for your resource.",
            status=412,
        )


def _document(text: str | None) -> dict[str, Any]:
    empty: dict[str, Any] = {"Version": "2012-10-17", "Id": "default", "Statement": []}
    return empty if text is None else dict(json.loads(text))


def _statement(params: Mapping[str, Any], arn: str) -> dict[str, Any]:
    statement = {
        "Sid": params["StatementId"],
        "Effect": "Allow",
        "Principal": _principal(params["Principal"]),
        "Action": params["Action"],
        "Resource": arn,
    }
    conditions = dict(_conditions(params))
    return {**statement, "Condition": conditions} if conditions else statement


def _principal(principal: str) -> str | dict[str, str]:
    if principal == "*":
        return "*"
    if _ACCOUNT.fullmatch(principal):
        return {"AWS": f"arn:aws:iam::{principal}:root"}
    return {"AWS" if principal.startswith("arn:") else "Service": principal}


def _unknown(statement: Mapping[str, Any]) -> bool:
    principal = statement["Principal"]
    return (
        isinstance(principal, dict)
        and "Service" in principal
        and not _SERVICE.fullmatch(principal["Service"])
    )


def _conditions(params: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    equal = {
        key: str(params[name])
        for key, name in (
            ("AWS:SourceAccount", "SourceAccount"),
            ("aws:PrincipalOrgID", "PrincipalOrgID"),
            ("lambda:EventSourceToken", "EventSourceToken"),
            ("lambda:FunctionUrlAuthType", "FunctionUrlAuthType"),
        )
        if params.get(name) is not None
    }
    found = {"StringEquals": equal} if equal else {}
    if params.get("SourceArn") is not None:
        found["ArnLike"] = {"AWS:SourceArn": str(params["SourceArn"])}
    if params.get("InvokedViaFunctionUrl") is not None:
        found["Bool"] = {"lambda:InvokedViaFunctionUrl": str(params["InvokedViaFunctionUrl"]).lower()}
    return found
