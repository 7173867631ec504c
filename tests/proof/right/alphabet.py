"""The small world of the brute force: a dozen actions, and resources and key values for every cell.

A policy of a random account is put together from the patterns and tests listed here alone; for each way in
which these can agree and differ there is a resource and a value below. What AWS lists for the actions (types
of resources, condition keys) is taken from the Service Authorization Reference and kept short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from watchword.iam._packed import Service, Shape
from watchword.iam.universe import Universe

HERE: Final = "111111111111"
THERE: Final = "222222222222"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of resource: AWS's template, resources of that type, and patterns that policies may hold."""

    template: str
    resources: tuple[str, ...]
    patterns: tuple[str, ...]


def _iam(kind: str, *names: str) -> tuple[str, ...]:
    return tuple(f"arn:aws:iam::{HERE}:{kind}/{name}" for name in names)


_EC2 = f"arn:aws:ec2:{{}}:{HERE}:instance/{{}}"
_FUNCTION = f"arn:aws:lambda:{{}}:{HERE}:function:{{}}"

# The resources of a kind are one for each set of its patterns that can hold at once.
KINDS: Final[dict[str, Kind]] = {
    "user": Kind(
        template="arn:${Partition}:iam::${Account}:user/${UserNameWithPath}",
        resources=(),  # those of the account
        patterns=(*_iam("user", "*", "${aws:username}", "alice", "b*", "team/*"), "arn:aws:iam::*:user/*o?"),
    ),
    "role": Kind(
        template="arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}",
        resources=(),
        patterns=_iam("role", "*", "deploy", "a*", "${aws:username}"),
    ),
    "group": Kind(
        template="arn:${Partition}:iam::${Account}:group/${GroupNameWithPath}",
        resources=(),
        patterns=_iam("group", "*", "admins", "staff"),
    ),
    "policy": Kind(
        template="arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}",
        resources=(),
        patterns=_iam("policy", "*", "shared", "force"),
    ),
    "mfa": Kind(
        template="arn:${Partition}:iam::${Account}:mfa/${MfaTokenIdWithPath}",
        resources=_iam("mfa", "alice", "bob", "carol", "phone"),
        patterns=_iam("mfa", "*", "${aws:username}"),
    ),
    "object": Kind(
        template="arn:${Partition}:s3:::${BucketName}/${ObjectName}",
        resources=tuple(
            f"arn:aws:s3:::{bucket}/{name}"
            for bucket in ("reports", "reports-old", "other")
            for name in ("2026/a.txt", "a.txt", "alice/a.txt", "bob/b", "carol/2026/c", "2026/alice")
        ),
        patterns=(
            "arn:aws:s3:::*",
            "arn:aws:s3:::reports/*",
            "arn:aws:s3:::reports*",
            "arn:aws:s3:::*/2026/*",
            "arn:aws:s3:::*/${aws:username}/*",
            "arn:aws:s3:::reports/a.tx?",
        ),
    ),
    "bucket": Kind(
        template="arn:${Partition}:s3:::${BucketName}",
        resources=("arn:aws:s3:::reports", "arn:aws:s3:::reports-old", "arn:aws:s3:::other"),
        patterns=(
            "arn:aws:s3:::*",
            "arn:aws:s3:::reports",
            "arn:aws:s3:::reports*",
            "arn:aws:s3:::reports/*",
        ),
    ),
    "instance": Kind(
        template="arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}",
        resources=tuple(
            _EC2.format(region, name) for region in ("eu-west-1", "us-east-1") for name in ("i-1a", "i-2b")
        ),
        patterns=(
            "arn:aws:ec2:*:*:instance/*",
            f"arn:aws:ec2:eu-*:{HERE}:instance/*",
            "arn:aws:ec2:*:*:instance/i-1*",
            f"arn:aws:ec2:*:{THERE}:*",
            "arn:aws:ec2:*",
        ),
    ),
    "function": Kind(
        template="arn:${Partition}:lambda:${Region}:${Account}:function:${FunctionName}",
        resources=tuple(
            _FUNCTION.format(region, name)
            for region in ("eu-west-1", "us-east-1")
            for name in ("app-1", "job")
        ),
        patterns=(
            f"arn:aws:lambda:*:{HERE}:function:*",
            f"arn:aws:lambda:*:{HERE}:function:app-*",
            "arn:aws:lambda:eu-west-1:*:function:*",
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action: the one type of resource it has (None: none), the keys AWS lists for it.

    `contested`: the other resource that a call without one may have; see the facts on list calls.
    """

    kind: str | None = None
    keys: tuple[str, ...] = ()
    contested: str | None = None


_TAGS = ("aws:resourcetag/*", "iam:resourcetag/*")

# The first dozen is what direct reach is compared on; the others belong to the chains.
DIRECT: Final[dict[str, Action]] = {
    "ec2:DescribeRegions": Action(keys=("ec2:region",)),
    "ec2:TerminateInstances": Action(kind="instance", keys=("aws:resourcetag/*", "ec2:resourcetag/*")),
    "iam:AttachUserPolicy": Action(kind="user", keys=(*_TAGS, "iam:policyarn", "iam:permissionsboundary")),
    "iam:GetUser": Action(kind="user", keys=_TAGS),
    "iam:ListUsers": Action(contested=f"arn:aws:iam::{HERE}:user/"),
    "lambda:InvokeFunction": Action(kind="function", keys=("aws:resourcetag/*",)),
    "lambda:ListFunctions": Action(),
    "s3:GetObject": Action(kind="object", keys=("s3:existingobjecttag/*",)),
    "s3:ListAllMyBuckets": Action(contested="arn:aws:s3:::*"),
    "s3:ListBucket": Action(kind="bucket", keys=("s3:prefix", "s3:max-keys")),
    "sts:AssumeRole": Action(kind="role", keys=("sts:externalid", "sts:rolesessionname")),
    "sts:GetCallerIdentity": Action(),
    "sts:GetSessionToken": Action(),
}

_BOUNDARY = "iam:permissionsboundary"
CHAINS: Final[dict[str, Action]] = {
    "iam:AddUserToGroup": Action(kind="group"),
    "iam:AttachGroupPolicy": Action(kind="group", keys=("iam:policyarn",)),
    "iam:AttachRolePolicy": Action(kind="role", keys=(*_TAGS, "iam:policyarn", _BOUNDARY)),
    "iam:AttachUserPolicy": Action(kind="user", keys=(*_TAGS, "iam:policyarn", _BOUNDARY)),
    "iam:CreateAccessKey": Action(kind="user", keys=_TAGS),
    "iam:CreateLoginProfile": Action(kind="user", keys=_TAGS),
    "iam:CreatePolicyVersion": Action(kind="policy", keys=("aws:resourcetag/*",)),
    "iam:CreateVirtualMFADevice": Action(kind="mfa", keys=("aws:resourcetag/*",)),
    "iam:DeactivateMFADevice": Action(kind="user", keys=_TAGS),
    "iam:DeleteUserPermissionsBoundary": Action(kind="user", keys=(*_TAGS, _BOUNDARY)),
    "iam:DeleteUserPolicy": Action(kind="user", keys=(*_TAGS, _BOUNDARY)),
    "iam:DetachUserPolicy": Action(kind="user", keys=(*_TAGS, "iam:policyarn", _BOUNDARY)),
    "iam:EnableMFADevice": Action(kind="user", keys=_TAGS),
    "iam:GetUser": Action(kind="user", keys=_TAGS),
    "iam:PassRole": Action(kind="role", keys=(*_TAGS, "iam:passedtoservice", "iam:associatedresourcearn")),
    "iam:PutGroupPolicy": Action(kind="group"),
    "iam:PutRolePolicy": Action(kind="role", keys=(*_TAGS, _BOUNDARY)),
    "iam:PutUserPolicy": Action(kind="user", keys=(*_TAGS, _BOUNDARY)),
    "iam:RemoveUserFromGroup": Action(kind="group"),
    "iam:SetDefaultPolicyVersion": Action(kind="policy", keys=("aws:resourcetag/*",)),
    "iam:UpdateAssumeRolePolicy": Action(kind="role", keys=(*_TAGS, _BOUNDARY)),
    "iam:UpdateLoginProfile": Action(kind="user", keys=_TAGS),
    "lambda:CreateFunction": Action(kind="function", keys=("aws:resourcetag/*",)),
    "lambda:InvokeFunction": Action(kind="function", keys=("aws:resourcetag/*",)),
    "s3:GetObject": Action(kind="object", keys=("s3:existingobjecttag/*",)),
    "sts:AssumeRole": Action(kind="role", keys=("sts:externalid", "sts:rolesessionname")),
    "sts:GetCallerIdentity": Action(),
    "sts:GetSessionToken": Action(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A condition key that the caller can bring about: values, and the tests that policies make of it.

    `None` among the values: AWS leaves the key out of some requests. `everywhere`: AWS lists it as global;
    another key is sure to be there only for the actions that list it.
    """

    values: tuple[str | None, ...]
    tests: tuple[tuple[str, object], ...]
    everywhere: bool = False


# Each test is (operator, value as the policy writes it).
KEYS: Final[dict[str, Key]] = {
    "aws:SourceIp": Key(
        values=("203.0.113.7", "203.0.113.200", "198.51.100.9", "192.0.2.1", "2001:db8::1", None),
        tests=(
            ("IpAddress", "203.0.113.0/24"),
            ("IpAddress", ["203.0.113.0/25", "198.51.100.0/24"]),
            ("NotIpAddress", "203.0.113.0/24"),
            ("NotIpAddress", ["0.0.0.0/1", "128.0.0.0/1"]),
            ("Null", "true"),
        ),
        everywhere=True,
    ),
    "aws:RequestedRegion": Key(
        values=("eu-west-1", "eu-central-1", "us-east-1", "ap-south-1"),
        tests=(
            ("StringEquals", "eu-west-1"),
            ("StringNotEquals", ["eu-west-1", "us-east-1"]),
            ("StringLike", "eu-*"),
            ("StringNotLike", "*"),
        ),
        everywhere=True,
    ),
    "aws:CurrentTime": Key(
        values=(
            "2026-05-31T23:59:59Z",
            "2026-06-01T00:00:00Z",
            "2026-12-31T00:00:00Z",
            "2027-06-01T00:00:00Z",
        ),
        tests=(
            ("DateLessThan", "2026-06-01T00:00:00Z"),
            ("DateGreaterThan", "2026-12-31T00:00:00Z"),
            ("DateGreaterThanEquals", "2026-06-01T00:00:00Z"),
        ),
        everywhere=True,
    ),
    "s3:max-keys": Key(
        values=("0", "1", "10", "11", "1000", None),
        tests=(
            ("NumericLessThanEquals", "10"),
            ("NumericGreaterThan", 10),
            ("NumericEquals", "1"),
            ("NumericLessThanIfExists", "1"),
            ("Null", "false"),
        ),
    ),
    "ec2:ResourceTag/team": Key(
        values=("red", "blue", "green", None),
        tests=(
            ("StringEquals", "red"),
            ("StringNotEquals", "red"),
            ("StringEqualsIfExists", ["red", "blue"]),
            ("StringEquals", "${aws:PrincipalTag/team}"),
            ("Null", "true"),
        ),
    ),
    "iam:PolicyARN": Key(
        values=(
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:iam::aws:policy/PowerUserAccess",
            f"arn:aws:iam::{HERE}:policy/own",
        ),
        tests=(
            ("ArnEquals", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
            ("ArnNotEquals", "arn:aws:iam::aws:policy/AdministratorAccess"),
            ("ArnLike", "arn:aws:iam::*:policy/*Access"),
        ),
    ),
}

PRESENT: Final = "aws:MultiFactorAuthPresent"
AGE: Final = "aws:MultiFactorAuthAge"
AGES: Final = ("0", "299", "300", "301", "3600", "3601")

MFA_TESTS: Final[tuple[tuple[str, str, object], ...]] = (
    ("Bool", PRESENT, "true"),
    ("Bool", PRESENT, "false"),
    ("BoolIfExists", PRESENT, "true"),
    ("BoolIfExists", PRESENT, "false"),
    ("Null", PRESENT, "true"),
    ("Null", AGE, "true"),
    ("StringNotEquals", PRESENT, "true"),
    ("NumericLessThan", AGE, "300"),
    ("NumericLessThanIfExists", AGE, "300"),
    ("NumericGreaterThan", AGE, "3600"),
    ("NumericGreaterThanIfExists", AGE, "3600"),
)

# What follows from who asks. A policy may test it; the request does not choose it.
WHO_TESTS: Final[tuple[tuple[str, str, object], ...]] = (
    ("StringEquals", "aws:username", "alice"),
    ("StringNotEquals", "aws:username", "alice"),
    ("StringEquals", "aws:PrincipalTag/team", "red"),
    ("StringNotEqualsIfExists", "aws:PrincipalTag/team", "red"),
    ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{HERE}:role/*"),
    ("ArnNotLike", "aws:PrincipalArn", f"arn:aws:iam::{HERE}:user/*"),
    ("StringEquals", "aws:PrincipalAccount", HERE),
    ("Bool", "aws:PrincipalIsAWSService", "false"),
)


def universe(actions: dict[str, Action]) -> Universe:
    """Return the actions as the product's universe."""
    names: dict[str, list[str]] = {}
    for action in sorted(actions, key=str.lower):
        service, name = action.split(":")
        names.setdefault(service, []).append(name)
    return Universe.of(
        "small", {service: _service(service, each, actions) for service, each in names.items()}
    )


def _service(service: str, names: list[str], actions: dict[str, Action]) -> Service:
    chosen = [actions[f"{service}:{name}"] for name in names]
    kinds = sorted({each.kind for each in chosen if each.kind is not None})
    keys = sorted({key for each in chosen for key in each.keys})
    shapes = tuple(
        Shape(
            0,
            () if each.kind is None else ((kinds.index(each.kind), True),),
            tuple(keys.index(key) for key in each.keys),
        )
        for each in chosen
    )
    types = tuple((kind, KINDS[kind].template) for kind in kinds)
    return Service(tuple(names), tuple(range(len(names))), shapes, types, tuple(keys))
