"""Which call makes which credential out of which.

`issue` is the only table of this kind in the program: the sandbox, the session room and the proofs
all read it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from watchword.errors import WatchwordError
from watchword.iam.credential import (
    DEFAULT_ASSUMPTIONS,
    Assumptions,
    CredentialKind,
    MfaState,
    mfa_state,
)
from watchword.iam.service_rules import RuleEffect, service_rules


class IssuingCall(enum.StrEnum):
    """What turns one credential into another."""

    GET_SESSION_TOKEN = "sts:GetSessionToken"  # noqa: S105 -- the name of a call
    ASSUME_ROLE = "sts:AssumeRole"
    GET_FEDERATION_TOKEN = "sts:GetFederationToken"  # noqa: S105 -- the name of a call
    FORWARD = "forward-access-session"
    """A service calls another one on the caller's behalf (no API call of the caller's own)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The credential that a call returns: its kind, its MFA state, and what is contested about it.

    `contested` names the field of `Assumptions` that `mfa` was taken from, or is None.
    """

    kind: CredentialKind
    mfa: MfaState
    contested: str | None = None


class NotIssuable(WatchwordError):
    """AWS does not issue a credential here. Carries AWS's error code and text."""

    def __init__(self, call: IssuingCall, source: CredentialKind, *, aws_code: str, aws_message: str) -> None:
        super().__init__(f"`{call}` is refused to a `{source}`: {aws_message}", see="docs/rooms/iam.md")
        self.aws_code = aws_code
        self.aws_message = aws_message


def issue(
    call: IssuingCall,
    source: CredentialKind,
    *,
    with_code: bool = False,
    source_mfa: MfaState | None = None,
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
) -> Issued:
    """Return the credential that `call` makes out of one of kind `source`.

    `with_code`: the call carries a serial number and a code that was accepted. `source_mfa`: the MFA
    state that the source carries, when it is not the usual one of its kind (a role session under
    another assumption). Whether policies allow the call is not looked at here.

    Raises `NotIssuable` where AWS refuses whatever the policies say.

    Source: STS API Reference, GetSessionToken, AssumeRole and GetFederationToken; IAM User Guide,
    reference_policies_condition-keys and access_forward_access_sessions.
    """
    rule = service_rules(call, source, assumptions=assumptions)
    if rule is not None and rule.effect is RuleEffect.REFUSE:
        raise NotIssuable(call, source, aws_code=rule.aws_code, aws_message=rule.aws_message)
    mfa = mfa_state(source, assumptions) if source_mfa is None else source_mfa
    match call:
        case IssuingCall.GET_SESSION_TOKEN:
            kind = CredentialKind.SESSION_MFA if with_code else CredentialKind.SESSION
            return Issued(kind=kind, mfa=mfa_state(kind))
        case IssuingCall.GET_FEDERATION_TOKEN:
            return Issued(
                kind=CredentialKind.FEDERATED,
                mfa=assumptions.federated_session,
                contested="federated_session",
            )
        case IssuingCall.ASSUME_ROLE:
            return _assume_role(source, mfa, with_code, assumptions)
        case IssuingCall.FORWARD:
            return _forward(mfa, assumptions)


def _assume_role(source: CredentialKind, mfa: MfaState, with_code: bool, assumptions: Assumptions) -> Issued:
    kind = CredentialKind.ROLE_SESSION
    if with_code or mfa in {MfaState.ABSENT, MfaState.FALSE}:
        return Issued(kind=kind, mfa=MfaState.FALSE)
    field = (
        "role_session_from_role_session"
        if source is CredentialKind.ROLE_SESSION
        else "role_session_from_mfa_session"
    )
    return Issued(kind=kind, mfa=getattr(assumptions, field), contested=field)


def _forward(mfa: MfaState, assumptions: Assumptions) -> Issued:
    match mfa:
        case MfaState.TRUE:
            return Issued(
                kind=CredentialKind.FORWARDED_MFA,
                mfa=assumptions.forwarded_from_mfa_session,
                contested="forwarded_from_mfa_session",
            )
        case MfaState.ABSENT | MfaState.FALSE:
            return Issued(kind=CredentialKind.FORWARDED, mfa=MfaState.FALSE)
        case MfaState.UNKNOWN:
            return Issued(kind=CredentialKind.FORWARDED, mfa=MfaState.UNKNOWN)
