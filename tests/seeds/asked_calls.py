"""Many calls that change nothing, sent with one credential: which of them does the sandbox let through?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from local_aws import Key, LocalAws
from seeds.played_witness import parameters
from watchword.proof.result import Step

# IAM's reads about somebody or something are asked of oneself and of others, by their ARNs.
_READS = ("Get", "List")
_OTHERS = {
    "s3": ("ListBuckets",),
    "ec2": ("DescribeInstances", "DescribeRegions", "DescribeVpcs"),
    "sqs": ("ListQueues",),
    "sns": ("ListTopics",),
    "kms": ("ListKeys", "ListAliases"),
    "sts": ("GetCallerIdentity",),
    "cloudformation": ("DescribeStacks",),
    "lambda": ("ListFunctions",),
    "secretsmanager": ("ListSecrets",),
    "dynamodb": ("ListTables",),
}


def let_through(aws: LocalAws, key: Key, arn: str) -> frozenset[str]:
    """Return the actions of all calls that the sandbox's policies let `key` make, a key of the user `arn`."""
    before = len(aws.log)
    clients = {service: aws.client(service, key) for service in ("iam", *_OTHERS)}
    for service, operation, asked in _asked(aws, arn):
        _send(clients[service], operation, asked)
    return frozenset(one.action for one in list(aws.log)[before:] if one.outcome == "allowed")


def _asked(aws: LocalAws, arn: str) -> Iterator[tuple[str, str, dict[str, object]]]:
    model = aws.client("iam").meta.service_model
    account = arn.rpartition(":")[0]
    for name in model.operation_names:
        if name.startswith(_READS):
            about = (arn, f"{account}:user/somebody", f"{account}:role/supervise")
            steps = [_step(f"iam:{name}", arn, resource) for resource in about]
            differ = {
                str(asked): asked for asked in (parameters(model.operation_model(name), s) for s in steps)
            }
            yield from (("iam", name, asked) for asked in differ.values())
    for service, names in _OTHERS.items():
        yield from ((service, name, {}) for name in names)


def _step(action: str, actor: str, resource: str) -> Step:
    return Step(
        actor=actor,
        state="",
        credential="",
        action=action,
        resource=resource,
        context={},
        command=None,
        kind="call",
        gives="",
        rule=None,
        mfa=False,
        decision="",
    )


def _send(client: Any, operation: str, asked: dict[str, object]) -> None:  # noqa: ANN401 - made by boto3
    method = next(name for name, called in client.meta.method_to_api_mapping.items() if called == operation)
    with contextlib.suppress(ClientError):
        getattr(client, method)(**asked)
