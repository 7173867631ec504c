"""A statement as the search sees it: what it asks of the resource, and of which condition keys."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from watchword.iam import Condition
from watchword.iam._arn import resource_pattern
from watchword.iam._variables import Part, Variable, fill, is_dynamic, parts
from watchword.iam.compile import Rule
from watchword.iam.context import Folded
from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Version
from watchword.proof.settle.language import Language

_MOST_KEPT = 65_536
_WITH_VARIABLES = frozenset({Family.STRING_EQUALS, Family.STRING_IGNORE_CASE, Family.STRING_LIKE, Family.ARN})


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """The resources of a statement: those that match one of `patterns`, or with `negated` none of them."""

    rule: Rule
    patterns: tuple[tuple[Part, ...], ...]
    negated: bool
    keys: frozenset[str]
    """The keys whose values are filled in."""
    _kept: dict[object, Language | None] = field(default_factory=dict, repr=False)

    def language(self, context: Folded) -> Language | None:
        """Return the texts that match one of the patterns; None when that hangs on a key nobody knows.

        A variable without a value leaves its pattern out; see `covers_nothing`.
        """
        values = tuple(context.get(key) for key in self.keys)
        if values not in self._kept:
            self._kept[values] = self._filled(context)
        return self._kept[values]

    def may_meet(self, other: Language, context: Folded) -> bool:
        """Whether nothing that can be seen keeps the statement from covering one of these texts."""
        if self.negated:
            return True
        language = self.language(context)
        return language is None or language.may_meet(other)

    def covers_nothing(self, context: Folded) -> bool:
        """Whether a variable without a value keeps the statement from covering anything."""
        return self.negated and any(fill(each, context) is None for each in self.patterns)

    def _filled(self, context: Folded) -> Language | None:
        tokens = []
        for pattern in self.patterns:
            filled = fill(pattern, context)
            if filled is None:
                continue
            if filled.unknown:
                return None
            tokens.append(filled.tokens)
        return Language(tuple(tokens))


class Content:
    """What a statement says, wherever it stands: the same object for all that say the same.

    `rule` is the first of them.
    """

    __slots__ = ("rule",)

    def __init__(self) -> None:
        self.rule: Rule | None = None


@functools.lru_cache(maxsize=_MOST_KEPT)
def content_of(rule: Rule) -> Content:
    """Return what a statement says of actions, resources and conditions; whom it names is left out."""
    resources = rule.policy.statements[rule.ref.index].resources
    return content_with(rule, None if resources is None else tuple(each.text for each in resources))


def content_with(rule: Rule, resources: tuple[str, ...] | None) -> Content:
    """Return what a statement would say with other resources."""
    statement = rule.policy.statements[rule.ref.index]
    found = _content(
        (
            rule.policy.version,
            rule.deny,
            statement.not_action,
            tuple(each.text for each in statement.actions),
            statement.not_resource,
            resources,
            tuple(_written(rule)),
        )
    )
    if found.rule is None:
        found.rule = rule
    return found


@functools.lru_cache(maxsize=_MOST_KEPT)
def conditions_of(rule: Rule) -> Content:
    """Return what a statement says of condition keys: the same object for all that say the same."""
    return _content((rule.policy.version, rule.deny, *_written(rule)))


def _written(rule: Rule) -> Iterator[tuple[object, ...]]:
    return ((str(each.operator), each.key.text, each.values) for each, _ in rule.conditions)


@functools.lru_cache(maxsize=_MOST_KEPT)
def _content(said: tuple[object, ...]) -> Content:  # noqa: ARG001 -- it is what the answer is kept by
    return Content()


def scope_of(rule: Rule) -> Scope | None:
    """Return the resources of a statement; None when it covers every one."""
    return None if rule.resource is None else _scope(content_of(rule))


@functools.lru_cache(maxsize=_MOST_KEPT)
def _scope(content: Content) -> Scope | None:
    rule = content.rule
    if rule is None:
        return None
    statement = rule.policy.statements[rule.ref.index]
    with_variables = rule.policy.version is Version.V2012
    patterns = tuple(
        resource_pattern(parts(each.text, variables=with_variables, wildcards=True))
        for each in statement.resources or ()
    )
    keys = frozenset(part.key for each in patterns for part in each if isinstance(part, Variable))
    return Scope(rule, patterns, statement.not_resource, keys)


TAGS: Final = ("aws:resourcetag/", "iam:resourcetag/")
"""What the keys begin with that are tags of a resource of IAM's."""


@functools.lru_cache(maxsize=_MOST_KEPT)
def keys_of(rule: Rule) -> frozenset[str]:
    """Return all keys, in lower case, that a statement reads: of its conditions and its variables."""
    found = {condition.key.text.lower() for condition, _ in rule.conditions}
    for condition, _ in rule.conditions:
        found |= variables_in(condition, rule)
    scope = scope_of(rule)
    return frozenset(found | (scope.keys if scope is not None else frozenset()))


def variables_in(condition: Condition, rule: Rule) -> frozenset[str]:
    """Return the keys, in lower case, of the variables in a condition's values."""
    if rule.policy.version is not Version.V2012:
        return frozenset()
    if OPERATORS[condition.operator.name].family not in _WITH_VARIABLES:
        return frozenset()
    written = (parts(value, variables=True, wildcards=False) for value in condition.values)
    return frozenset(
        part.key for each in written if is_dynamic(each) for part in each if isinstance(part, Variable)
    )
