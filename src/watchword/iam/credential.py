"""The kinds of credentials, which MFA keys their requests carry, and which call makes which kind.

`issue` is the only table of this kind in the program: the sandbox, the session room and the proofs
all read it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from watchword.iam.context import UNKNOWN, ContextValue

PRESENT_KEY: Final = "aws:MultiFactorAuthPresent"
AGE_KEY: Final = "aws:MultiFactorAuthAge"


class CredentialKind(enum.StrEnum):
    """What signs a request. The values are public: they are used on command lines and in case files."""

    ROOT_KEY = "root-key"
    ACCESS_KEY = "access-key"
    SESSION = "session"
    SESSION_MFA = "session-mfa"
    CONSOLE = "console"
    CONSOLE_MFA = "console-mfa"
    ROLE_SESSION = "role-session"
    FEDERATED = "federated"
    SERVICE_ROLE = "service-role"
    FORWARDED = "forwarded"
    FORWARDED_MFA = "forwarded-mfa"


class MfaState(enum.Enum):
    """`aws:MultiFactorAuthPresent` as a request carries it. Absent and false are different."""

    ABSENT = "absent"
    FALSE = "false"
    TRUE = "true"
    UNKNOWN = "unknown"


_STATES: Final = {
    CredentialKind.ROOT_KEY: MfaState.ABSENT,
    CredentialKind.ACCESS_KEY: MfaState.ABSENT,
    CredentialKind.SESSION: MfaState.FALSE,
    CredentialKind.SESSION_MFA: MfaState.TRUE,
    CredentialKind.CONSOLE: MfaState.FALSE,
    CredentialKind.CONSOLE_MFA: MfaState.TRUE,
    CredentialKind.ROLE_SESSION: MfaState.FALSE,
    CredentialKind.FEDERATED: MfaState.FALSE,
    CredentialKind.SERVICE_ROLE: MfaState.FALSE,
    CredentialKind.FORWARDED: MfaState.FALSE,
    CredentialKind.FORWARDED_MFA: MfaState.TRUE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What AWS does where its own pages and observers disagree, one field a contested row.

    Each can be set to any state; `MfaState.UNKNOWN` makes every answer that depends on it
    `undetermined`.

    - `role_session_from_mfa_session`: the role session got with a session that had MFA, without a
      new code. AWS's page says it carries no MFA information; authors of tools report `true`.
    - `role_session_from_role_session`: the role session got with a role session that carries `true`
      (only possible when the field above says so).
    - `own_policy_at_assume_role_with_code`: what the caller's *own* policies see in an AssumeRole
      call that carries a code. The trust policy sees `true`; one context for one call is likely.
    """

    role_session_from_mfa_session: MfaState = MfaState.FALSE
    role_session_from_role_session: MfaState = MfaState.FALSE
    own_policy_at_assume_role_with_code: MfaState = MfaState.TRUE


DEFAULT_ASSUMPTIONS: Final = Assumptions()


def mfa_state(kind: CredentialKind) -> MfaState:
    """Return what `aws:MultiFactorAuthPresent` is in a request signed with this kind of credential.

    Source: IAM User Guide, reference_policies_condition-keys (long-term keys, sessions, console);
    role sessions, federated sessions and service roles as observed.
    """
    return _STATES[kind]


def mfa_context(kind: CredentialKind, *, age_seconds: int | None = None) -> dict[str, ContextValue]:
    """Return the MFA keys, and only those, that a request of this kind carries; `{}` when absent.

    `age_seconds` is the time since the code was checked; None when that is not known, and then
    `aws:MultiFactorAuthAge` is `UNKNOWN` wherever it is present at all.
    """
    return mfa_keys(mfa_state(kind), age_seconds=age_seconds)


def mfa_keys(state: MfaState, *, age_seconds: int | None = None) -> dict[str, ContextValue]:
    """Return the MFA keys for a state, as `mfa_context` does for a kind.

    Source: IAM User Guide, reference_policies_condition-keys: the age exists only when MFA was used.
    """
    match state:
        case MfaState.ABSENT:
            return {}
        case MfaState.FALSE:
            return {PRESENT_KEY: "false"}
        case MfaState.TRUE:
            return {PRESENT_KEY: "true", AGE_KEY: UNKNOWN if age_seconds is None else str(age_seconds)}
        case MfaState.UNKNOWN:
            return {PRESENT_KEY: UNKNOWN, AGE_KEY: UNKNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumeRoleKeys:
    """The MFA keys of one AssumeRole call, as each side of the decision sees them."""

    own_policies: dict[str, ContextValue]
    trust_policy: dict[str, ContextValue]


def assume_role_keys(
    state: MfaState,
    *,
    age_seconds: int | None,
    with_code: bool,
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
) -> AssumeRoleKeys:
    """Return the MFA keys of an AssumeRole call signed with a credential of this MFA state.

    `age_seconds` belongs to the credential. A code in the call (`with_code`, already checked) makes
    the trust policy see `true` with an age of 0, whatever the credential carries.

    Source: IAM User Guide, id_credentials_mfa_configure-api-require; the caller's own side is an
    assumption (`Assumptions.own_policy_at_assume_role_with_code`).
    """
    signed = mfa_keys(state, age_seconds=age_seconds)
    if not with_code:
        return AssumeRoleKeys(own_policies=signed, trust_policy=signed)
    own = mfa_keys(assumptions.own_policy_at_assume_role_with_code, age_seconds=0)
    return AssumeRoleKeys(own_policies=own, trust_policy=mfa_keys(MfaState.TRUE, age_seconds=0))


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


class NotIssuable(Exception):
    """AWS does not issue a credential here. Carries AWS's error code and text."""

    def __init__(self, aws_code: str, aws_message: str) -> None:
        super().__init__(aws_message)
        self.aws_code = aws_code
        self.aws_message = aws_message


_LONG_TERM: Final = frozenset({CredentialKind.ROOT_KEY, CredentialKind.ACCESS_KEY})


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
    mfa = mfa_state(source) if source_mfa is None else source_mfa
    match call:
        case IssuingCall.GET_SESSION_TOKEN:
            _must_be_long_term(source, "GetSessionToken")
            kind = CredentialKind.SESSION_MFA if with_code else CredentialKind.SESSION
            return Issued(kind=kind, mfa=mfa_state(kind))
        case IssuingCall.GET_FEDERATION_TOKEN:
            _must_be_long_term(source, "GetFederationToken")
            return Issued(kind=CredentialKind.FEDERATED, mfa=mfa_state(CredentialKind.FEDERATED))
        case IssuingCall.ASSUME_ROLE:
            return _assume_role(source, mfa, with_code, assumptions)
        case IssuingCall.FORWARD:
            return _forward(mfa)


def _must_be_long_term(source: CredentialKind, operation: str) -> None:
    if source not in _LONG_TERM:
        raise NotIssuable("AccessDenied", f"Cannot call {operation} with session credentials")


def _assume_role(source: CredentialKind, mfa: MfaState, with_code: bool, assumptions: Assumptions) -> Issued:
    if source is CredentialKind.ROOT_KEY:
        raise NotIssuable("AccessDenied", "Roles may not be assumed by root accounts.")
    if source is CredentialKind.FEDERATED:
        raise NotIssuable("AccessDenied", "Cannot call AssumeRole with federated user credentials")
    kind = CredentialKind.ROLE_SESSION
    if with_code or mfa in {MfaState.ABSENT, MfaState.FALSE}:
        return Issued(kind=kind, mfa=MfaState.FALSE)
    field = (
        "role_session_from_role_session"
        if source is CredentialKind.ROLE_SESSION
        else "role_session_from_mfa_session"
    )
    return Issued(kind=kind, mfa=getattr(assumptions, field), contested=field)


def _forward(mfa: MfaState) -> Issued:
    match mfa:
        case MfaState.TRUE:
            return Issued(kind=CredentialKind.FORWARDED_MFA, mfa=MfaState.TRUE)
        case MfaState.ABSENT | MfaState.FALSE:
            return Issued(kind=CredentialKind.FORWARDED, mfa=MfaState.FALSE)
        case MfaState.UNKNOWN:
            return Issued(kind=CredentialKind.FORWARDED, mfa=MfaState.UNKNOWN)
