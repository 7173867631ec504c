"""Several accounts looked at together: a role of one may be assumed from another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from watchword.account.errors import TwoSnapshots
from watchword.account.library import Library
from watchword.account.model import Account, AccountPrincipal

if TYPE_CHECKING:
    from watchword.account.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """Accounts by their ID, in the order in which they were given."""

    by_id: dict[str, Account]

    @classmethod
    def of(cls, snapshots: Iterable[Snapshot], *, names: Sequence[str] = ()) -> Accounts:
        """Return the accounts of these snapshots.

        `names` are what the snapshots are called, in the same order: an error names them. Raises
        `TwoSnapshots` when two are of one account: which of them holds cannot be known.
        """
        library = Library()
        found: dict[str, Account] = {}
        called: dict[str, str] = {}
        for number, snapshot in enumerate(snapshots):
            name = names[number] if number < len(names) else f"number {number + 1}"
            if snapshot.account_id in found:
                raise TwoSnapshots(snapshot.account_id, called[snapshot.account_id], name)
            called[snapshot.account_id] = name
            found[snapshot.account_id] = Account.of(snapshot, library=library)
        return cls(by_id=found)

    def __iter__(self) -> Iterator[Account]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def account(self, account_id: str) -> Account | None:
        """Return an account by its twelve digits; None when it is not among these."""
        return self.by_id.get(account_id)

    def account_of(self, arn: str) -> Account | None:
        """Return the account that an ARN names; None when it is not among these."""
        parts = arn.split(":", 5)
        return self.by_id.get(parts[4]) if len(parts) == 6 else None

    def principal(self, arn: str) -> AccountPrincipal | None:
        """Return the principal of an ARN, whichever account it is of; None when there is none."""
        account = self.account_of(arn)
        return None if account is None else account.principal(arn)

    @property
    def principals(self) -> tuple[AccountPrincipal, ...]:
        """Those of all accounts."""
        return tuple(principal for account in self for principal in account.principals)
