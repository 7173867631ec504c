"""Whom a claim is about, and the snapshots do not hold: what nobody has looked at is not proved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.account.accounts import Accounts
from watchword.account.snapshot import Snapshot, Unread
from watchword.proof.claim import Claim, Who, WhoKind

_NO_USER: Final = frozenset({WhoKind.ROOT, WhoKind.ROLES, WhoKind.OUTSIDE})


def not_seen(claim: Claim, accounts: Accounts, *, some: bool) -> Iterator[str]:
    """Give in words which users and roles were not read that may speak against a claim.

    `some`: only some principals are looked at, those that were chosen. Roles that were not read count all the
    same: whoever is looked at may get into one. Root may not.
    """
    for account in accounts:
        if not some and any(map(_may_be_a_user, claim.who)):
            yield from _missing(account.snapshot, "users")
        if any(who.kind is not WhoKind.ROOT for who in claim.who):
            yield from _missing(account.snapshot, "roles")


def _missing(snapshot: Snapshot, what: str) -> Iterator[str]:
    of_all: list[Unread] = [each for each in snapshot.unread if each.what == what and each.of is None]
    for each in of_all[:1]:
        yield f"not all {what} of {snapshot.account_id} are in the snapshot ({each.code})"


def _may_be_a_user(who: Who) -> bool:
    """Whether somebody who was not read may be meant: a whole name means one, whom there is."""
    if who.kind in {WhoKind.NAME, WhoKind.ARN}:
        return "*" in who.pattern or "?" in who.pattern
    return who.kind not in _NO_USER
