"""What one statement covers of a small universe, bit by bit: surely, and perhaps."""

from __future__ import annotations

import json

import pytest

from iam.policies import Statement
from watchword.iam import parse_policy
from watchword.iam._coverage import Bits, Surveyor
from watchword.iam._packed import Service, Shape
from watchword.iam.universe import Universe

NO_TYPE = Shape(1, (), ())
IAM = Service(
    ("CreateUser", "GetUser", "ListUsers", "SetAlias"),
    (0, 1, 2, 2),
    (Shape(2, ((0, True),), ()), Shape(0, ((0, False),), ()), NO_TYPE),
    (("user", "arn:${Partition}:iam::${Account}:user/${UserName}"),),
    (),
)
S3 = Service(
    ("GetObject", "ListAllMyBuckets"),
    (0, 1),
    (Shape(0, ((0, True),), ()), NO_TYPE),
    (("object", "arn:${Partition}:s3:::${Bucket}/${Key}"),),
    (),
)
SQS = Service(
    ("ListQueues", "ReceiveMessage"),
    (1, 0),
    (Shape(0, ((0, True),), ()), NO_TYPE),
    (("queue", "arn:${Partition}:sqs:${Region}:${Account}:${Queue}"),),
    (),
)
ALL = {
    *("iam:CreateUser", "iam:GetUser", "iam:ListUsers", "iam:SetAlias", "iam:?"),
    *("s3:GetObject", "s3:ListAllMyBuckets", "s3:?", "sqs:ListQueues", "sqs:ReceiveMessage", "sqs:?", "*:?"),
}
UNKNOWN = {name for name in ALL if name.endswith(":?")}
OF_IAM = {name for name in ALL if name.startswith("iam:")}
OF_S3 = {name for name in ALL if name.startswith("s3:")}
OF_SQS = {name for name in ALL if name.startswith("sqs:")}
USERS = "arn:aws:iam::123456789012:user/"


def survey(statement: Statement, version: str = "2012-10-17") -> tuple[set[str], set[str]]:
    """What is covered surely, and what perhaps; `s3:?` stands for the actions of S3 not known yet."""
    universe = Universe.of("1", {"iam": IAM, "s3": S3, "sqs": SQS})
    text = json.dumps({"Version": version, "Statement": {"Effect": "Allow", **statement}})
    policy = parse_policy(text, name="p")
    surveyor = Surveyor(universe=universe, partition="aws", account="123456789012")
    bits = surveyor.survey(policy.statements[0], policy.version)
    again = surveyor.survey(policy.statements[0], policy.version)
    assert bits == again
    assert bits.must & ~bits.may == 0
    return named(universe, bits.must), named(universe, bits.may)


def named(universe: Universe, mask: int) -> set[str]:
    assert 0 <= mask < 1 << universe.size
    return {*universe.expand(mask), *(f"{prefix}:?" for prefix in universe.unknown(mask))}


@pytest.mark.parametrize(
    ("actions", "surely", "perhaps"),
    [
        ("*", ALL, ALL),
        ("*:*", ALL, ALL),
        ("s3:*", OF_S3, OF_S3),
        ("S3:getobject", {"s3:GetObject"}, {"s3:GetObject"}),
        ("s3:Get*", {"s3:GetObject"}, {"s3:GetObject", "s3:?"}),
        ("s3:GetObjec?", {"s3:GetObject"}, {"s3:GetObject", "s3:?"}),
        ("s3:Tomorrow", set(), {"s3:?"}),
        ("iam:Tomorrow", set(), {"iam:?"}),
        ("new:*", set(), {"*:?"}),
        ("new:Get", set(), {"*:?"}),
        (["new:*", "s3:GetObject", "sqs:*"], {"s3:GetObject", *OF_SQS}, {"s3:GetObject", *OF_SQS, "*:?"}),
        (["iam:CreateUser", "s3:GetObject"], *[{"iam:CreateUser", "s3:GetObject"}] * 2),
        (["iam:GetUser", "iam:SetAlias"], *[{"iam:GetUser", "iam:SetAlias"}] * 2),
        (["s3:*", "iam:*"], OF_S3 | OF_IAM, OF_S3 | OF_IAM),
        (["s3:*", "iam:Get*"], OF_S3 | {"iam:GetUser"}, OF_S3 | {"iam:GetUser", "iam:?"}),
        (["iam:Get*", "s3:GetObject", "*"], ALL, ALL),
    ],
)  # fmt: skip
def test_the_actions_of_a_statement_are_bits(
    actions: str | list[str], surely: set[str], perhaps: set[str]
) -> None:
    assert survey({"Action": actions, "Resource": "*"}) == (surely, perhaps)
    # All others are covered the other way round.
    assert survey({"NotAction": actions, "Resource": "*"}) == (ALL - perhaps, ALL - surely)


@pytest.mark.parametrize(
    ("resource", "surely", "perhaps"),
    [
        ("*", ALL, ALL),
        ("**", ALL, ALL),
        ([f"{USERS}a", "*"], ALL, ALL),
        (
            f"{USERS}*",
            {"iam:CreateUser"},
            {"iam:CreateUser", "iam:GetUser", "iam:ListUsers", *UNKNOWN},
        ),
        (
            f"{USERS}alice",
            set(),
            {"iam:CreateUser", "iam:GetUser", "iam:ListUsers", *UNKNOWN},
        ),
        ("arn:aws:iam::210987654321:user/*", set(), {*UNKNOWN}),
        (
            "arn:aws:s3:::*",
            {"s3:GetObject"},
            {"s3:GetObject", "s3:ListAllMyBuckets", *UNKNOWN},
        ),
        ("arn:aws:s3:::b/*", set(), {"s3:GetObject", "s3:ListAllMyBuckets", *UNKNOWN}),
        ("arn:aws:sqs:*:*:*", {"sqs:ReceiveMessage"}, {"sqs:ReceiveMessage", *UNKNOWN}),
        (
            ["arn:aws:sqs:*:*:*", "arn:aws:s3:::*"],
            {"sqs:ReceiveMessage", "s3:GetObject"},
            {"sqs:ReceiveMessage", "s3:GetObject", "s3:ListAllMyBuckets", *UNKNOWN},
        ),
    ],
)  # fmt: skip
def test_a_resource_is_held_against_what_each_action_works_on(
    resource: str | list[str], surely: set[str], perhaps: set[str]
) -> None:
    assert survey({"Action": "*", "Resource": resource}) == (surely, perhaps)


@pytest.mark.parametrize(
    ("resource", "surely", "perhaps"),
    [
        (f"{USERS}*", {"iam:CreateUser"}, {"iam:CreateUser", "iam:GetUser", "iam:ListUsers"}),
        (f"{USERS}alice", set(), {"iam:CreateUser", "iam:GetUser", "iam:ListUsers"}),
        ("arn:aws:iam::210987654321:user/*", set(), set()),
        ("arn:aws:s3:::*", {"s3:GetObject"}, {"s3:GetObject", "s3:ListAllMyBuckets"}),
        ("arn:aws:sqs:*:*:*", {"sqs:ReceiveMessage"}, {"sqs:ReceiveMessage"}),
    ],
)
def test_what_is_not_among_these_resources_is_covered_the_other_way_round(
    resource: str, surely: set[str], perhaps: set[str]
) -> None:
    known = {name for name in ALL if not name.endswith(":?")}
    # Of actions that are not known, nothing is sure.
    assert survey({"Action": "*", "NotResource": resource}) == (known - perhaps, ALL - surely)


def test_only_the_actions_of_the_statement_are_held_against_its_resource() -> None:
    assert survey({"Action": "iam:*", "Resource": f"{USERS}*"}) == (
        {"iam:CreateUser"},
        {"iam:CreateUser", "iam:GetUser", "iam:ListUsers", "iam:?"},
    )
    assert survey({"Action": ["iam:GetUser", "sqs:Receive*"], "Resource": f"{USERS}*"}) == (
        set(),
        {"iam:GetUser", "sqs:?"},
    )
    assert survey({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}) == (
        {"s3:GetObject"},
        {"s3:GetObject"},
    )
    assert survey({"Action": "new:*", "Resource": "arn:aws:s3:::*"}) == (set(), {"*:?"})


def test_not_everything_is_what_not_resource_leaves_of_a_star() -> None:
    surely, perhaps = survey({"Action": "*", "NotResource": "*"})
    assert surely == set()
    assert perhaps <= {*UNKNOWN}


def test_a_variable_of_a_resource_may_be_anybody() -> None:
    own = f"{USERS}${{aws:username}}"
    unknown = UNKNOWN
    users = {"iam:CreateUser", "iam:GetUser", "iam:ListUsers"}
    assert survey({"Action": "*", "Resource": own}) == (set(), users | unknown)
    known = {name for name in ALL if not name.endswith(":?")}
    assert survey({"Action": "*", "NotResource": own}) == (set(), known | unknown)
    # Before variables, a dollar sign was a dollar sign, and no user's name begins with one.
    old = survey({"Action": "s3:*", "NotResource": own}, "2008-10-17")
    assert old == ({"s3:GetObject", "s3:ListAllMyBuckets"}, OF_S3)


def test_bits_are_joined_and_cut() -> None:
    one, other = Bits(0b001, 0b011), Bits(0b010, 0b110)
    assert one | other == Bits(0b011, 0b111)
    assert one & other == Bits(0b000, 0b010)
