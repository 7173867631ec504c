"""The documents of an account that can be changed, and the account as it is once one is."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from watchword.account.accounts import Accounts
from watchword.account.model import Account, InForce
from watchword.account.snapshot import InlinePolicy, ManagedPolicy, Snapshot
from watchword.iam import CompiledPolicy, PolicyKind, PolicySyntaxError


class Place(enum.Enum):
    """Where a document is kept."""

    MANAGED = enum.auto()
    INLINE = enum.auto()
    TRUST = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A policy that its account can change. `owner` is whose it is: the ARN of a user, group or role.

    `name` is as people are shown it; of an inline policy, `inline` is what AWS calls it. `text` is empty for
    one that is not there yet.
    """

    place: Place
    account: str
    owner: str
    name: str
    arn: str | None
    inline: str
    text: str

    @property
    def kind(self) -> PolicyKind:
        """By which grammar it is read."""
        return PolicyKind.TRUST if self.place is Place.TRUST else PolicyKind.IDENTITY

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return (self.arn or self.owner, self.name)


def document_of(account: Account, in_force: InForce) -> Document | None:
    """Return a policy in force as a document; None when the account cannot change it.

    AWS's managed policies are AWS's, and those of an organization are the organization's.
    """
    if in_force.route == "trust":
        place = Place.TRUST
    elif in_force.arn is None:
        place = Place.INLINE
    elif f":iam::{account.id}:policy/" in in_force.arn:
        place = Place.MANAGED
    else:
        return None
    return Document(
        place=place,
        account=account.id,
        owner=in_force.owner,
        name=in_force.name,
        arn=in_force.arn,
        inline=in_force.name.partition(" (inline")[0],
        text=in_force.text,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """One document that says something else, and what hangs on it.

    - `before`, `after`: what it said, None for one that was not there, and says now.
    - `accounts`: as they are then; what they know of all that is the same is shared with those before.
    - `concerned`: the ARNs of those for whom it is in force; of a trust policy, that of its role.
    """

    document: Document
    before: CompiledPolicy | None
    after: CompiledPolicy
    accounts: Accounts
    concerned: frozenset[str]

    @property
    def is_trust(self) -> bool:
        """Whether it says who enters a role."""
        return self.document.place is Place.TRUST


def rewritten(accounts: Accounts, document: Document, text: str) -> Rewriting:
    """Return the accounts as they are once a document says something else.

    Raises PolicySyntaxError when the text is no policy.
    """
    account = accounts.by_id[document.account]
    concerned = account.concerned(document.arn or document.owner)
    own = account.principal(document.owner) if document.arn is None else None
    snapshot = _rewritten(account.snapshot, document, text)
    after = account.rewritten(snapshot, concerned=concerned, entry=None if own is None else own.arn)
    return Rewriting(
        document=document,
        before=_compiled(account, document, document.text) if document.text else None,
        after=_compiled(account, document, text),
        accounts=replace(accounts, by_id={**accounts.by_id, document.account: after}),
        concerned=concerned,
    )


def _compiled(account: Account, document: Document, text: str) -> CompiledPolicy:
    found = account.library.compiled(text, name=document.name, kind=document.kind)
    if isinstance(found, PolicySyntaxError):
        raise found
    return found


def _rewritten(snapshot: Snapshot, document: Document, text: str) -> Snapshot:
    match document.place:
        case Place.MANAGED:
            return _each(snapshot, ("policies",), document.arn, lambda each: _version(each, text))
        case Place.TRUST:
            return _each(
                snapshot, ("roles",), document.owner, lambda each: msgspec.structs.replace(each, trust=text)
            )
        case Place.INLINE:
            return _each(
                snapshot,
                ("users", "groups", "roles"),
                document.owner,
                lambda each: msgspec.structs.replace(
                    each, inline=_inline(each.inline, document.inline, text)
                ),
            )


def _each(
    snapshot: Snapshot, parts: Iterable[str], arn: str | None, change: Callable[[Any], Any]
) -> Snapshot:
    """Return the snapshot with one entry changed, in whichever of its parts that stands."""
    parts_now = {
        part: tuple(change(each) if each.arn == arn else each for each in getattr(snapshot, part))
        for part in parts
    }
    return msgspec.structs.replace(snapshot, **parts_now)


def _version(policy: ManagedPolicy, text: str) -> ManagedPolicy:
    versions = tuple(
        msgspec.structs.replace(each, document=text) if each.id == policy.default_version else each
        for each in policy.versions
    )
    return msgspec.structs.replace(policy, versions=versions)


def _inline(policies: Iterable[InlinePolicy], name: str, text: str) -> tuple[InlinePolicy, ...]:
    others = [each for each in policies if each.name != name]
    return tuple(sorted([*others, InlinePolicy(name=name, document=text)], key=lambda each: each.name))
