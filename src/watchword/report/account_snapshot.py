"""What a snapshot holds and lacks, as data and as text. The text is rendered from the data."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from watchword.account.snapshot import Snapshot
from watchword.report.printable import printable_value
from watchword.report.style import Style

SCHEMA = "watchword/snapshot-summary/v1"
_SHOWN = 3
# Fields whose absence was wished for, or is no news to whoever reads the account.
_NOT_ASKED = "NotAsked"


def snapshot_summary(snapshot: Snapshot, file: str) -> dict[str, Any]:
    """Return a summary as `watchword/snapshot-summary/v1`; a count is None where nothing was read."""
    organization = snapshot.organization
    return {
        "schema": SCHEMA,
        "file": file,
        "account": snapshot.account_id,
        "alias": snapshot.alias,
        "taken_at": snapshot.taken_at.isoformat() if snapshot.taken_at else None,
        "taken_by": snapshot.taken_by,
        "counts": {
            "users": len(snapshot.users),
            "groups": len(snapshot.groups),
            "roles": len(snapshot.roles),
            "policies": len(snapshot.policies),
            "passwords": _count(snapshot.login_profiles),
            "access_keys": _count(snapshot.access_keys),
            "mfa_devices": _count(snapshot.mfa_devices),
            "resource_policies": _count(snapshot.resource_policies),
        },
        "organization": None
        if organization is None
        else {
            "id": organization.id,
            "management_account": organization.management_account,
            "levels": None if organization.path is None else [level.id for level in organization.path],
        },
        "unread": [
            {
                "what": one.what,
                "of": one.of,
                "code": one.code,
                "operation": one.operation,
                "leaves_open": one.leaves_open,
            }
            for one in snapshot.unread
        ],
    }


def summary_text(value: dict[str, Any], style: Style) -> str:
    """Return a summary as text."""
    value = printable_value(value)
    counts = value["counts"]
    called = f" ({value['alias']})" if value["alias"] else ""
    lines = [f"account {style.strong(value['account'])}{called}, read as {value['taken_by']}"]
    lines.append("  " + ", ".join(_counted(counts[name], one, many) for name, one, many in _WORDS_OF_DETAILS))
    lines.append("  " + ", ".join(_counted(counts[name], one, many) for name, one, many in _WORDS))
    lines.append(f"  {_organization(value)}")
    if counts["resource_policies"] is not None:
        lines.append(f"  {_counted(counts['resource_policies'], 'policy', 'policies')} of resources")
    else:
        lines.append("  policies of resources not asked for (`--resources`)")
    lines.append(f"written to `{value['file']}`")
    return "\n".join(lines)


def unread_text(value: dict[str, Any], style: Style) -> list[str]:
    """Return a line for each thing that was not read, those of one kind together."""
    refused = [one for one in printable_value(value)["unread"] if one["code"] != _NOT_ASKED]
    kinds = groupby(refused, key=lambda one: (one["what"], one["operation"] or "", one["code"]))
    return [_not_read(operation or what, code, list(ones), style) for (what, operation, code), ones in kinds]


def _not_read(what: str, code: str, ones: list[dict[str, Any]], style: Style) -> str:
    shown = "; ".join(one["leaves_open"] for one in ones[:_SHOWN])
    more = f"; and {len(ones) - _SHOWN} more" if len(ones) > _SHOWN else ""
    if what.startswith("organizations:"):
        more += " (`--organization-profile`)"
    return f"{style.warning('not read')}: {what} ({code}). Open: {shown}{more}"


_WORDS_OF_DETAILS = (
    ("users", "user", "users"),
    ("groups", "group", "groups"),
    ("roles", "role", "roles"),
    ("policies", "managed policy", "managed policies"),
)
_WORDS = (
    ("passwords", "password", "passwords"),
    ("access_keys", "access key", "access keys"),
    ("mfa_devices", "MFA device", "MFA devices"),
)


def _counted(count: int | None, one: str, many: str) -> str:
    return f"{many} not read" if count is None else f"{count} {one if count == 1 else many}"


def _organization(value: dict[str, Any]) -> str:
    organization = value["organization"]
    if organization is None:
        return "organization not read"
    if organization["id"] is None:
        return "in no organization"
    if organization["levels"] is None:
        return f"in organization {organization['id']}, its SCPs and RCPs not read"
    return f"in organization {organization['id']}, SCPs and RCPs of {len(organization['levels'])} levels"


def _count(items: tuple[object, ...] | None) -> int | None:
    return None if items is None else len(items)
