"""StringEquals, StringEqualsIgnoreCase, StringLike and their negations."""

from __future__ import annotations

from watchword.iam._glob import Token, Wild, matcher
from watchword.iam._tri import Tri, any_of, negate
from watchword.iam._variables import Filled, Part, fill, is_dynamic, parts, settled
from watchword.iam.conditions.comparison import Comparison, Operand
from watchword.iam.context import Folded


def equals(operand: Operand) -> Comparison:
    """`StringEquals`: the same text, upper and lower case different."""
    return _compare(
        operand, [parts(each, variables=operand.variables, wildcards=False) for each in operand.values]
    )


def like(operand: Operand) -> Comparison:
    """`StringLike`: `*` and `?` are wildcards and cross everything."""
    return _compare(
        operand, [parts(each, variables=operand.variables, wildcards=True) for each in operand.values]
    )


def equals_ignoring_case(operand: Operand) -> Comparison:
    """`StringEqualsIgnoreCase`: the same in lower case, which is not the same as case-folded."""
    patterns = [parts(each, variables=operand.variables, wildcards=False) for each in operand.values]
    plain = frozenset(
        "".join(part for part in each if isinstance(part, str)).lower()
        for each in patterns
        if not is_dynamic(each)
    )
    dynamic = [each for each in patterns if is_dynamic(each)]
    negated = operand.meaning.negated

    def run(value: str, context: Folded) -> Tri:
        text = value.lower()
        if text in plain:
            return not negated
        found = any_of(_filled_lower(fill(each, context), text) for each in dynamic)
        return negate(found) if negated else found

    return run


def _filled_lower(filled: Filled | None, text: str) -> Tri:
    if filled is None:
        return False
    tokens = tuple(token.lower() if isinstance(token, str) else token for token in filled.tokens)
    if filled.unknown:
        # Whether a sigma is the last letter of its word hangs on what is not known.
        tokens = tuple(_any_sigma(token) if isinstance(token, str) else token for token in tokens)
        text = _any_sigma(text)
    return Filled(tokens=tokens, unknown=filled.unknown).match(text)


def _any_sigma(text: str) -> str:
    return text.replace("ς", "σ")  # noqa: RUF001 -- Greek letters


def _compare(operand: Operand, patterns: list[tuple[Part, ...]]) -> Comparison:
    static = [settled(each) for each in patterns if not is_dynamic(each)]
    exact = frozenset("".join(map(str, each)) for each in static if not _has_wildcard(each))
    wild = tuple(matcher(each) for each in static if _has_wildcard(each))
    dynamic = tuple(each for each in patterns if is_dynamic(each))
    negated = operand.meaning.negated

    def run(value: str, context: Folded) -> Tri:
        if value in exact:
            return not negated
        for match in wild:
            if match(value):
                return not negated
        if not dynamic:
            return negated
        found = any_of(_filled(fill(each, context), value) for each in dynamic)
        return negate(found) if negated else found

    return run


def _has_wildcard(tokens: tuple[Token, ...]) -> bool:
    return any(isinstance(token, Wild) for token in tokens)


def _filled(filled: Filled | None, text: str) -> Tri:
    return False if filled is None else filled.match(text)
