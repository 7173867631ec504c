from typing import Any

import pytest

from lint.documents import text_of, universe
from lint.examined import said
from watchword.iam import PolicyKind
from watchword.lint import Severity
from watchword.lint.document import examine

NAMED = {"Resource": "*"}


@pytest.mark.parametrize(
    ("elements", "count"),
    [
        ({"Action": "*"}, 1),
        ({"Action": ["s3:*", "*:*"]}, 1),
        ({"Action": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, 1),
        ({"Action": "*", "Resource": "arn:aws:s3:::*"}, 0),
        ({"Action": "s3:*"}, 0),
        ({"Action": "*", "Effect": "Deny"}, 0),
    ],
)
def test_everything_is_allowed(elements: dict[str, Any], count: int) -> None:
    assert len(said("allow-everything", **elements)) == count


def test_a_service_control_policy_may_begin_with_everything() -> None:
    assert said("allow-everything", Action="*", kind=PolicyKind.SERVICE_CONTROL) == []


@pytest.mark.parametrize(
    ("elements", "count"),
    [
        ({"Action": None, "NotAction": "iam:*"}, 1),
        ({"Resource": None, "NotResource": "arn:aws:s3:::secret/*"}, 1),
        ({"Action": None, "NotAction": "iam:*", "Effect": "Deny"}, 0),
        ({}, 0),
    ],
)
def test_an_allow_that_names_what_it_leaves_out(elements: dict[str, Any], count: int) -> None:
    assert len(said("allow-all-but", **elements)) == count


@pytest.mark.parametrize(
    ("principal", "action", "condition", "severity"),
    [
        ("*", "s3:GetObject", None, Severity.WARNING),
        ({"AWS": "*"}, "s3:GetObject", {"Bool": {"aws:SecureTransport": "true"}}, Severity.WARNING),
        ({"AWS": ["*"]}, "sts:AssumeRole", None, Severity.ERROR),
        ("*", "sts:AssumeRole", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, Severity.ERROR),
    ],
)
def test_anyone_is_allowed(principal: object, action: str, condition: object, severity: Severity) -> None:
    resource = None if action.startswith("sts:") else "arn:aws:s3:::b/*"
    (finding,) = said(
        "principal-anyone", Principal=principal, Action=action, Condition=condition, Resource=resource
    )
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("principal", "effect", "condition"),
    [
        ("*", "Allow", {"StringEquals": {"aws:PrincipalOrgID": "o-4fz7k2m9xq"}}),
        ("*", "Deny", None),
        ({"AWS": "123456789012"}, "Allow", None),
    ],
)
def test_strangers_are_kept_out(principal: object, effect: str, condition: object) -> None:
    found = said(
        "principal-anyone",
        Principal=principal,
        Effect=effect,
        Condition=condition,
        Resource="arn:aws:s3:::b/*",
    )
    assert found == []


@pytest.mark.parametrize(
    ("elements", "count"),
    [
        ({"Action": "iam:PassRole"}, 1),
        ({"Action": ["iam:Get*", "iam:Pass*"]}, 1),
        ({"Action": "iam:PassRole", "Resource": "arn:aws:iam::*:role/*"}, 1),
        ({"Action": "iam:PassRole", "Resource": "arn:aws:iam::*:role/app/*"}, 0),
        (
            {
                "Action": "iam:PassRole",
                "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
            },
            0,
        ),
        ({"Action": "iam:*"}, 0),
        ({"Action": "iam:PassRole", "Effect": "Deny"}, 0),
    ],
)
def test_any_role_may_be_passed(elements: dict[str, Any], count: int) -> None:
    assert len(said("passrole-anywhere", **elements)) == count


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("arn:aws:iam::ACCOUNT-ID-WITHOUT-HYPHENS:user/x", Severity.ERROR),
        ("arn:aws:iam::<account>:user/x", Severity.ERROR),
        ("arn:aws:iam::account-id:user/x", Severity.ERROR),
        ("arn:aws:iam::AWS_ACCOUNT_ID:user/x", Severity.ERROR),
        ("arn:aws:iam::{{account}}:user/x", Severity.ERROR),
        ("arn:aws:iam::{account}:user/x", Severity.ERROR),
        ("arn:aws:ec2:REGION:*:instance/*", Severity.ERROR),
        ("arn:aws:s3:::YOUR-BUCKET/*", Severity.ERROR),
        ("arn:aws:s3:::your-bucket-name/*", Severity.ERROR),
        ("arn:aws:s3:::DOC-EXAMPLE-BUCKET1/*", Severity.ERROR),
        ("arn:aws:s3:::amzn-s3-demo-bucket/*", Severity.ERROR),
        ("arn:aws:iam::xxxxxxxxxxxx:user/x", Severity.ERROR),
        ("arn:aws:iam::111122223333:user/x", Severity.WARNING),
        ("arn:aws:iam::123456789012:user/x", Severity.NOTE),
        ("arn:aws:iam::999999999999:user/x", Severity.NOTE),
    ],
)
def test_a_placeholder_was_left_in(text: str, severity: Severity) -> None:
    (finding,) = said("placeholder", Resource=text)
    assert finding.severity is severity


@pytest.mark.parametrize(
    "text",
    [
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::482915036174:role/AccountAdmin",
        "arn:aws:iam::482915036174:role/aws-reserved/sso.amazonaws.com/*",
        "arn:aws:s3:::my-account-logs/ACCOUNTING/*",
        "arn:aws:s3:::regional-data/*",
        "arn:aws:s3:::replaced/insertion/*",
        "arn:aws:ssm:*:*:parameter/{{",
        "arn:aws:s3:::4829150361741111222233334/*",
        "arn:aws:organizations::482915036174:account/o-4fz7k2m9xq/*",
    ],
)
def test_a_name_that_looks_a_little_like_one(text: str) -> None:
    assert said("placeholder", Resource=text) == []


def test_a_number_is_told_of_once_with_how_often_it_stands_there() -> None:
    resources = [f"arn:aws:iam::111122223333:user/{name}" for name in "abc"]
    (finding,) = said("placeholder", Action="iam:GetUser", Resource=resources)
    assert "(3 times in this document)" in finding.message


def test_placeholders_are_found_in_principals_and_conditions_too() -> None:
    (finding,) = said("placeholder", Principal={"AWS": "arn:aws:iam::ACCOUNT-ID:root"}, Resource="*")
    assert "`ACCOUNT-ID`" in finding.message
    (finding,) = said("placeholder", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}})
    assert "`o-exampleorgid`" in finding.message


@pytest.mark.parametrize(("length", "count"), [(6_144, 0), (6_145, 1)])
def test_white_space_does_not_count_in_the_size(length: int, count: int) -> None:
    text = text_of({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/"})
    used = len("".join(text.split()))
    text = text.replace("arn:aws:s3:::b/", "arn:aws:s3:::b/" + "k" * (length - used))
    found = examine(text, name="p", universe=universe()).findings
    assert [each.rule for each in found] == ["policy-size"] * count
