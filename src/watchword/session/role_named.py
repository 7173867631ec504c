"""A role that was asked for by its name: found exactly, or not at all."""

from __future__ import annotations

import difflib
from dataclasses import replace

from watchword.aws import Hop, Refusal, Role, Signed, get_role, list_roles
from watchword.session.errors import NoSuchRole

_SEE = "docs/getting-in/roles.md"
_NEAR_NAMES = 3


def in_the_account_of(arn: str, hop: Hop) -> Hop:
    """Return the hop with the ARN that its role has in the account of `arn`, if its path is as written."""
    _, partition, _, _, account, _ = arn.split(":", 5)
    return replace(hop, role_arn=f"arn:{partition}:iam::{account}:role/{hop.role_arn.lstrip('/')}")


def by_name(signed: Signed, hop: Hop) -> Hop | None:
    """Return the hop with the ARN of the one role of that name in the caller's account, whatever its path.

    None when nobody may tell: neither iam:GetRole nor iam:ListRoles is allowed. Raises `NoSuchRole` when AWS
    says that there is none. Names of roles are unique in an account. Source: CreateRole, IAM API Reference.
    """
    if "/" in hop.role_arn.strip("/"):
        return None
    try:
        return replace(hop, role_arn=get_role(signed, hop.role_name).arn)
    except Refusal as refusal:
        roles = _roles(signed)
        if refusal.code == "NoSuchEntity":
            raise no_such_role(hop.role_name, roles or ()) from None
        if roles is None:
            return None
    found = [role for role in roles if role.name == hop.role_name]
    if not found:
        raise no_such_role(hop.role_name, roles)
    return replace(hop, role_arn=found[0].arn)


def no_such_role(name: str, roles: tuple[Role, ...]) -> NoSuchRole:
    """Return the error for a name that no role has; near names are a hint, and never taken."""
    near = difflib.get_close_matches(name, [role.name for role in roles], n=_NEAR_NAMES)
    names = " or ".join(f"`{each}`" for each in near)
    return NoSuchRole(
        f"there is no role `{name}` in the account",
        hint=f"is it {names}?" if near else "`watchword role list` shows those that there are",
        see=_SEE,
    )


def _roles(signed: Signed) -> tuple[Role, ...] | None:
    try:
        return tuple(list_roles(signed))
    except Refusal:
        return None
