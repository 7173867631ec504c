"""Backends that share objects are kept together: one group, one pickle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.snapshot.backend_key import BackendKey, is_there
from watchword.sandbox.plane.snapshot.writing import Written, write


@dataclass(slots=True, kw_only=True)
class _Group:
    number: int
    members: list[MotoObject]
    objects: frozenset[int] = frozenset()
    bodies: frozenset[str] = field(default_factory=frozenset)


@dataclass(slots=True, kw_only=True)
class Changed:
    """What is to be kept now: groups by number, contents by digest; None is for what is there no more."""

    groups: dict[int, bytes | None] = field(default_factory=dict)
    bodies: dict[str, Callable[[], bytes] | None] = field(default_factory=dict)


class Groups:
    """Which backends go together, as far as is known. Not thread-safe: whoever calls has moto for itself."""

    def __init__(self) -> None:
        self._of: dict[int, _Group] = {}
        self._by_key: dict[BackendKey, MotoObject] = {}
        self._last = 0

    def go_on(self, numbers: Mapping[int, list[MotoObject]]) -> None:
        """Know the groups that were read."""
        for number, members in numbers.items():
            self._know(_Group(number=number, members=members))
            self._last = max(self._last, number)

    def write(self, visited: Iterable[MotoObject]) -> Changed:
        """Write the groups of these backends, and of those that they refer to for the first time.

        Raises CannotKeep.
        """
        changed = Changed()
        before = self._all_bodies()
        waiting = self._waiting(visited, changed)
        while waiting:
            number, group = waiting.popitem()
            written = write(group.members)
            partner = self._sharing(group, written)
            if partner is not None:
                waiting.pop(partner.number, None)
                changed.groups[partner.number] = changed.groups[number] = None
                merged = self._merge(group, partner)
                waiting[merged.number] = merged
                continue
            group.objects, group.bodies = written.objects, frozenset(written.bodies)
            changed.groups[number] = written.data
            changed.bodies.update(written.bodies)
            for backend in written.refers_to:
                if id(backend) not in self._of:
                    new = self._group_of(backend)
                    waiting[new.number] = new
        changed.bodies.update(dict.fromkeys(before - self._all_bodies()))
        return changed

    def _sharing(self, group: _Group, written: Written) -> _Group | None:
        """Return a group that has an object of `written`, too."""
        for other in self._groups():
            if other is group or other.objects.isdisjoint(written.objects):
                continue
            # What was written long ago may be gone, and its identity somebody else's: look again.
            now = write(other.members)
            other.objects = now.objects
            if not other.objects.isdisjoint(written.objects):
                return other
        return None

    def _waiting(self, visited: Iterable[MotoObject], changed: Changed) -> dict[int, _Group]:
        """Return the groups to be written; forget backends that moto has dropped and made anew."""
        waiting = {}
        for backend in visited:
            key = BackendKey.named(backend)
            if not is_there(backend, key):
                continue
            before = self._by_key.get(key)
            if before is not None and before is not backend:
                left = self._of.pop(id(before))
                left.members.remove(before)
                if left.members:
                    waiting[left.number] = left
                else:
                    changed.groups[left.number] = None
            group = self._group_of(backend)
            waiting[group.number] = group
        return waiting

    def _merge(self, one: _Group, other: _Group) -> _Group:
        self._last += 1
        members = sorted([*one.members, *other.members], key=BackendKey.named)
        merged = _Group(number=self._last, members=members)
        self._know(merged)
        return merged

    def _group_of(self, backend: MotoObject) -> _Group:
        if id(backend) not in self._of:
            self._last += 1
            self._know(_Group(number=self._last, members=[backend]))
        return self._of[id(backend)]

    def _know(self, group: _Group) -> None:
        self._of.update({id(each): group for each in group.members})
        self._by_key.update({BackendKey.named(each): each for each in group.members})

    def _groups(self) -> Iterator[_Group]:
        return iter({id(group): group for group in self._of.values()}.values())

    def _all_bodies(self) -> set[str]:
        return set().union(*(group.bodies for group in self._groups()))
