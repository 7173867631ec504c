"""Why a role was not to be had, in words that help. AWS's no is never passed on bare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from watchword.aws import Hop, Refusal, Role, Unreachable, get_role, list_roles, named
from watchword.session.session import MfaCarried

if TYPE_CHECKING:
    from watchword.session.asker import Asker

DEAD = frozenset({"ExpiredToken", "InvalidClientTokenId"})
_SEE = "docs/getting-in/roles.md"
# Source: observed answers of AWS STS.
_TOO_LONG_FOR_ROLE = "exceeds the MaxSessionDuration set for this role"
_TOO_LONG_WHEN_CHAINED = "session limit for roles assumed by role chaining"
# Source: GetRole, IAM API Reference, "Errors".
_NO_SUCH_ROLE = "NoSuchEntity"
# Source: "Troubleshoot access denied error messages", IAM User Guide.
_EXPLICIT_DENY = "with an explicit deny in an identity-based policy"


def is_too_long(refusal: Refusal) -> bool:
    """Return whether the session was asked for longer than AWS gives for this role."""
    return _TOO_LONG_FOR_ROLE in refusal.aws_message or _TOO_LONG_WHEN_CHAINED in refusal.aws_message


def explained(refusal: Refusal, hop: Hop, asker: Asker, now: datetime) -> Refusal:
    """Return the refusal of an AssumeRole with who asked, what may be the cause, and what to do."""
    return refusal.explained("; ".join(_hints(refusal, hop, asker, now)) or refusal.hint, see=_SEE)


def _hints(refusal: Refusal, hop: Hop, asker: Asker, now: datetime) -> Iterator[str]:
    if is_too_long(refusal):
        yield "`--duration 1h` is what every role allows; more is for whoever keeps the role to allow"
    elif refusal.code == "AccessDenied":
        yield f"asked as `{asker.arn}`, {_with_mfa(asker.mfa)}"
        denied = asker.session and _EXPLICIT_DENY in refusal.aws_message
        yield _denied(hop) if denied else _cause(hop, asker, now)
    elif refusal.code in DEAD:
        yield f"AWS does not take the session of `{asker.arn}` any more: {_anew(hop)}"


def _denied(hop: Hop) -> str:
    # Source: "Revoke IAM role temporary security credentials", IAM User Guide: revoked sessions are denied
    # what was issued before a moment, and live on.
    return (
        "a policy of its own denies it; one that revokes sessions denies those from before a moment, and"
        f" {_anew(hop)} opens a later one"
    )


def _anew(hop: Hop) -> str:
    return f"`watchword login {named(hop.profile)} --force`"


def _cause(hop: Hop, asker: Asker, now: datetime) -> str:
    if hop.role_arn.split(":")[4:5] != asker.arn.split(":")[4:5]:
        return (
            "the role is in another account: its trust policy must name you or your account, and your own"
            f" policies must allow sts:AssumeRole on `{hop.role_arn}`"
        )
    try:
        role = _described(hop, asker)
    except (Refusal, Unreachable):
        return (
            "either there is no such role, or its trust policy does not let you in, or your own policies do"
            " not allow sts:AssumeRole on it; iam:GetRole or iam:ListRoles would tell, and neither is allowed"
        )
    if role is None:
        return (
            f"there is no role `{hop.role_name}` in the account: `watchword role list` shows those there are"
        )
    from watchword.session.role_trust import LetsIn, trusted_as, verdict

    said = verdict(role.trust_policy, role.arn, trusted_as(asker, hop, now), now)
    match said.lets_in:
        case LetsIn.YES:
            return (
                "its trust policy lets you in, so your own policies (or those of the organisation) must"
                f" allow sts:AssumeRole on `{role.arn}`"
            )
        case LetsIn.NO:
            return (
                f"the role does not let you in: {said.reason}; that is for whoever keeps the role to change"
            )
        case LetsIn.UNDETERMINED:
            return f"whether its trust policy lets you in is not known: {said.reason}"


def _described(hop: Hop, asker: Asker) -> Role | None:
    """Return the role as AWS describes it; None when it says that there is none.

    Raises `Refusal` and `Unreachable` when it says neither.
    """
    try:
        return get_role(asker.signed, hop.role_name)
    except Refusal as refusal:
        if refusal.code == _NO_SUCH_ROLE:
            return None
    return next((role for role in list_roles(asker.signed) if role.name == hop.role_name), None)


def _with_mfa(mfa: MfaCarried) -> str:
    match mfa:
        case MfaCarried.TRUE:
            return "with MFA"
        case MfaCarried.FALSE:
            return "without MFA"
        case MfaCarried.UNKNOWN:
            return "and nobody knows whether with MFA"
