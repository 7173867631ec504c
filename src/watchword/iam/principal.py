"""Who makes a request."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from watchword.iam.context import UNKNOWN, ContextValue


class PrincipalKind(enum.StrEnum):
    """What a principal is. The kind decides which policies can name it, and how."""

    USER = "user"
    ROLE = "role"
    """A role itself, without a session: for questions about what a role can do."""
    ROLE_SESSION = "role-session"
    FEDERATED_USER = "federated-user"
    """A GetFederationToken session."""
    ROOT = "root"
    IDENTITY_PROVIDER = "identity-provider"
    """Whoever a SAML or OIDC provider vouches for, at AssumeRoleWithSAML or …WithWebIdentity."""
    SERVICE = "service"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who makes a request, with what the engine needs to compare it with a policy.

    - `arn`: as AWS writes it in an error text (`arn:aws:sts::N:assumed-role/ROLE/SESSION` for a role
      session). For a service its name (`ec2.amazonaws.com`), for an identity provider the provider's
      ARN or domain, `*` for an anonymous caller.
    - `account`: twelve digits; empty for services, identity providers and anonymous callers.
    - `role_arn`: for a role session, the role's ARN with its path.
    - `user_arn`: for a federated user session, the ARN of the user who called GetFederationToken.
    - `unique_id`: `AIDA…` or `AROA…`, when known: what a trust policy keeps after the one it named is gone.
    """

    arn: str
    account: str
    kind: PrincipalKind
    role_arn: str | None = None
    user_arn: str | None = None
    unique_id: str | None = None


def principal_from_arn(arn: str, *, role_arn: str | None = None) -> Principal:
    """Return the principal that an ARN names; `*` and `anonymous` are the anonymous caller.

    A role session's ARN does not hold the path of the role, so `role_arn` is needed for a role that
    has one; without it a role directly under `/` is meant. Raises ValueError when the ARN is none of
    a user, role, role session, federated user session or root, and no service name.

    Source: IAM User Guide, reference_identifiers.
    """
    if arn in {"*", "anonymous"}:
        return Principal(arn="*", account="", kind=PrincipalKind.ANONYMOUS)
    if arn.endswith((".amazonaws.com", ".amazonaws.com.cn")) and ":" not in arn:
        return Principal(arn=arn, account="", kind=PrincipalKind.SERVICE)
    parts = arn.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        raise ValueError(f"`{arn}` is not the ARN of a principal")
    _, partition, service, _, account, resource = parts
    kind = _kind(service, resource)
    if kind is None:
        raise ValueError(f"`{arn}` is not the ARN of a principal")
    if kind is PrincipalKind.ROLE_SESSION and role_arn is None:
        role_arn = f"arn:{partition}:iam::{account}:role/{resource.split('/')[1]}"
    return Principal(arn=arn, account=account, kind=kind, role_arn=role_arn)


def _kind(service: str, resource: str) -> PrincipalKind | None:
    head, _, name = resource.partition("/")
    if resource == "root":
        return PrincipalKind.ROOT if service == "iam" else None
    if not name:
        return None
    match service, head:
        case "iam", "user":
            return PrincipalKind.USER
        case "iam", "role":
            return PrincipalKind.ROLE
        case "iam", "saml-provider" | "oidc-provider":
            return PrincipalKind.IDENTITY_PROVIDER
        case "sts", "assumed-role" if resource.count("/") == 2:
            return PrincipalKind.ROLE_SESSION
        case "sts", "federated-user":
            return PrincipalKind.FEDERATED_USER
        case _:
            return None


def principal_context(principal: Principal) -> dict[str, ContextValue]:
    """Return the condition keys that follow from who asks alone, as AWS puts them into every request.

    The principal's ARN (a role session's is the role's), account, type and user ID, the name of an IAM
    user without its path, and whether it is an AWS service. A key that AWS sends and whose value the
    principal does not tell is `UNKNOWN`: `aws:userid` of a user or role session without `unique_id`.
    Tags, organisations and all that belongs to the session or the call are left to whoever knows them.

    Source: IAM User Guide, reference_policies_condition-keys (properties of the principal) and
    reference_policies_variables (principal key values); what a service or an identity provider sends
    beside its name is not documented.
    """
    name = principal.arn.rpartition("/")[2]
    match principal.kind:
        case PrincipalKind.USER:
            keys = _keys_of(principal, "User", user_id=principal.unique_id or UNKNOWN)
            return {**keys, "aws:username": name}
        case PrincipalKind.ROOT:
            return _keys_of(principal, "Account", user_id=principal.account)
        case PrincipalKind.ROLE:
            return _keys_of(principal, "AssumedRole", user_id=UNKNOWN)
        case PrincipalKind.ROLE_SESSION:
            user_id = f"{principal.unique_id}:{name}" if principal.unique_id else UNKNOWN
            keys = _keys_of(principal, "AssumedRole", user_id=user_id)
            return {**keys, "aws:PrincipalArn": principal.role_arn or UNKNOWN}
        case PrincipalKind.FEDERATED_USER:
            return _keys_of(principal, "FederatedUser", user_id=f"{principal.account}:{name}")
        case PrincipalKind.ANONYMOUS:
            # Only these are sent; what the account is said to be is each service's own affair.
            return {
                "aws:PrincipalAccount": UNKNOWN,
                "aws:PrincipalType": "Anonymous",
                "aws:userid": "anonymous",
            }
        case PrincipalKind.SERVICE:
            return {
                **_UNDOCUMENTED,
                "aws:PrincipalIsAWSService": "true",
                "aws:PrincipalServiceName": principal.arn,
                "aws:PrincipalServiceNamesList": UNKNOWN,
            }
        case PrincipalKind.IDENTITY_PROVIDER:
            return {**_UNDOCUMENTED, "aws:PrincipalIsAWSService": UNKNOWN}


_UNDOCUMENTED: Final[dict[str, ContextValue]] = dict.fromkeys(
    ("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid"), UNKNOWN
)


def _keys_of(principal: Principal, of_type: str, *, user_id: ContextValue) -> dict[str, ContextValue]:
    return {
        "aws:PrincipalArn": principal.arn,
        "aws:PrincipalAccount": principal.account,
        "aws:PrincipalType": of_type,
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": user_id,
    }
