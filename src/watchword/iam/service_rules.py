"""What AWS's services allow or refuse before they look at any policy."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from watchword.iam.credential import CredentialKind


class RuleEffect(enum.Enum):
    """What a service rule does with a request."""

    ALLOW = "allow"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRule:
    """A rule that decides by itself. `aws_code` and `aws_message` are AWS's refusal (else empty)."""

    effect: RuleEffect
    aws_code: str = ""
    aws_message: str = ""


_ALLOW: Final = ServiceRule(effect=RuleEffect.ALLOW)
_TOKEN_INVALID: Final = ServiceRule(
    effect=RuleEffect.REFUSE,
    aws_code="InvalidClientTokenId",
    aws_message="The security token included in the request is invalid",
)
_ROOT_ASSUMES: Final = ServiceRule(
    effect=RuleEffect.REFUSE,
    aws_code="AccessDenied",
    aws_message="Roles may not be assumed by root accounts.",
)

_LONG_TERM: Final = frozenset({CredentialKind.ROOT_KEY, CredentialKind.ACCESS_KEY})
_SESSIONS: Final = frozenset({CredentialKind.SESSION, CredentialKind.SESSION_MFA})
_NO_IAM: Final = frozenset({CredentialKind.SESSION, CredentialKind.FEDERATED})

# TagSession and SetSourceIdentity are not calls: they are permissions that AssumeRole asks for.
_STS_OF_A_SESSION: Final = frozenset({"assumerole", "tagsession", "setsourceidentity"})


def service_rules(action: str, kind: CredentialKind, *, root: bool = False) -> ServiceRule | None:
    """Return the rule that decides this call whatever the policies say, or None when policies decide.

    `action` is `service:Name` in any case; `root` says that the credential, of whatever kind, is the
    root user's.

    Source: STS API Reference, GetSessionToken, GetCallerIdentity, GetFederationToken and AssumeRole
    (who may call, and that the first two need no permission); `InvalidClientTokenId` for IAM calls as
    observed. AWS's texts for GetSessionToken, GetFederationToken and root are as observed, those for
    further STS calls are formed after them. That a session with MFA is held to AssumeRole and
    GetCallerIdentity too is what the API Reference says; the User Guide can be read otherwise.
    """
    service, _, name = action.lower().partition(":")
    if service == "iam":
        return _TOKEN_INVALID if kind in _NO_IAM else None
    if service != "sts":
        return None
    if name == "getcalleridentity":
        return _ALLOW
    if name == "getsessiontoken":
        return _ALLOW if kind in _LONG_TERM else _not_with_a_session(action)
    if name == "getfederationtoken" and kind not in _LONG_TERM:
        return _not_with_a_session(action)
    if name == "assumerole" and (root or kind is CredentialKind.ROOT_KEY):
        return _ROOT_ASSUMES
    if kind is CredentialKind.FEDERATED or (kind in _SESSIONS and name not in _STS_OF_A_SESSION):
        return _not_with_a_session(action)
    return None


def _not_with_a_session(action: str) -> ServiceRule:
    return ServiceRule(
        effect=RuleEffect.REFUSE,
        aws_code="AccessDenied",
        aws_message=f"Cannot call {action.partition(':')[2]} with session credentials",
    )
