"""What an action, a resource and a principal may look like."""

from __future__ import annotations

import pytest

from watchword.iam._syntax import action_problem, principal_problem, resource_problem, service_problem

NO_ACTION = "an action as `service:Name`"
NO_VENDOR = "an action whose service has no wildcard or other sign"
NO_NAME = "an action whose name has visible ASCII signs only"
NO_ARN = 'an ARN or `"*"`'
NO_REST = "an ARN with a resource after its service"
WILD_SERVICE = "an ARN that names its service without wildcards"
NO_PRINCIPAL = 'an account, an ARN of IAM or STS, or `"*"`'
WILD_PRINCIPAL = "a principal without wildcards: names match whole"
ALICE = "arn:aws:iam::123456789012:user/alice"


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ("*", None),
        ("*:*", None),
        ("s3:*", None),
        ("s3:Get?b*t", None),
        ("a4b-c.d:!~", None),
        ("", NO_ACTION),
        ("s3", NO_ACTION),
        ("s3:", NO_ACTION),
        ("**", NO_ACTION),
        ("s3:Get:Object", "an action with one `:`"),
        ("s3::", "an action with one `:`"),
        (":Get", NO_VENDOR),
        ("*:Get", NO_VENDOR),
        ("s3 :Get", NO_VENDOR),
        ("s_3:Get", NO_VENDOR),
        ("\u017f3:Get", NO_VENDOR),
        ("s3:Get Object", NO_NAME),
        ("s3:Gét", NO_NAME),
        ("s3:Get\x7f", NO_NAME),
        ("s3:Get\n", NO_NAME),
    ],
)
def test_an_action_is_a_service_and_a_name(action: str, problem: str | None) -> None:
    assert action_problem(action) == problem


@pytest.mark.parametrize(
    ("resource", "problem"),
    [
        ("*", None),
        ("***", None),
        ("arn:aws:s3:::bucket/*", None),
        ("arn:*:s3:*", None),
        ("arn:aws:s3:a:b:c:d:e", None),
        ("", NO_ARN),
        ("*b", NO_ARN),
        ("X*", NO_ARN),
        ("bucket", NO_ARN),
        ("ARN:aws:s3:::b", NO_ARN),
        ("x:aws:s3:::b", NO_ARN),
        ("arn", NO_ARN),
        ("arn:aws", NO_ARN),
        ("arn:aws:s3", NO_REST),
        ("arn:aws:s*", NO_REST),
        ("arn:aws::x", WILD_SERVICE),
        ("arn:aws:s*:x", WILD_SERVICE),
        ("arn:aws:s?:::b", WILD_SERVICE),
    ],
)
def test_a_resource_is_an_arn_or_a_star(resource: str, problem: str | None) -> None:
    assert resource_problem(resource) == problem


@pytest.mark.parametrize(
    ("principal", "problem"),
    [
        ("*", None),
        ("123456789012", None),
        ("AIDAAAAAAAAAAAAAAAAA", None),
        (ALICE, None),
        ("arn:aws:iam::123456789012:user/a:b/alice", None),
        ("arn:aws:sts::123456789012:assumed-role/dev/alice", None),
        ("", NO_PRINCIPAL),
        ("alice", NO_PRINCIPAL),
        ("12345678901", NO_PRINCIPAL),
        ("1234567890123", NO_PRINCIPAL),
        ("AIDAAAAAAAAAAAA", NO_PRINCIPAL),
        ("aidaaaaaaaaaaaaaaaaa", NO_PRINCIPAL),
        ("arn:aws:iam::123456789012", NO_PRINCIPAL),
        ("x:aws:iam::123456789012:user/alice", NO_PRINCIPAL),
        ("arn:aws:s3:::bucket", NO_PRINCIPAL),
        ("arn:iam:aws::123456789012:root", NO_PRINCIPAL),
        ("arn:aws:iam::123456789012:user/*", WILD_PRINCIPAL),
        ("arn:aws:iam::123456789012:user/alic?", WILD_PRINCIPAL),
        ("arn:aws:iam::*:root", WILD_PRINCIPAL),
    ],
)
def test_a_principal_is_an_account_an_arn_an_id_or_a_star(principal: str, problem: str | None) -> None:
    assert principal_problem(principal) == problem


def test_the_names_of_services_and_providers_are_whole() -> None:
    assert service_problem("ec2.amazonaws.com") is None
    for name in ("*", "ec2.*.com", "ec?.amazonaws.com"):
        assert service_problem(name) == "the whole name of a principal: only `AWS` takes a wildcard"
