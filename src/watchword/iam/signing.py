"""Who can sign with which kind of credential, and the condition keys that follow from the kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from watchword.iam.context import UNKNOWN, ContextValue
from watchword.iam.credential import (
    DEFAULT_ASSUMPTIONS,
    Assumptions,
    CredentialKind,
    mfa_context,
)
from watchword.iam.principal import Principal, PrincipalKind

_BY_PERSON: Final = frozenset({PrincipalKind.USER, PrincipalKind.ROOT})
_BY_ROLE: Final = frozenset({PrincipalKind.ROLE, PrincipalKind.ROLE_SESSION})
_SIGNERS: Final[dict[CredentialKind, frozenset[PrincipalKind]]] = {
    CredentialKind.ROOT_KEY: frozenset({PrincipalKind.ROOT}),
    CredentialKind.ACCESS_KEY: frozenset({PrincipalKind.USER}),
    CredentialKind.SESSION: _BY_PERSON,
    CredentialKind.SESSION_MFA: _BY_PERSON,
    CredentialKind.CONSOLE: _BY_PERSON,
    CredentialKind.CONSOLE_MFA: _BY_PERSON,
    CredentialKind.LOGIN: _BY_PERSON,
    CredentialKind.LOGIN_MFA: _BY_PERSON,
    CredentialKind.ROLE_SESSION: _BY_ROLE,
    CredentialKind.SERVICE_ROLE: _BY_ROLE,
    CredentialKind.SERVICE_LINKED_ROLE: _BY_ROLE,
    CredentialKind.FEDERATED: frozenset({PrincipalKind.FEDERATED_USER}),
    CredentialKind.FORWARDED: _BY_PERSON | _BY_ROLE,
    CredentialKind.FORWARDED_MFA: _BY_PERSON,
    CredentialKind.SERVICE: frozenset({PrincipalKind.SERVICE}),
}
_USUAL: Final[dict[PrincipalKind, CredentialKind]] = {
    PrincipalKind.USER: CredentialKind.ACCESS_KEY,
    PrincipalKind.ROOT: CredentialKind.ROOT_KEY,
    PrincipalKind.ROLE: CredentialKind.ROLE_SESSION,
    PrincipalKind.ROLE_SESSION: CredentialKind.ROLE_SESSION,
    PrincipalKind.FEDERATED_USER: CredentialKind.FEDERATED,
    PrincipalKind.SERVICE: CredentialKind.SERVICE,
}
_LONG_TERM: Final = frozenset({CredentialKind.ROOT_KEY, CredentialKind.ACCESS_KEY})
_FORWARDED: Final = frozenset({CredentialKind.FORWARDED, CredentialKind.FORWARDED_MFA})
_CALLED_VIA: Final = ("aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast")

KEYS_OF_THE_CREDENTIAL: Final = frozenset(
    {
        "aws:multifactorauthpresent",
        "aws:multifactorauthage",
        "aws:tokenissuetime",
        "aws:viaawsservice",
        *(key.lower() for key in _CALLED_VIA),
    }
)
"""The keys, in lower case, that `credential_context` speaks of: what it leaves out is absent."""

SESSION_NAME: Final = "session"
"""What the session of a role is called when only the role is named."""


def credential_context(
    kind: CredentialKind, *, assumptions: Assumptions = DEFAULT_ASSUMPTIONS
) -> dict[str, ContextValue]:
    """Return the condition keys that the kind of credential puts into a request, or may put: `UNKNOWN`.

    The MFA keys; `aws:TokenIssueTime`, for temporary credentials; whether a service calls on the
    caller's behalf, and through which ones.

    Source: IAM User Guide, reference_policies_condition-keys (`aws:TokenIssueTime`,
    `aws:ViaAWSService`, `aws:CalledVia`).
    """
    context = mfa_context(kind, assumptions=assumptions)
    if kind not in _LONG_TERM:
        context["aws:TokenIssueTime"] = UNKNOWN
    context["aws:ViaAWSService"] = "true" if kind in _FORWARDED else "false"
    if kind in _FORWARDED:
        # Only some services name themselves there.
        context.update(dict.fromkeys(_CALLED_VIA, UNKNOWN))
    return context


def kinds_of(principal: Principal) -> tuple[CredentialKind, ...]:
    """Return the kinds of credentials that a principal can sign with; none for an anonymous caller."""
    return tuple(kind for kind in CredentialKind if principal.kind in _SIGNERS[kind])


def usual_kind(principal: Principal) -> CredentialKind | None:
    """Return the kind that a principal has to begin with: the key of a user, the session of a role.

    None for an anonymous caller, and for whom an identity provider vouches for: they sign nothing.
    """
    return _USUAL.get(principal.kind)


def signer(principal: Principal, kind: CredentialKind) -> Principal | None:
    """Return who signs when `principal` uses this kind of credential; None when it cannot have one.

    It is the principal itself, but for two: a role signs as a session of it (called `SESSION_NAME`),
    and a user who called GetFederationToken signs as a federated user of the same name.

    Source: IAM User Guide, reference_identifiers; STS API Reference, GetFederationToken.
    """
    if kind is CredentialKind.FEDERATED and principal.kind is PrincipalKind.USER:
        return _federated(principal)
    if principal.kind not in _SIGNERS[kind]:
        return None
    return _session_of(principal) if principal.kind is PrincipalKind.ROLE else principal


def _federated(user: Principal) -> Principal:
    partition, name = user.arn.split(":")[1], user.arn.rpartition("/")[2]
    arn = f"arn:{partition}:sts::{user.account}:federated-user/{name}"
    return Principal(arn=arn, account=user.account, kind=PrincipalKind.FEDERATED_USER, user_arn=user.arn)


def _session_of(role: Principal) -> Principal:
    partition, name = role.arn.split(":")[1], role.arn.rpartition("/")[2]
    arn = f"arn:{partition}:sts::{role.account}:assumed-role/{name}/{SESSION_NAME}"
    return replace(role, arn=arn, kind=PrincipalKind.ROLE_SESSION, role_arn=role.arn)
