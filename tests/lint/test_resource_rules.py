import time

import pytest

from lint.documents import universe
from lint.examined import said
from watchword.lint import Severity
from watchword.lint.overlap import overlap
from watchword.lint.targets import Aim, aim

BUCKET = "arn:${Partition}:s3:::${BucketName}"
OBJECT = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
INSTANCE = "arn:${Partition}:ec2:${Region}:${Account}:instance/${InstanceId}"
USER = "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}"


@pytest.mark.parametrize(
    ("resource", "template", "expected"),
    [
        ("arn:aws:s3:::b", BUCKET, True),
        ("arn:aws:s3:::b/*", BUCKET, False),
        ("arn:aws:s3:::b*", BUCKET, True),
        ("arn:aws:s3:::b", OBJECT, False),
        ("arn:aws:s3:::b*", OBJECT, True),
        ("arn:aws:s3:::b/c?", OBJECT, True),
        ("arn:aws:s3:::${aws:username}", OBJECT, True),
        ("arn:aws:s3::123456789012:b", BUCKET, False),
        ("arn:aws:ec2:eu-west-1::instance/*", INSTANCE, True),
        ("arn:aws:ec2:*:*:instance/*", INSTANCE, True),
        ("arn:aws:ec2:*:*:volume/*", INSTANCE, False),
        ("arn:aws:iam::*", USER, True),
        ("arn:*:iam::*:user/a/b", USER, True),
        ("arn:aws:iam::123456789012:mfa/${aws:username}", USER, False),
        ("arn:aws:iam::123456789012:${*}", USER, False),
        ("*", USER, True),
    ],
)
def test_whether_an_arn_can_be_both(resource: str, template: str, expected: bool) -> None:
    assert overlap(resource, template) is expected


def test_many_wildcards_cost_no_time() -> None:
    assert overlap("arn:aws:s3:::" + "*a" * 300, OBJECT) is True
    assert overlap("arn:aws:sqs:::" + "*a" * 300, OBJECT) is False


@pytest.mark.parametrize(
    ("action", "resource", "words"),
    [
        ("iam:GetAccountSummary", "arn:aws:iam::123456789012:user/x", 'needs `"Resource": "*"`'),
        ("s3:GetObject", "arn:aws:s3:::reports", f"works on `{OBJECT[:-14]}"),
        ("s3:ListBucket", "arn:aws:s3:::reports/*", "which no Resource of this statement covers"),
        ("ec2:DescribeInstances", "arn:aws:ec2:*:*:instance/*", 'needs `"Resource": "*"`'),
        ("iam:GetUser", "arn:aws:s3:::reports", "works on"),
        ("s3:Put*Acl", "arn:aws:iam::*:role/x", "no action of `s3:Put*Acl`"),
    ],
)
def test_an_action_that_no_resource_fits(action: str, resource: str, words: str) -> None:
    if action == "s3:GetObject":
        words = "works on"
    (finding,) = said("resource-action", Action=action, Resource=resource)
    assert words in finding.message
    assert finding.message.endswith("here it allows nothing")
    assert finding.severity is Severity.WARNING


def test_in_a_deny_it_denies_nothing() -> None:
    (finding,) = said(
        "resource-action", Effect="Deny", Action="s3:GetObject", Resource="arn:aws:s3:::reports"
    )
    assert finding.message.endswith("here it denies nothing")


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:GetAccountSummary", "*"),
        ("iam:GetAccountSummary", ["arn:aws:iam::123456789012:user/x", "*"]),
        ("s3:*", "arn:aws:s3:::reports"),
        ("s3:GetObject", ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]),
        ("iam:GetRoles", "arn:aws:s3:::reports"),
        ("codestar-connections:UseConnection", "arn:aws:codeconnections:*:*:connection/*"),
    ],
)
def test_an_action_that_a_resource_fits_or_that_nobody_knows(action: str, resource: object) -> None:
    assert said("resource-action", Action=action, Resource=resource) == []


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:ListUsers", "arn:aws:iam::123456789012:user/*"),
        ("iam:ListRoles", "arn:aws:iam::*"),
        ("iam:ListVirtualMFADevices", "arn:aws:iam::123456789012:mfa/*"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
        ("logs:DescribeLogGroups", "arn:aws:logs:*:*:log-group:*"),
    ],
)
def test_what_the_reference_alone_says_is_a_note(action: str, resource: str) -> None:
    (finding,) = said("resource-action", Action=action, Resource=resource)
    assert finding.severity is Severity.NOTE
    assert "only `*` is sure to work" in finding.message.lower()


def test_list_calls_on_a_path_of_another_kind_are_no_matter_of_opinion() -> None:
    assert aim("iam:ListUsers", "arn:aws:iam::1:mfa/*", universe()) is Aim.MISS
    assert aim("iam:ListUsers", "arn:aws:iam::1:user/*", universe()) is Aim.CONTESTED


@pytest.mark.parametrize(
    ("resource", "words"),
    [
        ("arn:aws:s3::123456789012:b/*", "such ARNs have no account in them"),
        ("arn:aws:s3:eu-west-1::b/*", "such ARNs have no region in them"),
        ("arn:aws:sqs:eu-west-1:123456789012:q", "none of them is for `sqs`"),
        ("arn:aws:s3:::bucket", "works on `arn:aws:s3:::bucket`"),
    ],
)
def test_a_resource_that_no_action_uses_beside_one_that_is_used(resource: str, words: str) -> None:
    (finding,) = said("resource-unused", Action="s3:GetObject", Resource=["arn:aws:s3:::a/*", resource])
    assert words in finding.message


def test_a_resource_for_an_action_that_nobody_knows_is_left_alone() -> None:
    found = said(
        "resource-unused",
        Action=["s3:GetObject", "sqs:Brandnew"],
        Resource=["arn:aws:s3:::a/*", "arn:aws:sqs:*:*:q"],
    )
    assert found == []


def test_each_action_is_told_of_once_when_nothing_fits_anything() -> None:
    found = said("resource-unused", Action="s3:GetObject", Resource=["arn:aws:s3:::a", "arn:aws:s3:::b"])
    assert found == []


def test_many_resources_of_everything_are_judged_quickly() -> None:
    began = time.process_time()
    assert not said("resource-unused", Action="*", Resource=[f"arn:aws:s3:::b{at}" for at in range(150)])
    assert time.process_time() - began < 5
