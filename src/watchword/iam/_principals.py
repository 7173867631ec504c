"""Whom a statement of a trust or resource policy names, and how directly.

How a principal is named decides which of its own policies must allow as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

from watchword.iam.outcome import Layer
from watchword.iam.policy import Effect, NamedPrincipal, PrincipalType, Statement
from watchword.iam.principal import Principal, PrincipalKind

Needs: TypeAlias = frozenset[Layer]
"""The layers of the caller's own side that must allow too, in the same account."""

NOTHING_MORE: Final[Needs] = frozenset()
LIMITS: Final[Needs] = frozenset({Layer.BOUNDARY, Layer.SESSION})
OWN_SIDE: Final[Needs] = frozenset({Layer.IDENTITY, Layer.BOUNDARY, Layer.SESSION})


class Named(NamedTuple):
    """How a statement names a principal: what must allow beside it.

    `doubt` is what it hangs on whether it does; empty: it does.
    """

    needs: Needs
    doubt: frozenset[str] = frozenset()


PrincipalTest: TypeAlias = Callable[[Principal, bool], Named | None]
"""Called with the principal and whether it has a permissions boundary; None when the statement is not
about the principal.
"""

_Entry: TypeAlias = tuple[PrincipalType, str]

_CANONICAL: Final = frozenset({"the canonical user ID of the caller's account"})

_ROOT: Final = re.compile(r"arn:[^:]+:iam::([0-9]{12}):root")


def principal_test(statement: Statement) -> PrincipalTest | None:
    """Return the test of a statement's `Principal` or `NotPrincipal`; None when it has neither.

    Source: IAM User Guide, reference_policies_elements_principal, …_notprincipal and
    reference_policies_evaluation-logic (how each kind of principal is limited). Whether `{"AWS": "*"}`
    names services and identity providers as `"*"` does is not said: a Deny takes it so, an Allow does not.
    """
    if statement.principals is None:
        return None
    entries = tuple(_entry(each) for each in statement.principals)
    if statement.effect is Effect.DENY and (PrincipalType.AWS, "*") in entries:
        entries = (*entries, (PrincipalType.ANYONE, "*"))
    canonical = any(kind is PrincipalType.CANONICAL_USER for kind, _ in entries)
    if statement.not_principal:
        return lambda principal, bounded: _not_exempt(entries, principal, bounded, canonical)
    star = LIMITS
    if any(condition.key.text.lower() == "aws:principalarn" for condition in statement.conditions):
        star = NOTHING_MORE
    return lambda principal, _: _named(entries, principal, star, canonical)


def _entry(named: NamedPrincipal) -> _Entry:
    """An account is written in two ways; keep the short one."""
    root = _ROOT.fullmatch(named.name.text)
    if named.type is PrincipalType.AWS and root:
        return named.type, root[1]
    return named.type, named.name.text


def _named(entries: tuple[_Entry, ...], principal: Principal, star: Needs, canonical: bool) -> Named | None:
    """Of several ways to be named, the one that needs least counts: each entry grants by itself.

    A canonical user ID stands for an account; whether for the caller's, nobody can tell.
    """
    ways = dict(_ways(principal, star))
    found = [ways[entry] for entry in entries if entry in ways]
    if found:
        return Named(min(found, key=len))
    return Named(OWN_SIDE, _CANONICAL) if canonical and principal.account else None


def _ways(principal: Principal, star: Needs) -> Iterator[tuple[_Entry, Needs]]:
    """Every entry that would name this principal, with what is needed beside it."""
    yield (PrincipalType.ANYONE, "*"), star
    match principal.kind:
        case PrincipalKind.SERVICE:
            yield (PrincipalType.SERVICE, principal.arn), NOTHING_MORE
            return
        case PrincipalKind.IDENTITY_PROVIDER:
            yield (PrincipalType.FEDERATED, principal.arn), NOTHING_MORE
            return
        case PrincipalKind.ANONYMOUS:
            yield (PrincipalType.AWS, "*"), star
            return
        case _:
            yield (PrincipalType.AWS, "*"), star
    own = LIMITS if principal.kind is PrincipalKind.ROLE else NOTHING_MORE
    yield (PrincipalType.AWS, principal.account), OWN_SIDE
    yield (PrincipalType.AWS, principal.arn), own
    if principal.user_arn is not None:
        yield (PrincipalType.AWS, principal.user_arn), LIMITS
    if principal.role_arn is not None:
        yield (PrincipalType.AWS, principal.role_arn), LIMITS
    if principal.unique_id is not None:
        by_id = NOTHING_MORE if principal.kind is PrincipalKind.USER else LIMITS
        yield (PrincipalType.AWS, principal.unique_id), by_id


def _not_exempt(
    entries: tuple[_Entry, ...], principal: Principal, bounded: bool, canonical: bool
) -> Named | None:
    if _exempt(entries, principal, bounded):
        return None
    with_account = (*entries, (PrincipalType.AWS, principal.account))
    unclear = canonical and _exempt(with_account, principal, bounded)
    return Named(NOTHING_MORE, _CANONICAL if unclear else frozenset())


def _exempt(entries: tuple[_Entry, ...], principal: Principal, bounded: bool) -> bool:
    """Whether `NotPrincipal` lists all that it must to leave this principal out.

    That is the account and, for a session, the role too. With a permissions boundary nothing helps.
    """
    if bounded:
        return False
    if (PrincipalType.ANYONE, "*") in entries or (PrincipalType.AWS, "*") in entries:
        return True
    match principal.kind:
        case PrincipalKind.SERVICE:
            return (PrincipalType.SERVICE, principal.arn) in entries
        case PrincipalKind.IDENTITY_PROVIDER:
            return (PrincipalType.FEDERATED, principal.arn) in entries
        case PrincipalKind.ANONYMOUS:
            return False
        case _:
            needed = {principal.account, principal.arn, principal.role_arn} - {None}
            if principal.kind is PrincipalKind.ROOT:
                needed = {principal.account}
            return all((PrincipalType.AWS, name) in entries for name in needed)
