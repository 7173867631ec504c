"""What one statement covers of the universe: bits that it surely covers, and bits that it may cover.

Conditions are left out here: they depend on the question. Everything else is settled once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import msgspec

from watchword.iam._arn import resource_pattern
from watchword.iam._arn_cover import Pattern, Template, template
from watchword.iam._variables import parts
from watchword.iam.policy import Located, Statement, Version
from watchword.iam.universe import ResourceType, Universe

Types: TypeAlias = tuple[ResourceType, ...]

_CONTESTED: Final = {
    "iam": "arn:${Partition}:iam::${Account}:${Path}",
    "s3": "arn:${Partition}:s3:::${Any}",
}
"""Services of whose lists without a resource type it is contested which resource they have.

Source: AWS's Service Authorization Reference says none, that is `*`; denials name `…:user/` and the like for
IAM (observed), and AWS's own samples allow `s3:ListAllMyBuckets` on `arn:aws:s3:::*`.
"""


class Bits(msgspec.Struct, frozen=True):
    """Two masks over the universe; `must` is part of `may`."""

    must: int
    may: int

    def __or__(self, other: Bits) -> Bits:
        return Bits(self.must | other.must, self.may | other.may)

    def __and__(self, other: Bits) -> Bits:
        return Bits(self.must & other.must, self.may & other.may)


NOTHING: Final = Bits(0, 0)


@dataclass(slots=True, kw_only=True)
class Surveyor:
    """Measures statements against a universe, for resources of one account (None: of any).

    What it finds out about the universe (which actions share their resource types) it keeps for the next
    statement.
    """

    universe: Universe
    partition: str | None
    account: str | None
    _templates: dict[str, Template] = field(default_factory=dict)

    def survey(self, statement: Statement, version: Version) -> Bits:
        """Return what a statement covers when its conditions hold."""
        actions = self._actions(statement.actions)
        if statement.not_action:
            everything = (1 << self.universe.size) - 1
            actions = Bits(everything & ~actions.may, everything & ~actions.must)
        if statement.resources is None or _is_everything(statement):
            return actions
        return self._on_resources(actions, statement, version)

    # -- actions

    def _actions(self, entries: Iterable[Located]) -> Bits:
        """Return the bits of a list of actions.

        Of actions not known yet, `s3:*` covers all; `s3:Get*` and a name that is not known may cover some.
        """
        universe = self.universe
        known: dict[str, int] = {}
        bits = NOTHING
        for entry in entries:
            service, _, name = entry.text.lower().partition(":")
            if service == "*":
                everything = (1 << universe.size) - 1
                return Bits(everything, everything)
            names = universe.names(service)
            if names is None:
                bits |= Bits(0, 1 << (universe.size - 1))
                continue
            found = names.matching(name)
            known[service] = known.get(service, 0) | found
            unknown = 1 << universe.bit(f"{service}:?")
            if name == "*":
                bits |= Bits(unknown, unknown)
            elif "*" in name or "?" in name or not found:
                bits |= Bits(0, unknown)
        mask = 0
        for service, found in known.items():
            mask |= found << universe.span(service)[0]
        return Bits(bits.must | mask, bits.may | mask)

    # -- resources

    def _on_resources(self, actions: Bits, statement: Statement, version: Version) -> Bits:
        with_variables = version is Version.V2012
        written = [
            parts(each.text, variables=with_variables, wildcards=True) for each in statement.resources or ()
        ]
        reach = _Reach([Pattern(resource_pattern(each)) for each in written], negated=statement.not_resource)
        universe = self.universe
        must = may = 0
        for service in self._services(statement):
            start, count = universe.span(service)
            covered = actions.may >> start & (1 << count) - 1
            if not covered:
                continue
            found = self._in_service(service, covered, reach)
            must |= found.must << start
            may |= found.may << start
        last = 1 << (universe.size - 1)
        return Bits(must & actions.must, (may | last) & actions.may)

    def _services(self, statement: Statement) -> Iterable[str]:
        """Return the services whose actions a statement may cover."""
        named = {each.text.lower().partition(":")[0] for each in statement.actions}
        if statement.not_action or "*" in named:
            return self.universe.services()
        return [service for service in sorted(named) if self.universe.knows_service(service)]

    def _in_service(self, service: str, covered: int, reach: _Reach) -> Bits:
        """Return which of a service's actions are covered, whatever resource they are called on."""
        names = self.universe.names(service)
        if names is None:
            return NOTHING
        must, may = 0, 1 << len(names.lower)
        for types, mask in names.by_types.items():
            here = mask & covered
            if not here:
                continue
            if types:
                kinds = [self._template(each) for each in _templates(types)]
                star = not any(each.required for each in types)
                found = reach.of(kinds, star=star)
            else:
                found = self._without_type(service, names.lists, here, reach)
            must |= here & found.must
            may |= here & found.may
        return Bits(must, may)

    def _without_type(self, service: str, lists: int, here: int, reach: _Reach) -> Bits:
        """Actions without a resource type: their resource is `*`, or for some lists contested."""
        plain = reach.of((), star=True)
        if service not in _CONTESTED:
            return plain
        either = reach.of((self._template(_CONTESTED[service]),), star=True)
        contested = here & lists
        return Bits(
            plain.must & ~contested | either.must & contested, plain.may & ~contested | either.may & contested
        )

    def _template(self, text: str) -> Template:
        found = self._templates.get(text)
        if found is None:
            found = self._templates[text] = template(text, partition=self.partition, account=self.account)
        return found


_OWN_POLICIES: Final = "arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}"
_AWS_POLICIES: Final = "arn:${Partition}:iam::aws:policy/${PolicyNameWithPath}"


def _templates(types: Types) -> Iterator[str]:
    """Give the templates; where policies of the account are meant, AWS's own are too."""
    for each in types:
        yield each.template
        if each.template == _OWN_POLICIES:
            yield _AWS_POLICIES


_ALL: Final = -1
"""Every bit: a mask of any length."""


class _Reach:
    """The patterns of one statement, held against kinds of resources."""

    def __init__(self, patterns: Sequence[Pattern], *, negated: bool) -> None:
        self._patterns = patterns
        self._negated = negated
        self._kinds: dict[str, tuple[bool, bool]] = {}

    def of(self, kinds: Sequence[Template], *, star: bool) -> Bits:
        """Return all bits or none: whether every resource of these kinds is covered, and whether any is.

        `star` adds the resource `*` to them.
        """
        found = [self._kind(kind) for kind in kinds]
        if star:
            found.append(self._kind(_STAR))
        return Bits(
            _ALL if all(must for must, _ in found) else 0,
            _ALL if any(may for _, may in found) else 0,
        )

    def _kind(self, kind: Template) -> tuple[bool, bool]:
        found = self._kinds.get(kind.sample)
        if found is None:
            found = self._kinds[kind.sample] = self._looked_at(kind)
        return found

    def _looked_at(self, kind: Template) -> tuple[bool, bool]:
        meets = any(pattern.meets(kind) for pattern in self._patterns)
        covers = meets and any(pattern.covers(kind) for pattern in self._patterns)
        if not self._negated:
            return covers, meets
        dynamic = any(pattern.dynamic for pattern in self._patterns)
        return not meets and not dynamic, not covers


_STAR: Final = Template(("*",))
"""The resource of a call that has none: the text `*`."""


def _is_everything(statement: Statement) -> bool:
    return not statement.not_resource and any(
        each.text and not each.text.strip("*") for each in statement.resources or ()
    )
