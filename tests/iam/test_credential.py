"""Credential kinds: which MFA keys they carry, and which call makes which."""

from __future__ import annotations

import pytest

from watchword.iam import (
    UNKNOWN,
    Assumptions,
    CredentialKind,
    IssuingCall,
    MfaState,
    NotIssuable,
    assume_role_keys,
    issue,
    mfa_context,
    mfa_keys,
    mfa_state,
)

PRESENT = "aws:MultiFactorAuthPresent"
AGE = "aws:MultiFactorAuthAge"
LONG_TERM = (CredentialKind.ROOT_KEY, CredentialKind.ACCESS_KEY)
CONTESTED = {CredentialKind.LOGIN, CredentialKind.LOGIN_MFA, CredentialKind.SERVICE}
TEMPORARY = tuple(kind for kind in CredentialKind if kind not in LONG_TERM)


@pytest.mark.parametrize("kind", LONG_TERM)
def test_a_long_term_key_carries_no_mfa_key_at_all(kind: CredentialKind) -> None:
    assert mfa_context(kind, age_seconds=None) == {}


@pytest.mark.parametrize("kind", TEMPORARY)
def test_a_temporary_credential_always_carries_the_key(kind: CredentialKind) -> None:
    assert PRESENT in mfa_context(kind, age_seconds=None)


def test_the_age_exists_only_with_mfa() -> None:
    ages = {kind: mfa_context(kind, age_seconds=5).get(AGE) for kind in CredentialKind}
    assert {kind for kind, age in ages.items() if age == "5"} == {
        CredentialKind.SESSION_MFA,
        CredentialKind.CONSOLE_MFA,
        CredentialKind.FORWARDED_MFA,
    }
    assert {kind for kind, age in ages.items() if age is UNKNOWN} == CONTESTED
    assert mfa_context(CredentialKind.SESSION_MFA, age_seconds=5) == {PRESENT: "true", AGE: "5"}
    assert mfa_context(CredentialKind.SESSION_MFA)[AGE] is UNKNOWN


def test_an_unknown_state_leaves_both_keys_unknown() -> None:
    assert mfa_keys(MfaState.UNKNOWN) == {PRESENT: UNKNOWN, AGE: UNKNOWN}


@pytest.mark.parametrize("kind", LONG_TERM)
@pytest.mark.parametrize(
    ("with_code", "issued"), [(True, CredentialKind.SESSION_MFA), (False, CredentialKind.SESSION)]
)
def test_get_session_token_turns_a_key_into_a_session(
    kind: CredentialKind, with_code: bool, issued: CredentialKind
) -> None:
    result = issue(IssuingCall.GET_SESSION_TOKEN, kind, with_code=with_code)
    assert result.kind is issued
    assert result.mfa is (MfaState.TRUE if with_code else MfaState.FALSE)


@pytest.mark.parametrize("kind", TEMPORARY)
@pytest.mark.parametrize("call", [IssuingCall.GET_SESSION_TOKEN, IssuingCall.GET_FEDERATION_TOKEN])
def test_session_credentials_make_no_further_session(call: IssuingCall, kind: CredentialKind) -> None:
    with pytest.raises(NotIssuable) as caught:
        issue(call, kind, with_code=True)
    assert caught.value.aws_code == "AccessDenied"
    assert caught.value.aws_message == f"Cannot call {call.value[4:]} with session credentials"


def test_root_may_not_assume_roles() -> None:
    with pytest.raises(NotIssuable, match="Roles may not be assumed by root accounts"):
        issue(IssuingCall.ASSUME_ROLE, CredentialKind.ROOT_KEY, with_code=False)


@pytest.mark.parametrize("source", [CredentialKind.ACCESS_KEY, CredentialKind.SESSION_MFA])
def test_a_role_session_got_with_a_code_carries_false(source: CredentialKind) -> None:
    result = issue(IssuingCall.ASSUME_ROLE, source, with_code=True)
    assert (result.kind, result.mfa, result.contested) == (CredentialKind.ROLE_SESSION, MfaState.FALSE, None)


@pytest.mark.parametrize("state", MfaState)
def test_a_role_session_from_a_session_with_mfa_is_as_assumed(state: MfaState) -> None:
    result = issue(
        IssuingCall.ASSUME_ROLE,
        CredentialKind.SESSION_MFA,
        with_code=False,
        assumptions=Assumptions(role_session_from_mfa_session=state),
    )
    assert (result.mfa, result.contested) == (state, "role_session_from_mfa_session")


def test_a_chained_role_session_is_as_assumed() -> None:
    result = issue(
        IssuingCall.ASSUME_ROLE,
        CredentialKind.ROLE_SESSION,
        with_code=False,
        source_mfa=MfaState.TRUE,
        assumptions=Assumptions(role_session_from_role_session=MfaState.UNKNOWN),
    )
    assert (result.mfa, result.contested) == (MfaState.UNKNOWN, "role_session_from_role_session")


def test_nothing_is_contested_about_a_role_session_from_an_access_key() -> None:
    assert issue(IssuingCall.ASSUME_ROLE, CredentialKind.ACCESS_KEY, with_code=False).contested is None


@pytest.mark.parametrize("kind", CredentialKind)
def test_a_forwarded_call_always_carries_the_key(kind: CredentialKind) -> None:
    result = issue(IssuingCall.FORWARD, kind, with_code=False)
    expected = MfaState.FALSE if mfa_state(kind) is MfaState.ABSENT else mfa_state(kind)
    assert result.mfa is expected
    if expected is not MfaState.UNKNOWN:
        assert mfa_state(result.kind) is expected


def test_a_code_in_the_call_makes_the_trust_policy_see_mfa() -> None:
    keys = assume_role_keys(MfaState.ABSENT, age_seconds=None, with_code=True)
    assert keys.trust_policy == {PRESENT: "true", AGE: "0"}
    assert keys.own_policies == keys.trust_policy


def test_what_the_own_policies_see_of_a_code_can_be_set() -> None:
    assumed = Assumptions(own_policy_at_assume_role_with_code=MfaState.ABSENT)
    keys = assume_role_keys(MfaState.ABSENT, age_seconds=None, with_code=True, assumptions=assumed)
    assert keys.own_policies == {}
    assert keys.trust_policy == {PRESENT: "true", AGE: "0"}


def test_without_a_code_both_sides_see_the_credential() -> None:
    keys = assume_role_keys(MfaState.TRUE, age_seconds=60, with_code=False)
    assert keys.own_policies == keys.trust_policy == {PRESENT: "true", AGE: "60"}


@pytest.mark.parametrize("state", MfaState)
def test_what_a_federated_session_and_a_forwarded_call_carry_is_as_assumed(state: MfaState) -> None:
    assumed = Assumptions(federated_session=state, forwarded_from_mfa_session=state)
    federated = issue(IssuingCall.GET_FEDERATION_TOKEN, CredentialKind.ACCESS_KEY, assumptions=assumed)
    forwarded = issue(IssuingCall.FORWARD, CredentialKind.SESSION_MFA, assumptions=assumed)
    assert (federated.mfa, federated.contested) == (state, "federated_session")
    assert (forwarded.mfa, forwarded.contested) == (state, "forwarded_from_mfa_session")
