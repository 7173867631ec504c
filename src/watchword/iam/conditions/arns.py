"""ArnEquals and ArnLike, which are the same, and their negations: six parts, compared one by one."""

from __future__ import annotations

from collections.abc import Sequence

from watchword.iam._arn import split_arn, split_pattern
from watchword.iam._glob import matcher
from watchword.iam._tri import Tri, all_of, any_of, negate
from watchword.iam._variables import Part, fill, is_dynamic, parts, settled
from watchword.iam.conditions.comparison import Comparison, Operand
from watchword.iam.context import Folded
from watchword.iam.policy import Effect


def compare(operand: Operand) -> Comparison:
    """A request's value that is no ARN matches neither operator.

    A policy's value that is no ARN fails closed: an Allow does not match by it, a Deny does.

    Source: IAM User Guide, Amazon Resource Name (ARN) condition operators; malformed values as observed.
    """
    patterns = [
        split_pattern(parts(value, variables=operand.variables, wildcards=True)) for value in operand.values
    ]
    malformed = None in patterns
    tests = [_ArnTest(pattern) for pattern in patterns if pattern is not None]
    negated, denies = operand.meaning.negated, operand.effect is Effect.DENY

    def run(value: str, context: Folded) -> Tri:
        arn = split_arn(value)
        if arn is None:
            return False
        if malformed and (denies or negated):
            return denies
        found = any_of(test(arn, context) for test in tests)
        return negate(found) if negated else found

    return run


class _PartTest:
    """One part of an ARN pattern."""

    __slots__ = ("_match", "_pattern")

    def __init__(self, pattern: tuple[Part, ...]) -> None:
        self._pattern = pattern
        self._match = None if is_dynamic(pattern) else matcher(settled(pattern))

    def __call__(self, text: str, context: Folded) -> Tri:
        if self._match is not None:
            return self._match(text)
        filled = fill(self._pattern, context)
        return False if filled is None else filled.match(text)


class _ArnTest:
    __slots__ = ("_parts",)

    def __init__(self, pattern: Sequence[tuple[Part, ...]]) -> None:
        self._parts = [_PartTest(part) for part in pattern]

    def __call__(self, arn: Sequence[str], context: Folded) -> Tri:
        return all_of(test(text, context) for test, text in zip(self._parts, arn, strict=True))
