"""One way to be allowed, tried: surely possible, impossible, or neither."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from watchword.iam import Universe
from watchword.iam._plan import Entry
from watchword.iam.compile import Rule
from watchword.iam.context import Folded
from watchword.iam.ways import Way
from watchword.proof.settle.domains import Asked, domain, reads_network, tells_services
from watchword.proof.settle.entries import keys_of, scope_of
from watchword.proof.settle.language import TooLarge
from watchword.proof.settle.resources import Target
from watchword.proof.settle.search import Model, Search
from watchword.proof.settle.subject import Subject
from watchword.proof.settle.values import NONE, Literal, choose

CONTESTED: Final = "it is contested which resource the call has: allowed by one reading only"
THROUGH: Final = (
    "a service may do it on the principal's behalf (aws:ViaAWSService): it is not known which can"
)
TOO_MUCH: Final = "the policies leave too much to try"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What is tried: an action of a subject, on kinds of resources, in some ways, past these Denies.

    `unknown` is a service of which any action will do that is not known yet; `action` is then a name that
    stands for it. `through`: whether a service calls on the subject's behalf.
    """

    subject: Subject
    universe: Universe
    action: str
    fixed: Folded
    targets: Sequence[Target]
    ways: Sequence[Way]
    denies: Sequence[Entry]
    unknown: str | None = None
    through: bool = False

    def models(self) -> Iterator[tuple[Search, Model]]:
        """Give requests that are surely possible; at most one for each way and kind of resource."""
        for search in self._searches(sure=True):
            try:
                model = search.run()
            except TooLarge:
                continue
            if model is not None:
                yield search, model

    def doubt(self) -> str | None:
        """Return why it is not certain that nothing is allowed; None when that is certain."""
        found = self._open()
        if found is None and not self.through and self._by_services():
            return None if replace(self, through=True).doubt() is None else THROUGH
        return found

    def _by_services(self) -> bool:
        """Whether the statements may tell what a service calls on the subject's behalf from its own calls."""
        entries = (*self.denies, *(each for way in self.ways for group in way for each in group))
        return any(tells_services(keys_of(entry[2]), self.subject.mfa) for entry in entries)

    def _open(self) -> str | None:
        for search in self._searches(sure=False):
            try:
                model = search.run()
            except TooLarge:
                return TOO_MUCH
            if model is not None:
                return self._why(model)
        return None

    def _searches(self, *, sure: bool) -> Iterator[Search]:
        for way in self.ways:
            entries = (*self.denies, *(each for group in way for each in group))
            network = any(reads_network(keys_of(entry[2])) for entry in entries)
            for target in self.targets:
                if (sure and not target.sure) or not self._may_cover(way, target):
                    continue
                for inside in (False, True) if network else (False,):
                    asked = Asked(
                        subject=self.subject,
                        universe=self.universe,
                        action=self.action,
                        fixed=self.fixed,
                        sure=sure,
                        inside=inside,
                        through=self.through,
                    )
                    yield Search(
                        asked=asked, target=target, way=way, denies=self.denies, unknown=self.unknown
                    )

    def _may_cover(self, way: Way, target: Target) -> bool:
        """Whether each group has a statement that may cover one of these resources, as far as is seen."""
        return target.exact is not None or all(
            any(_may_meet(entry[2], target) for entry in group) for group in way
        )

    def _why(self, model: Model) -> str:
        """Name a key that is not surely what it would have to be."""
        asked = Asked(
            subject=self.subject,
            universe=self.universe,
            action=self.action,
            fixed=self.fixed,
            sure=True,
            through=self.through,
        )
        for wish in model.wishes:
            if not isinstance(wish, Literal):
                continue
            key = wish.condition.key.text
            try:
                found = choose(key.lower(), domain(key.lower(), asked), [wish], model.context, lenient=False)
            except TooLarge:
                continue
            if found is NONE:
                listed = asked.lists(key.lower()) or key.lower().startswith("aws:")
                unlisted = "" if listed else f", which AWS does not list for `{self.action}`"
                return f"it hangs on `{key}`{unlisted} ({wish.rule.ref})"
        names = {wish.condition.key.text for wish in model.wishes if isinstance(wish, Literal)}
        if names:
            together = " together" if len(names) > 1 else ""
            return f"it hangs on what {', '.join(f'`{name}`' for name in sorted(names))} can be{together}"
        if self.unknown is not None:
            return f"it hangs on whether there will be an action `{self.unknown}:{model.name}`"
        return "it hangs on which names a resource can have"


def _may_meet(rule: Rule, target: Target) -> bool:
    scope = scope_of(rule)
    return scope is None or bool(scope.keys) or scope.may_meet(target.language, {})
