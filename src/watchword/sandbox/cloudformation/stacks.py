"""All stacks of the sandbox and their change sets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from watchword.sandbox.cloudformation import refusals
from watchword.sandbox.cloudformation.stack import ChangeSet, Stack
from watchword.sandbox.kept import Store

GONE = "DELETE_COMPLETE"


class Stacks:
    """Stacks by account and region. Any thread may use it; one operation at a time works on a stack."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._stacks: list[Stack] = []
        self._change_sets: list[ChangeSet] = []
        self._places_kept = {"stacks": 0, "change-sets": 0}
        self._in_hand = False

    def add(self, stack: Stack) -> None:
        """Keep a new stack. Raises AwsError when there is one of its name."""
        with self._lock:
            if self.there(stack.account, stack.region, stack.name) is not None:
                raise refusals.stack_exists(stack.name)
            self._stacks.append(stack)

    def drop(self, stack: Stack) -> None:
        """Forget a stack that was only under review."""
        with self._lock:
            self._stacks.remove(stack)
            self._change_sets = [each for each in self._change_sets if each.stack_id != stack.id]

    def there(self, account: str, region: str, name: str) -> Stack | None:
        """Return the stack of a name or an ID, if it has not been deleted."""
        found = self.find(account, region, name)
        return None if found is None or found.status == GONE else found

    def find(self, account: str, region: str, name: str) -> Stack | None:
        """Return the stack of a name, or of an ID, under which deleted ones are found too."""
        for stack in self.all(account, region):
            if stack.id == name or (stack.name == name and stack.status != GONE):
                return stack
        return None

    def all(self, account: str, region: str) -> list[Stack]:
        """Return the stacks of an account and region, deleted ones too, newest first."""
        with self._lock:
            self._in_hand = True
            return [
                stack
                for stack in reversed(self._stacks)
                if (stack.account, stack.region) == (account, region)
            ]

    def begin(self, stack: Stack, status: str, wanted: str, *, now: datetime) -> None:
        """Let an operation begin on a stack. Raises AwsError when another one is at work."""
        with self._lock:
            if stack.busy or stack.status == GONE:
                raise refusals.not_in_this_state(stack.id, stack.status, wanted)
            stack.tell(status, "User Initiated", now=now)

    # --- exports --------------------------------------------------------------------------------------

    def exports(self, account: str, region: str) -> Iterator[tuple[Stack, str, str]]:
        """Yield every export: the stack, the name and the value."""
        for stack in self.all(account, region):
            if stack.status != GONE:
                for name, value in stack.exports.items():
                    yield stack, name, value

    def importers(self, account: str, region: str, export: str) -> list[str]:
        """Return the names of the stacks that import an export."""
        there = (stack for stack in self.all(account, region) if stack.status != GONE)
        return [stack.name for stack in there if export in stack.imports]

    # --- change sets ----------------------------------------------------------------------------------

    def add_change_set(self, change_set: ChangeSet) -> None:
        """Keep a change set. Raises AwsError when the stack has one of its name."""
        with self._lock:
            if self.change_set(change_set.stack_id, change_set.name) is not None:
                raise refusals.change_set_exists(change_set.name)
            self._change_sets.append(change_set)

    def change_set(self, stack_id: str | None, name: str) -> ChangeSet | None:
        """Return a change set by its ID, or by its name and the ID of its stack."""
        with self._lock:
            self._in_hand = True
            for each in self._change_sets:
                if each.id == name or (each.stack_id == stack_id and each.name == name):
                    return each
        return None

    def change_sets(self, stack_id: str) -> list[ChangeSet]:
        """Return the change sets of a stack."""
        with self._lock:
            self._in_hand = True
            return [each for each in self._change_sets if each.stack_id == stack_id]

    def drop_change_set(self, change_set: ChangeSet) -> None:
        """Forget a change set."""
        with self._lock:
            self._change_sets.remove(change_set)

    # --- on disk --------------------------------------------------------------------------------------

    def stores(self) -> tuple[Store, ...]:
        """Return the stacks and the change sets, by their places, to be kept."""

        def store(
            name: str, kind: type, entries: Callable[[], list[Any]], load: Callable[..., None]
        ) -> Store:
            return Store(
                name=name,
                kind=kind,
                dump=lambda everything: self._dump(name, entries(), everything=everything),
                load=lambda kept: load([entry for _, entry in sorted(kept.items())]),
            )

        # Change sets first: looking at the stacks is what lets go of both.
        return (
            store("change-sets", ChangeSet, lambda: self._change_sets, self._load_change_sets),
            store("stacks", Stack, lambda: self._stacks, self._load_stacks),
        )

    def _dump(self, name: str, entries: list[Any], *, everything: bool) -> dict[str, Any]:
        with self._lock:
            if not (everything or self._in_hand):
                return {}
            if name == "stacks":
                self._in_hand = False
            gone = range(len(entries), self._places_kept[name])
            self._places_kept[name] = len(entries)
            return {f"{place:06}": entry for place, entry in enumerate(entries)} | {
                f"{place:06}": None for place in gone
            }

    def _load_stacks(self, stacks: list[Stack]) -> None:
        self._stacks = stacks

    def _load_change_sets(self, change_sets: list[ChangeSet]) -> None:
        self._change_sets = change_sets
