"""The search for a request: choose one Allow of each layer that has to allow, and keep out of every Deny.

It begins with any request and mends what is wrong with it: where a layer does not allow, one of its
statements is made to match; where a Deny matches, its resource or one of its conditions is made not to. Each
of these is tried in turn. What has to hold of one key is settled by `values`, of the resource by `language`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from watchword.iam import UNKNOWN, ContextValue
from watchword.iam._glob import Wild
from watchword.iam._plan import Entry
from watchword.iam.compile import Rule
from watchword.iam.context import Folded
from watchword.iam.ways import Way
from watchword.proof.settle.bundles import settle_bundles
from watchword.proof.settle.domains import Asked, domain, says
from watchword.proof.settle.entries import Scope, keys_of, scope_of, variables_in
from watchword.proof.settle.language import Language, TooLarge, find_text
from watchword.proof.settle.naming import Naming, name_for
from watchword.proof.settle.naming import covers as covers_name
from watchword.proof.settle.resources import Target
from watchword.proof.settle.values import NONE, Domain, Literal, as_wanted, choose

_REGION: Final = "aws:requestedregion"
_MOST_STEPS: Final = 2_000
_MOST_WISHES: Final = 200
_MOST_KEPT: Final = 65_536


@dataclass(frozen=True, slots=True)
class Covering:
    """Whether a resource is to be covered by a statement."""

    scope: Scope
    wanted: bool


Wish: TypeAlias = "Literal | Covering | Naming"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A resource and a context (folded), and what was asked of each key on the way.

    `name` is that of an action that is not known yet, when one was looked for.
    """

    resource: str
    context: Folded
    wishes: tuple[Wish, ...]
    name: str | None


@dataclass(slots=True, kw_only=True, eq=False)
class Search:
    """The search for one action on one kind of resource, in one way.

    `unknown` is the service of which an action is looked for that is not known yet; else None.
    """

    asked: Asked
    target: Target
    way: Way
    denies: Sequence[Entry]
    unknown: str | None = None
    _base: Folded = field(init=False)
    _always: list[str] = field(init=False)
    _domains: dict[str, Domain] = field(init=False, default_factory=dict)
    _steps: int = field(init=False, default=0)
    _chosen: dict[object, ContextValue | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._base = {}
        self._always = []
        keys: set[str] = {_REGION} & self.asked.fixed.keys()
        for entry in (*self.denies, *(each for group in self.way for each in group)):
            keys |= keys_of(entry[2])
        for key in sorted(keys):
            found = self._domains[key] = domain(key, self.asked)
            if found.present and not found.absent and found.values is not None and len(found.values) == 1:
                self._base[key] = found.values[0]
            elif not found.absent:
                self._always.append(key)
        if not self.asked.sure:
            self._base.update(dict.fromkeys(filter(self._is_unknown, self._filled_in(keys)), UNKNOWN))

    def _filled_in(self, keys: Iterable[str]) -> set[str]:
        """Return those of the keys whose values stand for parts of resources in some statement."""
        found: set[str] = set()
        for entry in (*self.denies, *(each for group in self.way for each in group)):
            scope = scope_of(entry[2])
            found |= scope.keys if scope is not None else frozenset()
        return found.intersection(keys)

    def _is_unknown(self, key: str) -> bool:
        """Whether nobody knows what a key is, of those that do not follow from the request."""
        if key in self.asked.fixed:
            return self.asked.fixed[key] is UNKNOWN
        return key not in self._base and says(self.asked.subject.known, key) is UNKNOWN

    def run(self) -> Model | None:
        """Return a request; None when there is none. Raises `TooLarge`."""
        return self._mend(()) if all(self.way) else None

    def whole(self, model: Model) -> Folded:
        """Return the context of a model with every key that AWS sends with each request of the subject."""
        context: Folded = dict(self.asked.always)
        context.update(model.context)
        return context

    def _mend(self, wishes: tuple[Wish, ...]) -> Model | None:
        self._steps += 1
        if self._steps > _MOST_STEPS or len(wishes) > _MOST_WISHES:
            raise TooLarge
        model = self._model(wishes)
        if model is None:
            return None
        for alternatives in self._wrongs(model):
            for more in alternatives:
                if all(each in wishes for each in more):
                    # It is wished already, and still wrong: how it hangs on other keys is not modelled.
                    if self.asked.sure:
                        continue
                    raise TooLarge
                found = self._mend((*wishes, *more))
                if found is not None:
                    return found
            return None
        return model

    # -- what is wrong with a request

    def _wrongs(self, model: Model) -> Iterator[Iterable[tuple[Wish, ...]]]:
        """Give the first thing that is wrong, as the ways to mend it."""
        for group in self.way:
            if not any(self._matches(entry, model, True) for entry in group):
                yield (self._to_match(entry[2]) for entry in group)
                return
        for entry in self.denies:
            if not self._matches(entry, model, False):
                yield ((each,) for each in self._not_to_match(entry[2]))
                return

    def _matches(self, entry: Entry, model: Model, wanted: bool) -> bool:
        """Whether an entry certainly matches (`wanted`), or certainly does not."""
        covers, holds, rule, _ = entry
        lenient = not self.asked.sure
        if model.name is not None and not covers_name(rule, str(self.unknown), model.name):
            return not wanted
        results = [True if covers is None else covers(model.resource, model.context)]
        results.append(True if holds is None else holds(model.context))
        if wanted:
            return all(as_wanted(each, True, lenient) for each in results)
        return any(as_wanted(each, False, lenient) for each in results)

    def _to_match(self, rule: Rule) -> tuple[Wish, ...]:
        scope = scope_of(rule)
        wishes: list[Wish] = [] if self.unknown is None else [Naming(rule, True)]
        if scope is not None:
            wishes.append(Covering(scope, True))
        return (*wishes, *literals_of(rule, True))

    def _not_to_match(self, rule: Rule) -> Iterator[Wish]:
        yield from literals_of(rule, False)
        scope = scope_of(rule)
        if scope is not None:
            yield Covering(scope, False)
        if self.unknown is not None:
            yield Naming(rule, False)

    # -- a request that is as wished

    def _model(self, wishes: tuple[Wish, ...]) -> Model | None:
        by_key: dict[str, list[Literal]] = {key: [] for key in self._always}
        for wish in wishes:
            if isinstance(wish, Literal):
                by_key.setdefault(wish.condition.key.text.lower(), []).append(wish)
        context = self._context(by_key)
        if context is None:
            return None
        name = None
        if self.unknown is not None:
            named = [each for each in wishes if isinstance(each, Naming)]
            name = name_for(self.unknown, named, self.asked.universe, sure=self.asked.sure)
            if name is None:
                return None
        rest = settle_bundles(self._domains, by_key, context, sure=self.asked.sure)
        if rest is None:
            return None
        coverings = [each for each in wishes if isinstance(each, Covering)]
        for placed in self._regions(by_key.get(_REGION, ()), coverings, rest):
            resource = self._resource(coverings, placed)
            if resource is not None:
                return Model(resource=resource, context=placed, wishes=wishes, name=name)
        return None

    def _context(self, by_key: dict[str, list[Literal]]) -> Folded | None:
        """Return the context with a value for each key that has wishes; None when one has none."""
        context = dict(self._base)
        for key in self._in_order(by_key):
            value = self._value(key, by_key[key], context)
            if value is None:
                return None
            if value != ():
                context[key] = value
        return context

    def _regions(
        self, literals: Sequence[Literal], coverings: Sequence[Covering], context: Folded
    ) -> Iterator[Folded]:
        """Give the context with each region that the call may be made to.

        The resource has to be in the same one, where it is in any: so far as is sure.
        """
        yield context
        regions = self._domains[_REGION].values if _REGION in context else None
        if not self.asked.sure or regions is None or self.target.exact is not None:
            return
        anywhere = {key: value for key, value in context.items() if key != _REGION}
        if self._resource(coverings, anywhere) is None:
            return
        for region in regions:
            if region != context[_REGION]:
                tried = {**context, _REGION: region}
                if all(as_wanted(each.test(tried), each.wanted, False) for each in literals):
                    yield tried

    def _in_order(self, by_key: dict[str, list[Literal]]) -> list[str]:
        """Those first whose conditions have no variables: the others need their values."""
        return sorted(by_key, key=lambda key: (any(each.reads for each in by_key[key]), key))

    def _value(self, key: str, literals: list[Literal], context: Folded) -> ContextValue | None:
        dynamic = any(each.reads for each in literals)
        kept = None if dynamic else (key, frozenset((id(each.test), each.wanted) for each in literals))
        if kept is not None and kept in self._chosen:
            return self._chosen[kept]
        found = choose(key, self._domains[key], literals, context, lenient=not self.asked.sure)
        value = None if found is NONE else found
        if kept is not None:
            self._chosen[kept] = value
        return value

    def _resource(self, coverings: Sequence[Covering], context: Folded) -> str | None:
        region = context.get(_REGION) if self.asked.sure else None
        if self.target.exact is not None:
            if isinstance(region, str) and not _is_in(self.target.exact, region):
                return None
            return self.target.exact if self._covered(self.target.exact, coverings, context) else None
        wanted: list[Language] = []
        unwanted: list[Language] = []
        if isinstance(region, str) and not self.target.among:
            wanted.append(in_region_only(region))
        for each in coverings:
            if each.scope.covers_nothing(context):
                if each.wanted:
                    return None
                continue
            language = each.scope.language(context)
            if language is None:
                if self.asked.sure:
                    return None
                continue
            (wanted if each.wanted is not each.scope.negated else unwanted).append(language)
        return meets(self.target, tuple(wanted), tuple(unwanted))

    def _covered(self, resource: str, coverings: Iterable[Covering], context: Folded) -> bool:
        lenient = not self.asked.sure
        return all(
            each.scope.rule.resource is None
            or as_wanted(each.scope.rule.resource(resource, context), each.wanted, lenient)
            for each in coverings
        )


def meets(target: Target, wanted: tuple[Language, ...], unwanted: tuple[Language, ...] = ()) -> str | None:
    """Return a resource of a kind that is in all of these languages and in none of the others."""
    if target.exact is not None and not unwanted:
        return target.exact if all(target.exact in each for each in wanted) else None
    if not all(each.may_meet(target.language) for each in wanted):
        return None
    unwanted = (*target.unwanted, *unwanted)
    if not target.among:
        return find_text((target.language, *target.within, *wanted), unwanted, target.samples)
    wanted = (*target.within, *wanted)
    tails = wanted[-1].tails_beside(target.language) if wanted else ("",)
    for each in target.among_with(tails):
        if (
            each.endswith(tails)
            and all(each in language for language in wanted)
            and not any(each in one for one in unwanted)
        ):
            return each
    return None


def surely_meets(target: Target, wanted: tuple[Language, ...], region: ContextValue | None) -> bool:
    """Whether it can be seen that a resource of a kind is in all of these languages, the last one narrow."""
    if target.among or target.within or target.exact is not None or not wanted[-1].may_meet(target.language):
        return False
    if not target.unwanted and target.language.surely_meets(*wanted):
        return True
    return any(
        text in target.language
        and all(text in each for each in wanted)
        and not any(text in each for each in target.unwanted)
        for text in (*wanted[-1].shown, *target.samples_in(region))
    )


def is_beside(
    target: Target, wanted: tuple[Language, ...], unwanted: Language, region: ContextValue | None
) -> bool:
    """Whether it can be seen that a resource of a kind is in these languages, and not in the other one."""
    if target.within or target.exact is not None:
        return False
    return any(
        all(text in each for each in wanted)
        and not any(text in each for each in (*target.unwanted, unwanted))
        for text in target.among or target.samples_in(region)
    )


def _is_in(resource: str, region: str) -> bool:
    parts = resource.split(":", 5)
    return len(parts) < 6 or parts[3] in {"", region, "*"}


@functools.lru_cache(maxsize=256)
def in_region_only(region: str) -> Language:
    """Return the resources of one region, and those that are in none."""
    any_: tuple[Wild, Wild] = (Wild.ANY_IN_PART, Wild.STAR_IN_PART)
    head = ("arn:", *any_, ":", *any_, ":")
    rest = (Wild.STAR_IN_PART, ":", Wild.STAR)
    return Language((("*",), (*head, f"{region}:", *rest), (*head, ":", *rest)))


@functools.lru_cache(maxsize=_MOST_KEPT)
def literals_of(rule: Rule, wanted: bool) -> tuple[Literal, ...]:
    """Return a statement's conditions as wishes."""
    return tuple(
        Literal(rule, each, test, wanted, variables_in(each, rule)) for each, test in rule.conditions
    )
