"""Names of actions that are not known yet: one that some statements cover and others do not."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from watchword.iam import Statement, Universe
from watchword.iam._glob import tokenise
from watchword.iam.compile import Rule
from watchword.proof.settle.language import NON_EMPTY, Language, TooLarge, find_text

_WORDS: Final = ("unknownaction", "anotherunknownaction")
UNKNOWN_SERVICE: Final = "unknownservice"
"""No service of AWS's: those of names have no such prefix."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Whether the name is to be covered by a statement's actions."""

    rule: Rule
    wanted: bool


def name_for(service: str, wishes: Iterable[Naming], universe: Universe, *, sure: bool) -> str | None:
    """Return the name (in lower case) of an action of a service that is not known yet, as wished.

    Names that a policy spells out and AWS does not know grant nothing as things are: they count only where
    not just what is `sure` does. Raises `TooLarge`.
    """
    wanted: list[Language] = [NON_EMPTY]
    unwanted: list[Language] = []
    samples: list[str] = list(_WORDS)
    for wish in wishes:
        patterns, negated = _patterns(wish.rule, service)
        covering = wish.wanted is not negated
        if covering:
            kept = tuple(each for each in patterns if not sure or "*" in each or "?" in each)
            wanted.append(_language(kept))
            samples += [each.replace("*", word).replace("?", "x") for each in kept for word in _WORDS]
        else:
            unwanted.append(_language(patterns))
    for name in samples:
        fits = all(name in each for each in wanted) and not any(name in each for each in unwanted)
        if fits and not universe.knows(f"{service}:{name}"):
            return name
    known = tuple(each.partition(":")[2].lower() for each in universe.actions(service))
    found = find_text(tuple(wanted), tuple(unwanted))
    if found is not None and found in known:
        raise TooLarge
    return found


def covers(rule: Rule, service: str, name: str) -> bool:
    """Whether a statement covers an action; both in lower case."""
    return name in rule.actions.of(service)


@functools.lru_cache(maxsize=4096)
def _language(patterns: tuple[str, ...]) -> Language:
    return Language(tuple(tokenise(each) for each in patterns))


@functools.lru_cache(maxsize=65_536)
def _patterns(rule: Rule, service: str) -> tuple[tuple[str, ...], bool]:
    """Return the patterns of a statement for a service, and whether it covers all but them."""
    statement: Statement = rule.policy.statements[rule.ref.index]
    found: list[str] = []
    for each in statement.actions:
        prefix, _, name = each.text.lower().partition(":")
        if prefix == "*":
            found.append("*")
        elif prefix == service:
            found.append(name)
    return tuple(found), statement.not_action
