"""Tags that the attacker changes, names that it gives to sessions, and callers that it becomes."""

from __future__ import annotations

from typing import Any

import pytest

from proof.closure.attacked import (
    ACCOUNT,
    WITH_MFA,
    Attack,
    allow,
    arn,
    deny,
    document,
    policy,
    role,
    snapshot,
    trusts,
    user,
)

GET = "s3:GetObject"
KEYS = "iam:CreateAccessKey"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/work/nightly"
OPEN = document(allow("s3:*"))
NULL_MFA = {"Null": {"aws:MultiFactorAuthPresent": "true"}}


def of_caller(value: str) -> dict[str, Any]:
    return {"StringEquals": {"aws:PrincipalTag/team": value}}


def of_resource(value: str) -> dict[str, Any]:
    return {"StringEquals": {"aws:ResourceTag/team": value}}


def alone(*statements: dict[str, Any], **more: Any) -> Attack:  # noqa: ANN401
    return Attack(snapshot(users=[user("alice", document(*statements), **more), user("bob", OPEN)]))


# -- tags of who asks


def test_a_tag_that_one_may_give_oneself_opens_what_asks_for_it() -> None:
    tag, get = allow("iam:TagUser", arn("user/alice")), allow("s3:*", Condition=of_caller("red"))
    assert alone(tag, get).steps("user/alice", GET) == ["iam:TagUser", GET]
    assert not alone(get).reaches("user/alice", GET)
    assert not alone(allow("iam:TagUser", arn("user/bob")), get).reaches("user/alice", GET)


def test_a_tag_is_given_only_with_the_value_that_may_be_given() -> None:
    only = allow("iam:TagUser", Condition={"StringEquals": {"aws:RequestTag/team": "blue"}})
    tried = alone(only, allow("s3:*", Condition=of_caller("red")))
    assert not tried.reaches("user/alice", GET)
    assert tried.reasons("user/alice", GET) == []
    assert alone(only, allow("s3:*", Condition=of_caller("blue"))).reaches("user/alice", GET)


def test_a_tag_that_denies_is_taken_off() -> None:
    locked = [allow("s3:*"), deny("s3:*", Condition=of_caller("red"))]
    tags = {"Team": "red"}
    assert not alone(*locked, tags=tags).reaches("user/alice", GET)
    untagging = alone(allow("iam:UntagUser"), *locked, tags=tags)
    assert untagging.steps("user/alice", GET) == ["iam:UntagUser", GET]
    writing_over = alone(allow("iam:TagUser"), *locked, tags=tags)
    assert writing_over.steps("user/alice", GET) == ["iam:TagUser", GET]


def test_a_tag_of_a_role_lets_its_session_in_elsewhere() -> None:
    own = document(allow("sts:AssumeRole", arn("role/work")), allow("iam:TagRole", arn("role/work")))
    roles = [
        role("work", trusts({"AWS": arn("root")}), document(allow("sts:AssumeRole"))),
        role("vault", trusts({"AWS": arn("root")}, Condition=of_caller("red")), OPEN),
    ]
    steps = Attack(snapshot(users=[user("alice", own)], roles=roles)).steps("user/alice", GET)
    assert sorted(steps) == sorted(["iam:TagRole", "sts:AssumeRole", "sts:AssumeRole", GET])


def test_a_tag_that_a_policy_fills_in_is_left_open() -> None:
    get = allow("s3:*", "arn:aws:s3:::files/${aws:PrincipalTag/team}/*")
    tried = alone(allow("iam:TagUser", arn("user/alice")), get)
    assert not tried.reaches("user/alice", GET)
    assert "tags" in tried.reasons("user/alice", GET)[0]
    assert alone(get).reasons("user/alice", GET) == []


# -- tags of what is asked about


def test_a_user_who_is_there_has_the_tags_that_it_has() -> None:
    keys = allow(KEYS, Condition=of_resource("red"))
    untagged = alone(keys)
    assert not untagged.reaches("user/alice", KEYS)
    assert untagged.reasons("user/alice", KEYS) == []
    users = [user("alice", document(keys)), user("bob", OPEN, tags={"Team": "red"}), user("carol")]
    tagged = Attack(snapshot(users=users))
    assert tagged.reaches("user/alice", KEYS)
    assert tagged.steps("user/alice", GET)[0] == KEYS
    assert tagged.closed("user/alice").chain(KEYS).steps[-1].request.resource == arn("user/bob")


def test_a_role_is_assumed_by_the_tags_that_it_has() -> None:
    own = document(allow("sts:AssumeRole", Condition=of_resource("red")))
    first, second = (role(name, trusts({"AWS": arn("root")}), OPEN) for name in ("a", "b"))
    assert not Attack(snapshot(users=[user("alice", own)], roles=[first, second])).reaches(
        "user/alice", "sts:AssumeRole"
    )
    second["tags"] = {"team": "red"}
    attack = Attack(snapshot(users=[user("alice", own)], roles=[first, second]))
    assert attack.steps("user/alice", "sts:AssumeRole") == ["sts:AssumeRole"]


def test_tags_of_policies_and_of_what_no_snapshot_holds_are_not_known() -> None:
    own = [
        allow("iam:CreatePolicyVersion", Condition=of_resource("red")),
        allow("ec2:StopInstances", Condition=of_resource("red")),
    ]
    users = [user("alice", document(*own), attached=[arn("policy/p")])]
    attack = Attack(snapshot(users=users, policies=[policy("p", document(allow("s3:ListBucket")))]))
    assert not attack.reaches("user/alice", "iam:CreatePolicyVersion")
    assert attack.reasons("user/alice", "iam:CreatePolicyVersion")
    assert attack.reaches("user/alice", "ec2:StopInstances")


@pytest.mark.parametrize("tags", ["iam:TagUser", "iam:UntagUser"])
def test_what_tags_on_others_open_is_left_open(tags: str) -> None:
    tried = alone(allow(tags, arn("user/bob")), allow(KEYS, Condition=of_resource("red")))
    assert not tried.reaches("user/alice", GET)
    assert "tags" in tried.reasons("user/alice", GET)[0]


# -- sessions of roles


def trusting(**more: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    work = role("work", trusts({"AWS": arn("user/alice")}, **more), document(allow("ec2:DescribeVpcs")))
    return [work, role("vault", trusts({"AWS": SESSION}), OPEN)]


def test_a_role_that_names_one_session_lets_in_who_calls_its_own_so() -> None:
    attack = Attack(snapshot(users=[user("alice")], roles=trusting()))
    chain = attack.closed("user/alice").chain(GET)
    assert attack.reaches("user/alice", GET)
    assert [each.request.resource for each in chain.steps[-3:-1]] == [arn("role/work"), arn("role/vault")]
    named = chain.steps[-3].request.folded
    assert named["sts:rolesessionname"] == "nightly"
    assert chain.steps[-2].request.principal.arn == SESSION


def test_a_session_name_that_the_trust_policy_settles_is_not_chosen() -> None:
    own = {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}
    attack = Attack(snapshot(users=[user("alice")], roles=trusting(Condition=own)))
    assert attack.reaches("user/alice", "ec2:DescribeVpcs")
    assert not attack.reaches("user/alice", GET)


def test_nobody_else_is_that_session() -> None:
    roles = [*trusting(), role("other", trusts({"AWS": arn("user/bob")}), document(allow("sts:*")))]
    attack = Attack(snapshot(users=[user("alice"), user("bob", document(allow("sts:*")))], roles=roles))
    assert not attack.reaches("user/bob", GET)
    mfa = [role("work", trusts({"AWS": arn("user/alice")}, Condition=WITH_MFA)), roles[1]]
    assert not Attack(snapshot(users=[user("alice")], roles=mfa)).reaches("user/alice", GET)


@pytest.mark.parametrize("named", [ACCOUNT, arn("root")])
def test_a_role_that_names_its_account_asks_for_the_callers_side_as_well(named: str) -> None:
    roles = [role("work", trusts({"AWS": named}), OPEN)]
    may = document(allow("sts:AssumeRole", arn("role/work")))
    assert not Attack(snapshot(users=[user("alice")], roles=roles)).reaches("user/alice", GET)
    assert Attack(snapshot(users=[user("alice", may)], roles=roles)).reaches("user/alice", GET)


# -- other callers


def test_a_federated_session_is_another_caller() -> None:
    by_name = deny("s3:*", Condition={"StringEquals": {"aws:username": "alice"}})
    only = [allow("s3:*"), by_name]
    tried = alone(*only, allow("sts:GetFederationToken"))
    assert not tried.reaches("user/alice", GET)
    assert any("federated" in each for each in tried.reasons("user/alice", GET))
    assert alone(*only).reasons("user/alice", GET) == []


@pytest.mark.parametrize(
    "makes",
    ["iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential", "iam:UploadSSHPublicKey"],
)
def test_a_credential_for_one_service_is_left_open_for_that_service_alone(makes: str) -> None:
    users = [
        user("alice", document(allow(makes, arn("user/bob")))),
        user("bob", document(allow(["codecommit:*", "s3:*"]))),
    ]
    attack = Attack(snapshot(users=users))
    assert attack.reasons("user/alice", "codecommit:GitPush")
    assert attack.reasons("user/alice", GET) == []
    assert not attack.reaches("user/alice", "codecommit:GitPush")


# -- an account of the attacker's own


def perimeter(**condition: Any) -> dict[str, Any]:  # noqa: ANN401
    """Return an organization that keeps principals of others from assuming roles."""
    refusing = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
    allowing = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
    rcps = [
        {"id": f"p-{name}", "arn": f"arn:{name}", "name": name, "document": document(each)}
        for name, each in (("full", allowing), ("own", {**refusing, "Condition": condition}))
    ]
    return {
        "id": "o-ours",
        "management_account": "999988887777",
        "policy_types": ["RESOURCE_CONTROL_POLICY"],
        "path": [{"id": "r-1", "name": "Root", "kind": "root", "scps": [], "rcps": rcps}],
    }


def writing(**more: Any) -> Attack:  # noqa: ANN401
    own = document(allow("iam:UpdateAssumeRolePolicy"), deny("sts:*"))
    roles = [role("work", trusts({"Service": "ec2.amazonaws.com"}), OPEN)]
    return Attack(snapshot(users=[user("alice", own)], roles=roles, **more))


def test_a_trust_policy_that_is_written_lets_in_an_account_of_the_attackers_own() -> None:
    attack = writing()
    assert attack.steps("user/alice", GET) == ["iam:UpdateAssumeRolePolicy", "sts:AssumeRole", GET]
    assert attack.closed("user/alice").chain(GET).steps[1].kind == "outside"
    assert not attack.reaches("user/alice", "sts:GetFederationToken")


@pytest.mark.parametrize(
    ("condition", "reached"),
    [
        ({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"}}, False),
        ({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}, False),
        ({"Null": {"aws:PrincipalOrgID": "true"}}, True),
        ({"StringNotEqualsIfExists": {"aws:ResourceAccount": ACCOUNT}}, True),
    ],
)
def test_resource_control_policies_keep_it_out(condition: dict[str, Any], reached: bool) -> None:
    attack = writing(organization=perimeter(**condition))
    assert attack.reaches("user/alice", GET) is reached
    assert reached or attack.reasons("user/alice", GET) == []
