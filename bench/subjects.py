"""What is measured: a user with five policies, AWS's managed policies, and requests."""

from __future__ import annotations

import json
from functools import cache

from watchword.iam import (
    CompiledPolicy,
    ContextValue,
    CredentialKind,
    PolicyKind,
    PolicySet,
    Request,
    compile_policy,
    mfa_context,
    parse_policy,
    principal_from_arn,
)

DISTINCT = 10_000
USER = "arn:aws:iam::123456789012:user/alice"
_LARGE = "ReadOnlyAccess"
SERVICES = 275
VERBS = (
    "BatchGet*",
    "Describe*",
    "Get*",
    "List*",
    "View*",
    "SearchEverything",
    "LookupEvents",
    "DownloadDefaultKeyPair",
)


@cache
def managed_policies() -> dict[str, str]:
    """Return the text of each of AWS's managed policies that moto ships; none where it is not installed."""
    try:
        from moto.iam.aws_managed_policies import aws_managed_policies_data
    except ImportError:
        return {}
    managed = json.loads(aws_managed_policies_data)
    return {name: json.dumps(entry["Document"], indent=4) for name, entry in managed.items()}


def large_policy() -> str:
    """Return AWS's own ReadOnlyAccess, 90 kB; where moto is not there, one of its shape and size."""
    managed = managed_policies()
    if managed:
        return managed[_LARGE]
    actions = [f"service{number}:{verb}" for number in range(SERVICES) for verb in VERBS]
    actions += ["ec2:Describe*", "ec2:Get*", "s3:Get*", "s3:List*", "iam:Get*", "iam:List*"]
    return _document({"Effect": "Allow", "Action": actions, "Resource": "*"})


def five_policies() -> PolicySet:
    without_mfa = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    own = "arn:aws:iam::*:user/${aws:username}"
    exempt = ["iam:EnableMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken"]
    return PolicySet(
        identity=(
            _compiled("large", large_policy()),
            _compiled(
                "force-mfa",
                _document({"Effect": "Deny", "NotAction": exempt, "Resource": "*", "Condition": without_mfa}),
            ),
            _compiled(
                "self-service", _document({"Effect": "Allow", "Action": "iam:*MFADevice", "Resource": own})
            ),
            _compiled(
                "objects",
                _document(
                    {
                        "Effect": "Allow",
                        "Action": ["s3:GetObject", "s3:PutObject"],
                        "Resource": "arn:aws:s3:::data/*",
                    }
                ),
            ),
            _compiled(
                "region",
                _document(
                    {
                        "Effect": "Allow",
                        "Action": ["ec2:StartInstances", "ec2:StopInstances"],
                        "Resource": "arn:aws:ec2:*:*:instance/*",
                        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
                    }
                ),
            ),
        )
    )


def _document(statement: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=4)


def _compiled(name: str, text: str) -> CompiledPolicy:
    return compile_policy(parse_policy(text, name=name, kind=PolicyKind.IDENTITY))


def request(number: int) -> Request:
    actions = (
        ("ec2:DescribeInstances", "*"),
        ("s3:GetObject", f"arn:aws:s3:::data/{number}"),
        ("iam:ListMFADevices", USER),
        (f"service{number % SERVICES}:ListThings", "*"),
        ("ec2:StopInstances", f"arn:aws:ec2:eu-west-1:123456789012:instance/i-{number:017x}"),
        ("s3:DeleteObject", f"arn:aws:s3:::data/{number}"),
    )
    action, resource = actions[number % len(actions)]
    kind = CredentialKind.SESSION_MFA if number % 2 == 0 else CredentialKind.ACCESS_KEY
    context: dict[str, ContextValue] = {
        "aws:username": "alice",
        "aws:PrincipalArn": USER,
        "aws:SourceIp": f"10.0.{number // 256 % 256}.{number % 256}",
        "aws:RequestedRegion": "eu-west-1",
        **mfa_context(kind, age_seconds=number),
    }
    return Request(
        principal=principal_from_arn(USER), action=action, resource=resource, context=context, credential=kind
    )


def distinct() -> list[Request]:
    """Return 10 000 requests, no two the same."""
    return [request(number) for number in range(DISTINCT)]
