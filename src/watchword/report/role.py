"""The roles of an account as data and as text. The text is rendered from the data."""

from __future__ import annotations

from typing import Any

from watchword.report.span import span
from watchword.report.style import Style
from watchword.session.role_list import RoleList, SeenRole

SCHEMA = "watchword/roles/v1"
_MFA = {True: "MFA demanded", False: "MFA not demanded", None: ""}


def roles_value(found: RoleList) -> dict[str, Any]:
    """Return the roles as `watchword/roles/v1`, those that let in first.

    `lets_in` is yes, no or undetermined.
    """
    return {
        "schema": SCHEMA,
        "identity": found.arn,
        "account": found.account,
        "roles": sorted((_role(seen) for seen in found.roles), key=_place),
        "service_linked_left_out": found.left_out,
    }


def roles_text(value: dict[str, Any], style: Style) -> str:
    """Return a value of roles as text: a line for each, in the same order."""
    roles = value["roles"]
    width = max((len(role["name"]) for role in roles), default=0)
    lines = [f"roles of {value['account']}, for {style.strong(value['identity'])}"]
    lines += [_line(role, width, style) for role in roles] or ["  none"]
    if value["service_linked_left_out"]:
        lines.append(f"{value['service_linked_left_out']} that belong to AWS services left out (`--all`)")
    if any(role["lets_in"] == "yes" for role in roles):
        lines.append(style.quiet("yes: says the trust policy; your own policies may have to allow it too"))
    return "\n".join(lines)


def _role(seen: SeenRole) -> dict[str, Any]:
    role, verdict = seen.role, seen.verdict
    return {
        "name": role.name,
        "arn": role.arn,
        "path": role.path,
        "description": role.description,
        "service_linked": role.is_service_linked,
        "max_session_seconds": role.max_session_seconds,
        "lets_in": verdict.lets_in.value,
        "reason": verdict.reason,
        "demands_mfa": verdict.demands_mfa,
    }


def _place(role: dict[str, Any]) -> tuple[int, str]:
    return ("yes", "undetermined", "no").index(role["lets_in"]), role["name"].lower()


def _line(role: dict[str, Any], width: int, style: Style) -> str:
    word = role["lets_in"].ljust(len("undetermined"))
    paint = {"yes": style.good, "no": style.bad}.get(role["lets_in"], style.warning)
    longest = role["max_session_seconds"]
    more = [f"up to {span(longest)}" if longest else "", _MFA[role["demands_mfa"]], role["reason"] or ""]
    return f"  {paint(word)}  {role['name']:<{width}}  {', '.join(part for part in more if part)}".rstrip()
