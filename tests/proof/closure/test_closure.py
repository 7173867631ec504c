"""The closure: sessions, roles, and every kind of escalation, each with requests that the engine allows."""

from __future__ import annotations

from typing import Any

import pytest

from proof.closure.attacked import (
    ACCOUNT,
    CONSOLE,
    WITH_MFA,
    WITHOUT_MFA,
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
from watchword.proof.chain import StepKind

ADMIN = document(allow("*"))
READ = document(allow("s3:GetObject"))
DEVICE = {"serial": arn("mfa/bob"), "kind": "virtual"}


def test_a_user_who_may_do_nothing_reaches_what_everybody_may() -> None:
    attack = Attack(snapshot(users=[user("alice")]))
    assert not attack.reaches("user/alice", "s3:GetObject")
    assert attack.reaches("user/alice", "sts:GetSessionToken")
    assert not attack.closed("user/alice").everything


def test_a_key_becomes_a_session_that_may_not_call_iam() -> None:
    present = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
    statement = allow(["s3:GetObject", "iam:ListUsers"], Condition=present)
    attack = Attack(snapshot(users=[user("alice", document(statement))]))
    assert attack.steps("user/alice", "s3:GetObject") == ["sts:GetSessionToken", "s3:GetObject"]
    assert not attack.reaches("user/alice", "iam:ListUsers")


def test_a_console_without_mfa_makes_no_session() -> None:
    attack = Attack(snapshot(users=[user("alice", READ)]))
    assert len(attack.closed("user/alice", CONSOLE).nodes) == 1


# -- roles


def test_a_chain_of_roles_is_followed_and_the_shortest_is_told() -> None:
    attack = Attack(
        snapshot(
            users=[user("alice", document(allow("sts:AssumeRole", arn("role/a*"))))],
            roles=[
                role("a", trusts({"AWS": arn("root")}), document(allow("sts:AssumeRole"))),
                role("b", trusts({"AWS": arn("role/a")}), READ),
                role("c", trusts({"AWS": arn("role/b")}), ADMIN),
                role("also", trusts({"AWS": arn("role/c")}), READ),
            ],
        )
    )
    assert attack.steps("user/alice", "s3:GetObject") == ["sts:AssumeRole", "sts:AssumeRole", "s3:GetObject"]
    assert attack.reaches("user/alice", "ec2:RunInstances")


def test_a_role_that_asks_for_mfa_is_not_entered() -> None:
    trust = trusts({"AWS": arn("root")}, Condition=WITH_MFA)
    users = [user("alice", document(allow("sts:AssumeRole")))]
    assert not Attack(snapshot(users=users, roles=[role("a", trust, READ)])).reaches(
        "user/alice", "s3:GetObject"
    )


def test_a_role_that_names_the_user_needs_nothing_else() -> None:
    roles = [role("a", trusts({"AWS": arn("user/alice")}), READ)]
    assert Attack(snapshot(users=[user("alice")], roles=roles)).reaches("user/alice", "s3:GetObject")


def test_root_assumes_no_role_but_a_user_of_its_making_does() -> None:
    attack = Attack(snapshot(users=[user("alice")], roles=[role("a", trusts({"AWS": arn("root")}))]))
    steps = attack.steps("root", "sts:AssumeRole", CredentialKind.ROOT_KEY)
    assert steps[-1] == "sts:AssumeRole"
    assert "iam:CreateAccessKey" in steps


def test_a_role_of_another_account_among_the_snapshots_is_entered_by_both_sides() -> None:
    other = "999988887777"
    target = role("far", trusts({"AWS": arn("user/alice")}), READ, account=other)
    far = snapshot(account=other, roles=[target])
    may = user("alice", document(allow("sts:AssumeRole")))
    assert Attack(snapshot(users=[may]), far).reaches("user/alice", "s3:GetObject")
    assert not Attack(snapshot(users=[user("alice")]), far).reaches("user/alice", "s3:GetObject")


# -- policies


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:AttachUserPolicy", arn("user/${aws:username}")),
        ("iam:PutUserPolicy", arn("user/${aws:username}")),
        ("iam:AttachGroupPolicy", arn("group/staff")),
        ("iam:PutGroupPolicy", arn("group/staff")),
        ("iam:CreatePolicyVersion", arn("policy/p")),
        ("iam:SetDefaultPolicyVersion", arn("policy/p")),
        ("iam:AddUserToGroup", arn("group/admins")),
    ],
)
def test_a_user_who_may_change_its_own_policies_reaches_everything_in_two_calls(
    action: str, resource: str
) -> None:
    attack = Attack(
        snapshot(
            users=[
                user("alice", document(allow(action, resource)), groups=["staff"], attached=[arn("policy/p")])
            ],
            groups=[group("staff"), group("admins", ADMIN)],
            policies=[policy("p", READ, ADMIN)],
        )
    )
    assert attack.reaches("user/alice", "ec2:RunInstances")
    assert attack.steps("user/alice", "ec2:RunInstances") == [action, "ec2:RunInstances"]
    assert attack.closed("user/alice").everything


def test_another_users_policies_are_no_way_in() -> None:
    attack = Attack(
        snapshot(users=[user("alice", document(allow("iam:PutUserPolicy", arn("user/bob")))), user("bob")])
    )
    assert not attack.reaches("user/alice", "s3:GetObject")


def test_a_new_policy_is_made_and_attached_where_only_those_of_one_path_may_be() -> None:
    own = arn("policy/dev/*")
    statements = [
        allow("iam:CreatePolicy", own),
        allow("iam:AttachUserPolicy", Condition={"ArnLike": {"iam:PolicyARN": own}}),
    ]
    attack = Attack(snapshot(users=[user("alice", document(*statements))]))
    steps = attack.steps("user/alice", "s3:GetObject")
    assert steps == ["iam:CreatePolicy", "iam:AttachUserPolicy", "s3:GetObject"]


def test_only_the_policies_that_may_be_attached_are() -> None:
    condition = {"ArnEquals": {"iam:PolicyARN": arn("policy/p")}}
    attack = Attack(
        snapshot(
            users=[user("alice", document(allow("iam:AttachUserPolicy", Condition=condition)))],
            policies=[policy("p", READ), policy("q", ADMIN)],
        )
    )
    assert attack.reaches("user/alice", "s3:GetObject")
    assert not attack.reaches("user/alice", "ec2:RunInstances")


def test_a_policy_with_five_versions_has_one_deleted_first() -> None:
    versions = [READ, *[document(allow(f"s3:Get{number}")) for number in range(4)]]

    def attack(actions: list[str]) -> Attack:
        alice = user("alice", document(allow(actions)), attached=[arn("policy/p")])
        return Attack(snapshot(users=[alice], policies=[policy("p", *versions)]))

    assert not attack(["iam:CreatePolicyVersion"]).reaches("user/alice", "ec2:RunInstances")
    assert attack(["iam:CreatePolicyVersion", "iam:DeletePolicyVersion"]).steps(
        "user/alice", "ec2:RunInstances"
    ) == ["iam:DeletePolicyVersion", "iam:CreatePolicyVersion", "ec2:RunInstances"]


def force(*exempt: str) -> str:
    """A Deny on all but some actions without MFA."""
    return document({"Effect": "Deny", "NotAction": list(exempt), "Resource": "*", "Condition": WITHOUT_MFA})


@pytest.mark.parametrize(
    ("where", "action"),
    [
        ("group", "iam:RemoveUserFromGroup"),
        ("group", "iam:DeleteGroupPolicy"),
        ("inline", "iam:DeleteUserPolicy"),
        ("attached", "iam:DetachUserPolicy"),
    ],
)
def test_a_deny_that_can_be_taken_off_without_mfa_is_no_deny(where: str, action: str) -> None:
    forced = force(action)
    own = [ADMIN, forced] if where == "inline" else [ADMIN]
    more: dict[str, Any] = {}
    if where == "group":
        more = {"groups": ["force"]}
    if where == "attached":
        more = {"attached": [arn("policy/Force")]}
    attack = Attack(
        snapshot(
            users=[user("alice", *own, **more)],
            groups=[group("force", forced)] if where == "group" else [],
            policies=[policy("Force", forced)],
        )
    )
    assert attack.steps("user/alice", "ec2:RunInstances") == [action, "ec2:RunInstances"]


def test_a_deny_on_all_but_enrolling_holds() -> None:
    attack = Attack(snapshot(users=[user("alice", ADMIN, force("iam:EnableMFADevice"))]))
    assert not attack.reaches("user/alice", "ec2:RunInstances")
    assert not attack.reaches("user/alice", "iam:DeleteUserPolicy")


def test_a_boundary_bounds_until_it_is_removed() -> None:
    bound = [policy("Bound", document(allow(["iam:*", "s3:*"])))]
    alice = user("alice", ADMIN, boundary=arn("policy/Bound"))
    assert Attack(snapshot(users=[alice], policies=bound)).steps("user/alice", "ec2:RunInstances")[:-1] in (
        ["iam:DeleteUserPermissionsBoundary"],
        ["iam:CreatePolicyVersion"],
        ["iam:PutUserPermissionsBoundary"],
    )
    alice = user("alice", document(allow("*"), deny("iam:*")), boundary=arn("policy/Bound"))
    assert not Attack(snapshot(users=[alice], policies=bound)).reaches("user/alice", "ec2:RunInstances")


def test_delegated_administration_with_a_boundary_is_held_by_it() -> None:
    """Who may only write policies of those that have the boundary changes nothing beyond it."""
    condition = {"StringEquals": {"iam:PermissionsBoundary": arn("policy/Bound")}}
    alice = document(allow("iam:PutUserPolicy", Condition=condition))
    policies = [policy("Bound", READ)]
    bound = user("alice", alice, boundary=arn("policy/Bound"))
    free = user("alice", alice)
    assert not Attack(snapshot(users=[bound], policies=policies)).reaches("user/alice", "s3:GetObject")
    assert not Attack(snapshot(users=[free], policies=policies)).reaches("user/alice", "s3:GetObject")


def test_a_tag_of_the_target_decides() -> None:
    condition = {"StringEquals": {"aws:ResourceTag/team": "red"}}

    def attack(tags: dict[str, str]) -> Attack:
        statement = allow("iam:CreateAccessKey", Condition=condition)
        return Attack(snapshot(users=[user("alice", document(statement)), user("bob", READ, tags=tags)]))

    assert attack({"team": "red"}).reaches("user/alice", "s3:GetObject")
    assert not attack({"team": "blue"}).reaches("user/alice", "s3:GetObject")
    assert not attack({}).reaches("user/alice", "s3:GetObject")


# -- keys, passwords, devices


def keys(name: str, how_many: int) -> list[dict[str, str]]:
    return [{"user": name, "id": f"AKIA{number}", "status": "Active"} for number in range(how_many)]


def test_a_key_is_made_for_a_colleague_who_has_less_than_two() -> None:
    alice, bob = user("alice", document(allow("iam:CreateAccessKey"))), user("bob", READ)
    one = Attack(snapshot(users=[alice, bob], access_keys=keys("bob", 1)))
    assert one.steps("user/alice", "s3:GetObject") == ["iam:CreateAccessKey", "s3:GetObject"]
    two = Attack(snapshot(users=[alice, bob], access_keys=keys("bob", 2)))
    assert not two.reaches("user/alice", "s3:GetObject")
    deletes = user("alice", document(allow(["iam:CreateAccessKey", "iam:DeleteAccessKey"])))
    both = Attack(snapshot(users=[deletes, bob], access_keys=keys("bob", 2)))
    assert both.steps("user/alice", "s3:GetObject")[:2] == ["iam:DeleteAccessKey", "iam:CreateAccessKey"]


def test_how_many_keys_there_are_is_not_guessed() -> None:
    alice, bob = user("alice", document(allow("iam:CreateAccessKey"))), user("bob", READ)
    attack = Attack(snapshot(users=[alice, bob], access_keys=None))
    assert not attack.reaches("user/alice", "s3:GetObject")
    assert attack.reasons("user/alice", "s3:GetObject") == [
        "the snapshot does not say how many access keys `bob` has"
    ]


def test_a_password_is_set_for_a_colleague_without_a_device_only() -> None:
    alice, bob = user("alice", document(allow("iam:*LoginProfile"))), user("bob", READ)
    profiles = [{"user": "bob"}]
    plain = Attack(snapshot(users=[alice, bob], login_profiles=profiles))
    assert plain.steps("user/alice", "s3:GetObject") == ["iam:UpdateLoginProfile", "s3:GetObject"]
    first = Attack(snapshot(users=[alice, bob]))
    assert first.steps("user/alice", "s3:GetObject") == ["iam:CreateLoginProfile", "s3:GetObject"]
    device = Attack(
        snapshot(users=[alice, bob], login_profiles=profiles, mfa_devices=[{"user": "bob", **DEVICE}])
    )
    assert not device.reaches("user/alice", "s3:GetObject")


def test_a_colleagues_device_is_taken_away_and_the_password_changed() -> None:
    alice = user("alice", document(allow(["iam:UpdateLoginProfile", "iam:DeactivateMFADevice"])))
    attack = Attack(
        snapshot(
            users=[alice, user("bob", READ)],
            login_profiles=[{"user": "bob"}],
            mfa_devices=[{"user": "bob", **DEVICE}],
        )
    )
    steps = attack.steps("user/alice", "s3:GetObject")
    assert sorted(steps[:2]) == ["iam:DeactivateMFADevice", "iam:UpdateLoginProfile"]


WORKS_WITH_MFA = document(allow("s3:GetObject", Condition=WITH_MFA))


def test_a_device_is_enrolled_for_a_colleague_whose_key_can_be_made() -> None:
    actions = ["iam:CreateAccessKey", "iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]
    attack = Attack(snapshot(users=[user("alice", document(allow(actions))), user("bob", WORKS_WITH_MFA)]))
    steps = attack.steps("user/alice", "s3:GetObject")
    assert sorted(steps[:3]) == sorted(actions)
    assert steps[3:] == ["sts:GetSessionToken", "s3:GetObject"]


def test_ones_own_first_device_is_no_way_in() -> None:
    actions = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"]
    attack = Attack(snapshot(users=[user("alice", document(allow(actions)), WORKS_WITH_MFA)]))
    assert not attack.reaches("user/alice", "s3:GetObject")


def test_ones_own_device_cannot_be_replaced_without_it_whatever_the_policies_say() -> None:
    """AWS-2023-001."""
    alice = user("alice", document(allow("iam:*MFADevice")), WORKS_WITH_MFA)
    attack = Attack(snapshot(users=[alice], mfa_devices=[{"user": "alice", **DEVICE}]))
    assert not attack.reaches("user/alice", "s3:GetObject")


# -- services and trust


PASSES = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
RUNS = trusts({"Service": "lambda.amazonaws.com"})


def test_a_role_is_passed_to_a_function_in_one_call() -> None:
    attack = Attack(snapshot(users=[user("alice", document(allow(PASSES)))], roles=[role("run", RUNS, READ)]))
    chain = attack.closed("user/alice").chain("s3:GetObject")
    assert [each.request.action for each in chain.steps] == [*PASSES, "s3:GetObject"]
    assert chain.calls == 3, "PassRole is looked at within CreateFunction"
    assert chain.steps[0].request.folded["iam:passedtoservice"] == "lambda.amazonaws.com"
    assert chain.steps[-1].kind is StepKind.CALL


@pytest.mark.parametrize("service", ["ec2.amazonaws.com", "lambda.amazonaws.com.example"])
def test_a_role_that_does_not_trust_the_service_is_not_passed(service: str) -> None:
    roles = [role("run", trusts({"Service": service}), READ)]
    attack = Attack(snapshot(users=[user("alice", document(allow(PASSES)))], roles=roles))
    assert not attack.reaches("user/alice", "s3:GetObject")


def test_a_role_may_be_passed_to_some_services_only() -> None:
    condition = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    alice = user("alice", document(allow("iam:PassRole", Condition=condition), allow(PASSES[1:])))
    attack = Attack(snapshot(users=[alice], roles=[role("run", RUNS, READ)]))
    assert not attack.reaches("user/alice", "s3:GetObject")


def test_a_passing_that_cannot_be_in_the_same_call_is_not_sure() -> None:
    here = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    there = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    alice = user(
        "alice",
        document(
            allow("iam:PassRole", Condition=here),
            allow("lambda:CreateFunction", Condition=there),
            allow("lambda:InvokeFunction"),
        ),
    )
    attack = Attack(snapshot(users=[alice], roles=[role("run", RUNS, READ)]))
    assert not attack.reaches("user/alice", "s3:GetObject")
    assert "hardly in one call" in attack.reasons("user/alice", "s3:GetObject")[0]


def test_somebody_who_is_held_invokes_what_another_one_made() -> None:
    alice = user("alice", document(allow(["iam:PassRole", "lambda:CreateFunction", "sts:AssumeRole"])))
    roles = [
        role("run", RUNS, READ),
        role("invoker", trusts({"AWS": arn("root")}), document(allow("lambda:InvokeFunction"))),
    ]
    attack = Attack(snapshot(users=[alice], roles=roles))
    assert attack.reaches("user/alice", "s3:GetObject")
    assert set(attack.steps("user/alice", "s3:GetObject")) == {*PASSES, "sts:AssumeRole", "s3:GetObject"}


def test_what_exists_beside_iam_is_not_guessed() -> None:
    alice = user("alice", document(allow("lambda:UpdateFunctionCode")))
    attack = Attack(snapshot(users=[alice], roles=[role("run", RUNS, READ)]))
    assert not attack.reaches("user/alice", "s3:GetObject")
    assert attack.reasons("user/alice", "s3:GetObject") == [
        "snapshots do not hold functions: whether one has the role is not known"
    ]


def test_an_instance_takes_a_role_in_an_instance_profile_or_one_that_is_made() -> None:
    ec2 = trusts({"Service": "ec2.amazonaws.com"})
    start = ["iam:PassRole", "ec2:RunInstances"]
    there = role("run", ec2, READ, instance_profiles=[arn("instance-profile/run")])
    assert Attack(snapshot(users=[user("alice", document(allow(start)))], roles=[there])).reaches(
        "user/alice", "s3:GetObject"
    )
    bare = role("run", ec2, READ)
    assert not Attack(snapshot(users=[user("alice", document(allow(start)))], roles=[bare])).reaches(
        "user/alice", "s3:GetObject"
    )
    makes = [*start, "iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile"]
    assert Attack(snapshot(users=[user("alice", document(allow(makes)))], roles=[bare])).reaches(
        "user/alice", "s3:GetObject"
    )


def test_a_trust_policy_is_written_and_the_role_assumed() -> None:
    alice = user("alice", document(allow("iam:UpdateAssumeRolePolicy", arn("role/plain"))))
    roles = [role("plain", RUNS, READ)]
    attack = Attack(snapshot(users=[alice], roles=roles))
    steps = ["iam:UpdateAssumeRolePolicy", "sts:AssumeRole", "s3:GetObject"]
    assert attack.steps("user/alice", "s3:GetObject") == steps


def test_a_role_of_a_service_is_changed_by_nobody() -> None:
    linked = role("AWSServiceRoleForX", RUNS, ADMIN, path="/aws-service-role/x.amazonaws.com/")
    linked["arn"] = arn("role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX")
    alice = user("alice", document(allow("iam:UpdateAssumeRolePolicy")))
    attack = Attack(snapshot(users=[alice], roles=[linked]))
    assert not attack.reaches("user/alice", "s3:GetObject")


# -- limits


def test_an_scp_bounds_whoever_does_everything() -> None:
    level = {
        "id": ACCOUNT,
        "kind": "account",
        "scps": [
            {
                "id": "p-1",
                "arn": "arn:aws:organizations::1:policy/p-1",
                "name": "Guard",
                "document": document(allow("*"), deny("s3:*")),
            }
        ],
    }
    organization = {"id": "o-1", "management_account": "111111111111", "path": [level]}
    alice = user("alice", document(allow("iam:PutUserPolicy")))
    attack = Attack(snapshot(users=[alice], organization=organization))
    assert attack.reaches("user/alice", "ec2:RunInstances")
    assert not attack.reaches("user/alice", "s3:GetObject")


def test_a_state_with_mfa_is_not_followed() -> None:
    attack = Attack(
        snapshot(
            users=[user("alice", document(allow("iam:PutUserPolicy")))],
            mfa_devices=[{"user": "alice", **DEVICE}],
        )
    )
    closed = attack.closed("user/alice", CredentialKind.SESSION_MFA)
    assert len(closed.nodes) == 1


def test_an_action_that_is_not_reached_has_no_chain() -> None:
    with pytest.raises(KeyError):
        Attack(snapshot(users=[user("alice")])).closed("user/alice").chain("s3:GetObject")


def test_a_principal_that_is_not_there_is_said() -> None:
    with pytest.raises(KeyError):
        Attack(snapshot()).closed("user/nobody")


def test_a_search_that_is_given_up_leaves_the_rest_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchword.proof.pursuit._MOST_STEPS", 3)
    roles = [role("a", trusts({"AWS": arn("user/alice")}), READ)]
    attack = Attack(snapshot(users=[user("alice")], roles=roles))
    assert not attack.reaches("user/alice", "s3:GetObject")
    [reason] = attack.reasons("user/alice", "s3:GetObject")
    assert reason.startswith("there is more to follow than")


def test_an_administrator_whose_deny_is_about_tls_only_reaches_everything_at_once() -> None:
    plain = deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})
    attack = Attack(snapshot(users=[user("alice", document(allow("*"), plain)), user("bob", ADMIN)]))
    assert attack.closed("user/alice").everything
    assert {each.arn for each in attack.closed("user/alice").nodes} == {arn("user/alice")}


def test_an_administrator_whom_a_deny_keeps_from_a_bucket_takes_it_off() -> None:
    """Actions alone do not tell: the bucket is reached on one node, and not on the other."""
    kept = deny("s3:*", "arn:aws:s3:::secrets/*")
    attack = Attack(snapshot(users=[user("alice", document(allow("*"), kept))]))
    nodes = [each for each in attack.closed("user/alice").nodes if each.arn == arn("user/alice")]
    assert any(each.chain.steps and each.chain.steps[-1].rule is not None for each in nodes)


def test_a_group_that_brings_a_deny_does_not_hide_what_can_be_had_without_it() -> None:
    """Three changes of four: all four together are worth less."""
    actions = ["iam:DeleteUserPolicy", "iam:AddUserToGroup", "iam:PutUserPolicy"]
    forced = [force(*actions), document(deny("sqs:*")), document(deny("sns:*"))]
    attack = Attack(
        snapshot(
            users=[user("alice", document(allow(actions)), *forced)],
            groups=[group("bad", document(deny("s3:*")))],
        )
    )
    for action in ("s3:GetObject", "sqs:SendMessage", "sns:Publish", "ec2:RunInstances"):
        assert attack.reaches("user/alice", action)
