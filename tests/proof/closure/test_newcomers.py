"""Users, roles and groups that the attacker makes: one name fits all that is done to them."""

from __future__ import annotations

from typing import Any

import pytest

from proof.closure.attacked import (
    Attack,
    allow,
    arn,
    deny,
    document,
    group,
    policy,
    role,
    snapshot,
    trusts,
    user,
)
from watchword.iam import CredentialKind

ANYTHING = document(allow("*"))
GET = "s3:GetObject"
BOUND = policy("bound", document(allow("s3:*")))
WITH_BOUND = {"StringEquals": {"iam:PermissionsBoundary": arn("policy/bound")}}


def attack(*statements: dict[str, Any], **more: Any) -> Attack:  # noqa: ANN401
    """Return an account in which `alice` has these statements, and a Deny of everything on itself."""
    own = [*statements, deny("*", arn("user/alice")), deny("*", arn("group/*") + "staff")]
    return Attack(snapshot(**{"users": [user("alice", document(*own))], **more}))


@pytest.mark.parametrize("gives", ["iam:AttachUserPolicy", "iam:PutUserPolicy"])
@pytest.mark.parametrize("takes", ["iam:CreateAccessKey", "iam:CreateLoginProfile"])
def test_a_user_is_made_with_everything_that_the_attacker_is_denied(gives: str, takes: str) -> None:
    made = attack(allow(["iam:CreateUser", gives, takes]))
    assert made.steps("user/alice", GET) == ["iam:CreateUser", takes, gives, GET]
    assert made.reaches("user/alice", "ec2:RunInstances")


@pytest.mark.parametrize("missing", range(3))
def test_a_user_that_is_made_is_worth_nothing_without_key_or_policy(missing: int) -> None:
    actions = ["iam:CreateUser", "iam:PutUserPolicy", "iam:CreateAccessKey"]
    del actions[missing]
    made = attack(allow(actions))
    assert not made.reaches("user/alice", GET)
    assert made.reasons("user/alice", GET) == []


@pytest.mark.parametrize(
    ("creates", "puts", "keys", "reached"),
    [
        ("user/dev/*", "user/dev/*", "user/*-x", True),
        ("user/dev/*", "user/*", "user/dev/a?c", True),
        ("user/dev/*", "user/dev/*", "user/ops/*", False),
        ("user/dev/*", "user/ops/*", "user/*", False),
        ("user/one", "user/one", "user/one", True),
        ("user/one", "user/two", "user/*", False),
    ],
)
def test_one_name_has_to_fit_all_three(creates: str, puts: str, keys: str, reached: bool) -> None:
    made = attack(
        allow("iam:CreateUser", arn(creates)),
        allow("iam:PutUserPolicy", arn(puts)),
        allow("iam:CreateAccessKey", arn(keys)),
    )
    assert made.reaches("user/alice", GET) is reached
    assert reached or made.reasons("user/alice", GET) == []


def test_a_name_is_chosen_past_a_deny() -> None:
    made = attack(
        allow(["iam:CreateUser", "iam:PutUserPolicy", "iam:CreateAccessKey"]),
        deny("iam:PutUserPolicy", [arn("user/n*"), arn("user/w*"), arn("user/e*")]),
    )
    assert made.reaches("user/alice", GET)


def test_a_name_that_somebody_has_is_not_free() -> None:
    own = arn("user/bob")
    statements = [allow(["iam:CreateUser", "iam:PutUserPolicy"], own), allow("iam:CreateAccessKey", own)]
    keys = [{"user": "bob", "id": f"AKIA{n}", "status": "Active"} for n in range(2)]
    users = [user("alice", document(*statements)), user("bob")]
    assert not Attack(snapshot(users=users, access_keys=keys)).reaches("user/alice", GET)
    anew = [*statements, allow("iam:DeleteUser", own)]
    users = [user("alice", document(*anew)), user("bob")]
    [reason] = Attack(snapshot(users=users, access_keys=keys)).reasons("user/alice", GET)
    assert "made anew" in reason


def test_a_user_that_is_made_joins_a_group() -> None:
    groups = [group("readers", document(allow("s3:Get*")))]
    made = attack(
        allow(["iam:CreateUser", "iam:CreateAccessKey"]),
        allow("iam:AddUserToGroup", arn("group/readers")),
        deny("s3:*"),
        groups=groups,
    )
    assert made.steps("user/alice", GET) == [
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:AddUserToGroup",
        GET,
    ]
    assert not made.reaches("user/alice", "s3:PutObject")


def test_a_boundary_that_has_to_be_set_bounds_who_is_made() -> None:
    made = attack(
        allow(["iam:CreateUser", "iam:PutUserPolicy"], Condition=WITH_BOUND),
        allow("iam:CreateAccessKey"),
        policies=[BOUND],
    )
    assert made.reaches("user/alice", GET)
    assert not made.reaches("user/alice", "ec2:RunInstances")
    assert made.reasons("user/alice", "ec2:RunInstances") == []


def test_a_boundary_that_can_be_taken_off_again_bounds_nobody() -> None:
    made = attack(
        allow(["iam:CreateUser", "iam:PutUserPolicy"], Condition=WITH_BOUND),
        allow(["iam:CreateAccessKey", "iam:DeleteUserPermissionsBoundary"]),
        policies=[BOUND],
    )
    assert made.reaches("user/alice", "ec2:RunInstances")


@pytest.mark.parametrize("gives", ["iam:AttachRolePolicy", "iam:PutRolePolicy"])
def test_a_role_is_made_that_trusts_the_attacker(gives: str) -> None:
    made = attack(allow(["iam:CreateRole", gives]))
    assert made.steps("user/alice", GET) == ["iam:CreateRole", "sts:AssumeRole", gives, GET]


def test_a_role_that_is_made_and_nobody_may_assume_is_entered_from_another_account() -> None:
    made = attack(allow(["iam:CreateRole", "iam:PutRolePolicy"]), deny("sts:AssumeRole"))
    assert made.reaches("user/alice", GET)
    assumed = next(
        each for each in made.closed("user/alice").chain(GET).steps if each.request.action == "sts:AssumeRole"
    )
    assert assumed.kind == "outside"
    assert ":123456789012:" not in assumed.actor


def test_two_who_are_held_make_somebody_together() -> None:
    far = role(
        "helper",
        trusts({"AWS": arn("user/alice")}),
        document(
            allow("iam:PutUserPolicy", arn("user/dev/*")), allow("iam:CreateAccessKey", arn("user/*/x?"))
        ),
    )
    made = attack(allow("iam:CreateUser"), roles=[far])
    assert made.reaches("user/alice", GET)
    apart = attack(allow("iam:CreateUser", arn("user/ops/*")), roles=[far])
    assert not apart.reaches("user/alice", GET)


def test_what_can_be_done_to_nobody_but_who_is_made_counts() -> None:
    made = attack(allow(["iam:CreateUser", "iam:CreateAccessKey", "iam:DeleteUser"], arn("user/dev/*")))
    assert made.steps("user/alice", "iam:DeleteUser")[-1] == "iam:DeleteUser"
    assert not attack(allow("iam:DeleteUser", arn("user/dev/*"))).reaches("user/alice", "iam:DeleteUser")


def test_a_user_made_with_tags_is_left_open() -> None:
    tagged = {"StringEquals": {"aws:RequestTag/team": "red"}}
    made = attack(
        allow("iam:CreateUser", Condition=tagged), allow(["iam:PutUserPolicy", "iam:CreateAccessKey"])
    )
    assert not made.reaches("user/alice", GET)
    assert made.reasons("user/alice", GET)


def test_a_session_without_mfa_makes_nobody() -> None:
    without = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    made = attack(
        allow(
            ["iam:CreateUser", "iam:PutUserPolicy", "iam:CreateAccessKey", "iam:CreateRole"],
            Condition=without,
        )
    )
    assert not made.reaches("user/alice", GET)


@pytest.mark.parametrize("gives", ["iam:AttachGroupPolicy", "iam:PutGroupPolicy"])
def test_a_group_is_made_and_joined(gives: str) -> None:
    own = document(
        allow(["iam:CreateGroup", gives], arn("group/dev/*")), allow("iam:AddUserToGroup", arn("group/*-x"))
    )
    made = Attack(snapshot(users=[user("alice", own)], groups=[group("staff")]))
    assert made.steps("user/alice", GET) == ["iam:CreateGroup", gives, "iam:AddUserToGroup", GET]
    apart = document(
        allow(["iam:CreateGroup", gives], arn("group/dev/*")), allow("iam:AddUserToGroup", arn("group/staff"))
    )
    assert not Attack(snapshot(users=[user("alice", apart)], groups=[group("staff")])).reaches(
        "user/alice", GET
    )


def test_root_of_an_account_without_users_has_one_assume_a_role() -> None:
    steps = Attack(snapshot()).steps("root", "sts:AssumeRole", CredentialKind.ROOT_KEY)
    assert steps == ["iam:CreateUser", "iam:CreateAccessKey", "iam:CreateRole", "sts:AssumeRole"]


def test_somebody_who_does_everything_surely_assumes_a_role() -> None:
    made = Attack(snapshot(users=[user("alice", ANYTHING)]))
    assert made.steps("user/alice", "sts:AssumeRole") == ["iam:CreateRole", "sts:AssumeRole"]
