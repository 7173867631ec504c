"""Patterns that hold policy variables: `user/${aws:username}`, `${aws:PrincipalTag/team, 'none'}`.

Source: IAM User Guide, reference_policies_variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from watchword.iam._glob import Token, Wild, joined, matcher, tokenise
from watchword.iam._tri import Tri
from watchword.iam.context import UNKNOWN, Folded

_VARIABLE: Final = re.compile(r"\$\{(?:([*?$])|([^{},]++)(?:,\s*+'([^']*+)'\s*+)?)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable: the key as written and folded, and the text that stands in when the key is absent."""

    name: str
    key: str
    default: str | None


Part: TypeAlias = Token | Variable


def parts(text: str, *, variables: bool, wildcards: bool) -> tuple[Part, ...]:
    """Return the parts of a policy value: text, wildcards where they count, variables where they count.

    `${*}`, `${?}` and `${$}` are the signs themselves.
    """
    if not variables or "${" not in text:
        return tokenise(text) if wildcards else (text,)
    found: list[Part] = []
    for piece in _split(text):
        if isinstance(piece, Variable):
            found.append(piece)
        elif literal := _VARIABLE.fullmatch(piece):
            found.append(literal[1])
        else:
            found += tokenise(piece) if wildcards else [piece]
    return tuple(found)


def _split(text: str) -> Iterator[str | Variable]:
    at = 0
    for found in _VARIABLE.finditer(text):
        yield text[at : found.start()]
        at = found.end()
        if found[1]:
            yield found[0]
        else:
            name = found[2].strip()
            yield Variable(name=name, key=name.lower(), default=found[3])
    yield text[at:]


def is_dynamic(pattern: Sequence[Part]) -> bool:
    """Whether a pattern holds a variable."""
    for part in pattern:  # noqa: SIM110  a generator costs more than the pattern
        if isinstance(part, Variable):
            return True
    return False


def settled(pattern: Sequence[Part]) -> tuple[Token, ...]:
    """Return the tokens of a pattern without variables."""
    return joined([part for part in pattern if not isinstance(part, Variable)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A pattern with its variables filled in.

    A value nobody knows has become a `*`: the pattern then matches all that it could, and `unknown`
    names the keys.
    """

    tokens: tuple[Token, ...]
    unknown: frozenset[str]

    def match(self, text: str) -> Tri:
        """Return whether the text matches."""
        if not matcher(self.tokens)(text):
            return False
        return self.unknown or True


def fill(pattern: Sequence[Part], context: Folded) -> Filled | None:
    """Return the pattern with its variables filled in, or None when one of them has no value.

    A multivalued key has no value here. What is filled in is text: no sign in it is a wildcard.
    """
    tokens: list[Token] = []
    unknown: set[str] = set()
    for part in pattern:
        if not isinstance(part, Variable):
            tokens.append(part)
            continue
        value = context.get(part.key)
        if value is UNKNOWN:
            unknown.add(part.name)
            tokens.append(Wild.STAR)
        elif isinstance(value, str):
            tokens.append(value)
        elif value is None and part.default is not None:
            tokens.append(part.default)
        else:
            return None
    return Filled(tokens=joined(tokens), unknown=frozenset(unknown))
