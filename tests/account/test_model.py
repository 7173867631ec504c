"""Who there is in an account, and which policies are in force for each."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from small_account import (
    ADMIN,
    ALICE,
    EVERYTHING,
    ID,
    LISTING,
    NO_IAM,
    ROLE,
    ROOT,
    document,
    group,
    inline,
    level,
    managed,
    organization,
    role,
    snapshot,
    trust,
    user,
)
from watchword.account.accounts import Accounts
from watchword.account.context import known
from watchword.account.errors import TwoSnapshots
from watchword.account.model import Account
from watchword.iam import (
    UNKNOWN,
    CredentialKind,
    Outcome,
    PrincipalKind,
    Request,
    evaluate,
    mfa_context,
)


def allowed(account: Account, arn: str, action: str) -> bool:
    principal = account.principal(arn)
    assert principal is not None
    request = Request(
        principal=principal.principal,
        action=action,
        resource="*",
        context={**known(account, principal), **mfa_context(CredentialKind.ACCESS_KEY)},
    )
    return evaluate(request, account.attached(arn).policy_set).outcome is Outcome.ALLOWED


# -- who there is


def test_root_comes_first_then_users_then_roles() -> None:
    account = Account.of(snapshot(users=[user("bob"), user()], roles=[role()]))
    kinds = [principal.kind for principal in account.principals]
    assert kinds == [PrincipalKind.ROOT, PrincipalKind.USER, PrincipalKind.USER, PrincipalKind.ROLE]
    assert account.principals[0].arn == ROOT
    assert account.principal(ALICE) is account.principals[2]


def test_a_principal_is_trusted_by_its_unique_id_and_a_deleted_one_is_nobody() -> None:
    ident = "AIDAALICE23456789ABCD"
    by_id = trust(principal={"AWS": ident})
    users = [user(id=ident), user("bob")]
    account = Account.of(snapshot(users=users, roles=[role(trust=by_id)]))
    trusted = account.attached(ROLE).trust
    assert trusted is not None
    test = trusted.compiled.rules[0].principal
    assert test is not None
    alice, bob = account.principal(ALICE), account.principal(f"arn:aws:iam::{ID}:user/bob")
    assert alice is not None
    assert bob is not None
    assert test(alice.principal, False) is not None
    assert test(bob.principal, False) is None


# -- what is in force


def test_policies_come_from_the_user_its_groups_and_their_managed_policies() -> None:
    account = Account.of(
        snapshot(
            users=[user(groups=["staff"], attached=[ADMIN], inline=[inline("own", LISTING)])],
            groups=[group("staff", attached=[ADMIN], inline=[inline("own", NO_IAM)])],
            policies=[managed(ADMIN, EVERYTHING)],
        )
    )
    attached = account.attached(ALICE)
    assert [(each.name, each.route) for each in attached.identity] == [
        ("own (inline)", "inline"),
        ("AdministratorAccess", "attached"),
        ("own (inline of group staff)", "group staff, inline"),
        ("AdministratorAccess", "group staff"),
    ]
    assert len(attached.policy_set.identity) == 3
    assert attached.problems == ()
    assert allowed(account, ALICE, "s3:ListAllMyBuckets")
    assert not allowed(account, ALICE, "iam:ListUsers")


def test_the_default_version_is_in_force_and_no_other() -> None:
    policy = managed(f"arn:aws:iam::{ID}:policy/p", LISTING, default="v2")
    policy["versions"].append({"id": "v2", "document": document(NO_IAM)})
    account = Account.of(snapshot(users=[user(attached=[policy["arn"]])], policies=[policy]))
    assert not allowed(account, ALICE, "s3:ListAllMyBuckets")


def test_a_name_stands_for_one_policy_even_where_aws_has_one_of_that_name_too() -> None:
    own = f"arn:aws:iam::{ID}:policy/AdministratorAccess"
    account = Account.of(
        snapshot(
            users=[user(attached=[own, ADMIN])], policies=[managed(own, LISTING), managed(ADMIN, EVERYTHING)]
        )
    )
    attached = account.attached(ALICE)
    assert sorted(each.name for each in attached.identity) == ["AdministratorAccess", own]
    found = attached.named("AdministratorAccess")
    assert found is not None
    assert found.arn == ADMIN


def test_a_boundary_bounds() -> None:
    boundary = f"arn:aws:iam::{ID}:policy/bound"
    policies = [managed(ADMIN, EVERYTHING), managed(boundary, LISTING)]
    account = Account.of(snapshot(users=[user(attached=[ADMIN], boundary=boundary)], policies=policies))
    assert allowed(account, ALICE, "s3:ListAllMyBuckets")
    assert not allowed(account, ALICE, "iam:ListUsers")


def test_equal_policies_are_one_set_whatever_their_order_and_compiled_once() -> None:
    policies = [managed(ADMIN, EVERYTHING), managed(f"arn:aws:iam::{ID}:policy/no", NO_IAM)]
    arns = [each["arn"] for each in policies]
    users = [user("one", attached=arns), user("two", attached=arns[::-1]), user("three", attached=arns[:1])]
    account = Account.of(snapshot(users=users, policies=policies))
    one, two, three = (account.attached(each["arn"]) for each in users)
    assert one.policy_set is two.policy_set
    assert one.policy_set is not three.policy_set
    assert one.identity[0].compiled is three.identity[0].compiled


def test_what_cannot_be_read_is_a_problem_of_those_it_is_in_force_for_and_of_no_others() -> None:
    broken = {"name": "broken", "document": "{"}
    users = [user(inline=[broken]), user("bob", attached=["arn:aws:iam::aws:policy/Gone"]), user("carol")]
    account = Account.of(snapshot(users=[*users, user("dave", groups=["nowhere"])]))
    problems = {each["name"]: account.attached(each["arn"]).problems for each in users}
    assert problems["carol"] == ()
    assert "`broken (inline)` is not a valid policy" in problems["alice"][0]
    assert problems["bob"] == ("the snapshot does not hold the document of `arn:aws:iam::aws:policy/Gone`",)
    (dave,) = account.attached(f"arn:aws:iam::{ID}:user/dave").problems
    assert dave == "the snapshot does not hold the group `nowhere`"


def test_a_policy_that_nobody_has_is_never_parsed() -> None:
    broken = managed(f"arn:aws:iam::{ID}:policy/unused")
    broken["versions"][0]["document"] = "{"
    account = Account.of(snapshot(users=[user()], policies=[broken]))
    assert account.attached(ALICE).problems == ()


# -- the organization


def test_every_level_of_scps_must_allow() -> None:
    path = [
        level("r-1", "root", ("FullAWSAccess", EVERYTHING)),
        level("ou-1", "ou", ("FullAWSAccess", EVERYTHING), ("NoIam", NO_IAM)),
        level(ID, "account", ("FullAWSAccess", EVERYTHING)),
    ]
    parts: dict[str, object] = {"users": [user(attached=[ADMIN])], "policies": [managed(ADMIN, EVERYTHING)]}
    account = Account.of(snapshot(**parts, organization=organization(*path)))
    assert [len(each) for each in account.attached(ALICE).service_control] == [1, 2, 1]
    assert account.attached(ALICE).service_control[1][1].route == "ou ou-1"
    assert not allowed(account, ALICE, "iam:ListUsers")
    assert not allowed(account, ROOT, "iam:ListUsers"), "SCPs bind root of a member account"
    assert allowed(account, ALICE, "s3:ListAllMyBuckets")
    assert account.assumptions == ()


def test_scps_do_not_bind_the_management_account() -> None:
    path = [level("r-1", "root", ("NoIam", NO_IAM)), level(ID, "account", ("NoIam", NO_IAM))]
    parts: dict[str, object] = {"users": [user(attached=[ADMIN])], "policies": [managed(ADMIN, EVERYTHING)]}
    account = Account.of(snapshot(**parts, organization=organization(*path, management=ID)))
    assert account.attached(ALICE).service_control == ()
    assert allowed(account, ALICE, "iam:ListUsers")


def test_an_organization_that_was_not_read_is_an_assumption() -> None:
    account = Account.of(snapshot(users=[user()]))
    assert [each.name for each in account.assumptions] == ["organization"]
    assert "can only take away" in account.assumptions[0].why
    in_none = Account.of(snapshot(users=[user()], organization={"id": None}))
    assert in_none.assumptions == ()


# -- what is known of every request


def test_the_tags_of_a_user_are_all_known_and_no_others_are_there() -> None:
    account = Account.of(snapshot(users=[user(tags={"Team": "web"})]))
    alice = account.principal(ALICE)
    assert alice is not None
    found = known(account, alice)
    assert found.says("aws:principaltag/team") == "web"
    assert found.says("aws:PrincipalTag/other") == ()
    assert found.says("aws:username") == "alice"
    assert found.says("aws:SourceIp") is None


@pytest.mark.parametrize("action", ["sts:TagSession", "sts:*", "*"])
def test_a_role_whose_trust_lets_tags_be_passed_may_carry_any(action: str) -> None:
    roles = [role(tags={"team": "web"}, trust=trust("sts:AssumeRole", action)), role("plain")]
    account = Account.of(snapshot(roles=roles))
    tagged, plain = (account.principal(each["arn"]) for each in roles)
    assert tagged is not None
    assert plain is not None
    assert known(account, tagged).says("aws:PrincipalTag/team") is UNKNOWN
    assert known(account, tagged).says("aws:PrincipalTag/other") is UNKNOWN
    assert known(account, plain).says("aws:PrincipalTag/other") == ()


def test_keys_of_a_session_that_are_added_later_are_said_too() -> None:
    account = Account.of(snapshot(roles=[role()]))
    deploy = account.principal(ROLE)
    assert deploy is not None
    found = known(account, deploy)
    assert found.says("aws:userid") is UNKNOWN
    found.update({"aws:userid": "AROADEPLOY:me"})
    assert found.says("aws:userid") == "AROADEPLOY:me"


def test_the_organization_is_known_absent_or_not_known() -> None:
    path = [level("r-1", "root"), level("ou-1", "ou"), level(ID, "account")]
    keys = ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths")
    read: list[tuple[Any, Any]] = [
        (organization(*path), ["o-one", ("o-one/r-1/ou-1/",)]),
        ({"id": None}, [(), ()]),
        (None, [UNKNOWN, UNKNOWN]),
    ]
    for given, expected in read:
        account = Account.of(snapshot(users=[user()], organization=given))
        found = known(account, account.principals[1])
        assert [found.says(key) for key in keys] == expected


# -- several accounts


def test_principals_are_found_over_all_accounts_and_policies_are_shared() -> None:
    other = "210987654321"
    policies = [managed(ADMIN, EVERYTHING)]
    first = snapshot(users=[user(attached=[ADMIN])], policies=policies)
    far = {**user(attached=[ADMIN]), "arn": f"arn:aws:iam::{other}:user/alice"}
    accounts = Accounts.of([first, snapshot(other, users=[far], policies=policies)])
    assert len(accounts) == 2
    found = accounts.principal(far["arn"])
    assert found is not None
    assert found.account == other
    assert accounts.principal("arn:aws:iam::111111111111:user/alice") is None
    sets = [each.attached(each.principals[1].arn).policy_set for each in accounts]
    assert sets[0] is sets[1]


def test_two_snapshots_of_one_account_are_refused_by_the_names_of_their_files() -> None:
    with pytest.raises(TwoSnapshots) as error:
        Accounts.of([snapshot(), snapshot()], names=["monday.json", "friday.json"])
    assert error.value.message == f"`monday.json` and `friday.json` are both of account {ID}"


# -- the generated account


def generator() -> ModuleType:
    path = Path(__file__).resolve().parents[1] / "accounts" / "generated.py"
    spec = importlib.util.spec_from_file_location("generated_account", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_generated_account_is_the_same_each_time_and_every_policy_of_it_is_one() -> None:
    made = generator()
    taken = made.generated(120, seed=3)
    assert taken == made.generated(120, seed=3)
    assert taken != made.generated(120, seed=4)
    account = Account.of(taken)
    assert len(account.principals) == 121
    assert not [problem for each in account.principals for problem in account.attached(each.arn).problems]
