"""Statements that differ only in names: they cover the same actions, each on resources of another name.

A name is a run of letters, digits, `-`, `_` and `.` in the last part of a resource. It is nobody's but the
account's when it stands in nothing that AWS writes into ARNs of the services in question. A resource that
matches such a statement has the name where AWS's template has a wildcard: so with another such name in its
place there is a resource of the same kind that matches the other statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from watchword.iam import Universe
from watchword.iam._variables import Part, Variable
from watchword.iam.compile import Rule
from watchword.proof.settle.entries import Content, content_of, content_with, scope_of, variables_in
from watchword.proof.settle.regions import regions_of
from watchword.proof.settle.resources import is_listed_by_account

_LAST: Final = 5
_NAME: Final = re.compile(r"[A-Za-z0-9_.-]+")
_PLACEHOLDER: Final = re.compile(r"\$\{[^}]*\}|\*")
_BESIDE_A_NAME: Final = re.compile("[A-Za-z0-9_.\0-]\0|\0[A-Za-z0-9_.\0-]")
_ANY_NAME: Final = "\0"
"""No policy has it in a name."""


class Likened(msgspec.Struct, frozen=True, eq=False):
    """What a statement says with any names in place of its own, and its own.

    `on_listed`: whether it is about resources of which it is known which ones an account has.
    """

    content: Content
    names: tuple[str, ...]
    on_listed: bool
    filled_in: frozenset[str]
    """The keys that only stand for a name, the last one of a resource (`user/${aws:username}`)."""
    written: str
    """All that AWS writes into ARNs of the services in question."""

    def is_any_name(self, text: str) -> bool:
        """Whether a text is a name as any other."""
        return _NAME.fullmatch(text) is not None and text not in self.written


@dataclass(slots=True, kw_only=True)
class Likening:
    """Takes the names out of statements about one account's resources."""

    universe: Universe
    partition: str
    account: str
    _written: dict[str, str | None] = field(default_factory=dict)
    _listed: dict[str, bool] = field(default_factory=dict)
    _kept: dict[Rule, Likened] = field(default_factory=dict)

    def of(self, rule: Rule) -> Likened:
        """Return what a statement says with its names taken out."""
        found = self._kept.get(rule)
        if found is None:
            found = self._kept[rule] = self._look(rule)
        return found

    def _look(self, rule: Rule) -> Likened:
        statement = rule.policy.statements[rule.ref.index]
        resources = statement.resources
        if resources is None or statement.not_resource or statement.not_action:
            return Likened(content_of(rule), (), False, frozenset(), "")
        services = sorted({each.text.partition(":")[0].lower() for each in statement.actions})
        written = self._all_written(services)
        if written is None:
            return Likened(content_of(rule), (), False, frozenset(), "")
        names: list[str] = []
        said = tuple(_without_names(each.text, written, names) for each in resources)
        on_listed = any(self._listed[service] for service in services)
        content = content_with(rule, said) if names else content_of(rule)
        return Likened(content, tuple(names), on_listed, _filled_in(rule), written)

    def _all_written(self, services: Iterable[str]) -> str | None:
        """Return all that AWS writes into ARNs of services; None when names are not told from it."""
        found: list[str] = []
        for service in services:
            if service not in self._written:
                self._written[service] = self._look_at(service)
            written = self._written[service]
            if written is None:
                return None
            found.append(written)
        return "\n".join(found)

    def _look_at(self, service: str) -> str | None:
        if not self.universe.knows_service(service):
            return None
        found = ["arn", self.partition, self.account, service, *(regions_of(self.partition) or ())]
        templates = self.universe.templates(service)
        self._listed[service] = any(map(is_listed_by_account, templates))
        for template in templates:
            text = _PLACEHOLDER.sub(_ANY_NAME, template)
            if _BESIDE_A_NAME.search(text):
                return None
            found.append(text)
        return "\n".join(found)


def _filled_in(rule: Rule) -> frozenset[str]:
    scope = scope_of(rule)
    if scope is None or not all(map(_ends_with_name, scope.patterns)):
        return frozenset()
    read = {key for condition, _ in rule.conditions for key in variables_in(condition, rule)}
    return scope.keys - read - {condition.key.text.lower() for condition, _ in rule.conditions}


def _ends_with_name(pattern: tuple[Part, ...]) -> bool:
    """Whether a pattern has no variable, or one that is what follows the last `/`."""
    *before, last = pattern or ("",)
    if any(isinstance(part, Variable) for part in before):
        return False
    if not isinstance(last, Variable):
        return True
    return bool(before) and isinstance(before[-1], str) and before[-1].endswith("/")


def _without_names(text: str, written: str, names: list[str]) -> str:
    """Return the text of a resource without its names, which are noted."""
    parts = text.split(":", _LAST)
    if len(parts) <= _LAST or "?" in text or "$" in text or _ANY_NAME in text:
        return text

    def named(found: re.Match[str]) -> str:
        if found[0] in written:
            return found[0]
        names.append(found[0])
        return _ANY_NAME

    return ":".join((*parts[:_LAST], _NAME.sub(named, parts[_LAST])))
