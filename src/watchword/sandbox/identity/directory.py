"""What identity must know of users, keys and roles. Whoever keeps them implements `Directory`."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An IAM user. `user_id` is the unique ID (`AIDA…`): a recreated user has another."""

    name: str
    path: str
    arn: str
    user_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LongTermKey:
    """An access key of a user, or of root when `user_name` is None."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    account: str
    user_name: str | None
    active: bool

    def __repr__(self) -> str:
        owner = self.user_name or "root"
        return f"LongTermKey({self.access_key_id}, {owner}, active={self.active}, secret=•••)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """An IAM role. `role_id` is the unique ID (`AROA…`); `trust_policy` is its JSON text."""

    name: str
    path: str
    arn: str
    role_id: str
    account: str
    max_session_seconds: int
    trust_policy: str
    created_at: datetime


class DeviceEvent(enum.Enum):
    """What happened to a virtual MFA device."""

    CREATED = "created"
    DELETED = "deleted"
    ENABLED = "enabled"
    DEACTIVATED = "deactivated"


class Directory(Protocol):
    """Users, keys and roles as they are now. Any thread may ask."""

    def user(self, account: str, name: str) -> User | None:
        """Return the user of that name, the case of the name minded."""

    def user_by_id(self, account: str, user_id: str) -> User | None:
        """Return the user with that unique ID, whatever the user is called by now."""

    def key(self, access_key_id: str) -> LongTermKey | None:
        """Return the long-term key, active or not."""

    def role(self, account: str, name: str) -> Role | None:
        """Return the role of that name."""

    def device_changed(
        self, *, account: str, serial_number: str, event: DeviceEvent, user: User | None, at: datetime
    ) -> None:
        """Hear that a device changed, so that user objects kept elsewhere mirror it.

        `user` is the user it is enabled for, or was until now; None for root and for a device that
        is not assigned. It is called while the devices are locked, in the order of the changes: it must
        neither ask the devices anything nor wait for a lock that is held while they are asked.
        """
