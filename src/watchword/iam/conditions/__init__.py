"""Conditions: one file a family of operators, and the rules that hold for all of them.

To add an operator: name it in `operators.py`, and give its family a `compare` here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from watchword.iam.conditions import addresses, arns, binary, booleans, dates, numbers, strings
from watchword.iam.conditions.comparison import Comparison, Operand
from watchword.iam.conditions.keys import Test, null_test, test
from watchword.iam.operators import OPERATORS, Family, Meaning
from watchword.iam.policy import Condition, Effect, Version

_COMPARE: Final[dict[Family, Callable[[Operand], Comparison]]] = {
    Family.STRING_EQUALS: strings.equals,
    Family.STRING_IGNORE_CASE: strings.equals_ignoring_case,
    Family.STRING_LIKE: strings.like,
    Family.NUMERIC: numbers.compare,
    Family.DATE: dates.compare,
    Family.BOOL: booleans.compare,
    Family.BINARY: binary.compare,
    Family.ADDRESS: addresses.compare,
    Family.ARN: arns.compare,
}


def compile_condition(condition: Condition, *, version: Version, effect: Effect) -> Test:
    """Return a function from a folded context to whether the condition matches."""
    meaning: Meaning = OPERATORS[condition.operator.name]
    if meaning.family is Family.NULL:
        return null_test(condition)
    operand = Operand(
        values=condition.values,
        meaning=meaning,
        variables=version is Version.V2012,
        effect=effect,
    )
    return test(condition, meaning, _COMPARE[meaning.family](operand))


__all__ = ["Test", "compile_condition"]
