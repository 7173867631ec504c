"""The kinds of credentials, and which MFA keys their requests carry."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from watchword.iam.context import AGE_KEY, PRESENT_KEY, UNKNOWN, ContextValue


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
