"""Which resource's policy an operation is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from watchword.sandbox.plane.policies.kept import Kept, kept
from watchword.sandbox.wire.operation import Operation

if TYPE_CHECKING:
    from watchword.sandbox.plane.lookup import MotoLookup

PARTITION = "aws"


def arn_of(operation: Operation, directory: MotoLookup) -> str | None:
    """Return the ARN of the resource whose policy an operation reads or writes; None: there is none such."""
    params, region, account = operation.params, operation.region, directory.account
    match operation.service:
        case "s3":
            return f"arn:{PARTITION}:s3:::{params['Bucket']}"
        case "sqs":
            name = str(params.get("QueueUrl", "")).rpartition("/")[2] or params.get("QueueName")
            return f"arn:{PARTITION}:sqs:{region}:{account}:{name}"
        case "sns":
            return params.get("TopicArn") or f"arn:{PARTITION}:sns:{region}:{account}:{params.get('Name')}"
        case "kms":
            return directory.kms_key_arn(region, str(params.get("KeyId", "")))
        case "secretsmanager":
            return directory.secret_arn(region, str(params.get("SecretId", "")))
        case "ecr":
            return f"arn:{PARTITION}:ecr:{region}:{account}:repository/{params.get('repositoryName')}"
        case "lambda":
            return _function(operation, account)
        case _:
            return None


def _function(operation: Operation, account: str) -> str:
    """A function is given by name, partial or whole ARN, each of which may end in a qualifier."""
    given = str(operation.params["FunctionName"])
    name, _, suffix = given.rpartition("function:")[2].partition(":")
    if "function:" not in given and given.count(":") == 1 and given[:12].isdigit():
        name, suffix = suffix, ""  # `123456789012:name`
    qualifier = operation.params.get("Qualifier") or suffix
    arn = f"arn:{PARTITION}:lambda:{operation.region}:{account}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier else arn


def place_of(operation: Operation, directory: MotoLookup) -> Kept | None:
    """Return where the policy is kept; None when there is no such resource: moto says so then."""
    arn = arn_of(operation, directory)
    return None if arn is None else kept(arn, directory.account, PARTITION)
