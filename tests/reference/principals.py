"""Who asks, and how a statement's Principal names them.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from dataclasses import dataclass
from enum import Enum

from reference.reading import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. What the caller does not have is None."""

    name: str
    account: str | None
    is_root: bool = False
    is_user: bool = False
    is_federated_user: bool = False
    is_service: bool = False
    is_provider: bool = False
    user: str | None = None
    role: str | None = None
    is_service_linked: bool = False
    ident: str | None = None
    is_canonical: bool = False
    passes_gateway: bool = False


def caller(principal: str, session_of: str | None) -> Caller:
    """Read the caller's ARN, service's name, or `anonymous`.

    `session_of` is the user of a federated session, or the role of a role session, with its path.
    """
    if principal == "anonymous":
        return Caller(name=principal, account=None)
    if not principal.startswith("arn:"):
        return Caller(name=principal, account=None, is_service=True)
    _, partition, _, _, account, resource = principal.split(":", 5)
    kind, *names = resource.split("/")
    if resource == "root":
        return Caller(name=principal, account=account, is_root=True)
    if kind == "user":
        return Caller(name=principal, account=account, is_user=True)
    if kind == "federated-user":
        return Caller(name=principal, account=account, is_federated_user=True, user=session_of)
    if kind == "role":
        # A session of that role, whose name nobody says; service-linked roles have a path of their own.
        return Caller(
            name=principal, account=account, role=principal, is_service_linked=names[0] == "aws-service-role"
        )
    if kind == "assumed-role":
        return Caller(
            name=principal,
            account=account,
            role=session_of or f"arn:{partition}:iam::{account}:role/{names[0]}",
            is_service_linked=names[0].startswith("AWSServiceRoleFor"),
        )
    return Caller(name=principal, account=None, is_provider=True)


class Named(Enum):
    """How a statement that allows names the caller: it decides what still limits the caller."""

    ITSELF = "the user, the session, root, the service or the provider itself"
    BEHIND = "the role of the session, or the user of the federated session"
    ACCOUNT = "the account, which only delegates"
    ANYONE = "everyone"
    ANYONE_BY_ARN = "everyone, with a condition on aws:PrincipalArn"


def how_named(statement: Statement, who: Caller) -> set[Named]:
    """Say how the Principal element names the caller; an empty set: not at all."""
    named = set()
    for kind, names in (statement.principals or {}).items():
        for name in names:
            named |= _by_name(statement, who, kind, name)
    return named


def _by_name(statement: Statement, who: Caller, kind: str, name: str) -> set[Named]:
    if kind == "*" or (kind == "AWS" and name == "*"):
        # The careful reading of {"AWS": "*"}: services and providers are in it where it denies only.
        if kind == "AWS" and statement.allows and (who.is_service or who.is_provider):
            return set()
        by_arn = any(condition.key == "aws:principalarn" for condition in statement.conditions)
        return {Named.ANYONE_BY_ARN if by_arn else Named.ANYONE}
    if kind == "Service":
        return {Named.ITSELF} if who.is_service and name == who.name else set()
    if kind == "Federated":
        return {Named.ITSELF} if who.is_provider and name == who.name else set()
    if who.account is None:
        return set()
    if kind == "CanonicalUser":
        # An account under another name: nobody says which one.
        return _by_account(who) if who.is_canonical else set()
    return _by_arn(who, name)


def _by_account(who: Caller) -> set[Named]:
    if who.is_root:
        return {Named.ITSELF}
    return set() if who.passes_gateway else {Named.ACCOUNT}


def _by_arn(who: Caller, name: str) -> set[Named]:
    # No partial wildcards: names match whole.
    if name in {who.account, f"arn:aws:iam::{who.account}:root"}:
        return _by_account(who)
    if name in {who.role, who.user}:
        return {Named.BEHIND}
    if name == who.name:
        return {Named.ITSELF}
    return _by_ident(who, name)


def _by_ident(who: Caller, name: str) -> set[Named]:
    """Compare the unique ID with aws:userid: the user's ID, or the role's, a colon and the session's name.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    """
    if who.ident is None or "/" in name:
        return set()
    if name == who.ident:
        return {Named.ITSELF}
    return {Named.BEHIND} if who.role is not None and who.ident.startswith(f"{name}:") else set()


def excepted(statement: Statement, who: Caller, *, has_boundary: bool) -> bool:
    """Say whether NotPrincipal spares the caller.

    It must list the account, the role and the session; a caller with a boundary is never spared.
    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    """
    listed = [name for names in (statement.not_principals or {}).values() for name in names]
    if has_boundary:
        return False
    if "*" in listed:
        return True
    if who.account is None:
        return who.name in listed
    account = who.account in listed or f"arn:aws:iam::{who.account}:root" in listed
    account = account or ("CanonicalUser" in (statement.not_principals or {}) and who.is_canonical)
    names = [] if who.is_root else [who.name] if who.role is None else [who.name, who.role]
    return account and all(name in listed for name in names)
