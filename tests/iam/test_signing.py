"""Who signs with what, and which condition keys follow from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watchword.iam import (
    UNKNOWN,
    CredentialKind,
    MfaState,
    Principal,
    PrincipalKind,
    credential_context,
    kinds_of,
    principal_from_arn,
    signer,
    usual_kind,
)
from watchword.iam.credential import DEFAULT_ASSUMPTIONS

ACCOUNT = "123456789012"
USER = f"arn:aws-cn:iam::{ACCOUNT}:user/team/alice"
ROLE = f"arn:aws-cn:iam::{ACCOUNT}:role/team/dev"
SESSION = f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/dev/alice"
FEDERATED = f"arn:aws-cn:sts::{ACCOUNT}:federated-user/bob"
ROOT = f"arn:aws-cn:iam::{ACCOUNT}:root"
PROVIDER = f"arn:aws-cn:iam::{ACCOUNT}:oidc-provider/example.com"
PERSON = {
    CredentialKind.SESSION,
    CredentialKind.SESSION_MFA,
    CredentialKind.CONSOLE,
    CredentialKind.CONSOLE_MFA,
    CredentialKind.LOGIN,
    CredentialKind.LOGIN_MFA,
    CredentialKind.FORWARDED,
    CredentialKind.FORWARDED_MFA,
}
OF_A_ROLE = {
    CredentialKind.ROLE_SESSION,
    CredentialKind.SERVICE_ROLE,
    CredentialKind.SERVICE_LINKED_ROLE,
    CredentialKind.FORWARDED,
}
LONG_TERM = {CredentialKind.ACCESS_KEY, CredentialKind.ROOT_KEY}


@pytest.mark.parametrize(
    ("arn", "kinds", "usual"),
    [
        (USER, PERSON | {CredentialKind.ACCESS_KEY}, CredentialKind.ACCESS_KEY),
        (ROOT, PERSON | {CredentialKind.ROOT_KEY}, CredentialKind.ROOT_KEY),
        (ROLE, OF_A_ROLE, CredentialKind.ROLE_SESSION),
        (SESSION, OF_A_ROLE, CredentialKind.ROLE_SESSION),
        (FEDERATED, {CredentialKind.FEDERATED}, CredentialKind.FEDERATED),
        ("s3.amazonaws.com", {CredentialKind.SERVICE}, CredentialKind.SERVICE),
        (PROVIDER, set(), None),
        ("*", set(), None),
    ],
)
def test_each_principal_has_kinds_to_sign_with_and_a_usual_one(
    arn: str, kinds: set[CredentialKind], usual: CredentialKind | None
) -> None:
    principal = principal_from_arn(arn)
    # Who comes by SAML or OIDC has a role session and is federated too: that depends on who is asked.
    assert set(kinds_of(principal)) - {CredentialKind.FEDERATED} == kinds - {CredentialKind.FEDERATED}
    assert usual_kind(principal) is usual


def test_users_sign_as_themselves() -> None:
    alice = principal_from_arn(USER)
    assert signer(alice, CredentialKind.SESSION_MFA) is alice
    assert signer(alice, CredentialKind.ROOT_KEY) is None


def test_a_role_signs_as_a_session_of_it() -> None:
    role = replace(principal_from_arn(ROLE), unique_id="AROADEV")
    assert signer(role, CredentialKind.SERVICE_ROLE) == Principal(
        arn=f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/dev/session",
        account=ACCOUNT,
        kind=PrincipalKind.ROLE_SESSION,
        role_arn=ROLE,
        unique_id="AROADEV",
    )
    session = principal_from_arn(SESSION)
    assert signer(session, CredentialKind.ROLE_SESSION) is session
    assert signer(role, CredentialKind.ACCESS_KEY) is None


def test_a_user_gets_a_federated_session_of_the_same_name() -> None:
    assert signer(principal_from_arn(USER), CredentialKind.FEDERATED) == Principal(
        arn=f"arn:aws-cn:sts::{ACCOUNT}:federated-user/alice",
        account=ACCOUNT,
        kind=PrincipalKind.FEDERATED_USER,
        user_arn=USER,
    )
    bob = principal_from_arn(FEDERATED)
    assert signer(bob, CredentialKind.FEDERATED) is bob
    assert signer(bob, CredentialKind.SESSION) is None


@pytest.mark.parametrize("kind", CredentialKind)
def test_the_credential_says_how_long_it_lives_and_through_whom_the_call_came(kind: CredentialKind) -> None:
    found = credential_context(kind)
    through = kind in {CredentialKind.FORWARDED, CredentialKind.FORWARDED_MFA}
    expected = {"aws:ViaAWSService": "true" if through else "false"}
    others = {key: each for key, each in found.items() if "MultiFactorAuth" not in key}
    unknown = set() if kind in LONG_TERM else {"aws:TokenIssueTime"}
    unknown |= {"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"} if through else set()
    assert others == {**expected, **dict.fromkeys(unknown, UNKNOWN)}


def test_the_credential_carries_the_mfa_keys_as_assumed() -> None:
    assert credential_context(CredentialKind.ACCESS_KEY) == {"aws:ViaAWSService": "false"}
    assert credential_context(CredentialKind.SESSION_MFA)["aws:MultiFactorAuthPresent"] == "true"
    assumed = replace(DEFAULT_ASSUMPTIONS, service_role_session=MfaState.TRUE)
    found = credential_context(CredentialKind.SERVICE_ROLE, assumptions=assumed)
    assert (found["aws:MultiFactorAuthPresent"], found["aws:MultiFactorAuthAge"]) == ("true", UNKNOWN)
