"""What statements grant, each grant named once however many principals have it."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from watchword.iam import Layer
from watchword.proof.action_sets import ActionSets
from watchword.proof.grants import Grant as Reachable
from watchword.proof.places import Places
from watchword.proof.reach import Reached, Subject
from watchword.proof.result import Condition, Grant


@dataclass(kw_only=True)
class GrantList:
    """The grants of one proof, by id."""

    sets: ActionSets
    places: Places
    _found: dict[bytes, tuple[str, Grant]] = field(default_factory=dict)
    _of: dict[object, tuple[object, tuple[str, ...]]] = field(default_factory=dict)

    def of(self, subject: Subject, reached: Reached) -> tuple[str, ...]:
        """Return the ids of what a subject is granted, where its actions are reached at all."""
        if not reached.actions:
            return ()
        key = (id(reached), subject.arn)
        found = self._of.get(key)
        if found is None:
            ids = tuple(dict.fromkeys(self._add(each, subject) for each in reached.grants()))
            found = self._of[key] = reached, ids
        return found[1]

    def _add(self, grant: Reachable, subject: Subject) -> str:
        shown = Grant(
            actions=self.sets.add(grant.actions),
            resources=grant.resources,
            but=grant.excepted,
            conditions=tuple(
                Condition(operator=each.operator, key=each.key, values=each.values, holds=each.holds)
                for each in grant.conditions
            ),
            statements=tuple(
                self.places.place(ref, Layer.IDENTITY, owner=subject.arn) for ref in grant.statements
            ),
        )
        fresh = f"g{len(self._found) + 1}", shown
        return self._found.setdefault(msgspec.json.encode(shown), fresh)[0]

    def written(self) -> dict[str, Grant]:
        """Return every grant by its id."""
        return dict(self._found.values())
