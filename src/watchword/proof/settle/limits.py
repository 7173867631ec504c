"""The statements in force for a subject, by what they do: allow, allow as well, deny."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from watchword.iam.compile import Rule
from watchword.proof.settle.view import Live, View


class Limits(msgspec.Struct, frozen=True):
    """The layers of a subject: the identity policies first, then those that have to allow as well."""

    layers: tuple[tuple[View, ...], ...]
    named: tuple[Live, ...]
    """Denies of resource control policies."""

    @property
    def own_allows(self) -> Iterator[Live]:
        """Give the allowing statements of the identity policies that are not ruled out."""
        return (live for view in self.layers[0] for live in view.allows)

    @property
    def denies(self) -> tuple[Live, ...]:
        """Return the Denies that are not ruled out."""
        return (*(live for layer in self.layers for view in layer for live in view.denies), *self.named)

    def others_for(self, actions: int) -> Iterator[Rule]:
        """Give the statements of the other layers that allow some of these, where none surely allows all."""
        for layer in self.layers[1:]:
            if actions & ~_together(view.allow_must for view in layer):
                yield from (live.rule for view in layer for live in view.allows if live.may & actions)


def _together(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
