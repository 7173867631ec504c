"""Patterns of a `Resource` held against whole kinds of resources: do they cover all of them, or any?

A kind of resource is a template of ARNs (`arn:aws:iam::123456789012:user/` and any text). It is a pattern
itself, of text and stars only; a star in its first five parts stands for text without a colon.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from watchword.iam._glob import Bits, Matcher, Token, Wild, bits_matcher, each_unit, joined, matcher
from watchword.iam._pattern_shape import Shape, shape_of
from watchword.iam._variables import Part, Variable

_PIECES: Final = re.compile(r"(\$\{[^}]*\})")
_LAST: Final = 5
_LONGEST: Final = 4096
"""Twice what an ARN may have. What a longer pattern may match is not looked at."""
_PARTITION: Final = "${Partition}"
_ACCOUNT: Final = "${Account}"
_IN_PART: Final = "\ue000"
"""In a sample: any text without a colon."""
_ANY_TEXT: Final = "\ue001"
"""In a sample: any text."""


@dataclass(frozen=True, slots=True)
class Template:
    """The ARNs of one kind of resource. `sample` is a text, with signs for its stars."""

    tokens: tuple[Token, ...]
    head: str = field(init=False)
    sample: str = field(init=False)
    shape: Shape = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        signs = {Wild.STAR: _ANY_TEXT, Wild.STAR_IN_PART: _IN_PART}
        sample = "".join(each if isinstance(each, str) else signs[each] for each in self.tokens)
        object.__setattr__(self, "head", head(self.tokens))
        object.__setattr__(self, "sample", sample)
        object.__setattr__(self, "shape", shape_of(self.tokens))


def template(text: str, *, partition: str | None, account: str | None) -> Template:
    """Return the template that AWS writes as `arn:${Partition}:iam::${Account}:user/${UserName}`.

    `partition` and `account` are filled in where they are known. A resource of another account is not
    the caller's alone to reach: it is left out when `account` is given.
    """
    known = {_PARTITION: partition, _ACCOUNT: account}
    tokens: list[Token] = []
    colons = 0
    for piece in _PIECES.split(text):
        if piece.startswith("${"):
            star = Wild.STAR_IN_PART if colons < _LAST else Wild.STAR
            value = known.get(piece) if colons < _LAST else None
            tokens.append(star if value is None else value)
        else:
            colons += piece.count(":")
            tokens += [Wild.STAR if each == "*" else each for each in re.split(r"(\*)", piece)]
    return Template(joined(tokens))


def head(tokens: Sequence[Token]) -> str:
    """Return the text that a pattern begins with."""
    return tokens[0] if tokens and isinstance(tokens[0], str) else ""


class Pattern:
    """One pattern of a statement. Where it holds a variable, any text may stand, and nothing is sure."""

    __slots__ = ("_bits", "_covers", "_head", "_shape", "_tokens", "dynamic")

    def __init__(self, parts: Sequence[Part]) -> None:
        tokens = joined(Wild.STAR if isinstance(part, Variable) else part for part in parts)
        self.dynamic = any(isinstance(part, Variable) for part in parts)
        self._head = head(tokens)
        self._tokens = tokens
        self._shape = shape_of(tokens)
        self._covers: Matcher | None = None
        self._bits: Bits | None = None

    def covers(self, kind: Template) -> bool:
        """Whether it certainly matches every ARN of this kind."""
        if self.dynamic or not self._may_begin(kind):
            return False
        if self._covers is None:
            self._covers = _covering(self._tokens)
        return self._covers(kind.sample)

    def meets(self, kind: Template) -> bool:
        """Whether it may match one of them."""
        if not self._may_begin(kind) or not self._shape.may_meet(kind.shape):
            return False
        if self._shape.surely_meets(kind.shape):
            return True
        if self._bits is None:
            if sum(len(token) if isinstance(token, str) else 1 for token in self._tokens) > _LONGEST:
                return True
            self._bits = Bits.of(self._tokens)
        return _meet(self._bits, kind.tokens)

    def _may_begin(self, kind: Template) -> bool:
        return self._head.startswith(kind.head) or kind.head.startswith(self._head)


def _covering(tokens: Sequence[Token]) -> Matcher:
    """Return a function that tells of a sample whether all texts that it stands for surely match.

    Its stars are matched by a star only, never by a `?`: a pattern with one may cover more than is said.
    """
    if Wild.ANY in tokens or Wild.ANY_IN_PART in tokens:
        return lambda _: False
    if Wild.STAR_IN_PART not in tokens:
        return matcher(tokens)
    return bits_matcher(tokens, colons=f":{_ANY_TEXT}")


def _meet(bits: Bits, other: Sequence[Token]) -> bool:
    """Whether some text matches both a pattern and another one, of text and stars."""
    states, everything = bits.begin, (bits.accepted << 1) - 1
    for unit in each_unit(other):
        if unit is Wild.STAR:
            states = everything ^ ((states & -states) - 1)
        elif unit is Wild.STAR_IN_PART:
            states = _up_to_colon(states, bits.exact.get(":", 0), everything)
        else:
            states = _after(bits, states, str(unit))
        if not states:
            return False
    return bool(states & bits.accepted)


def _after(bits: Bits, states: int, sign: str) -> int:
    step, stay = (bits.step_at_colon, bits.stay_at_colon) if sign == ":" else (bits.step, bits.stay)
    states = (states & (bits.exact.get(sign, 0) | step)) << 1 | (states & stay)
    return states | (states & bits.stars) << 1


def _up_to_colon(states: int, colons: int, everything: int) -> int:
    """Return the states that any text without a colon can lead to."""
    while True:
        more = (states | (states & ~colons) << 1) & everything
        if more == states:
            return states
        states = more
