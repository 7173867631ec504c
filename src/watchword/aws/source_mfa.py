"""What is known of the MFA behind a session that was not opened here.

`watchword.iam` holds the one table of which credentials carry which MFA keys; this reads it.
"""

from __future__ import annotations

import enum

from watchword.iam import DEFAULT_ASSUMPTIONS, CredentialKind, MfaState, mfa_state


class MfaKnowledge(enum.Enum):
    """Whether requests carry `aws:MultiFactorAuthPresent` true. Not known is an answer of its own."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def mfa_of(kind: CredentialKind) -> MfaKnowledge:
    """Return what is known of the MFA of all credentials of a kind."""
    return _knowledge(mfa_state(kind))


def mfa_of_identity_provider() -> MfaKnowledge:
    """Return what is known of the MFA of role sessions made for an identity provider."""
    return _knowledge(DEFAULT_ASSUMPTIONS.role_session_from_identity_provider)


def _knowledge(state: MfaState) -> MfaKnowledge:
    match state:
        case MfaState.TRUE:
            return MfaKnowledge.YES
        case MfaState.FALSE | MfaState.ABSENT:
            return MfaKnowledge.NO
        case MfaState.UNKNOWN:
            return MfaKnowledge.UNKNOWN
