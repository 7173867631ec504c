"""What statements reach alone and together: the work for one subject."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from watchword.iam import ContextValue, PolicySet
from watchword.iam.compile import CompiledPolicy, Rule
from watchword.proof.settle.attempt import CONTESTED, Attempt
from watchword.proof.settle.cells import (
    Alike,
    Cell,
    Likeness,
    Spread,
    apart,
    entry_of,
    split,
    together,
    unknown_in,
)
from watchword.proof.settle.domains import SPECIAL_SERVICES, by_action, by_service
from watchword.proof.settle.entries import content_of, keys_of, scope_of
from watchword.proof.settle.language import Language, TooLarge
from watchword.proof.settle.naming import UNKNOWN_SERVICE
from watchword.proof.settle.regions import in_region
from watchword.proof.settle.resources import NO_RESOURCE, Target, readings
from watchword.proof.settle.search import in_region_only, meets
from watchword.proof.settle.standing import Settled
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.view import Live, View, unknown_bits

if TYPE_CHECKING:
    from watchword.proof.settle.spread import Spreader

_REGION = "aws:requestedregion"
_TLS = "aws:securetransport"
_GUARDED = frozenset({_REGION, _TLS})
_SERVICE_LINKED = ":role/aws-service-role/"


class Spreading:
    def __init__(self, spreader: Spreader, subject: Subject, settled: Settled) -> None:
        self._spreader, self._subject, self._settled = spreader, subject, settled
        self._universe = spreader.universe
        self._partition, self._account = subject.arn.split(":")[1], subject.principal.account
        policies = subject.policies
        levels = () if _SERVICE_LINKED in subject.arn else policies.service_control
        boundary = policies.permissions_boundary
        documents: list[Sequence[CompiledPolicy]] = [policies.identity]
        if boundary is not None:
            documents.append((boundary,))
        if policies.session is not None:
            documents.append(policies.session)
        self.layers = [tuple(map(self._view, each)) for each in (*documents, *levels)]
        self.naming = tuple(self._denies_by_name(policies))

    def _view(self, policy: CompiledPolicy) -> View:
        return self._spreader.views.of(policy, self._settled, self._partition, self._account)

    def _denies_by_name(self, policies: PolicySet) -> Iterator[Live]:
        """Resource control policies: they may deny."""
        bounded = policies.permissions_boundary is not None
        for level in policies.resource_control:
            for policy in level:
                for live in self._view(policy).denies:
                    named = live.rule.principal
                    if named is None or named(self._subject.principal, bounded) is not None:
                        yield Live(live.rule, 0, live.may)

    def spread(self) -> Spread:
        musts = [together(view.allow_must for view in layer) for layer in self.layers]
        mays = [together(view.allow_may for view in layer) for layer in self.layers]
        views = [view for layer in self.layers for view in layer]
        denied = together(view.deny_must for view in views)
        denying = [live for view in views for live in view.denies] + list(self.naming)
        maybe_denied = together(live.may for live in denying)
        surely = functools.reduce(lambda one, other: one & other, musts) & ~maybe_denied
        maybe = functools.reduce(lambda one, other: one & other, mays) & ~denied
        open_ = maybe & ~surely
        if not open_:
            return Spread(surely, (), surely)
        easily = self._easily(open_) & open_
        surely |= easily
        open_ &= ~easily
        others = functools.reduce(lambda one, other: one & other, musts[1:]) if musts[1:] else -1
        free = open_ & others & ~maybe_denied
        found = surely
        doubts: list[tuple[int, str]] = []
        if free:
            for view in self.layers[0]:
                for live in view.allows:
                    if live.may & free & ~found:
                        alone = self._alone(live)
                        found |= alone.found & free
                        doubts += [(mask & free, why) for mask, why in alone.doubts]
        rest = open_ & ~free
        if rest:
            tangled = self._tangled(rest, musts, [live for live in denying if live.may & rest])
            found |= tangled.found
            doubts += tangled.doubts
        return Spread(found, tuple(apart(doubts, found)), maybe)

    def _easily(self, wanted: int) -> int:
        """Return what of these is reached at a glance by calls that no guardrail of the usual kinds is about.

        Those are calls with TLS, to one of the regions that the policies name.
        """
        policies = [view.policy for layer in self.layers for view in layer]
        keys = {key for policy in policies for key in self._spreader.views.keys(policy).conditions}
        if self._settled.assumed or keys.isdisjoint(_GUARDED):
            return 0
        tls: tuple[tuple[str, ContextValue], ...] = ((_TLS, "true"),)
        if _REGION not in keys:
            return self._assuming(tls).at_a_glance(wanted)
        found = 0
        for region in self._spreader.regions_in(policies, self._partition):
            left = wanted & self._called_in(region) & ~found
            if left:
                found |= self._assuming((*tls, (_REGION, region))).at_a_glance(left)
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
        musts = [together(view.allow_must for view in layer) for layer in self.layers]
        views = [view for layer in self.layers for view in layer]
        denied = together(view.deny_may for view in views) | together(live.may for live in self.naming)
        others = functools.reduce(lambda one, other: one & other, musts[1:]) if musts[1:] else -1
        free = others & ~denied & wanted
        found = musts[0] & free
        missing = free & ~found
        for view in self.layers[0]:
            if view.allow_may & missing:
                for live in view.allows:
                    if live.may & missing and self._in_this_region(live.rule):
                        found |= self._alone(live).found & free
                        missing &= ~found
        return found

    def _in_this_region(self, rule: Rule) -> bool:
        """Whether a statement may cover a resource of the region that is assumed."""
        region = dict(self._settled.assumed).get(_REGION)
        scope = scope_of(rule)
        if scope is None or not isinstance(region, str):
            return True
        return scope.may_meet(in_region_only(region), self._settled)

    # -- statements that nothing else stands against

    def _alone(self, live: Live) -> Spread:
        """Return what a statement reaches by itself, beyond what it surely covers."""
        rule = live.rule
        keys = self._spreader.sorted_keys(rule)
        alike = (live.must == 0, self._settled.sign(keys), self._common())
        said, here = (content_of(rule), *alike), (rule, *alike)
        found = self._spreader.alone.get(said) or self._spreader.alone.get(here)
        if found is None:
            found = self._cells([Cell(live.may & ~live.must, ((rule,),), ())])
            # Why something is open names the statement, and so is no other one's reason.
            self._spreader.alone[here if found.doubts else said] = found
        return found

    def _common(self) -> Hashable:
        """Return what beside the keys that statements read makes a difference to them."""
        return self._partition, self._account, dict(self._settled.assumed).get(_REGION)

    # -- statements together

    def _tangled(self, rest: int, musts: Sequence[int], denying: Sequence[Live]) -> Spread:
        cells: dict[tuple[tuple[Rule, ...], ...], int] = {(): rest}
        for layer, must in zip(self.layers, musts, strict=True):
            lives = [live for view in layer for live in view.allows if live.may & rest]
            cells = split(cells, lives, beside=must)
        found: list[Cell] = []
        for groups, mask in cells.items():
            parts = split({(): mask}, denying, beside=0)
            for (against, *_), part in parts.items():
                found.append(Cell(part, tuple(each for each in groups if each), against))
        return self._cells(found)

    # -- cells

    def _cells(self, cells: Iterable[Cell]) -> Spread:
        found = 0
        doubts: dict[str, int] = {}
        for cell in cells:
            for mask, result, why in self._in_cell(cell):
                if result:
                    found |= mask
                elif why is not None:
                    doubts[why] = doubts.get(why, 0) | mask
        return Spread(found, tuple((mask, why) for why, mask in doubts.items()))

    def _in_cell(self, cell: Cell) -> Iterator[tuple[int, bool, str | None]]:
        """Give the parts of a cell that are alike, with whether they are reached, and if not, why maybe."""
        rules = [*(rule for group in cell.groups for rule in group), *cell.denies]
        keys = frozenset[str]().union(*map(keys_of, rules))
        question = Likeness(
            cell=cell,
            by_action=frozenset(filter(by_action, keys)),
            by_service=by_service(keys),
            scoped=any(rule.resource is not None for rule in rules),
            sign=self._settled.sign(sorted(keys)),
        )
        mask, plain = cell.mask, self._without_naming(cell)
        if not question.scoped and not question.by_action:
            for part in self._by_service(mask & plain, apart=question.by_service):
                yield part, *self._try(question, self._spreader.action_at(part), None, named=False)
            mask &= ~plain
        last = mask & 1 << (self._universe.size - 1)
        for part, alike in self._parts(mask & ~last):
            yield part, *self._try(question, alike.action, alike, named=not part & plain)
        if last:
            yield last, *self._try(question, f"{UNKNOWN_SERVICE}:?", None, named=not last & plain)

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

    def _try(
        self, question: Likeness, action: str, alike: Alike | None, *, named: bool
    ) -> tuple[bool, str | None]:
        """`named`: whether it takes a name to say whether an action that is not known yet is covered."""
        unknown = unknown_in(action) if named else None
        kept = (question.sign_of(action, alike, self._universe, unknown), self._common())
        known = self._spreader.cells.get(kept) or self._spreader.cells.get(
            (question.cell.groups, question.cell.denies, *kept)
        )
        if known is None:
            known = self._attempt(question.cell, action, unknown, scoped=question.scoped)
            self._spreader.cells[
                kept if known[1] is None else (question.cell.groups, question.cell.denies, *kept)
            ] = known
        return known

    def _attempt(
        self, cell: Cell, action: str, unknown: str | None, *, scoped: bool
    ) -> tuple[bool, str | None]:
        if not scoped:
            return self._read_so(cell, action, unknown, (NO_RESOURCE,))
        read = readings(
            self._universe,
            action,
            partition=self._partition,
            account=self._account,
            existing=self._subject.existing,
        )
        answers = {self._read_so(cell, action, unknown, targets) for targets in read}
        if len(answers) == 1:
            return answers.pop()
        return False, CONTESTED

    def _read_so(
        self, cell: Cell, action: str, unknown: str | None, on: tuple[Target, ...]
    ) -> tuple[bool, str | None]:
        quick = None if unknown is not None else self._by_resource_alone(cell, on)
        if quick is not None:
            return quick, None
        attempt = Attempt(
            subject=self._subject,
            universe=self._universe,
            action=action,
            fixed=dict(self._settled.assumed),
            targets=on,
            ways=(tuple(tuple(map(entry_of, group)) for group in cell.groups),),
            denies=tuple(map(entry_of, cell.denies)),
            unknown=unknown,
            through=self._settled.through,
        )
        if next(attempt.models(), None) is not None:
            return True, None
        # At a glance only what is found counts: the rest is looked at again without assuming anything.
        return False, None if self._settled.assumed else attempt.doubt()

    def _by_resource_alone(self, cell: Cell, on: tuple[Target, ...]) -> bool | None:
        """Settle a cell of one statement that asks nothing but a resource; None when that takes a search."""
        if cell.denies or len(cell.groups) != 1 or len(cell.groups[0]) != 1:
            return None
        rule = cell.groups[0][0]
        scope = scope_of(rule)
        if rule.conditions or scope is None or scope.negated or not all(target.sure for target in on):
            return None
        language = scope.language(self._settled)
        if language is None:
            return None
        region = dict(self._settled.assumed).get(_REGION)
        within = (in_region_only(region),) if isinstance(region, str) else ()
        if any(_surely_meets(target, (*within, language)) for target in on):
            return True
        try:
            return any(
                meets(target, (*(() if target.among else within), language)) is not None for target in on
            )
        except TooLarge:
            return None


def _surely_meets(target: Target, languages: tuple[Language, ...]) -> bool:
    """Whether it can be seen that a resource of a kind is in all of these languages."""
    if target.among or target.unwanted or target.within or target.exact is not None:
        return False
    return target.language.surely_meets(*languages)
