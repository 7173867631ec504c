"""The statements in force for a subject, by what they do: allow, allow as well, deny."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from watchword.iam.compile import Rule
from watchword.proof.settle.view import Live, View, together

EVERYTHING: Final = -1
"""All bits: a mask of any length."""


class Layers(msgspec.Struct, frozen=True, eq=False):
    """Layers of which each has to allow, and every Deny in them, with what it comes to.

    - `must` and `may`: what all of them allow, surely and at most; of no layers everything.
    - `deny_must` and `deny_may`: what any of them denies.
    - `named`: further Denies, of resource control policies.
    """

    layers: tuple[tuple[View, ...], ...]
    named: tuple[Live, ...]
    must: int
    may: int
    deny_must: int
    deny_may: int

    @classmethod
    def of(cls, layers: Sequence[tuple[View, ...]], named: Sequence[Live] = ()) -> Layers:
        """Return the layers, summed up."""
        views = [view for layer in layers for view in layer]
        musts = (together(view.allow_must for view in layer) for layer in layers)
        mays = (together(view.allow_may for view in layer) for layer in layers)
        return cls(
            tuple(layers),
            tuple(named),
            functools.reduce(operator.and_, musts, EVERYTHING),
            functools.reduce(operator.and_, mays, EVERYTHING),
            together(view.deny_must for view in views),
            together(view.deny_may for view in views) | together(live.may for live in named),
        )

    @property
    def denies(self) -> Iterator[Live]:
        """Give the Denies that are not ruled out."""
        for layer in self.layers:
            for view in layer:
                yield from view.denies
        yield from self.named


class Limits(msgspec.Struct, frozen=True):
    """What binds a subject: its identity policies (one layer), and those that have to allow as well."""

    own: Layers
    others: Layers

    @property
    def own_allows(self) -> Iterator[Live]:
        """Give the allowing statements of the identity policies that are not ruled out."""
        return (live for view in self.own.layers[0] for live in view.allows)

    @property
    def allowing(self) -> tuple[tuple[View, ...], ...]:
        """Return all layers that have to allow, the identity policies first."""
        return (*self.own.layers, *self.others.layers)

    @property
    def denies(self) -> tuple[Live, ...]:
        """Return the Denies that are not ruled out."""
        return (*self.own.denies, *self.others.denies)

    def others_for(self, actions: int) -> Iterator[Rule]:
        """Give the statements of the other layers that allow some of these, where none surely allows all."""
        for layer in self.others.layers:
            if actions & ~together(view.allow_must for view in layer):
                yield from (live.rule for view in layer for live in view.allows if live.may & actions)
