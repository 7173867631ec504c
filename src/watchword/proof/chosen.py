"""Principals as a person names them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from watchword.account.accounts import Accounts
from watchword.proof.claim import fits
from watchword.proof.errors import NoSuchPrincipal

_NEAR = 3


def chosen(accounts: Accounts, names: Iterable[str]) -> frozenset[str]:
    """Return the ARNs of those who are named: an ARN, `user/NAME`, `role/NAME`, `root`, or a bare name.

    Patterns with `*` and `?` name all that fit. Raises NoSuchPrincipal for a name that nobody has.
    """
    found: set[str] = set()
    for name in names:
        fitting = {each.arn for each in accounts.principals if _is(name, each.arn, each.name)}
        if not fitting:
            known = {each.arn.split(":", 5)[5]: None for each in accounts.principals}
            raise NoSuchPrincipal(name, tuple(difflib.get_close_matches(name, list(known), n=_NEAR)))
        found |= fitting
    return frozenset(found)


def _is(name: str, arn: str, bare: str) -> bool:
    if name.startswith("arn:"):
        return fits(name, arn)
    resource = arn.split(":", 5)[5]
    # Users and roles are known by their names alone, however deep their paths are.
    kind, _, path = resource.partition("/")
    return name == bare or fits(name, resource) or bool(path and fits(name, f"{kind}/{bare}"))
