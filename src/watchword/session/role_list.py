"""The roles of an account, and which of them let somebody in."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.aws import Hop, Refusal, Role, list_roles
from watchword.session.asker import Asker, asker_of
from watchword.session.entrance import Entrance
from watchword.session.role_trust import LetsIn, Verdict, trusted_as, verdict
from watchword.session.session import Session

_SEE = "docs/getting-in/roles.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRole:
    """A role, and what its trust policy says to whoever looks."""

    role: Role
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleList:
    """The roles of the account of `arn`, for whom they were looked at; `left_out` are AWS's own."""

    arn: str
    account: str
    roles: tuple[SeenRole, ...]
    left_out: int


def roles_for(entrance: Entrance, session: Session, *, service_linked: bool) -> RoleList:
    """Return the roles of the session's account; those of services only when `service_linked`.

    Raises `Refusal` with what is missing, `Unreachable`, `UnusableSettings`.
    """
    asker = asker_of(entrance, session)
    try:
        roles = tuple(list_roles(asker.signed))
    except Refusal as refusal:
        raise _explained(refusal, asker) from None
    shown = [role for role in roles if service_linked or not role.is_service_linked]
    return RoleList(
        arn=asker.arn,
        account=session.account,
        roles=tuple(_seen(entrance, asker, role) for role in shown),
        left_out=len(roles) - len(shown),
    )


def _seen(entrance: Entrance, asker: Asker, role: Role) -> SeenRole:
    hop, now = Hop(profile=entrance.settings.name, role_arn=role.arn), entrance.now()
    if role.is_service_linked:
        reason = "only the service that it belongs to can assume it"
        return SeenRole(role=role, verdict=Verdict(lets_in=LetsIn.NO, reason=reason))
    return SeenRole(role=role, verdict=verdict(role.trust_policy, role.arn, trusted_as(asker, hop, now), now))


def _explained(refusal: Refusal, asker: Asker) -> Refusal:
    if refusal.code != "AccessDenied":
        return refusal
    return refusal.explained(
        f"asked as `{asker.arn}`, whose policies must allow iam:ListRoles; a role whose name is known"
        " needs no list: `watchword role assume NAME`",
        see=_SEE,
    )
