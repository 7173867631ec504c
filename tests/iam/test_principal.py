"""Who asks, and which condition keys follow from that alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iam.policies import allow, compiled, deny, request
from watchword.iam import (
    UNKNOWN,
    CredentialKind,
    Outcome,
    PolicySet,
    Principal,
    PrincipalKind,
    evaluate,
    mfa_context,
    principal_context,
    principal_from_arn,
)

ACCOUNT = "123456789012"
ALICE = principal_from_arn(f"arn:aws:iam::{ACCOUNT}:user/team/alice")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/team/lists"
SESSION = principal_from_arn(f"arn:aws:sts::{ACCOUNT}:assumed-role/lists/alice", role_arn=ROLE_ARN)
FEDERATED = principal_from_arn(f"arn:aws:sts::{ACCOUNT}:federated-user/bob")
ROOT = principal_from_arn(f"arn:aws:iam::{ACCOUNT}:root")
ROLE = principal_from_arn(ROLE_ARN)
SERVICE = principal_from_arn("cloudtrail.amazonaws.com")
NOBODY = principal_from_arn("anonymous")
PROVIDER = principal_from_arn(f"arn:aws:iam::{ACCOUNT}:saml-provider/office")


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/alice", PrincipalKind.USER),
        (f"arn:aws-cn:iam::{ACCOUNT}:user/a:b/alice", PrincipalKind.USER),
        (f"arn:aws:iam::{ACCOUNT}:role/team/lists", PrincipalKind.ROLE),
        (f"arn:aws:iam::{ACCOUNT}:root", PrincipalKind.ROOT),
        (f"arn:aws:iam::{ACCOUNT}:saml-provider/office", PrincipalKind.IDENTITY_PROVIDER),
        (f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com/id", PrincipalKind.IDENTITY_PROVIDER),
        (f"arn:aws:sts::{ACCOUNT}:federated-user/bob", PrincipalKind.FEDERATED_USER),
    ],
)
def test_an_arn_says_who_it_is_and_of_which_account(arn: str, kind: PrincipalKind) -> None:
    assert principal_from_arn(arn) == Principal(arn=arn, account=ACCOUNT, kind=kind)


def test_a_role_session_is_of_a_role_without_a_path_unless_it_is_told() -> None:
    arn = f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/lists/alice"
    kind = PrincipalKind.ROLE_SESSION
    plain = f"arn:aws-cn:iam::{ACCOUNT}:role/lists"
    assert principal_from_arn(arn) == Principal(arn=arn, account=ACCOUNT, kind=kind, role_arn=plain)
    told = f"arn:aws-cn:iam::{ACCOUNT}:role/team/lists"
    expected = Principal(arn=arn, account=ACCOUNT, kind=kind, role_arn=told)
    assert principal_from_arn(arn, role_arn=told) == expected


def test_services_and_the_anonymous_have_no_account() -> None:
    for name in ("ec2.amazonaws.com", "ec2.amazonaws.com.cn"):
        assert principal_from_arn(name) == Principal(arn=name, account="", kind=PrincipalKind.SERVICE)
    for name in ("*", "anonymous"):
        assert principal_from_arn(name) == Principal(arn="*", account="", kind=PrincipalKind.ANONYMOUS)


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "alice",
        ACCOUNT,
        "example.com",
        "x:ec2.amazonaws.com",
        f"arn:aws:iam::{ACCOUNT}",
        f"x:aws:iam::{ACCOUNT}:user/alice",
        f"x:y:aws:iam::{ACCOUNT}:user/alice",
        "arn:aws:s3:::user/alice",
        f"arn:aws:iam::{ACCOUNT}:group/admins",
        f"arn:aws:sts::{ACCOUNT}:user/alice",
        f"arn:aws:sts::{ACCOUNT}:root",
        f"arn:aws:iam::{ACCOUNT}:federated-user/bob",
        f"arn:aws:iam::{ACCOUNT}:assumed-role/lists/alice",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/lists",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/team/lists/alice",
        f"arn:aws:sts::{ACCOUNT}:federated-user/",
    ],
)
def test_what_is_nobodys_arn_is_refused(arn: str) -> None:
    with pytest.raises(ValueError, match="principal") as caught:
        principal_from_arn(arn)
    assert str(caught.value) == f"`{arn}` is not the ARN of a principal"


def test_a_user_is_named_by_arn_and_by_name_without_the_path() -> None:
    assert principal_context(replace(ALICE, unique_id="AIDAALICE")) == {
        "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:user/team/alice",
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "User",
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": "AIDAALICE",
        "aws:username": "alice",
    }


def test_a_role_session_goes_by_the_arn_of_its_role_and_has_no_user_name() -> None:
    assert principal_context(replace(SESSION, unique_id="AROALISTS")) == {
        "aws:PrincipalArn": ROLE_ARN,
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": "AROALISTS:alice",
    }


def test_root_is_the_account() -> None:
    assert principal_context(ROOT) == {
        "aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:root",
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "Account",
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": ACCOUNT,
    }


def test_a_federated_user_has_the_accounts_number_in_its_user_id_and_no_user_name() -> None:
    assert principal_context(FEDERATED) == {
        "aws:PrincipalArn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "FederatedUser",
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": f"{ACCOUNT}:bob",
    }


@pytest.mark.parametrize("principal", [ALICE, SESSION, ROLE])
def test_a_user_id_that_the_principal_does_not_tell_is_unknown_and_not_absent(principal: Principal) -> None:
    assert principal_context(principal)["aws:userid"] is UNKNOWN


def test_a_role_without_a_session_goes_by_its_arn() -> None:
    assert principal_context(ROLE) == {
        "aws:PrincipalArn": ROLE_ARN,
        "aws:PrincipalAccount": ACCOUNT,
        "aws:PrincipalType": "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": UNKNOWN,
    }


def test_a_role_session_whose_role_is_not_told_may_be_of_any_role() -> None:
    session = Principal(arn=SESSION.arn, account=ACCOUNT, kind=PrincipalKind.ROLE_SESSION)
    assert principal_context(session)["aws:PrincipalArn"] is UNKNOWN


def test_an_anonymous_caller_has_no_arn() -> None:
    assert principal_context(NOBODY) == {
        "aws:PrincipalAccount": UNKNOWN,
        "aws:PrincipalType": "Anonymous",
        "aws:userid": "anonymous",
    }


def test_a_service_says_that_it_is_one_and_which() -> None:
    assert principal_context(SERVICE) == {
        "aws:PrincipalArn": UNKNOWN,
        "aws:PrincipalAccount": UNKNOWN,
        "aws:PrincipalType": UNKNOWN,
        "aws:userid": UNKNOWN,
        "aws:PrincipalIsAWSService": "true",
        "aws:PrincipalServiceName": "cloudtrail.amazonaws.com",
        "aws:PrincipalServiceNamesList": UNKNOWN,
    }


def test_nothing_is_claimed_of_whom_an_identity_provider_vouches_for() -> None:
    found = principal_context(PROVIDER)
    assert set(found) == {
        "aws:PrincipalArn",
        "aws:PrincipalAccount",
        "aws:PrincipalType",
        "aws:userid",
        "aws:PrincipalIsAWSService",
    }
    assert set(found.values()) == {UNKNOWN}


@pytest.mark.parametrize("principal", [SESSION, FEDERATED, ROOT, ROLE, SERVICE, NOBODY, PROVIDER])
def test_only_users_have_a_user_name(principal: Principal) -> None:
    assert "aws:username" not in principal_context(principal)


def test_a_deny_on_the_principals_arn_finds_the_principal() -> None:
    refused = deny(Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/team/alice"}})
    policies = PolicySet(identity=(compiled(allow(), refused),))
    context = {**principal_context(ALICE), **mfa_context(CredentialKind.SESSION_MFA)}
    decision = evaluate(request(principal=ALICE.arn, context=context), policies)
    assert decision.outcome is Outcome.EXPLICIT_DENY


def test_a_deny_on_a_user_id_that_nobody_knows_leaves_the_answer_open() -> None:
    refused = deny(Condition={"StringEquals": {"aws:userid": "AIDAALICE"}})
    policies = PolicySet(identity=(compiled(allow(), refused),))
    decision = evaluate(request(principal=ALICE.arn, context=principal_context(ALICE)), policies)
    assert (decision.outcome, decision.missing) == (Outcome.UNDETERMINED, ("aws:userid",))
