"""What AWS's services allow or refuse before they look at any policy, call by call and kind by kind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from watchword.iam import UNKNOWN, CredentialKind
from watchword.iam.context import Unknown
from watchword.iam.credential import DEFAULT_ASSUMPTIONS
from watchword.iam.service_rules import RuleEffect, ServiceRule, service_rules

ALLOW = ServiceRule(effect=RuleEffect.ALLOW)
LONG_TERM = {CredentialKind.ROOT_KEY, CredentialKind.ACCESS_KEY}
ROOT = ServiceRule(
    effect=RuleEffect.REFUSE,
    aws_code="AccessDenied",
    aws_message="Roles may not be assumed by root accounts.",
)
INVALID = ServiceRule(
    effect=RuleEffect.REFUSE,
    aws_code="InvalidClientTokenId",
    aws_message="The security token included in the request is invalid",
)


def not_with_a_session(call: str) -> ServiceRule:
    message = f"Cannot call {call} with session credentials"
    return ServiceRule(effect=RuleEffect.REFUSE, aws_code="AccessDenied", aws_message=message)


@pytest.mark.parametrize("kind", CredentialKind)
def test_only_some_kinds_may_call_iam(kind: CredentialKind) -> None:
    refused = kind in {CredentialKind.SESSION, CredentialKind.FEDERATED}
    assert service_rules("IAM:ListUsers", kind) == (INVALID if refused else None)


@pytest.mark.parametrize("kind", [CredentialKind.SESSION, CredentialKind.FEDERATED])
def test_whether_a_session_passes_a_role_that_may_not_call_iam_is_left_open(kind: CredentialKind) -> None:
    open_ = service_rules("iam:PassRole", kind)
    assert open_ is not None
    assert (open_.effect, open_.contested) == (RuleEffect.MAY_REFUSE, "session_passes_roles")
    may, may_not = (replace(DEFAULT_ASSUMPTIONS, session_passes_roles=each) for each in (True, False))
    assert service_rules("iam:passrole", kind, assumptions=may) is None
    refused = service_rules("iam:PassRole", kind, assumptions=may_not)
    assert refused is not None
    assert refused.effect is RuleEffect.REFUSE


@pytest.mark.parametrize("kind", CredentialKind)
def test_other_services_leave_it_to_the_policies(kind: CredentialKind) -> None:
    for action in ("s3:GetCallerIdentity", "iamx:ListUsers", "ec2:AssumeRole"):
        assert service_rules(action, kind, root=True) is None


@pytest.mark.parametrize("kind", CredentialKind)
def test_everybody_may_ask_who_they_are(kind: CredentialKind) -> None:
    assert service_rules("sts:GetCallerIdentity", kind) == ALLOW


@pytest.mark.parametrize("kind", CredentialKind)
def test_sessions_and_federated_sessions_are_made_with_long_term_keys(kind: CredentialKind) -> None:
    session, federated = "GetSessionToken", "GetFederationToken"
    assert service_rules(f"STS:{session}", kind) == (
        ALLOW if kind in LONG_TERM else not_with_a_session(session)
    )
    assert service_rules(f"sts:{federated}", kind) == (
        None if kind in LONG_TERM else not_with_a_session(federated)
    )


@pytest.mark.parametrize("kind", CredentialKind)
def test_root_and_federated_sessions_may_not_assume_roles(kind: CredentialKind) -> None:
    found = service_rules("sts:AssumeRole", kind)
    match kind:
        case CredentialKind.ROOT_KEY:
            assert found == ROOT
        case CredentialKind.FEDERATED:
            assert found == not_with_a_session("AssumeRole")
        case _:
            assert found is None
    assert service_rules("sts:AssumeRole", kind, root=True) == ROOT


@pytest.mark.parametrize("action", ["TagSession", "SetSourceIdentity"])
def test_what_assume_role_asks_for_beside_is_no_call(action: str) -> None:
    for kind in (CredentialKind.SESSION, CredentialKind.SESSION_MFA):
        assert service_rules(f"sts:{action}", kind) is None


@pytest.mark.parametrize("kind", CredentialKind)
def test_within_sts_a_session_is_held_to_little(kind: CredentialKind) -> None:
    held = kind in {CredentialKind.SESSION, CredentialKind.SESSION_MFA, CredentialKind.FEDERATED}
    expected = not_with_a_session("GetAccessKeyInfo") if held else None
    assert service_rules("sts:GetAccessKeyInfo", kind) == expected


@pytest.mark.parametrize("limited", [True, False, UNKNOWN])
def test_whether_a_session_with_mfa_is_held_to_it_is_assumed(limited: bool | Unknown) -> None:
    assumed = replace(DEFAULT_ASSUMPTIONS, session_with_mfa_is_limited=limited)
    refused = not_with_a_session("GetAccessKeyInfo")
    open_ = replace(refused, effect=RuleEffect.MAY_REFUSE, contested="session_with_mfa_is_limited")

    def rule(kind: CredentialKind, action: str = "sts:GetAccessKeyInfo") -> ServiceRule | None:
        return service_rules(action, kind, assumptions=assumed)

    assert rule(CredentialKind.SESSION_MFA) == {True: refused, False: None, UNKNOWN: open_}[limited]
    assert rule(CredentialKind.SESSION) == refused
    assert rule(CredentialKind.ACCESS_KEY) is None
    assert rule(CredentialKind.SESSION_MFA, "sts:AssumeRole") is None
