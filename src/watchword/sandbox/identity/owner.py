"""Who has a device."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.sandbox.identity.directory import User


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whom a device is enabled for: a user, or root when `user` is None.

    `user_id` is the user's unique ID, or the account number for root; `name` is what AWS prints.
    """

    user_id: str
    name: str
    user: User | None

    @property
    def account(self) -> str:
        """The number of the account that the owner belongs to."""
        return self.user_id if self.user is None else self.user.arn.split(":")[4]

    @classmethod
    def of(cls, user: User) -> Owner:
        """Return the owner that is `user`."""
        return cls(user_id=user.user_id, name=user.name, user=user)

    @classmethod
    def root(cls, account: str) -> Owner:
        """Return the owner that is the root of `account`."""
        return cls(user_id=account, name="root", user=None)
