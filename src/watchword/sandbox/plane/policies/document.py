"""A policy document as JSON, for the checks of the services that store it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from watchword.iam import PolicySyntaxError, parse_policy
from watchword.iam.policy import PolicyKind

Statement: TypeAlias = dict[str, Any]


class Malformed(Exception):
    """The document is not a policy. Each service says so in its own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A policy that the engine can read, with its statements as they were written."""

    text: str
    statements: tuple[Statement, ...]

    @property
    def size_bytes(self) -> int:
        """The length without white space between its parts."""
        compact = json.dumps(json.loads(self.text), separators=(",", ":"), ensure_ascii=False)
        return len(compact.encode())


def read(text: str, kind: PolicyKind = PolicyKind.RESOURCE) -> Document:
    """Return the document. Raises Malformed."""
    try:
        parse_policy(text, name="policy", kind=kind)
    except PolicySyntaxError as error:
        raise Malformed(str(error)) from error
    return Document(text=text, statements=tuple(statements(json.loads(text))))


def statements(document: object) -> Iterator[Statement]:
    """Give the statements of a parsed document."""
    found = document.get("Statement", []) if isinstance(document, dict) else []
    yield from (each for each in listed(found) if isinstance(each, dict))


def listed(value: object) -> list[Any]:
    """Return the values of an element that takes one or several."""
    return value if isinstance(value, list) else [value]


def values(statement: Statement, *elements: str) -> Iterator[str]:
    """Give the texts of the elements (`Action`, `NotAction`) that the statement has."""
    for element in elements:
        if element in statement:
            yield from (each for each in listed(statement[element]) if isinstance(each, str))


def condition_keys(statement: Statement) -> Iterator[str]:
    """Give the condition keys of a statement, in lower case."""
    conditions = statement.get("Condition")
    for keys in conditions.values() if isinstance(conditions, dict) else ():
        yield from (key.lower() for key in keys)
