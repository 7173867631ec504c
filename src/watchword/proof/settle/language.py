"""Texts that match some patterns and none of others: found, or shown not to exist.

A pattern is run as an automaton whose states are bits (`iam._glob.Bits`); several are run side by side, sign
by sign, over the signs that make a difference. There are finitely many combinations of states, so the search
ends; it gives up (`TooLarge`) beyond a bound.
"""

from __future__ import annotations

import functools
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from watchword.iam._glob import Bits, Matcher, Token, Wild, matcher
from watchword.iam._pattern_shape import BLURRED, Shape, shape_of

_MOST_STATES: Final = 6_000
_LONGEST: Final = 4_096
_WORDS: Final = ("example", "x", "")
_FRESH: Final = "xyzwvqkj0123456789XYZWVQKJ-_"
_LAST: Final = 5
_STARS: Final = {Wild.STAR, Wild.STAR_IN_PART}
_CROSSING: Final = {Wild.STAR, Wild.ANY}
_COLONS: Final = {Wild.ANY_IN_PART, Wild.STAR_IN_PART}

States: TypeAlias = tuple[int, ...]


class TooLarge(Exception):
    """The search would take too long."""


class _Matchers(NamedTuple):
    """Patterns made ready: those that are texts, the beginnings of those that end in a star, and others."""

    exact: frozenset[str]
    beginnings: tuple[str, ...]
    others: tuple[Matcher, ...]

    @classmethod
    def of(cls, patterns: Iterable[tuple[Token, ...]]) -> _Matchers:
        """Return the matchers of patterns."""
        exact: list[str] = []
        beginnings: list[str] = []
        others: list[Matcher] = []
        for tokens in patterns:
            match tokens:
                case ():
                    exact.append("")
                case (str(text),):
                    exact.append(text)
                case (str(text), Wild.STAR):
                    beginnings.append(text)
                case _:
                    others.append(matcher(tokens))
        return cls(frozenset(exact), tuple(beginnings), tuple(others))


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """The texts that match at least one of the patterns; `ignores_case` compares them in lower case.

    INVARIANT: the text of the patterns is in lower case when `ignores_case`.
    """

    patterns: tuple[tuple[Token, ...], ...]
    ignores_case: bool = False
    _shapes: list[Shape] = field(init=False, repr=False, compare=False)
    _matchers: list[_Matchers] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_shapes", [])
        object.__setattr__(self, "_matchers", [])

    @property
    def shapes(self) -> Sequence[Shape]:
        """What can be seen of each pattern at a glance."""
        if len(self._shapes) < len(self.patterns):
            self._shapes[:] = (BLURRED if self.ignores_case else shape_of(each) for each in self.patterns)
        return self._shapes

    def may_meet(self, other: Language) -> bool:
        """Whether nothing that can be seen keeps a text from being in both."""
        return any(one.may_meet(each) for one in self.shapes for each in other.shapes)

    def surely_meets(self, *others: Language) -> bool:
        """Whether it can be seen that some text is in this and all of the others, of a few patterns each."""
        return any(
            all(one.surely_meets(each) for one, each in itertools.combinations(shapes, 2))
            for shapes in itertools.product(self.shapes, *(other.shapes for other in others))
        )

    def tails_beside(self, other: Language) -> tuple[str, ...]:
        """What the texts end with that may be in another one, too: one or another of these."""
        return tuple(
            shape.tail for shape in self.shapes if any(shape.may_meet(each) for each in other.shapes)
        )

    @property
    def shown(self) -> tuple[str, ...]:
        """One of the texts of each pattern."""
        return tuple("".join(_shown(token, "x") for token in tokens) for tokens in self.patterns)

    def __contains__(self, text: object) -> bool:
        shown = str(text).lower() if self.ignores_case else str(text)
        if not self._matchers:
            self._matchers.append(_Matchers.of(self.patterns))
        exact, beginnings, others = self._matchers[0]
        return shown in exact or shown.startswith(beginnings) or any(match(shown) for match in others)


NON_EMPTY: Final = Language(((Wild.ANY, Wild.STAR),))


@functools.lru_cache(maxsize=16_384)
def find_text(
    wanted: tuple[Language, ...], unwanted: tuple[Language, ...], samples: tuple[str, ...] = ()
) -> str | None:
    """Return a text in all of the wanted languages and none of the others; None when there is none.

    `samples` are tried first, then texts made of the patterns, so that what is found can be read. Raises
    `TooLarge`.
    """
    left = _compatible(wanted)
    if not all(each.patterns for each in left):
        return None
    for text in (*samples, *_between(samples, left), *_samples(left)):
        if all(text in each for each in left) and not any(text in each for each in unwanted):
            return text
    for chosen in _one_of_each(left):
        found = _searched(chosen, unwanted)
        if found is not None:
            return found
    return None


def _compatible(wanted: Sequence[Language]) -> list[Language]:
    """Return the languages without the patterns of which it can be seen that another one has no such text."""
    result = list(wanted)
    for at, language in enumerate(result):
        for other in result:
            if other is language:
                continue
            kept = tuple(
                each
                for each, shape in zip(result[at].patterns, result[at].shapes, strict=True)
                if any(shape.may_meet(another) for another in other.shapes)
            )
            if len(kept) < len(result[at].patterns):
                result[at] = Language(kept, language.ignores_case)
    return result


def _one_of_each(
    languages: Sequence[Language], chosen: tuple[Language, ...] = (), shapes: tuple[Shape, ...] = ()
) -> Iterator[tuple[Language, ...]]:
    """Give every choice of one pattern of each language that may have a text in common, as far as is seen."""
    if not languages:
        yield chosen
        return
    first, *others = languages
    for tokens, shape in zip(first.patterns, first.shapes, strict=True):
        if all(shape.may_meet(each) for each in shapes):
            one = first if len(first.patterns) == 1 else Language((tokens,), first.ignores_case)
            yield from _one_of_each(others, (*chosen, one), (*shapes, shape))


def _between(samples: Sequence[str], wanted: Sequence[Language]) -> Iterator[str]:
    """Give ARNs that are like a sample where a pattern has nothing but wildcards."""
    for sample in samples:
        like = sample.split(":", _LAST)
        if len(like) <= _LAST:
            continue
        _, _, rest = like[_LAST].partition("example")
        for language in wanted:
            for shape, tokens in zip(language.shapes, language.patterns, strict=True):
                if len(shape.ends) > _LAST:
                    yield from _filled(tokens, like, rest)


def _filled(tokens: tuple[Token, ...], like: Sequence[str], rest: str) -> Iterator[str]:
    """Give texts with the wildcards of the first parts as in an ARN, those of the last one in some ways."""
    head: list[str] = []
    colons = at = 0
    for at, token in enumerate(tokens):  # noqa: B007 -- where the last part begins
        if isinstance(token, str):
            head.append(token)
            colons += token.count(":")
            if colons >= _LAST:
                break
        else:
            head.append(like[colons] if token in _STARS else "x")
    begun = "".join(head)
    left = tokens[at + 1 :]
    for word in ("example", "x", "", f"x{rest}"):
        yield begun + "".join(_shown(token, word) for token in left)


def _samples(wanted: Sequence[Language]) -> Iterator[str]:
    for language in wanted:
        for tokens in language.patterns:
            for word in _WORDS:
                yield "".join(_shown(token, word) for token in tokens)


def _shown(token: Token, word: str) -> str:
    if isinstance(token, str):
        return token
    return word if token in {Wild.STAR, Wild.STAR_IN_PART} else "x"


class _Automaton:
    """One pattern, run."""

    __slots__ = ("bits", "ignores_case", "splits_at_colon")

    def __init__(self, tokens: tuple[Token, ...], *, ignores_case: bool) -> None:
        if sum(len(token) if isinstance(token, str) else 1 for token in tokens) > _LONGEST:
            raise TooLarge
        self.bits = Bits.of(tokens)
        self.ignores_case = ignores_case
        self.splits_at_colon = any(token in _COLONS for token in tokens)

    def step(self, states: int, sign: str) -> int:
        bits = self.bits
        if self.ignores_case:
            sign = sign.lower()
        step, stay = (bits.step_at_colon, bits.stay_at_colon) if sign == ":" else (bits.step, bits.stay)
        states = (states & (bits.exact.get(sign, 0) | step)) << 1 | (states & stay)
        return states | (states & bits.stars) << 1

    def signs(self, states: int) -> Iterator[str]:
        """Give the signs that these states tell from others."""
        for sign, where in self.bits.exact.items():
            if where & states:
                yield sign
                if self.ignores_case and sign.upper().lower() == sign and len(sign.upper()) == 1:
                    yield sign.upper()
        if self.splits_at_colon:
            yield ":"


def _searched(wanted: Sequence[Language], unwanted: Sequence[Language]) -> str | None:
    """Breadth first, so that what is found is as short as can be."""
    groups: list[range] = []
    automata: list[_Automaton] = []
    for language in (*wanted, *unwanted):
        start = len(automata)
        automata += [_Automaton(each, ignores_case=language.ignores_case) for each in language.patterns]
        groups.append(range(start, len(automata)))
    must, must_not = groups[: len(wanted)], [at for group in groups[len(wanted) :] for at in group]
    fresh = _fresh(automata)
    begin: States = tuple(each.bits.begin for each in automata)
    came: dict[States, tuple[States, str] | None] = {begin: None}
    waiting = deque([begin])
    while waiting:
        states = waiting.popleft()
        if _accepts(automata, states, must, must_not):
            return _told(came, states)
        for sign in _signs(automata, states, fresh):
            after = tuple(each.step(at, sign) if at else 0 for each, at in zip(automata, states, strict=True))
            if after in came or not all(any(after[at] for at in group) for group in must):
                continue
            if len(came) >= _MOST_STATES:
                raise TooLarge
            came[after] = states, sign
            waiting.append(after)
    return None


def _accepts(
    automata: Sequence[_Automaton], states: States, must: Sequence[range], must_not: Sequence[int]
) -> bool:
    def at_end(at: int) -> bool:
        return bool(states[at] & automata[at].bits.accepted)

    return all(any(at_end(at) for at in group) for group in must) and not any(map(at_end, must_not))


def _signs(automata: Sequence[_Automaton], states: States, fresh: str) -> Iterable[str]:
    found = dict.fromkeys(fresh)
    for each, at in zip(automata, states, strict=True):
        if at:
            found.update(dict.fromkeys(each.signs(at)))
    return found


def _fresh(automata: Sequence[_Automaton]) -> str:
    """Return a sign that no pattern names, in whatever case."""
    named = {sign.lower() for each in automata for sign in each.bits.exact} | {":"}
    for sign in _FRESH:
        if sign.lower() not in named:
            return sign
    return next(chr(code) for code in range(0x100, 0xD800) if chr(code).lower() not in named)


def _told(came: dict[States, tuple[States, str] | None], states: States) -> str:
    signs: list[str] = []
    step = came[states]
    while step is not None:
        states, sign = step
        signs.append(sign)
        step = came[states]
    text = "".join(reversed(signs))
    if text.isascii():
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return data.decode("utf-16-le", "replace")
