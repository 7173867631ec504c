"""What is known of the MFA behind a session that was not opened here.

`watchword.iam` holds the one table of which credentials carry which MFA keys; this reads it.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # All of the engine, for one look into a table: loaded only when somebody looks.
    from watchword.iam import CredentialKind, MfaState


class MfaKnowledge(enum.Enum):
    """Whether requests carry `aws:MultiFactorAuthPresent` true. Not known is an answer of its own."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def mfa_of(kind: CredentialKind) -> MfaKnowledge:
    """Return what is known of the MFA of all credentials of a kind."""
    from watchword.iam import mfa_state

    return _knowledge(mfa_state(kind))


def mfa_of_identity_provider() -> MfaKnowledge:
    """Return what is known of the MFA of role sessions made for an identity provider."""
    from watchword.iam import DEFAULT_ASSUMPTIONS

    return _knowledge(DEFAULT_ASSUMPTIONS.role_session_from_identity_provider)


def _knowledge(state: MfaState) -> MfaKnowledge:
    from watchword.iam import MfaState

    match state:
        case MfaState.TRUE:
            return MfaKnowledge.YES
        case MfaState.FALSE | MfaState.ABSENT:
            return MfaKnowledge.NO
        case MfaState.UNKNOWN:
            return MfaKnowledge.UNKNOWN
