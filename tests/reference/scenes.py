"""What the random cases are about: actions, resources, and patterns that often cover them."""

from dataclasses import dataclass

HERE, THERE = "111111111111", "222222222222"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One service's part of the alphabet."""

    actions: list[str]
    action_patterns: list[str]
    control_patterns: list[str]
    resources: list[str]
    resource_patterns: list[str]
    resource_policy: bool = False
    trust: bool = False
    account_open: bool = False


# A wildcard in a service's name, `?` in the first five parts of an ARN, and two stars side by side are left
# out: nothing says how AWS reads them.
_STORE = Scene(
    actions=["s3:GetObject", "s3:PutObject", "S3:getobject", "s3:PutBucketPolicy"],
    action_patterns=[
        "*",
        "*",
        "s3:*",
        "s3:*",
        "s3:Get*",
        "s3:GetObject",
        "s3:Put?bject",
        "S3:GETOBJECT",
        "ec2:*",
    ],
    control_patterns=["s3:*", "s3:GetObject", "sqs:*"],
    resources=["arn:aws:s3:::bucket/alice/key", "arn:aws:s3:::bucket/Key", "arn:aws:s3:::bucket/*"],
    resource_patterns=[
        "*",
        "*",
        "arn:aws:s3:::*",
        "arn:aws:s3:::bucket/*",
        "arn:aws:s3:::bucket/${aws:username}/*",
        "arn:aws:s3:::bucket/${aws:username, 'alice'}/*",
        "arn:aws:s3:::bucket/${aws:PrincipalTag/team}/k?y",
        "arn:aws:s3:::bucket/Ke?",
        "arn:aws:s3:::bucket/key",
        "arn:aws:s3:::other/*",
        "arn:aws:s3:::bucket/${*}",
        "arn:aws:s3:*",
    ],
    resource_policy=True,
    account_open=True,
)
_QUEUE = Scene(
    actions=["sqs:SendMessage", "sqs:ReceiveMessage"],
    action_patterns=["*", "sqs:*", "sqs:*", "sqs:Send*", "sqs:SendMessage", "sqs:*Message", "s3:*"],
    control_patterns=["sqs:*", "sqs:SendMessage", "s3:*"],
    resources=[f"arn:aws:sqs:us-east-1:{HERE}:queue", f"arn:aws:sqs:us-east-1:{THERE}:queue"],
    resource_patterns=[
        "*",
        "*",
        "arn:aws:sqs:*:*:queue",
        f"arn:aws:sqs:*:{HERE}:*",
        "arn:aws:sqs:us-*-1:*:queue",
        "arn:aws:sqs:us-*1:queue",
        "arn:aws:sqs:*:queue",
        "arn:aws:sqs:us-east-1:*",
        "arn:aws:sqs:*:*:Queue",
    ],
    resource_policy=True,
)
_KEY = Scene(
    actions=["kms:Decrypt", "kms:Decrypt", "kms:RetireGrant"],
    action_patterns=["*", "kms:*", "kms:*", "kms:Decrypt", "kms:RetireGrant", "kms:D*"],
    control_patterns=["kms:*", "kms:Decrypt"],
    resources=[f"arn:aws:kms:us-east-1:{HERE}:key/k1", f"arn:aws:kms:us-east-1:{THERE}:key/k1"],
    resource_patterns=["*", "*", "arn:aws:kms:*:*:key/*", f"arn:aws:kms:us-east-1:{HERE}:key/k1"],
    resource_policy=True,
)
_ROLE = Scene(
    actions=[
        "sts:AssumeRole",
        "sts:AssumeRole",
        "sts:assumerole",
        "sts:AssumeRoleWithSAML",
        "sts:TagSession",
    ],
    action_patterns=["*", "sts:*", "sts:AssumeRole", "sts:AssumeRole", "sts:Assume*", "sts:TagSession"],
    control_patterns=["sts:*", "sts:AssumeRole"],
    resources=[
        f"arn:aws:iam::{HERE}:role/target",
        f"arn:aws:iam::{HERE}:role/ops",
        f"arn:aws:iam::{THERE}:role/target",
    ],
    resource_patterns=[
        "*",
        "*",
        "arn:aws:iam::*:role/*",
        "arn:aws:iam::*",
        f"arn:aws:iam::{HERE}:role/target",
    ],
    trust=True,
)
_PEOPLE = Scene(
    actions=["iam:GetUser", "iam:ListUsers"],
    action_patterns=["*", "iam:*", "iam:Get*", "iam:ListUsers", "iam:GetRoles", "sts:*"],
    control_patterns=["s3:*", "sts:*"],
    resources=[f"arn:aws:iam::{HERE}:user/alice", "*"],
    resource_patterns=[
        "*",
        "*",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::*:user/a*",
        "arn:aws:iam::*:user/Alice",
        "arn:aws:iam::*",
    ],
)
_NOWHERE = Scene(
    actions=[
        "ec2:DescribeRegions",
        "s3:ListAllMyBuckets",
        "sts:GetSessionToken",
        "sts:GetCallerIdentity",
        "kms:ListKeys",
    ],
    action_patterns=["*", "ec2:*", "s3:*", "sts:*", "kms:*", "sts:Get*"],
    control_patterns=["s3:*", "sts:*", "kms:*"],
    resources=["*"],
    resource_patterns=["*", "*", "arn:aws:s3:::*"],
)
SCENES = [_STORE, _STORE, _QUEUE, _QUEUE, _KEY, _KEY, _ROLE, _ROLE, _PEOPLE, _NOWHERE]
