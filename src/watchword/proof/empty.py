"""What a claim names that there is not: a name that was mistyped would be proved for ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.account.accounts import Accounts
from watchword.account.model import AccountPrincipal
from watchword.iam import PrincipalKind, Universe
from watchword.proof.claim import Claim, Who, WhoKind, fits
from watchword.proof.closure import Closure

_SHARED: Final = frozenset({WhoKind.EVERYBODY, WhoKind.ROOT, WhoKind.USERS, WhoKind.ROLES, WhoKind.OUTSIDE})
"""Who is meant by these is plain, though there be nobody."""


def named_in_vain(claim: Claim, accounts: Accounts, universe: Universe, closure: Closure) -> Iterator[str]:
    """Give in words whom and what a claim names that is in none of the accounts, or no action of AWS's."""
    for who in claim.who:
        if not _is_somebody(who, accounts, closure):
            yield f"nobody is `{_shown(who)}`"
    for action in claim.actions:
        if action != "*" and not universe.matching(action):
            yield f"no action is `{action}`"


def _is_somebody(who: Who, accounts: Accounts, closure: Closure) -> bool:
    if who.kind in _SHARED or any(who.covers(each) for each in accounts.principals):
        return True
    if who.kind is WhoKind.GROUP:
        groups = (group.name for account in accounts for group in account.snapshot.groups)
        return any(fits(who.pattern, name) for name in groups)
    return who.kind is WhoKind.ARN and any(
        who.covers_outside(entry.principal)
        for role in _roles(accounts)
        for entry in closure.entered_by(role.arn)
    )


def _roles(accounts: Accounts) -> Iterator[AccountPrincipal]:
    yield from (each for each in accounts.principals if each.kind is PrincipalKind.ROLE)


def _shown(who: Who) -> str:
    match who.kind:
        case WhoKind.GROUP:
            return f"group:{who.pattern}"
        case WhoKind.TAG:
            return f"tag:{who.key}={who.pattern}"
        case _:
            return who.pattern
