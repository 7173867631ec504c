"""The services that are decided wholly, by botocore's names, and what their actions begin with."""

from __future__ import annotations

SERVICES = (
    "athena", "cloudformation", "cloudwatch", "dynamodb", "ec2", "elbv2", "iam", "kms", "lambda", "logs",
    "organizations", "rds", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts",
)  # fmt: skip
_PREFIXES = {"elbv2": "elasticloadbalancing"}


def prefix_of_service(service: str) -> str:
    """Return what stands before the colon in the actions of one of SERVICES."""
    return _PREFIXES.get(service, service)
