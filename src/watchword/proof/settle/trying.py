"""A cell, tried on one action after the other: by what can be seen, and else by a search."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from watchword.proof.settle.attempt import CONTESTED, Attempt
from watchword.proof.settle.cells import Alike, Cell, entry_of, unknown_in
from watchword.proof.settle.entries import conditions_of, scope_of
from watchword.proof.settle.language import Language, TooLarge
from watchword.proof.settle.resources import NO_RESOURCE, Target
from watchword.proof.settle.search import in_region_only, is_beside, meets, surely_meets
from watchword.proof.settle.standing import Settled
from watchword.proof.settle.subject import Subject

if TYPE_CHECKING:
    from watchword.iam.compile import Rule
    from watchword.proof.settle.spread import Spreader

_REGION: Final = "aws:requestedregion"


class Trying:
    """The statements of a cell, and what of the subject makes a difference to them."""

    def __init__(self, spreader: Spreader, subject: Subject, settled: Settled, cell: Cell) -> None:
        self._spreader, self._subject, self._settled, self._cell = spreader, subject, settled, cell
        contents = cell.contents
        self.question = spreader.question(cell, contents)
        self._region = dict(settled.assumed).get(_REGION)
        partition, account = subject.arn.split(":")[1], subject.principal.account
        common = (partition, account, settled.assumed, settled.through)
        self._kept = (contents, settled.sign(self.question.keys), common)
        groups = cell.groups
        self._only = groups[0][0] if len(groups) == 1 == len(groups[0]) and not cell.denies else None
        """The one statement, where there is no other."""

    def action(self, action: str, alike: Alike | None, *, named: bool) -> tuple[bool, str | None]:
        """Return whether an action is reached, and if not, why maybe.

        `named`: whether it takes a name to say whether an action that is not known yet is covered.
        """
        unknown = unknown_in(action) if named else None
        kept = (*self._kept, self.question.sign_of(action, alike, self._spreader.universe), unknown)
        cells = self._spreader.cells
        known = cells.get(kept) or cells.get((self._cell.groups, self._cell.denies, kept))
        if known is None:
            known = self._look(action, unknown)
            # Why something is open names the statement, and so is no other one's reason.
            cells[kept if known[1] is None else (self._cell.groups, self._cell.denies, kept)] = known
        return known

    def _look(self, action: str, unknown: str | None) -> tuple[bool, str | None]:
        if not self.question.scoped:
            return self._read_so(action, unknown, (NO_RESOURCE,))
        read = self._spreader.readings(self._subject, action)
        answers = {self._read_so(action, unknown, targets) for targets in read}
        return answers.pop() if len(answers) == 1 else (False, CONTESTED)

    def _read_so(self, action: str, unknown: str | None, on: tuple[Target, ...]) -> tuple[bool, str | None]:
        if unknown is None and self._only is not None:
            seen = self._seen(self._only, action, on)
            if seen is not None:
                return seen, None
        attempt = self._attempt(self._cell, action, unknown, on)
        if next(attempt.models(), None) is not None:
            return True, None
        # At a glance only what is found counts: the rest is looked at again without assuming anything.
        return False, None if self._settled.assumed else attempt.doubt()

    def _attempt(self, cell: Cell, action: str, unknown: str | None, on: tuple[Target, ...]) -> Attempt:
        return Attempt(
            subject=self._subject,
            universe=self._spreader.universe,
            action=action,
            fixed=dict(self._settled.assumed),
            targets=on,
            ways=(tuple(tuple(map(entry_of, group)) for group in cell.groups),),
            denies=tuple(map(entry_of, cell.denies)),
            unknown=unknown,
            through=self._settled.through,
        )

    # -- one statement

    def _seen(self, rule: Rule, action: str, on: tuple[Target, ...]) -> bool | None:
        """Settle one statement by its resource and by its conditions, each apart; None: it takes a search.

        The region alone hangs on both, where it is not settled.
        """
        if not all(target.sure for target in on):
            return None
        if self._region is None and _REGION in self.question.keys:
            return None
        met = self._on_resource(rule, on)
        if not met or not rule.conditions:
            return met
        return True if self._holding(rule, action) else None

    def _on_resource(self, rule: Rule, on: tuple[Target, ...]) -> bool | None:
        """Return whether a statement covers some resource of these; None when that is not seen."""
        scope = scope_of(rule)
        if scope is None:
            return True
        language = scope.language(self._settled)
        if language is None or scope.covers_nothing(self._settled):
            return None
        within = (in_region_only(self._region),) if isinstance(self._region, str) else ()
        if scope.negated:
            return True if any(is_beside(target, within, language, self._region) for target in on) else None
        if any(surely_meets(target, (*within, language), self._region) for target in on):
            return True
        try:
            return any(_met(target, within, language) for target in on)
        except TooLarge:
            return None

    def _holding(self, rule: Rule, action: str) -> bool:
        """Whether the conditions of a statement surely can hold together, whatever its resource."""
        asked = self.question.sign_of(action, None, self._spreader.universe)
        kept = (conditions_of(rule), self._kept[1:], self.question.keys, asked)
        found = self._spreader.holding.get(kept)
        if found is None:
            everywhere = Cell(0, ((replace(rule, resource=None),),), ())
            attempt = self._attempt(everywhere, action, None, (NO_RESOURCE,))
            found = self._spreader.holding[kept] = next(attempt.models(), None) is not None
        return found


def _met(target: Target, within: tuple[Language, ...], language: Language) -> bool:
    return meets(target, (*(() if target.among else within), language)) is not None
