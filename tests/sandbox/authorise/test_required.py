"""Which action on which resource a call is, and what cannot be told."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.authorise.small_account import SmallAccount, needed, questions
from watchword.sandbox.wire.error import SandboxRefusal

IAM = "arn:aws:iam::123456789012"
EU = "eu-west-1:123456789012"


@pytest.mark.parametrize(
    ("service", "name", "params", "expected"),
    [
        ("iam", "GetUser", {"UserName": "bob"}, [("iam:GetUser", f"{IAM}:user/team/bob")]),
        ("iam", "GetUser", {"UserName": "nobody"}, [("iam:GetUser", f"{IAM}:user/nobody")]),
        ("iam", "CreateUser", {"UserName": "new"}, [("iam:CreateUser", f"{IAM}:user/new")]),
        ("iam", "CreateUser", {"UserName": "new", "Path": "/x/"}, [("iam:CreateUser", f"{IAM}:user/x/new")]),
        (
            "iam",
            "UpdateUser",
            {"UserName": "bob", "NewUserName": "rob"},
            [("iam:UpdateUser", f"{IAM}:user/team/bob"), ("iam:UpdateUser", f"{IAM}:user/team/rob")],
        ),
        ("iam", "ListUsers", {}, [("iam:ListUsers", f"{IAM}:user/")]),
        ("iam", "ListUsers", {"PathPrefix": "/team/"}, [("iam:ListUsers", f"{IAM}:user/team/")]),
        ("iam", "ListVirtualMFADevices", {}, [("iam:ListVirtualMFADevices", f"{IAM}:mfa/")]),
        (
            "iam",
            "CreateVirtualMFADevice",
            {"VirtualMFADeviceName": "phone"},
            [("iam:CreateVirtualMFADevice", f"{IAM}:mfa/phone")],
        ),
        (
            "iam",
            "GetPolicy",
            {"PolicyArn": "arn:aws:iam::aws:policy/IAMFullAccess"},
            [("iam:GetPolicy", "arn:aws:iam::aws:policy/IAMFullAccess")],
        ),
        ("iam", "ChangePassword", {}, [("iam:ChangePassword", f"{IAM}:user/team/alice")]),
        (
            "iam",
            "GetAccessKeyLastUsed",
            {"AccessKeyId": "AKIAALICE"},
            [("iam:GetAccessKeyLastUsed", f"{IAM}:user/team/alice")],
        ),
        (
            "iam",
            "AddRoleToInstanceProfile",
            {"InstanceProfileName": "p", "RoleName": "r"},
            [
                ("iam:AddRoleToInstanceProfile", f"{IAM}:instance-profile/p"),
                ("iam:PassRole", f"{IAM}:role/r"),
            ],
        ),
        ("iam", "GetAccountSummary", {}, [("iam:GetAccountSummary", "*")]),
        ("ec2", "DescribeRegions", {}, [("ec2:DescribeRegions", "*")]),
        (
            "ec2",
            "StopInstances",
            {"InstanceIds": ["i-1", "i-2"]},
            [
                ("ec2:StopInstances", f"arn:aws:ec2:{EU}:instance/i-1"),
                ("ec2:StopInstances", f"arn:aws:ec2:{EU}:instance/i-2"),
            ],
        ),
        ("ec2", "CreateVpc", {"CidrBlock": "10.0.0.0/8"}, [("ec2:CreateVpc", f"arn:aws:ec2:{EU}:vpc/*")]),
        ("s3", "ListBuckets", {}, [("s3:ListAllMyBuckets", "arn:aws:s3:::*")]),
        ("s3", "ListObjectsV2", {"Bucket": "b"}, [("s3:ListBucket", "arn:aws:s3:::b")]),
        ("s3", "HeadObject", {"Bucket": "b", "Key": "k"}, [("s3:GetObject", "arn:aws:s3:::b/k")]),
        (
            "s3",
            "GetObject",
            {"Bucket": "b", "Key": "k", "VersionId": "1"},
            [("s3:GetObjectVersion", "arn:aws:s3:::b/k")],
        ),
        (
            "s3",
            "PutObject",
            {"Bucket": "b", "Key": "k", "Tagging": "a=b"},
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:PutObjectTagging", "arn:aws:s3:::b/k")],
        ),
        (
            "s3",
            "DeleteObjects",
            {"Bucket": "b", "Delete": {"Objects": [{"Key": "1"}, {"Key": "2"}]}},
            [("s3:DeleteObject", "arn:aws:s3:::b/1"), ("s3:DeleteObject", "arn:aws:s3:::b/2")],
        ),
        (
            "s3",
            "CopyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "/c/a%20b"},
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:GetObject", "arn:aws:s3:::c/a b")],
        ),
        (
            "s3",
            "CopyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "b/tagged", "TaggingDirective": "REPLACE"},
            [("s3:PutObject", "arn:aws:s3:::b/k"), ("s3:GetObject", "arn:aws:s3:::b/tagged")],
        ),
        (
            "sqs",
            "SendMessage",
            {"QueueUrl": "http://127.0.0.1:1/123456789012/q"},
            [("sqs:SendMessage", f"arn:aws:sqs:{EU}:q")],
        ),
        (
            "dynamodb",
            "Query",
            {"TableName": "t", "IndexName": "i"},
            [("dynamodb:Query", f"arn:aws:dynamodb:{EU}:table/t/index/i")],
        ),
        (
            "dynamodb",
            "BatchGetItem",
            {"RequestItems": {"a": {}, "b": {}}},
            [
                ("dynamodb:BatchGetItem", f"arn:aws:dynamodb:{EU}:table/a"),
                ("dynamodb:BatchGetItem", f"arn:aws:dynamodb:{EU}:table/b"),
            ],
        ),
        (
            "ssm",
            "GetParameters",
            {"Names": ["/a/b", "c"]},
            [
                ("ssm:GetParameters", f"arn:aws:ssm:{EU}:parameter/a/b"),
                ("ssm:GetParameters", f"arn:aws:ssm:{EU}:parameter/c"),
            ],
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            {"SecretId": "password"},
            [("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{EU}:secret:password-AbCdEf")],
        ),
        ("kms", "Encrypt", {"KeyId": "alias/one"}, [("kms:Encrypt", f"arn:aws:kms:{EU}:key/1")]),
        (
            "sts",
            "AssumeRole",
            {"RoleArn": f"{IAM}:role/r", "Tags": [{"Key": "a", "Value": "b"}]},
            [("sts:AssumeRole", f"{IAM}:role/r"), ("sts:TagSession", f"{IAM}:role/r")],
        ),
    ],
)
def test_a_call_is_this(
    service: str, name: str, params: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    lookup = SmallAccount(paths={("user", "bob"): "/team/", ("user", "alice"): "/team/"})
    assert needed(service, name, params, lookup) == expected


@pytest.mark.parametrize(
    ("service", "name", "params"),
    [
        ("ec2", "RunInstances", {"ImageId": "ami-1", "LaunchTemplate": {"LaunchTemplateId": "lt-1"}}),
        ("ec2", "StopInstances", {}),
        ("ec2", "DeleteSecurityGroup", {"GroupName": "g"}),
        ("iam", "DeleteUser", {"UserName": ""}),
        ("iam", "GetPolicy", {"PolicyArn": "IAMFullAccess"}),
        ("iam", "GetAccessKeyLastUsed", {"AccessKeyId": "AKIANOBODY"}),
        ("iam", "DeleteVirtualMFADevice", {"SerialNumber": "phone"}),
        ("iam", "MakeCoffee", {}),
        ("s3", "DeleteObjects", {"Bucket": "b", "Delete": {"Objects": []}}),
        ("s3", "CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "b/tagged"}),
        ("s3", "CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "b/l?versionId=1"}),
        ("s3", "CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "l"}),
        ("s3", "CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "b/l#x"}),
        ("s3", "CopyObject", {"Bucket": "b", "Key": "k", "CopySource": "//b/l"}),
        (
            "s3",
            "CopyObject",
            {"Bucket": "b", "Key": "k", "CopySource": "b/tagged", "TaggingDirective": "COPY"},
        ),
        ("s3", "CopyObject", {"Bucket": "b", "Key": "k"}),
        ("sqs", "SendMessage", {"QueueUrl": "http://127.0.0.1:1/999999999999/q"}),
        ("ssm", "GetParameter", {"Name": "/aws/reference/secretsmanager/password"}),
        ("secretsmanager", "GetSecretValue", {"SecretId": "none"}),
        ("secretsmanager", "CreateSecret", {"Name": "new*"}),
        ("glue", "CreateDatabase", {"DatabaseInput": {"Name": "d"}}),
        ("athena", "StartSession", {"WorkGroup": "w"}),
        ("nonsense", "DoIt", {}),
    ],
)
def test_a_call_that_cannot_be_told_is_refused(service: str, name: str, params: dict[str, Any]) -> None:
    with pytest.raises(SandboxRefusal, match=f"{service}:{name}"):
        needed(service, name, params)


def test_an_action_without_resources_is_decided_on_a_star_only_if_it_reads() -> None:
    assert needed("athena", "ListEngineVersions") == [("athena:ListEngineVersions", "*")]
    with pytest.raises(SandboxRefusal, match="writes"):
        needed("glue", "CreateClassifier")


def test_a_refusal_names_users_as_aws_does() -> None:
    (question,) = questions("iam", "DeleteUser", {"UserName": "bob"})
    assert question.shown == "user bob"
    (question,) = questions("iam", "GetPolicy", {"PolicyArn": "arn:aws:iam::aws:policy/X"})
    assert question.shown == "policy arn:aws:iam::aws:policy/X"
    (question,) = questions("ec2", "DescribeRegions")
    assert question.shown is None


def test_passing_a_role_says_to_whom() -> None:
    _, passed = questions("iam", "AddRoleToInstanceProfile", {"InstanceProfileName": "p", "RoleName": "r"})
    assert passed.context == {"iam:PassedToService": "ec2.amazonaws.com"}
