"""Which policies a principal can have after the changes that somebody can make.

Every change by itself, every two, all that there are, and all that can bring no Deny: what takes three of
many is found in the last two, and what of them is not needed is dropped. Changes that come to the same
policies are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from watchword.proof.changes import GUISES, Change, ChangeKind, Changes, changed, has_effect
from watchword.proof.expansion import allows_everything

if TYPE_CHECKING:
    from watchword.account.model import Account, AccountPrincipal
    from watchword.iam import PolicySet

_MOST_SINGLES: Final = 10
_MAY_DENY: Final = frozenset({ChangeKind.ATTACHED, ChangeKind.JOINED, ChangeKind.VERSION, ChangeKind.BOUND})
"""Changes that bring policies of the account's: a Deny may be in them."""
NONE: Final[Changes] = frozenset()


@dataclass(slots=True, kw_only=True)
class Variants:
    """The policies that one principal can have. Changes are told in the order in which they can be made."""

    account: Account
    principal: AccountPrincipal
    found: list[Changes] = field(default_factory=list)
    """In the order in which they were found."""
    _waiting: dict[Change, None] = field(default_factory=dict)
    """Changes that have had no effect so far."""
    _used: set[Change] = field(default_factory=set)
    _singles: list[Changes] = field(default_factory=list)
    _inert: list[Changes] = field(default_factory=list)
    """Changes that come to nothing by themselves: a group joined that has no policies yet."""
    _seen: dict[object, PolicySet] = field(default_factory=dict)
    _all: Changes = NONE
    _is_done: bool = False
    """Whether one of them lets everything through: no other can do more, or sooner."""
    _policies: dict[Changes, PolicySet] = field(default_factory=dict)

    def __post_init__(self) -> None:
        base = self.account.attached(self.principal.arn).policy_set
        self._policies[NONE] = self._seen[id(base), NONE] = base

    def policies(self, changes: Changes) -> PolicySet:
        """Return what is in force after some changes."""
        found = self._policies.get(changes)
        if found is None:
            found = self._policies[changes] = changed(self.account, self.principal, changes)
        return found

    def add(self, change: Change) -> list[Changes]:
        """Return what becomes possible with one more change."""
        before = len(self.found)
        if self._is_done or change in self._used:
            return []
        self._waiting[change] = None
        tried: Iterable[Change] = (change,)
        while tried:
            progress = False
            for each in tried:
                with_others = self._with_others(each)
                if with_others is not None:
                    del self._waiting[each]
                    self._used.add(each)
                    self._take(with_others)
                    progress = True
            # What has had no effect so far may have one now.
            tried = tuple(self._waiting) if progress else ()
        return self.found[before:]

    def _with_others(self, change: Change) -> Changes | None:
        """Return a change with what gives it effect (the group that is joined first); None without effect."""
        for each in (NONE, *self._inert, *self._singles):
            if change not in each and has_effect(self.account, self.principal, change, each):
                return each | {change}
        return None

    def _take(self, changes: Changes) -> None:
        policies = self.policies(changes)
        if self._mark(changes) in self._seen:
            self._inert.append(changes)
            return
        earlier = tuple(self._singles)
        self._singles.append(changes)
        self._keep(changes)
        if allows_everything(policies):
            self._is_done = True
            return
        if len(self._singles) <= _MOST_SINGLES:
            for each in earlier:
                self._keep(each | changes)
        self._all |= changes
        self._keep(self._needed(self._all))
        self._keep(self._needed(frozenset(each for each in self._all if each.kind not in _MAY_DENY)))

    def _keep(self, changes: Changes) -> None:
        mark = self._mark(changes)
        if mark not in self._seen:
            self._seen[mark] = self.policies(changes)
            self.found.append(changes)

    def _mark(self, changes: Changes) -> object:
        """Return what tells apart what changes come to: the policies, and what the holder looks like."""
        return id(self.policies(changes)), frozenset(each for each in changes if each.kind in GUISES)

    def _needed(self, changes: Changes) -> Changes:
        """Return changes without those that make no difference."""
        mark = self._mark(changes)
        for change in sorted(changes, key=str):
            fewer = changes - {change}
            if self._mark(fewer) == mark:
                changes = fewer
        return changes

    def __iter__(self) -> Iterator[Changes]:
        return iter(self.found)
