"""What a resource control policy may say."""

from __future__ import annotations

import json

import pytest

from iam.policies import Statement
from watchword.iam import PolicyKind, parse_policy
from watchword.iam._control import passes_everything, resource_control_problems
from watchword.iam.policy import Policy

FULL: Statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
REFUSAL: Statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}


def policy(*statements: Statement) -> Policy:
    """Read as the policy of a resource, which may say all this."""
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return parse_policy(text, name="rcp", kind=PolicyKind.RESOURCE)


def problems(*statements: Statement) -> list[tuple[str, str]]:
    """What is wrong, each with what stands there."""
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    found = resource_control_problems(policy(*statements).statements)
    return [(text[at:].partition(",")[0].rstrip("]} "), message) for at, message in found]


def without(name: str, **others: object) -> Statement:
    return {**{key: value for key, value in FULL.items() if key != name}, **others}


def test_the_policy_that_aws_attaches_passes_everything() -> None:
    assert passes_everything(policy(FULL).statements)
    assert passes_everything(policy({**FULL, "Sid": "X"}).statements)


@pytest.mark.parametrize(
    "statements",
    [
        [FULL, FULL],
        [{**FULL, "Effect": "Deny"}],
        [{**FULL, "Action": "s3:*"}],
        [{**FULL, "Action": ["*", "*"]}],
        [{**FULL, "Resource": "arn:aws:s3:::*"}],
        [{**FULL, "Principal": {"AWS": "123456789012"}}],
        [{**FULL, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}],
        [without("Action", NotAction="*")],
        [without("Resource", NotResource="*")],
        [without("Principal", NotPrincipal="*", Effect="Deny")],
    ],
)
def test_no_other_policy_does(statements: list[Statement]) -> None:
    assert not passes_everything(policy(*statements).statements)


def test_a_refusal_of_anyone_is_what_a_resource_control_policy_is_for() -> None:
    assert problems(REFUSAL, {**REFUSAL, "Action": ["s3:Get*", "sqs:*"]}) == []
    assert (
        problems(without("Principal", NotPrincipal={"AWS": "123456789012"}, Effect="Deny", Action="s3:*"))
        == []
    )


def test_each_thing_it_must_not_say_is_told_where_it_stands() -> None:
    assert problems({**REFUSAL, "Effect": "Allow"}) == [
        ('"Allow"', 'expected `"Deny"`: only `RCPFullAWSAccess` allows')
    ]
    assert problems(REFUSAL, {**REFUSAL, "Principal": {"AWS": ["123456789012"]}}) == [
        ('"123456789012"', 'expected `"Principal": "*"`; name principals in a condition')
    ]
    assert problems({**REFUSAL, "Action": ["s3:*", "*", "*:*"]}) == [
        ('"*"', "expected an action with its service, found `*`"),
        ('"*:*"', "expected an action with its service, found `*:*`"),
    ]
