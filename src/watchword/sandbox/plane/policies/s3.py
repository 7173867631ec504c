"""What S3 refuses to store as a bucket policy.

Source: Amazon S3 User Guide, bucket-policies (20 KB) and troubleshooting; the texts are observed on AWS.
"""

from __future__ import annotations

import json
import re

from watchword.sandbox.authorise.catalogue import actions_like, is_key_of_service
from watchword.sandbox.plane.policies.document import (
    Document,
    Malformed,
    Statement,
    condition_keys,
    read,
    statements,
    values,
)
from watchword.sandbox.plane.policies.principals import UniqueIds, unknown_principal
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

MOST_BYTES = 20_480
_REQUIRED = ("Effect", "Principal", "Action", "Resource")


def checked(text: str, *, bucket: str, account: str, unique_ids: UniqueIds) -> Document:
    """Return the document if S3 would store it as the policy of `bucket`.

    Raises AwsError (MalformedPolicy), SandboxRefusal where it is not known whether S3 would.
    """
    _whole(text)
    try:
        document = read(text)
    except Malformed as error:
        raise _malformed("Invalid policy syntax.") from error
    for statement in document.statements:
        _actions(statement)
        _resources(statement, bucket)
        _together(statement, bucket)
        _conditions(statement)
    unknown = unknown_principal(text, unique_ids, account)
    if unknown is not None:
        raise _malformed("Invalid principal in policy", detail=f'"AWS" : "{unknown}"')
    if document.size_bytes > MOST_BYTES:
        raise _malformed(f"Normalized policy document exceeds the maximum allowed size of {MOST_BYTES} bytes")
    return document


def _whole(text: str) -> None:
    try:
        parsed = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    if "Statement" not in parsed:
        raise _malformed("Missing required field Statement")
    for statement in statements(parsed):
        for element in _REQUIRED:
            if element not in statement and f"Not{element}" not in statement:
                raise _malformed(f"Missing required field {element}")


def _actions(statement: Statement) -> None:
    for action in values(statement, "Action", "NotAction"):
        if not actions_like("s3", action):
            raise _malformed("Policy has invalid action")


def _resources(statement: Statement, bucket: str) -> None:
    for resource in values(statement, "Resource", "NotResource"):
        found = re.fullmatch(r"arn:aws[a-z-]*:s3:::([^/]+)(/.*)?", resource, re.DOTALL)
        if found is None or not found[1].strip("*?"):
            raise _malformed("Policy has invalid resource")
        if "*" in found[1] or "?" in found[1] or "$" in found[1]:
            raise SandboxRefusal(
                f"whether S3 stores a policy on `{resource}` is not known; name the bucket without wildcards"
            )
        if found[1] != bucket:
            raise _malformed("Policy has invalid resource")


def _together(statement: Statement, bucket: str) -> None:
    """Each action must be one of a kind of resource that the statement names."""
    if "Action" not in statement or "Resource" not in statement:
        return
    kinds = {
        "bucket" if resource.endswith(f":::{bucket}") else "object"
        for resource in values(statement, "Resource")
    }
    for action in values(statement, "Action"):
        if not any(kinds & facts.resource_types for facts in actions_like("s3", action)):
            raise _malformed("Action does not apply to any resource(s) in statement")


def _conditions(statement: Statement) -> None:
    for key in condition_keys(statement):
        if key.startswith("s3:") and not is_key_of_service("s3", key):
            raise _malformed("Policy has an invalid condition key")


def _malformed(message: str, *, detail: str | None = None) -> AwsError:
    details = () if detail is None else (("Detail", detail),)
    return AwsError("MalformedPolicy", message, status=400, details=details)
