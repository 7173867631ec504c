"""The kinds of credentials, and which MFA keys their requests carry."""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields
from typing import Final

from watchword.iam.context import AGE_KEY, PRESENT_KEY, UNKNOWN, ContextValue, Unknown


class CredentialKind(enum.StrEnum):
    """What signs a request. The values are public: they are used on command lines and in case files."""

    ROOT_KEY = "root-key"
    ACCESS_KEY = "access-key"
    SESSION = "session"
    SESSION_MFA = "session-mfa"
    CONSOLE = "console"
    CONSOLE_MFA = "console-mfa"
    LOGIN = "login"
    """What `aws login` gets from a sign-in to the console with a password only."""
    LOGIN_MFA = "login-mfa"
    ROLE_SESSION = "role-session"
    FEDERATED = "federated"
    SERVICE_ROLE = "service-role"
    """The role of an instance, a function or a task."""
    SERVICE_LINKED_ROLE = "service-linked-role"
    FORWARDED = "forwarded"
    FORWARDED_MFA = "forwarded-mfa"
    SERVICE = "service"
    """An AWS service that calls as itself."""


class MfaState(enum.Enum):
    """`aws:MultiFactorAuthPresent` as a request carries it. Absent and false are different."""

    ABSENT = "absent"
    FALSE = "false"
    TRUE = "true"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What AWS does where its pages are silent or contradicted, one field a contested fact.

    Each can be set to any state; `MfaState.UNKNOWN` makes every answer that depends on it
    `undetermined`. The first fields say what `aws:MultiFactorAuthPresent` is.

    - `console_with_mfa`: a console sign-in with MFA. That it is `true` is inferred.
    - `login`, `login_with_mfa`: the credentials of `aws login`. Nobody has said whether they carry what
      the console sign-in behind them does.
    - `role_session_from_mfa_session`: the role session got with a session that had MFA, without a
      new code. AWS's page says it carries no MFA information; authors of tools report `true`.
    - `role_session_from_role_session`: the role session got with a role session that carries `true`
      (only possible when another field says so).
    - `role_session_from_identity_provider`: a SAML, OIDC or Identity Center session. Observed.
    - `service_role_session`: the role of an instance, a function or a task. Observed.
    - `federated_session`: a GetFederationToken session. Observed.
    - `forwarded_from_mfa_session`: what a service calls on behalf of a caller who had MFA. Inferred.
    - `service_linked_role`: inferred. `aws_service`: a service that calls as itself; there is no user
      who could have had MFA, and nobody has said more.
    - `own_policy_at_assume_role_with_code`: what the caller's *own* policies see in an AssumeRole
      call that carries a code. The trust policy sees `true`; one context for one call is likely.
    - `session_with_mfa_is_limited`: whether GetSessionToken sessions are held to AssumeRole and
      GetCallerIdentity within STS even with MFA. The API Reference says so, the User Guide implies the
      contrary. True, False or `UNKNOWN`.
    - `session_passes_roles`: whether a session that may call no API of IAM's (GetSessionToken without MFA,
      GetFederationToken) may pass a role. `iam:PassRole` is no call: AWS looks at it within another
      service's. No page of AWS's says that the limit reaches it, or does not. True, False or `UNKNOWN`.
    """

    console_with_mfa: MfaState = MfaState.TRUE
    login: MfaState = MfaState.UNKNOWN
    login_with_mfa: MfaState = MfaState.UNKNOWN
    role_session_from_mfa_session: MfaState = MfaState.FALSE
    role_session_from_role_session: MfaState = MfaState.FALSE
    role_session_from_identity_provider: MfaState = MfaState.FALSE
    service_role_session: MfaState = MfaState.FALSE
    federated_session: MfaState = MfaState.FALSE
    forwarded_from_mfa_session: MfaState = MfaState.TRUE
    service_linked_role: MfaState = MfaState.FALSE
    aws_service: MfaState = MfaState.UNKNOWN
    own_policy_at_assume_role_with_code: MfaState = MfaState.TRUE
    session_with_mfa_is_limited: bool | Unknown = True
    session_passes_roles: bool | Unknown = UNKNOWN


DEFAULT_ASSUMPTIONS: Final = Assumptions()


def assumption_settings() -> dict[str, dict[str, MfaState | bool | Unknown]]:
    """Return what each field of `Assumptions` can be set to, by the words for it in files and options."""
    states: dict[str, MfaState | bool | Unknown] = {state.value: state for state in MfaState}
    answers: dict[str, MfaState | bool | Unknown] = {"false": False, "true": True, "unknown": UNKNOWN}
    return {
        field.name: states if isinstance(field.default, MfaState) else answers
        for field in fields(Assumptions)
    }


def mfa_state(kind: CredentialKind, assumptions: Assumptions = DEFAULT_ASSUMPTIONS) -> MfaState:
    """Return what `aws:MultiFactorAuthPresent` is in a request signed with this kind of credential.

    A role session of which no more is known carries what all role sessions do, if that is one thing
    (`issue` knows more: what it was made of).

    Source: IAM User Guide, reference_policies_condition-keys (long-term keys, sessions, console) and
    access_forward_access_sessions; the rest are `Assumptions`.
    """
    match kind:
        case CredentialKind.ROOT_KEY | CredentialKind.ACCESS_KEY:
            return MfaState.ABSENT
        case CredentialKind.SESSION | CredentialKind.CONSOLE | CredentialKind.FORWARDED:
            return MfaState.FALSE
        case CredentialKind.SESSION_MFA:
            return MfaState.TRUE
        case CredentialKind.ROLE_SESSION:
            return _any_role_session(assumptions)
        case _:
            return _assumed(kind, assumptions)


def _assumed(kind: CredentialKind, assumptions: Assumptions) -> MfaState:
    return {
        CredentialKind.CONSOLE_MFA: assumptions.console_with_mfa,
        CredentialKind.LOGIN: assumptions.login,
        CredentialKind.LOGIN_MFA: assumptions.login_with_mfa,
        CredentialKind.FEDERATED: assumptions.federated_session,
        CredentialKind.SERVICE_ROLE: assumptions.service_role_session,
        CredentialKind.SERVICE_LINKED_ROLE: assumptions.service_linked_role,
        CredentialKind.FORWARDED_MFA: assumptions.forwarded_from_mfa_session,
        CredentialKind.SERVICE: assumptions.aws_service,
    }[kind]


def _any_role_session(assumptions: Assumptions) -> MfaState:
    states = {
        MfaState.FALSE,  # of one got with an access key, or with a code
        assumptions.role_session_from_mfa_session,
        assumptions.role_session_from_role_session,
        assumptions.role_session_from_identity_provider,
    }
    return MfaState.FALSE if len(states) == 1 else MfaState.UNKNOWN


def mfa_context(
    kind: CredentialKind, *, age_seconds: int | None = None, assumptions: Assumptions = DEFAULT_ASSUMPTIONS
) -> dict[str, ContextValue]:
    """Return the MFA keys, and only those, that a request of this kind carries; `{}` when absent.

    `age_seconds` is the time since the code was checked; None when that is not known, and then
    `aws:MultiFactorAuthAge` is `UNKNOWN` wherever it is present at all.
    """
    return mfa_keys(mfa_state(kind, assumptions), age_seconds=age_seconds)


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
