"""What AWS's services allow or refuse before they look at any policy."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from watchword.iam.context import Unknown
from watchword.iam.credential import DEFAULT_ASSUMPTIONS, Assumptions, CredentialKind


class RuleEffect(enum.Enum):
    """What a service rule does with a request."""

    ALLOW = "allow"
    REFUSE = "refuse"
    MAY_REFUSE = "may-refuse"
    """It hangs on an assumption that is left open: refused, or left to the policies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRule:
    """A rule that decides by itself. `aws_code` and `aws_message` are AWS's refusal (else empty).

    `contested` names the field of `Assumptions` that a `MAY_REFUSE` hangs on.
    """

    effect: RuleEffect
    aws_code: str = ""
    aws_message: str = ""
    contested: str | None = None


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
_NO_CALL: Final = "iam:passrole"
"""A permission that is looked at within calls of other services: IAM has no operation of this name.

Source: IAM User Guide, id_roles_use_passrole.
"""
_NO_IAM: Final = frozenset({CredentialKind.SESSION, CredentialKind.FEDERATED})

# TagSession and SetSourceIdentity are not calls: they are permissions that AssumeRole asks for.
_STS_OF_A_SESSION: Final = frozenset({"assumerole", "tagsession", "setsourceidentity"})


def service_rules(
    action: str,
    kind: CredentialKind,
    *,
    root: bool = False,
    assumptions: Assumptions = DEFAULT_ASSUMPTIONS,
) -> ServiceRule | None:
    """Return the rule that decides this call whatever the policies say, or None when policies decide.

    `action` is `service:Name` in any case; `root` says that the credential, of whatever kind, is the
    root user's.

    Source: STS API Reference, GetSessionToken, GetCallerIdentity, GetFederationToken and AssumeRole
    (who may call, and that the first two need no permission); `InvalidClientTokenId` for IAM calls as
    observed. AWS's texts for GetSessionToken, GetFederationToken and root are as observed, those for
    further STS calls are formed after them. Whether a session with MFA is held to AssumeRole and
    GetCallerIdentity too is an assumption (`Assumptions.session_with_mfa_is_limited`), and so is whether one
    that may not call IAM may pass a role (`session_passes_roles`).
    """
    service, _, name = action.lower().partition(":")
    if service == "iam":
        if kind not in _NO_IAM:
            return None
        return _passing(assumptions) if action.lower() == _NO_CALL else _TOKEN_INVALID
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
    if kind is CredentialKind.FEDERATED:
        return _not_with_a_session(action)
    return None if name in _STS_OF_A_SESSION else _other_sts_call(action, kind, assumptions)


def _passing(assumptions: Assumptions) -> ServiceRule | None:
    passes = assumptions.session_passes_roles
    if isinstance(passes, Unknown):
        contested = "session_passes_roles"
        return ServiceRule(effect=RuleEffect.MAY_REFUSE, aws_code="AccessDenied", contested=contested)
    return None if passes else ServiceRule(effect=RuleEffect.REFUSE, aws_code="AccessDenied")


def _other_sts_call(action: str, kind: CredentialKind, assumptions: Assumptions) -> ServiceRule | None:
    if kind is CredentialKind.SESSION:
        return _not_with_a_session(action)
    if kind is CredentialKind.SESSION_MFA:
        limited = assumptions.session_with_mfa_is_limited
        if isinstance(limited, Unknown):
            return _not_with_a_session(action, contested="session_with_mfa_is_limited")
        return _not_with_a_session(action) if limited else None
    return None


def _not_with_a_session(action: str, *, contested: str | None = None) -> ServiceRule:
    return ServiceRule(
        effect=RuleEffect.REFUSE if contested is None else RuleEffect.MAY_REFUSE,
        aws_code="AccessDenied",
        aws_message=f"Cannot call {action.partition(':')[2]} with session credentials",
        contested=contested,
    )
