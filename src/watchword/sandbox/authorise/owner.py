"""In whose account an operation runs: the one that owns what it names, which need not be the caller's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from watchword.sandbox.authorise.lookup import Lookup
from watchword.sandbox.wire.operation import Operation

# The parameters that may name a resource of another account by its ARN.
_BY_ARN: Final[Mapping[str, tuple[str, ...]]] = {
    "dynamodb": ("TableName", "ResourceArn"),
    "kms": ("KeyId",),
    "lambda": ("FunctionName",),
    "secretsmanager": ("SecretId",),
    "sns": ("TopicArn", "ResourceArn", "SubscriptionArn"),
}
_ARN: Final = re.compile(r"arn:[a-z-]+:(?P<service>[a-z-]+):[a-z0-9-]*:(?P<account>[0-9]{12}):.")
_QUEUE_URL: Final = re.compile(r"(?:https?://[^/]+)?/?(?P<account>[0-9]{12})/[A-Za-z0-9_.-]+")


def owner_of(operation: Operation, *, caller_account: str, lookup: Lookup) -> str:
    """Return the account in which the operation runs; the resources that it names are looked for there.

    A bucket is found by its name, which is unique; a queue by its URL; a topic, key, secret, function or
    table by its ARN; a repository by its registry; a key also by what was encrypted with it. Whatever else
    is named is the caller's own.
    """
    params = operation.params
    match operation.service:
        case "s3":
            return _owner_of_bucket(operation, lookup) or caller_account
        case "sqs":
            found = _QUEUE_URL.fullmatch(str(params.get("QueueUrl", "")))
            return found["account"] if found else str(params.get("QueueOwnerAWSAccountId") or caller_account)
        case "ecr":
            return str(params.get("registryId") or caller_account)
        case "kms" if not params.get("KeyId") and isinstance(params.get("CiphertextBlob"), bytes):
            made_in = lookup.account_of_ciphertext(operation.region, params["CiphertextBlob"])
            return made_in or caller_account
        case service:
            texts = (str(params.get(name, "")) for name in _BY_ARN.get(service, ()))
            arns = (found for text in texts if (found := _ARN.match(text)) and found["service"] == service)
            return next((found["account"] for found in arns), caller_account)


def _owner_of_bucket(operation: Operation, lookup: Lookup) -> str | None:
    # Who creates a bucket asks for their own, whoever has one of that name.
    if operation.name == "CreateBucket" or "Bucket" not in operation.params:
        return None
    return lookup.account_of(f"arn:aws:s3:::{operation.params['Bucket']}")
