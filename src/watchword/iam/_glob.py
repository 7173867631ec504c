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
from dataclasses import dataclass
from typing import Final, TypeAlias


class Wild(enum.Enum):
    """The wildcards. Those in a part do not match a colon: they are for the first parts of an ARN."""

    STAR = "*"
    ANY = "?"
    STAR_IN_PART = "*."
    ANY_IN_PART = "?."

    __hash__ = object.__hash__  # patterns are kept by their tokens, and the one of enums takes its time


Token: TypeAlias = str | Wild
Matcher: TypeAlias = Callable[[str], bool]

_STARS: Final = frozenset({Wild.STAR, Wild.STAR_IN_PART})
_SIGN: Final = re.compile(r"([*?])")
_SIGNS: Final = frozenset({"*", "?"})
_LAST_UNIT: Final = "\uffff"


def tokenise(pattern: str) -> tuple[Token, ...]:
    """Return the tokens of a pattern in which every `*` and `?` is a wildcard that crosses everything."""
    if "?" not in pattern:
        return _split_at_stars(pattern)
    return joined(Wild(piece) if piece in _SIGNS else piece for piece in _SIGN.split(pattern))


def _split_at_stars(pattern: str) -> tuple[Token, ...]:
    """`joined` of the pieces, written out: almost every pattern is one of these."""
    head, *rest = pattern.split("*")
    tokens: list[Token] = [head] if head else []
    for piece in rest:
        if not tokens or tokens[-1] is not Wild.STAR:
            tokens.append(Wild.STAR)
        if piece:
            tokens.append(piece)
    return tuple(tokens)


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
    return bits_matcher(tokens)


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


@dataclass(frozen=True, slots=True)
class Bits:
    """A pattern as an automaton: bit i of a state says that the first i units match what has been read.

    `exact` has the bits that a sign takes on, `step` those that any sign does, `stay` those that stay;
    the two for a colon are apart, as wildcards in a part do not match it.
    """

    units: list[Token]
    exact: dict[str, int]
    stars: int
    step: int
    step_at_colon: int
    stay: int
    stay_at_colon: int

    @property
    def begin(self) -> int:
        """The state before the first sign."""
        return 1 | (1 & self.stars) << 1

    @property
    def accepted(self) -> int:
        """The bit that says that all has matched."""
        return 1 << len(self.units)

    @classmethod
    def of(cls, tokens: Iterable[Token]) -> Bits:
        """Return the automaton of a pattern."""
        units = each_unit(tokens)
        exact: dict[str, int] = {}
        for at, unit in enumerate(units):
            if isinstance(unit, str):
                exact[unit] = exact.get(unit, 0) | 1 << at
        any_, star = _where(units, Wild.ANY), _where(units, Wild.STAR)
        stars = star | _where(units, Wild.STAR_IN_PART)
        return cls(
            units=units,
            exact=exact,
            stars=stars,
            step=any_ | _where(units, Wild.ANY_IN_PART),
            step_at_colon=any_,
            stay=stars,
            stay_at_colon=star,
        )


def each_unit(tokens: Iterable[Token]) -> list[Token]:
    """Return the tokens with every text cut into its UTF-16 units."""
    units: list[Token] = []
    for token in tokens:
        units += list(_units(token)) if isinstance(token, str) else [token]
    return units


def _where(units: Sequence[Token], wild: Wild) -> int:
    return sum(1 << at for at, unit in enumerate(units) if unit is wild)


def bits_matcher(tokens: Sequence[Token], colons: str = ":") -> Matcher:
    """Return the matcher of any pattern; `colons` are the signs that a wildcard in a part does not match."""
    bits = Bits.of(tokens)
    exact, stars, begin, accepted = bits.exact, bits.stars, bits.begin, bits.accepted
    step_at_colon, stay_at_colon = bits.step_at_colon, bits.stay_at_colon
    step_else, stay_else = bits.step, bits.stay

    def match(text: str) -> bool:
        states = begin
        for sign in _units(text):
            step, stay = (step_at_colon, stay_at_colon) if sign in colons else (step_else, stay_else)
            states = (states & (exact.get(sign, 0) | step)) << 1 | (states & stay)
            states |= (states & stars) << 1
            if not states:
                return False
        return bool(states & accepted)

    return match
