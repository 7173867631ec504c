"""Which policies S3 takes for public: "The meaning of public", Amazon S3 User Guide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from watchword.sandbox.plane.policies.document import read
from watchword.sandbox.plane.policies.public import is_public
from watchword.sandbox.wire.error import SandboxRefusal


def public(principal: object = "*", condition: dict[str, Any] | None = None, effect: str = "Allow") -> bool:
    statement = {"Effect": effect, "Principal": principal, "Action": "s3:GetObject", "Resource": "*"}
    if condition:
        statement["Condition"] = condition
    return is_public(read(json.dumps({"Version": "2012-10-17", "Statement": statement})))


@pytest.mark.parametrize(
    "condition",
    [
        None,
        {"Bool": {"aws:SecureTransport": "true"}},
        {"StringLike": {"aws:SourceVpc": "vpc-*"}},
        {"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}},
        {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}},
        {"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}},
        {"StringLike": {"aws:userid": "AROAEXAMPLE:*"}},
    ],
)
def test_everybody_without_a_fixed_limit_is_public(condition: dict[str, Any] | None) -> None:
    assert public("*", condition)
    assert public({"AWS": ["arn:aws:iam::123456789012:root", "*"]}, condition)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
        {"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}},
        {"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:t"}},
        {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "10.0.0.0/8"]}},
    ],
)
def test_fixed_values_of_some_keys_are_a_limit(condition: dict[str, Any]) -> None:
    assert not public("*", condition)


def test_fixed_principals_and_denies_are_not_public() -> None:
    assert not public({"AWS": "123456789012"})
    assert not public({"Service": "logging.s3.amazonaws.com"})
    assert not public("*", effect="Deny")


@pytest.mark.parametrize(
    "condition",
    [
        {"IpAddress": {"aws:SourceIp": "128.0.0.0/2"}},
        {"IpAddress": {"aws:SourceIp": "nowhere"}},
        {"ForAnyValue:StringEquals": {"aws:PrincipalOrgID": "o-1"}},
    ],
)
def test_what_aws_does_not_say_is_refused_by_name(condition: dict[str, Any]) -> None:
    with pytest.raises(SandboxRefusal, match="is not known"):
        public("*", condition)
