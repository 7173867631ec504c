"""What statements reach alone and together: the work for one subject."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Final

from watchword.iam import ContextValue
from watchword.iam.compile import Rule
from watchword.proof.settle.cells import Alike, Cell, Part, Spread, apart, split
from watchword.proof.settle.domains import SPECIAL_SERVICES
from watchword.proof.settle.entries import Content, content_of
from watchword.proof.settle.limits import Limits
from watchword.proof.settle.naming import UNKNOWN_SERVICE
from watchword.proof.settle.regions import in_region
from watchword.proof.settle.standing import Settled
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.trying import Trying
from watchword.proof.settle.view import Live, View, together, unknown_bits

if TYPE_CHECKING:
    from watchword.proof.settle.spread import Spreader

_REGION: Final = "aws:requestedregion"
_TLS: Final = "aws:securetransport"
_GUARDED: Final = frozenset({_REGION, _TLS})
_WITH_TLS: Final[tuple[tuple[str, ContextValue], ...]] = ((_TLS, "true"),)


class Spreading:
    def __init__(self, spreader: Spreader, subject: Subject, settled: Settled) -> None:
        self._spreader, self._subject, self._settled = spreader, subject, settled
        self._universe = spreader.universe
        self._partition, self._account = subject.arn.split(":")[1], subject.principal.account
        self._own, self._others = spreader.own(subject, settled), spreader.others(subject, settled)

    def spread(self) -> Spread:
        own, others = self._own, self._others
        limits = Limits(own, others)
        maybe_denied = own.deny_may | others.deny_may
        surely = own.must & others.must & ~maybe_denied
        maybe = own.may & others.may & ~(own.deny_must | others.deny_must)
        open_ = maybe & ~surely
        if not open_:
            return Spread(surely, (), surely, limits)
        easily = self._easily(limits, open_) & open_
        surely |= easily
        open_ &= ~easily
        free = open_ & others.must & ~maybe_denied
        found = surely
        doubts: list[tuple[int, str]] = []
        if free:
            for view in own.layers[0]:
                for live in view.allows:
                    if live.may & free & ~found:
                        alone = self._alone(live)
                        found |= alone.found & free
                        doubts += [(mask & free, why) for mask, why in alone.doubts]
        rest = open_ & ~free
        if rest:
            tangled = self._tangled(limits, rest)
            found |= tangled.found
            doubts += tangled.doubts
        return Spread(found, tuple(apart(doubts, found)), maybe, limits)

    def _easily(self, limits: Limits, wanted: int) -> int:
        """Return what of these is reached at a glance by calls that no guardrail of the usual kinds is about.

        Those are calls with TLS, to one of the regions that the policies name.
        """
        keys = self._spreader.keys_read(limits)
        if self._settled.assumed or keys.isdisjoint(_GUARDED):
            return 0
        if _REGION not in keys:
            return self._assuming(_WITH_TLS).at_a_glance(wanted)
        found = 0
        for region in self._spreader.regions_in(limits, self._partition):
            left = wanted & self._called_in(region) & ~found
            if left:
                found |= self._assuming((*_WITH_TLS, (_REGION, region))).at_a_glance(left)
        return found

    def _assuming(self, assumed: tuple[tuple[str, ContextValue], ...]) -> Spreading:
        settled = self._settled.assuming(assumed)
        return Spreading(self._spreader, self._subject, settled)

    def _called_in(self, region: str) -> int:
        """Return all bits but those of services that are not called in a region."""
        found = -1
        for service in SPECIAL_SERVICES:
            fixed = in_region(service, self._partition)
            if fixed not in {None, region} and self._universe.knows_service(service):
                start, count = self._universe.span(service)
                found &= ~(((1 << count) - 1) << start)
        return found

    def at_a_glance(self, wanted: int) -> int:
        """Return what is reached of these where nothing stands against one statement of identity policies."""
        own, others = self._own, self._others
        free = wanted & others.must & ~(own.deny_may | others.deny_may)
        found = own.must & free
        missing = own.may & free & ~found
        for view in own.layers[0]:
            if view.allow_may & missing:
                found |= self._each_alone(view) & free
                missing &= ~found
        return found

    # -- statements that nothing else stands against

    def _each_alone(self, view: View) -> int:
        """Return what the statements of a policy reach, each by itself."""
        keys = self._spreader.views.keys(view.policy).every
        kept = view, self._settled.sign(keys), self._common()
        found = self._spreader.views_alone.get(kept)
        if found is None:
            found = view.allow_must
            for live in view.allows:
                if live.may & ~found:
                    found |= self._alone(live).found
            self._spreader.views_alone[kept] = found
        return found

    def _alone(self, live: Live) -> Part:
        """Return what a statement reaches by itself, beyond what it surely covers."""
        rule, content = live.rule, self._likened(live.rule)
        alike = (live.must == 0, self._sign(rule, content), self._common())
        said, here = (content, *alike), (rule, *alike)
        found = self._spreader.alone.get(said) or self._spreader.alone.get(here)
        if found is None:
            found = self._cells([Cell(live.may & ~live.must, ((rule,),), ())])
            # Why something is open names the statement, and so is no other one's reason.
            self._spreader.alone[here if found.doubts else said] = found
        return found

    def _sign(self, rule: Rule, content: Content) -> Hashable:
        """Return what two subjects have in common for whom a statement alone does the same.

        A name that is only filled in at the end of resources makes no difference where what there is of
        that name is alike.
        """
        keys = self._spreader.keys_of(rule, content)
        likened = self._spreader.views.likening(self._partition, self._account).of(rule)
        if not likened.filled_in:
            return self._settled.sign(keys)
        existing = self._subject.existing
        found: list[Hashable] = list(self._settled.sign(key for key in keys if key not in likened.filled_in))
        for key in sorted(likened.filled_in):
            value = self._settled.get(key)
            if not isinstance(value, str) or not likened.is_any_name(value):
                found.append(self._settled.sign((key,)))
            elif existing is None:
                found.append(())
            else:
                guarded = existing.guards((value,))
                found.append(self._settled.sign((key,)) if guarded else existing.of_name(value))
        return tuple(found)

    def _likened(self, rule: Rule) -> Content:
        """Return what a statement says, whatever names are in it that make no difference to this subject."""
        found = self._spreader.views.likening(self._partition, self._account).of(rule)
        existing = self._subject.existing
        if existing is not None and (found.on_listed or existing.guards(found.names)):
            return content_of(rule)
        return found.content

    def _common(self) -> Hashable:
        """Return what beside the keys that statements read makes a difference to them."""
        return self._partition, self._account, self._settled.assumed

    # -- statements together

    def _tangled(self, limits: Limits, rest: int) -> Part:
        denying = [live for live in limits.denies if live.may & rest]
        cells: dict[tuple[tuple[Rule, ...], ...], int] = {(): rest}
        for layer in (*self._own.layers, *self._others.layers):
            lives = [live for view in layer for live in view.allows if live.may & rest]
            cells = split(cells, lives, beside=together(view.allow_must for view in layer))
        found: list[Cell] = []
        for groups, mask in cells.items():
            parts = split({(): mask}, denying, beside=0)
            for (against, *_), part in parts.items():
                found.append(Cell(part, tuple(each for each in groups if each), against))
        return self._cells(found)

    # -- cells

    def _cells(self, cells: Iterable[Cell]) -> Part:
        found = 0
        doubts: dict[str, int] = {}
        for cell in cells:
            for mask, result, why in self._in_cell(cell):
                if result:
                    found |= mask
                elif why is not None:
                    doubts[why] = doubts.get(why, 0) | mask
        return Part(found, tuple((mask, why) for why, mask in doubts.items()))

    def _in_cell(self, cell: Cell) -> Iterator[tuple[int, bool, str | None]]:
        """Give the parts of a cell that are alike, with whether they are reached, and if not, why maybe."""
        trying = Trying(self._spreader, self._subject, self._settled, cell)
        question = trying.question
        mask, plain = cell.mask, self._without_naming(cell)
        if not question.scoped and not question.by_action:
            for part in self._by_service(mask & plain, apart=question.by_service):
                yield part, *trying.action(self._spreader.action_at(part), None, named=False)
            mask &= ~plain
        last = mask & 1 << (self._universe.size - 1)
        for part, alike in self._parts(mask & ~last):
            yield part, *trying.action(alike.action, alike, named=not part & plain)
        if last:
            yield last, *trying.action(f"{UNKNOWN_SERVICE}:?", None, named=not last & plain)

    def _without_naming(self, cell: Cell) -> int:
        """Return the bits of which it needs no name to say whether they are covered.

        Those of known actions; and of unknown ones, where at most one group covers only some names, and every
        Deny covers all.
        """
        unknown = cell.mask & unknown_bits(self._universe)
        if not unknown:
            return -1
        views = self._spreader.views
        partly = 0
        for group in cell.groups:
            kinds = [views.unnamed(rule) for rule in group]
            every = together(each.every for each in kinds)
            some = together(each.some for each in kinds) & ~every & unknown
            unknown &= (every | some) & ~(partly & some)
            partly |= some
        for rule in cell.denies:
            unknown &= views.unnamed(rule).every
        return ~unknown_bits(self._universe) | unknown

    def _by_service(self, mask: int, *, apart: bool) -> Iterator[int]:
        """Give the mask in one, or that of each service apart for which a key is not as for all others."""
        if apart:
            for service in sorted(SPECIAL_SERVICES):
                if self._universe.knows_service(service):
                    start, count = self._universe.span(service)
                    part = mask & ((1 << count) - 1) << start
                    if part:
                        yield part
                    mask &= ~part
        if mask:
            yield mask

    def _parts(self, mask: int) -> Iterator[tuple[int, Alike]]:
        spreader = self._spreader
        while mask:
            at = (mask & -mask).bit_length() - 1
            start, count, service = spreader.service_at(at)
            here = mask >> start & (1 << count) - 1
            mask ^= here << start
            for alike in spreader.alike(service):
                both = here & alike.mask
                if both:
                    yield both << start, alike
