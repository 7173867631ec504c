"""Patterns with `*` and `?`, matched in time that no pattern can blow up.

A pattern is a tuple of tokens: text that stands for itself, and wildcards. Patterns of text and `*`
are matched by looking for one piece after the other; all others by running every alternative at
once, one bit each.

Source: IAM User Guide, reference_policies_elements_resource (wildcards); that `?` is one UTF-16 unit,
and that nothing escapes a wildcard, as observed.

INVARIANT: two stars never follow each other (`tokenise` and `joined` see to that).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias


class Wild(enum.Enum):
    """The wildcards. Those in a part do not match a colon: they are for the first parts of an ARN."""

    STAR = "*"
    ANY = "?"
    STAR_IN_PART = "*."
    ANY_IN_PART = "?."


Token: TypeAlias = str | Wild
Matcher: TypeAlias = Callable[[str], bool]

_STARS: Final = frozenset({Wild.STAR, Wild.STAR_IN_PART})
_IN_PART: Final = frozenset({Wild.STAR_IN_PART, Wild.ANY_IN_PART})
_SIGN: Final = re.compile(r"([*?])")
_SIGNS: Final = frozenset({"*", "?"})
_LAST_UNIT: Final = "\uffff"


def tokenise(pattern: str) -> tuple[Token, ...]:
    """Return the tokens of a pattern in which every `*` and `?` is a wildcard that crosses everything."""
    if "*" not in pattern and "?" not in pattern:
        return (pattern,) if pattern else ()
    return joined(Wild(piece) if piece in _SIGNS else piece for piece in _SIGN.split(pattern))


def joined(tokens: Iterable[Token]) -> tuple[Token, ...]:
    """Return the tokens with neighbouring texts made one, empty ones dropped, and one star for several."""
    result: list[Token] = []
    for token in tokens:
        last = result[-1] if result else None
        if isinstance(token, str):
            if isinstance(last, str):
                result[-1] = last + token
            elif token:
                result.append(token)
        elif token in _STARS and last in _STARS:
            result[-1] = Wild.STAR if Wild.STAR in {last, token} else Wild.STAR_IN_PART
        else:
            result.append(token)
    return tuple(result)


def matcher(tokens: Sequence[Token]) -> Matcher:
    """Return a function that tells whether the whole of a text matches the pattern."""
    if not tokens:
        return _is_empty
    if all(isinstance(token, str) for token in tokens):
        return "".join(token for token in tokens if isinstance(token, str)).__eq__
    if all(isinstance(token, str) or token is Wild.STAR for token in tokens):
        return _pieces_matcher(tokens)
    return _bits_matcher(tokens)


def _is_empty(text: str) -> bool:
    return not text


def _pieces_matcher(tokens: Sequence[Token]) -> Matcher:
    head = tokens[0] if isinstance(tokens[0], str) else ""
    tail = tokens[-1] if isinstance(tokens[-1], str) else ""
    inner = tokens[1 if head else 0 : len(tokens) - 1 if tail else len(tokens)]
    middle = tuple(token for token in inner if isinstance(token, str))
    shortest = len(head) + len(tail)
    if not middle and not tail:
        return lambda text: text.startswith(head)

    def match(text: str) -> bool:
        if len(text) < shortest or not text.startswith(head) or not text.endswith(tail):
            return False
        at, end = len(head), len(text) - len(tail)
        for piece in middle:
            found = text.find(piece, at, end)
            if found < 0:
                return False
            at = found + len(piece)
        return True

    return match


def _units(text: str) -> str:
    """Return the text as UTF-16 units: `?` stands for one of these, so two of them make an emoji."""
    if text.isascii() or max(text) <= _LAST_UNIT:
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(data[at] | data[at + 1] << 8) for at in range(0, len(data), 2))


def _bits_matcher(tokens: Sequence[Token]) -> Matcher:
    """Bit i of a state says: the first i tokens match what has been read so far."""
    units: list[Token] = []
    for token in tokens:
        units += list(_units(token)) if isinstance(token, str) else [token]
    stars = loops = loops_at_colon = anything = anything_at_colon = 0
    exact: dict[str, int] = {}
    for at, unit in enumerate(units):
        bit = 1 << at
        if isinstance(unit, str):
            exact[unit] = exact.get(unit, 0) | bit
        elif unit in _STARS:
            stars |= bit
            loops |= bit
            loops_at_colon |= 0 if unit in _IN_PART else bit
        else:
            anything |= bit
            anything_at_colon |= 0 if unit in _IN_PART else bit
    accepted = 1 << len(units)

    def match(text: str) -> bool:
        states = 1 | (1 & stars) << 1
        for sign in _units(text):
            step, stay = (anything_at_colon, loops_at_colon) if sign == ":" else (anything, loops)
            states = (states & (exact.get(sign, 0) | step)) << 1 | (states & stay)
            states |= (states & stars) << 1
            if not states:
                return False
        return bool(states & accepted)

    return match
