"""What the requests of a role's session say of MFA, as far as anybody knows."""

from __future__ import annotations

from watchword.aws import MfaKnowledge
from watchword.session.session import MfaCarried


def carried_with_code() -> tuple[MfaCarried, str | None]:
    """Return it for a session that was opened with a code, from a long-term key."""
    from watchword.iam import CredentialKind, IssuingCall, issue

    issued = issue(IssuingCall.ASSUME_ROLE, CredentialKind.ACCESS_KEY, with_code=True)
    return MfaCarried(issued.mfa.value), issued.contested


def carried_from(
    source: MfaCarried, contested: str | None, *, is_role: bool
) -> tuple[MfaCarried, str | None]:
    """Return it for a session assumed from another one, and the assumption that it rests on, if any."""
    from watchword.iam import CredentialKind, IssuingCall, MfaState, issue

    kind = CredentialKind.ROLE_SESSION if is_role else CredentialKind.SESSION_MFA
    if source is MfaCarried.UNKNOWN:
        return MfaCarried.UNKNOWN, contested
    issued = issue(IssuingCall.ASSUME_ROLE, kind, source_mfa=MfaState(source.value))
    return MfaCarried(issued.mfa.value), issued.contested or contested


def carried_by(knowledge: MfaKnowledge) -> MfaCarried:
    """Return what the requests of another source carry."""
    match knowledge:
        case MfaKnowledge.YES:
            return MfaCarried.TRUE
        case MfaKnowledge.NO:
            return MfaCarried.FALSE
        case MfaKnowledge.UNKNOWN:
            return MfaCarried.UNKNOWN
