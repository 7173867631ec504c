"""What the sandbox says of its accounts, as text and as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ACCOUNTS_SCHEMA = "watchword/sandbox-accounts/v1"
ACCOUNT_SCHEMA = "watchword/sandbox-account/v1"


def accounts(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the accounts as data (`watchword/sandbox-accounts/v1`)."""
    return {"schema": ACCOUNTS_SCHEMA, "accounts": [dict(each) for each in found]}


def accounts_as_text(value: Mapping[str, Any]) -> str:
    """Return one line an account: number, name, whether its root has a key, and its organization."""
    rows = [
        (
            each["id"],
            each["name"],
            "root has a key" if each["has_root_key"] else "root has no key",
            each["organization"] or "in no organization",
        )
        for each in value["accounts"]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    return "\n".join(
        "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]))
        for row in rows
    )


def added(*, account: str, profile: str, member: bool) -> dict[str, Any]:
    """Return an added account as data (`watchword/sandbox-account/v1`). Its key is in the files alone."""
    return {"schema": ACCOUNT_SCHEMA, "id": account, "profile": profile, "member": member}


def added_as_text(value: Mapping[str, Any]) -> str:
    """Return what `sandbox account add` prints."""
    where = " It is in the organization." if value["member"] else ""
    return f"Account {value['id']}: its root has a key, in the profile `{value['profile']}`.{where}"
