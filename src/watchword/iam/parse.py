"""Text to policy: reads the JSON, checks the grammar, and reports everything that is wrong at once."""

from __future__ import annotations

import dataclasses
import heapq
from typing import Final

from watchword.iam._grammar import Grammar
from watchword.iam._json import Reader
from watchword.iam._nodes import MAX_FOUND, Node, TooMany
from watchword.iam._quick import read_plain
from watchword.iam.errors import PolicySyntaxError, Problem
from watchword.iam.policy import Lines, Policy, PolicyKind

MAX_CHARACTERS: Final = 262_144
"""Longer texts are not read. AWS takes 131 072 from its users; the longest of its own has 157 000."""

MAX_PROBLEMS: Final = 100
"""Of more problems only the first are reported, with how many more there are."""


def parse_policy(text: str, *, name: str, kind: PolicyKind | None = None, stored: bool = True) -> Policy:
    """Return the policy in a JSON text.

    `name` is what traces and errors call the policy. `kind` says what it is for, and with it the
    elements that only some documents may have are checked; None accepts the elements of all kinds.
    With `stored` False, what AWS would refuse to store although nobody can be in doubt what it means (a
    Sid that comes twice, an RCP that denies `*`, a name with a wildcard, which names nobody) is no error
    but one of the policy's `refusals`.

    Raises PolicySyntaxError with every problem of the document (the first `MAX_PROBLEMS`).

    Source: IAM User Guide, reference_policies_grammar and reference_policies_elements.
    """
    if len(text) > MAX_CHARACTERS:
        expected = f"expected at most {MAX_CHARACTERS} characters, found {len(text)}"
        raise PolicySyntaxError(name, (Problem(line=1, column=1, message=expected),))
    lines = Lines.of(text)
    grammar = Grammar(name=name, kind=kind, lines=lines)
    root, found, whole = _read(text)
    policy, counted = None, True
    try:
        policy = grammar.policy(root)
        if found or not text.isascii():
            grammar.check_characters(text)
    except TooMany:
        counted = False
    if whole:
        found += grammar.problems
        found += grammar.refusals if stored or policy is None else []
    if found or policy is None:
        raise _refusal(name, found, lines, counted=counted and len(found) < MAX_FOUND)
    if grammar.refusals:
        return dataclasses.replace(policy, refusals=tuple(sorted(grammar.refusals)))
    return policy


def _read(text: str) -> tuple[Node, list[tuple[int, str]], bool]:
    """Return the value, what is wrong with it as JSON, and whether the text was read to its end."""
    plain = read_plain(text)
    if plain is not None:
        return plain, [], True
    reader = Reader(text)
    return reader.read(), reader.problems, not reader.gave_up


def _refusal(name: str, found: list[tuple[int, str]], lines: Lines, *, counted: bool) -> PolicySyntaxError:
    """Put the problems in order; of several about one place the first is the cause of the others."""
    first: dict[int, str] = {}
    for offset, message in found:
        first.setdefault(offset, message)
    problems = []
    for offset in heapq.nsmallest(MAX_PROBLEMS, first):
        place = lines.place(offset)
        problems.append(Problem(line=place.line, column=place.column, message=first[offset]))
    return PolicySyntaxError(name, tuple(problems), more=len(first) - len(problems), counted=counted)
