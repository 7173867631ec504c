"""Which call makes which credential, and of which field of the assumptions its MFA state is taken."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from watchword.iam import (
    UNKNOWN,
    Assumptions,
    CredentialKind,
    IssuingCall,
    MfaState,
    NotIssuable,
    issue,
    mfa_state,
)
from watchword.iam.credential import DEFAULT_ASSUMPTIONS, assumption_settings
from watchword.iam.issuing import Issued

LONG_TERM = [CredentialKind.ROOT_KEY, CredentialKind.ACCESS_KEY]


def assuming(field: str, state: MfaState) -> Assumptions:
    changed: dict[str, Any] = {field: state}
    return replace(DEFAULT_ASSUMPTIONS, **changed)


def test_a_refusal_says_the_call_the_credential_and_what_aws_says() -> None:
    with pytest.raises(NotIssuable) as caught:
        issue(IssuingCall.GET_SESSION_TOKEN, CredentialKind.CONSOLE_MFA)
    assert caught.value.message == (
        "`sts:GetSessionToken` is refused to a `console-mfa`: "
        "Cannot call GetSessionToken with session credentials"
    )
    assert caught.value.see == "docs/rooms/iam.md"
    assert caught.value.aws_code == "AccessDenied"
    assert caught.value.aws_message == "Cannot call GetSessionToken with session credentials"


@pytest.mark.parametrize("source", LONG_TERM)
def test_a_session_has_mfa_when_there_was_a_code(source: CredentialKind) -> None:
    call = IssuingCall.GET_SESSION_TOKEN
    assert issue(call, source) == Issued(kind=CredentialKind.SESSION, mfa=MfaState.FALSE)
    assert issue(call, source, with_code=True) == Issued(kind=CredentialKind.SESSION_MFA, mfa=MfaState.TRUE)


@pytest.mark.parametrize("source", LONG_TERM)
@pytest.mark.parametrize("state", MfaState)
def test_a_federated_session_carries_what_is_assumed(source: CredentialKind, state: MfaState) -> None:
    assumed = replace(DEFAULT_ASSUMPTIONS, federated_session=state)
    assert issue(IssuingCall.GET_FEDERATION_TOKEN, source, assumptions=assumed) == Issued(
        kind=CredentialKind.FEDERATED, mfa=state, contested="federated_session"
    )


@pytest.mark.parametrize("source_mfa", [MfaState.TRUE, MfaState.UNKNOWN])
def test_a_role_session_carries_what_is_assumed_of_what_it_was_got_with(source_mfa: MfaState) -> None:
    assumed = replace(
        DEFAULT_ASSUMPTIONS,
        role_session_from_mfa_session=MfaState.TRUE,
        role_session_from_role_session=MfaState.UNKNOWN,
    )

    def got(source: CredentialKind, *, with_code: bool = False) -> Issued:
        return issue(
            IssuingCall.ASSUME_ROLE, source, with_code=with_code, source_mfa=source_mfa, assumptions=assumed
        )

    kind = CredentialKind.ROLE_SESSION
    for source in (CredentialKind.SESSION_MFA, CredentialKind.CONSOLE_MFA):
        expected = Issued(kind=kind, mfa=MfaState.TRUE, contested="role_session_from_mfa_session")
        assert got(source) == expected
    chained = Issued(kind=kind, mfa=MfaState.UNKNOWN, contested="role_session_from_role_session")
    assert got(CredentialKind.ROLE_SESSION) == chained
    assert got(CredentialKind.ROLE_SESSION, with_code=True) == Issued(kind=kind, mfa=MfaState.FALSE)


@pytest.mark.parametrize("source_mfa", [MfaState.ABSENT, MfaState.FALSE])
def test_without_mfa_before_there_is_none_in_the_role_session(source_mfa: MfaState) -> None:
    assumed = replace(
        DEFAULT_ASSUMPTIONS,
        role_session_from_mfa_session=MfaState.TRUE,
        role_session_from_role_session=MfaState.TRUE,
    )
    for source in (CredentialKind.SESSION, CredentialKind.ROLE_SESSION):
        found = issue(IssuingCall.ASSUME_ROLE, source, source_mfa=source_mfa, assumptions=assumed)
        assert found == Issued(kind=CredentialKind.ROLE_SESSION, mfa=MfaState.FALSE)


def test_what_the_source_carries_follows_from_its_kind_and_the_assumptions() -> None:
    assumed = replace(DEFAULT_ASSUMPTIONS, console_with_mfa=MfaState.FALSE)
    found = issue(IssuingCall.ASSUME_ROLE, CredentialKind.CONSOLE_MFA, assumptions=assumed)
    assert found == Issued(kind=CredentialKind.ROLE_SESSION, mfa=MfaState.FALSE)
    assert issue(IssuingCall.ASSUME_ROLE, CredentialKind.CONSOLE_MFA).contested is not None


def test_the_service_rules_are_those_of_the_assumptions() -> None:
    for state in (True, False):
        assumed = replace(DEFAULT_ASSUMPTIONS, session_with_mfa_is_limited=state)
        assert issue(IssuingCall.ASSUME_ROLE, CredentialKind.SESSION_MFA, assumptions=assumed)


@pytest.mark.parametrize("state", MfaState)
def test_a_forwarded_call_carries_what_is_assumed_of_a_caller_with_mfa(state: MfaState) -> None:
    assumed = replace(DEFAULT_ASSUMPTIONS, forwarded_from_mfa_session=state)

    def got(source_mfa: MfaState) -> Issued:
        kind = CredentialKind.SESSION_MFA
        return issue(IssuingCall.FORWARD, kind, source_mfa=source_mfa, assumptions=assumed)

    with_mfa = CredentialKind.FORWARDED_MFA
    assert got(MfaState.TRUE) == Issued(kind=with_mfa, mfa=state, contested="forwarded_from_mfa_session")
    without = Issued(kind=CredentialKind.FORWARDED, mfa=MfaState.FALSE)
    assert (got(MfaState.ABSENT), got(MfaState.FALSE)) == (without, without)
    assert got(MfaState.UNKNOWN) == Issued(kind=CredentialKind.FORWARDED, mfa=MfaState.UNKNOWN)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (CredentialKind.CONSOLE_MFA, "console_with_mfa"),
        (CredentialKind.LOGIN, "login"),
        (CredentialKind.LOGIN_MFA, "login_with_mfa"),
        (CredentialKind.FEDERATED, "federated_session"),
        (CredentialKind.SERVICE_ROLE, "service_role_session"),
        (CredentialKind.SERVICE_LINKED_ROLE, "service_linked_role"),
        (CredentialKind.FORWARDED_MFA, "forwarded_from_mfa_session"),
        (CredentialKind.SERVICE, "aws_service"),
    ],
)
def test_a_contested_kind_carries_what_its_field_says(kind: CredentialKind, field: str) -> None:
    for state in MfaState:
        assert mfa_state(kind, assuming(field, state)) is state
    by_default: MfaState = getattr(DEFAULT_ASSUMPTIONS, field)
    assert mfa_state(kind) is by_default


@pytest.mark.parametrize("kind", ["mfa_session", "role_session", "identity_provider"])
def test_a_role_session_of_which_no_more_is_known_may_be_any(kind: str) -> None:
    assert mfa_state(CredentialKind.ROLE_SESSION) is MfaState.FALSE
    for state in (MfaState.TRUE, MfaState.UNKNOWN, MfaState.ABSENT):
        assumed = assuming(f"role_session_from_{kind}", state)
        assert mfa_state(CredentialKind.ROLE_SESSION, assumed) is MfaState.UNKNOWN


def test_every_assumption_can_be_set_to_every_state_by_its_word() -> None:
    states = {"absent": MfaState.ABSENT, "false": MfaState.FALSE, "true": MfaState.TRUE}
    found = assumption_settings()
    assert list(found) == [field.name for field in fields(Assumptions)]
    for name in ("session_with_mfa_is_limited", "session_passes_roles"):
        assert found.pop(name) == {"false": False, "true": True, "unknown": UNKNOWN}
    assert all(words == states | {"unknown": MfaState.UNKNOWN} for words in found.values())
