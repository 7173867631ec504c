"""What can be seen of a pattern at a glance: how its parts begin and end between the colons of its text.

Most questions about two patterns of ARNs are answered by that: whether any text can match both, and often
whether one surely does.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final, NamedTuple

from watchword.iam._glob import Token, Wild

_MOST_KEPT: Final = 16_384
_CROSSING: Final = {Wild.STAR, Wild.ANY}


class Simple(NamedTuple):
    """A part that is this text, or (`goes_on`) begins with it; `further`: and then more has to come.

    `crosses`: what comes may be more parts, too.
    """

    text: str
    goes_on: bool
    further: bool
    crosses: bool = False

    def meets(self, other: Simple) -> bool:
        """Whether some text is both."""
        if self.goes_on and other.goes_on:
            return self.text.startswith(other.text) or other.text.startswith(self.text)
        if not self.goes_on and not other.goes_on:
            return self.text == other.text
        fixed, open_ = (other, self) if self.goes_on else (self, other)
        return fixed.text.startswith(open_.text) and (not open_.further or len(fixed.text) > len(open_.text))


@dataclass(frozen=True, slots=True)
class Shape:
    """The parts of a pattern between the colons of its text: how each begins and ends.

    `keeps_colons`: no wildcard of it stands for a colon; `clean`: how many parts come before one that does.
    """

    ends: tuple[tuple[str, str], ...]
    keeps_colons: bool
    clean: int
    simple: tuple[Simple, ...] | None
    """The parts, where each is a text, or a text and a wildcard behind it; else None."""

    @property
    def tail(self) -> str:
        """The text that a match ends with."""
        return self.ends[-1][1].removeprefix(":")

    def surely_meets(self, other: Shape) -> bool:
        """Whether it can be seen that some text matches both; if any two of many do, so do all together.

        A beginning of texts has one in common with another when one goes on as the other does, and then the
        longest of many goes on as all of them. A pattern whose last part crosses colons has all further parts
        of longer ones, whatever they are.
        """
        if self.simple is None or other.simple is None:
            return False
        fewer, more = sorted((self.simple, other.simple), key=len)
        if len(fewer) == len(more):
            return all(map(Simple.meets, fewer, more))
        last = len(fewer) - 1
        return (
            fewer[last].crosses
            and all(map(Simple.meets, fewer[:last], more))
            and Simple(fewer[last].text, True, False).meets(more[last])
        )

    def may_meet(self, other: Shape) -> bool:
        """Whether nothing that can be seen keeps a text from matching both."""
        if len(self.ends) == len(other.ends) and (self.keeps_colons or other.keeps_colons):
            return all(map(_agree, self.ends, other.ends))
        if self.keeps_colons and len(self.ends) < len(other.ends):
            return False
        if other.keeps_colons and len(other.ends) < len(self.ends):
            return False
        clean = min(self.clean, other.clean)
        if not all(map(_agree, self.ends[:clean], other.ends[:clean])):
            return False
        return _begin_alike(self.ends[0][0], other.ends[0][0]) and _end_alike(
            self.ends[-1][1], other.ends[-1][1]
        )


def _agree(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return _begin_alike(one[0], other[0]) and _end_alike(one[1], other[1])


def _begin_alike(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _end_alike(one: str, other: str) -> bool:
    return one.endswith(other) or other.endswith(one)


BLURRED: Final = Shape((("", ""),), keeps_colons=False, clean=0, simple=None)
"""Of which nothing can be seen."""


@functools.lru_cache(maxsize=_MOST_KEPT)
def shape_of(tokens: tuple[Token, ...]) -> Shape:
    """Cut a pattern at the colons of its text."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if not isinstance(token, str):
            parts[-1].append(token)
            continue
        first, *rest = token.split(":")
        if first:
            parts[-1].append(first)
        parts += [[each] if each else [] for each in rest]
    simple = tuple(map(_simple, parts))
    return Shape(
        tuple(map(_ends, parts)),
        keeps_colons=not any(map(_crosses, parts)),
        clean=next((at for at, part in enumerate(parts) if _crosses(part)), len(parts)),
        simple=tuple(each for each in simple if each is not None) if None not in simple else None,
    )


def _simple(part: list[Token]) -> Simple | None:
    text = part[0] if part and isinstance(part[0], str) else ""
    match part[1:] if text else part:
        case []:
            return Simple(text, False, False)
        case [Wild.STAR | Wild.STAR_IN_PART as star]:
            return Simple(text, True, False, star is Wild.STAR)
        case [Wild.ANY | Wild.ANY_IN_PART as any_, Wild.STAR | Wild.STAR_IN_PART as star]:
            return Simple(text, True, True, any_ is Wild.ANY and star is Wild.STAR)
        case _:
            return None


def _crosses(part: list[Token]) -> bool:
    return any(token in _CROSSING for token in part)


def _ends(tokens: list[Token]) -> tuple[str, str]:
    """Return the text that a part begins and ends with; with its `:` where it is all text."""
    if not tokens:
        return ":", ":"
    first, last = tokens[0], tokens[-1]
    if len(tokens) == 1 and isinstance(first, str):
        return f"{first}:", f":{first}"
    return first if isinstance(first, str) else "", last if isinstance(last, str) else ""
