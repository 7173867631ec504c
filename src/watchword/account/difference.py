"""What has become of one thing, and of what belongs to it: the parts of `watchword/account-diff/v1`."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Final

import msgspec

SCHEMA: Final = "watchword/account-diff/v1"


class Change(enum.StrEnum):
    """What has happened to something between two snapshots."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    REWRITTEN = "rewritten"
    """Written otherwise, with the same meaning: it decides every request as before."""


class Kind(enum.StrEnum):
    """What can differ, in the order in which it is told."""

    ACCOUNT = "account"
    ORGANIZATION = "organization"
    ROOT = "root"
    USER = "user"
    GROUP = "group"
    ROLE = "role"
    POLICY = "policy"
    RESOURCE = "resource"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One difference of a thing.

    - `what`: `statement`, `group`, `attached policy`, `inline policy`, `permissions boundary`,
      `trust policy`, `access key`, `password`, `device`, `tag`, and so on.
    - `name`: which one; None when there is but one.
    - `before`, `after`: what it was and is, in words; None where it was not, or is not any more.
    - `parts`: what has changed within it.
    """

    what: str
    change: Change
    name: str | None = None
    before: str | None = None
    after: str | None = None
    parts: tuple[Difference, ...] = ()


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that differs.

    `in_force_for` is how many users and roles a managed policy is in force for in the later snapshot (in the
    earlier one if it is gone there); None for all else.
    """

    kind: Kind
    name: str
    arn: str | None
    change: Change
    differences: tuple[Difference, ...]
    in_force_for: int | None = None


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two snapshots, and when it was taken."""

    name: str
    taken_at: datetime | None


class NotCompared(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be compared: it is not in `missing_in`, which names one or both of the snapshots."""

    what: str
    missing_in: tuple[str, ...]


class AccountDiff(msgspec.Struct, frozen=True, kw_only=True):
    """How two snapshots of one account differ."""

    schema: str = SCHEMA
    account_id: str
    before: Side
    after: Side
    changed: tuple[Compared, ...]
    not_compared: tuple[NotCompared, ...]
