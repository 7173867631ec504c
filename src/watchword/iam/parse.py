"""Text to policy: reads the JSON, checks the grammar, and reports everything that is wrong at once."""

from __future__ import annotations

from typing import Final

from watchword.iam._grammar import Grammar
from watchword.iam._json import Reader
from watchword.iam.errors import PolicySyntaxError, Problem
from watchword.iam.policy import Lines, Policy, PolicyKind

MAX_CHARACTERS: Final = 1_000_000
"""Longer texts are not read. AWS takes 131 072 from its users; the longest of its own has 157 000."""


def parse_policy(text: str, *, name: str, kind: PolicyKind | None = None) -> Policy:
    """Return the policy in a JSON text.

    `name` is what traces and errors call the policy. `kind` says what it is for, and with it the
    elements that only some documents may have are checked; None accepts the elements of all kinds.

    Raises PolicySyntaxError with every problem of the document.

    Source: IAM User Guide, reference_policies_grammar and reference_policies_elements.
    """
    if len(text) > MAX_CHARACTERS:
        expected = f"expected at most {MAX_CHARACTERS} characters, found {len(text)}"
        raise PolicySyntaxError(name, (Problem(line=1, column=1, message=expected),))
    reader = Reader(text)
    root = reader.read()
    lines = Lines.of(text)
    grammar = Grammar(name=name, kind=kind, lines=lines)
    policy = grammar.policy(root)
    grammar.check_characters(text)
    found = reader.problems if reader.gave_up else reader.problems + grammar.problems
    problems = _in_order(found, lines)
    if problems or policy is None:
        raise PolicySyntaxError(name, problems)
    return policy


def _in_order(found: list[tuple[int, str]], lines: Lines) -> tuple[Problem, ...]:
    """Sort by place; of several complaints about one place the first is the cause of the others."""
    first: dict[int, str] = {}
    for offset, message in found:
        first.setdefault(offset, message)
    places = ((lines.place(offset), message) for offset, message in sorted(first.items()))
    return tuple(Problem(line=place.line, column=place.column, message=message) for place, message in places)
