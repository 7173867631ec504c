"""What is known of the MFA behind a session that was not opened here.

`watchword.iam` holds the one table of which credentials carry which MFA keys; this reads it.
"""

from __future__ import annotations

import enum

from watchword.iam import CredentialKind, MfaState, mfa_state


class MfaKnowledge(enum.Enum):
    """Whether requests carry `aws:MultiFactorAuthPresent` true. Not known is an answer of its own."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def mfa_of(kind: CredentialKind) -> MfaKnowledge:
    """Return what is known of the MFA of all credentials of a kind."""
    match mfa_state(kind):
        case MfaState.TRUE:
            return MfaKnowledge.YES
        case MfaState.FALSE | MfaState.ABSENT:
            return MfaKnowledge.NO
        case MfaState.UNKNOWN:
            return MfaKnowledge.UNKNOWN
