"""A value of one condition key that makes given conditions hold and others not: found, or shown not to exist.

Of every family of operators there are finitely many values that differ: the ends of what it compares with and
what lies between, both truths, the texts that match some of its patterns and not others. Which of them holds
is always asked of the engine's own tests.
"""

from __future__ import annotations

import base64
import enum
import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Final, NamedTuple

from watchword.iam import Condition, ContextValue
from watchword.iam._arn import split_pattern
from watchword.iam._glob import Token, Wild, joined
from watchword.iam._tri import Tri
from watchword.iam._variables import Part, fill, parts
from watchword.iam.compile import Rule
from watchword.iam.conditions import Test
from watchword.iam.conditions.addresses import read_network
from watchword.iam.conditions.dates import read_milliseconds
from watchword.iam.conditions.numbers import read_number
from watchword.iam.context import Folded
from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Version
from watchword.proof.settle.language import NON_EMPTY, Language, TooLarge, find_text


class Kind(enum.Enum):
    """What the values of a key are."""

    ANY = enum.auto()
    """Not known: whatever the operators read."""
    TEXT = enum.auto()
    BOOL = enum.auto()
    NUMBER = enum.auto()
    DATE = enum.auto()
    ADDRESS = enum.auto()


class Literal(NamedTuple):
    """One condition of a rule, and whether it is to hold. `reads` are the keys of its variables."""

    rule: Rule
    condition: Condition
    test: Test
    wanted: bool
    reads: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """What a key may be.

    - `values`: these alone, if not None. Else anything of `kind`, between `least` and `most` (numbers, and
      dates in seconds since 1970).
    - `absent`, `present`: whether it may be.
    - `several`: whether it has several values; None when that is not known.
    """

    kind: Kind = Kind.ANY
    absent: bool = True
    present: bool = True
    values: tuple[ContextValue, ...] | None = None
    several: bool | None = False
    least: int | None = None
    most: int | None = None
    whole: bool = True


ABSENT: Final = Domain(present=False)


@functools.lru_cache(maxsize=65_536)
def only(value: ContextValue) -> Domain:
    """Return the domain of a key whose value is known; of an empty tuple, that it is absent."""
    return ABSENT if value == () else Domain(absent=False, values=(value,))


class Missing(enum.Enum):
    """The type of `NONE`: no value does."""

    NONE = "none"


NONE: Final = Missing.NONE


def choose(
    key: str, domain: Domain, literals: Sequence[Literal], base: Folded, *, lenient: bool
) -> ContextValue | Missing:
    """Return a value for a key that makes every literal as wanted; `()` for absent; `NONE` when none does.

    `base` holds the other keys that are known, for the variables in the policies' values. `lenient`: where it
    is not known whether a value does, it does. Raises `TooLarge`.
    """
    holds = _Holds(key, literals, base, lenient=lenient)
    if domain.absent and holds(()):
        return ()
    if not domain.present:
        return NONE
    if domain.values is not None:
        return next((each for each in domain.values if holds(each)), NONE)
    if domain.several is not True:
        found = _single(domain, literals, base, holds, lenient=lenient)
        if found is not NONE or domain.several is False:
            return found
    return _several(domain, literals, base, holds, key, lenient=lenient)


class _Holds:
    """Whether a value makes every literal as wanted."""

    __slots__ = ("_base", "_key", "_lenient", "_literals")

    def __init__(self, key: str, literals: Sequence[Literal], base: Folded, *, lenient: bool) -> None:
        self._key, self._literals, self._base, self._lenient = key, literals, base, lenient

    def of(self, literals: Sequence[Literal]) -> _Holds:
        """Return the same for other literals."""
        return type(self)(self._key, literals, self._base, lenient=self._lenient)

    def __call__(self, value: ContextValue) -> bool:
        context = dict(self._base)
        context.pop(self._key, None)
        if value != ():
            context[self._key] = value
        return all(as_wanted(each.test(context), each.wanted, self._lenient) for each in self._literals)


def as_wanted(result: Tri, wanted: bool, lenient: bool) -> bool:
    """Whether the result of a test is what is wanted; what nobody knows is so only to the lenient."""
    return lenient if isinstance(result, frozenset) else result is wanted


def _single(
    domain: Domain, literals: Sequence[Literal], base: Folded, holds: _Holds, *, lenient: bool
) -> ContextValue | Missing:
    families = _families(literals)
    if lenient and not families <= _compared(domain, families):
        # What several families make of one value is looked at one by one, and not put together.
        families &= _compared(domain, families)
        literals = [each for each in literals if _family(each) in families]
        holds = holds.of(literals)
    for value in _candidates(domain, families, literals):
        if holds(value):
            return value
    if domain.kind in {Kind.ANY, Kind.TEXT} and (not families or families & _TEXTS):
        return _text(literals, base, holds, lenient=lenient)
    return NONE


def _family(literal: Literal) -> Family:
    return OPERATORS[literal.condition.operator.name].family


def _families(literals: Iterable[Literal]) -> set[Family]:
    return {_family(each) for each in literals} - {Family.NULL}


def _compared(domain: Domain, families: set[Family]) -> set[Family]:
    """The families whose values are tried through: those of the key's kind, else those of one sort."""
    if domain.kind in _FAMILIES:
        return {_FAMILIES[domain.kind]}
    if domain.kind is Kind.TEXT or families & _TEXTS:
        return set(_TEXTS)
    return set(sorted(families, key=lambda each: each.value)[:1])


_TEXTS: Final = frozenset({Family.STRING_EQUALS, Family.STRING_IGNORE_CASE, Family.STRING_LIKE, Family.ARN})
_FAMILIES: Final = {
    Kind.BOOL: Family.BOOL,
    Kind.NUMBER: Family.NUMERIC,
    Kind.DATE: Family.DATE,
    Kind.ADDRESS: Family.ADDRESS,
}


def _candidates(domain: Domain, families: set[Family], literals: Sequence[Literal]) -> Iterator[str]:
    """Give the values of every family in question that differ to the literals, texts left out."""
    kind = domain.kind
    if kind is Kind.TEXT:
        return
    for family in sorted({_FAMILIES[kind]} if kind in _FAMILIES else families, key=lambda each: each.value):
        written = [
            value
            for each in literals
            if OPERATORS[each.condition.operator.name].family is family
            for value in each.condition.values
        ]
        match family:
            case Family.BOOL:
                yield from ("true", "false")
            case Family.NUMERIC:
                yield from _numbers(written, domain)
            case Family.DATE:
                yield from _dates(written, domain)
            case Family.ADDRESS:
                yield from _addresses(written)
            case Family.BINARY:
                yield from (*written, base64.b64encode(b"example").decode())
            case _:
                pass


def _numbers(written: Iterable[str], domain: Domain) -> Iterator[str]:
    """The limits, and a number between each two and beyond the last."""
    least = Decimal(0 if domain.least is None else domain.least)
    read = map(read_number, written)
    limits = sorted({number for number in read if number is not None and number.is_finite()})
    for number in _around([least, *limits], Decimal(1)):
        if domain.whole and number != number.to_integral_value():
            continue
        if number >= least and (domain.most is None or number <= domain.most):
            yield _plain(number)
    if not domain.whole and domain.least is None and limits:
        yield _plain(limits[0] - 1)


def _plain(number: Decimal) -> str:
    whole = number.to_integral_value()
    return f"{whole:f}" if number == whole else f"{number:f}"


def _around(limits: Iterable[Decimal], step: Decimal) -> Iterator[Decimal]:
    ordered = sorted(set(limits))
    for at, limit in enumerate(ordered):
        yield limit
        yield limit - step
        yield limit + step
        whole = limit.to_integral_value(rounding="ROUND_CEILING")
        yield whole
        if at + 1 < len(ordered):
            yield (limit + ordered[at + 1]) / 2


_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND: Final = 253_402_300_799
"""The end of the year 9999."""


def moments(written: Iterable[str], *, least: int | None, most: int | None) -> Iterator[int]:
    """Give moments in seconds since 1970: the limits, just before and after, and the first that may be."""
    first = 0 if least is None else least
    last = _LAST_SECOND if most is None else most
    found = {first}
    for milliseconds in map(read_milliseconds, written):
        if milliseconds is not None:
            second = milliseconds // 1000
            found |= {second - 1, second, second + 1}
    yield from (each for each in sorted(found) if first <= each <= last)


def written_moment(second: int) -> str:
    """Return a moment as AWS writes it: `2026-11-23T00:00:00Z`."""
    return (_FIRST + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")


def _dates(written: Iterable[str], domain: Domain) -> Iterator[str]:
    for second in moments(written, least=domain.least, most=domain.most):
        yield written_moment(second)


def _addresses(written: Iterable[str]) -> Iterator[str]:
    """The addresses at which a network begins, and those just behind one: in between nothing differs."""
    yield from ("192.0.2.1", "198.51.100.1", "2001:db8::1")
    networks = [network for network in map(read_network, written) if network is not None]
    for network in networks:
        span = (1 << network.bits) - 1 - network.mask
        for number in (network.number + 1 if span > 1 else network.number, network.number):
            yield _address(number, network.bits)
        if network.number + span + 1 < 1 << network.bits:
            yield _address(network.number + span + 1, network.bits)
    yield from ("0.0.0.0", "::")  # noqa: S104 -- the first addresses there are


def _address(number: int, bits: int) -> str:
    return str(IPv4Address(number) if bits == 32 else IPv6Address(number))


# -- texts


_ARN: Final = Language(
    (
        (
            "arn:",
            Wild.ANY_IN_PART,
            Wild.STAR_IN_PART,
            ":",
            Wild.ANY_IN_PART,
            Wild.STAR_IN_PART,
            ":",
            Wild.STAR_IN_PART,
            ":",
            Wild.STAR_IN_PART,
            ":",
            Wild.ANY,
            Wild.STAR,
        ),
    )
)
_EVERYTHING: Final = Language(((Wild.STAR,),))
_NO_ARN: Final = Language(())
_IN_PART: Final = {Wild.STAR: Wild.STAR_IN_PART, Wild.ANY: Wild.ANY_IN_PART}


def _text(
    literals: Sequence[Literal], base: Folded, holds: _Holds, *, lenient: bool
) -> ContextValue | Missing:
    with_arns = any(OPERATORS[each.condition.operator.name].family is Family.ARN for each in literals)
    ways = (True,) if with_arns and not lenient else (True, False) if with_arns else (None,)
    for is_arn in ways:
        found = _text_of(literals, base, holds, is_arn, lenient=lenient)
        if found is not None:
            return found
    return NONE


def _text_of(
    literals: Sequence[Literal], base: Folded, holds: _Holds, is_arn: bool | None, *, lenient: bool
) -> str | None:
    """Look for a text; `is_arn` says whether it is to be an ARN (None: that makes no difference)."""
    wanted, unwanted = [NON_EMPTY], list[Language]()
    if is_arn is not None:
        (wanted if is_arn else unwanted).append(_ARN)
    for literal in literals:
        meaning = OPERATORS[literal.condition.operator.name]
        if meaning.family not in _TEXTS:
            continue
        if meaning.family is Family.ARN and is_arn is False:
            if literal.wanted:
                return None
            continue
        language = language_of(literal, base)
        if language is None:
            continue
        (wanted if literal.wanted is not meaning.negated else unwanted).append(language)
    try:
        found = find_text(tuple(wanted), tuple(unwanted))
    except TooLarge:
        if lenient:
            raise
        return None
    return found if found is not None and (lenient or holds(found)) else None


def language_of(literal: Literal, base: Folded) -> Language | None:
    """Return the texts that one of the condition's values matches; None when that hangs on other keys.

    A value that is no ARN fails closed, as in `iam.conditions.arns`.
    """
    condition, rule = literal.condition, literal.rule
    family = OPERATORS[condition.operator.name].family
    patterns: list[tuple[Token, ...]] = []
    for value in condition.values:
        written = parts(
            value,
            variables=rule.policy.version is Version.V2012,
            wildcards=family in {Family.STRING_LIKE, Family.ARN},
        )
        if family is Family.ARN:
            in_parts = _arn_pattern(written)
            if in_parts is None:
                if rule.deny or OPERATORS[condition.operator.name].negated:
                    return _NO_ARN if rule.deny is OPERATORS[condition.operator.name].negated else _EVERYTHING
                continue
            written = in_parts
        filled = fill(written, base)
        if filled is None:
            continue
        if filled.unknown:
            return None
        tokens = filled.tokens
        if family is Family.STRING_IGNORE_CASE:
            tokens = tuple(token.lower() if isinstance(token, str) else token for token in tokens)
        patterns.append(joined(tokens))
    return Language(tuple(patterns), ignores_case=family is Family.STRING_IGNORE_CASE)


def _arn_pattern(written: tuple[Part, ...]) -> tuple[Part, ...] | None:
    """Return the pattern whose wildcards stay within their part of the ARN, but in the last one."""
    found = split_pattern(written)
    if found is None:
        return None
    result: list[Part] = []
    for at, part in enumerate(found):
        last = at == len(found) - 1
        result += [each if last or not isinstance(each, Wild) else _IN_PART.get(each, each) for each in part]
        if not last:
            result.append(":")
    return tuple(result)


# -- several values


def _several(
    domain: Domain, literals: Sequence[Literal], base: Folded, holds: _Holds, key: str, *, lenient: bool
) -> ContextValue | Missing:
    """Each literal asks for one value that does it, or binds all of them.

    So a set that does is made of one value for each of the former, which does the latter as well.
    """
    binding: list[Literal] = []
    asking: list[Literal] = []
    for each in literals:
        if each.condition.operator.name == "Null":
            continue
        quantifier = each.condition.operator.quantifier
        if quantifier is None:
            if each.wanted:
                return NONE
            continue
        for_all = quantifier.value == "ForAllValues"
        (binding if for_all is each.wanted else asking).append(each)
    found: list[str] = []
    for literals_of_one in [[each, *binding] for each in asking] or [binding]:
        value = _element(domain, literals_of_one, base, key, lenient=lenient)
        if value is None:
            return NONE
        if value not in found:
            found.append(value)
    values = tuple(found)
    return values if holds(values) else NONE


def _element(
    domain: Domain, literals: Sequence[Literal], base: Folded, key: str, *, lenient: bool
) -> str | None:
    """Return one value of several. Alone in its set it makes every literal what it makes of it."""
    holds = _Alone(key, literals, base, lenient=lenient)
    found = _single(domain, literals, base, holds, lenient=lenient)
    return found if isinstance(found, str) else None


class _Alone(_Holds):
    __slots__ = ()

    def __call__(self, value: ContextValue) -> bool:
        return super().__call__((value,) if isinstance(value, str) else value)
