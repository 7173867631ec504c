"""The Numeric operators: exact decimals, never floats."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from watchword.iam._tri import Tri
from watchword.iam.conditions.comparison import Comparison, Operand, unreadable
from watchword.iam.conditions.order import holds
from watchword.iam.context import Folded

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")


def read_number(text: str) -> Decimal | None:
    """Return the number, or None when the text is not one."""
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def compare(operand: Operand) -> Comparison:
    """A request's value that is not a number fails every comparison and passes the negated one.

    Source: IAM User Guide, Numeric condition operators; precision and odd values as observed.
    """
    limits = [number for number in map(read_number, operand.values) if number is not None]
    unclear = unreadable((each for each in operand.values if read_number(each) is None), "number")
    negated, relation = operand.meaning.negated, operand.meaning.relation

    def run(value: str, _: Folded) -> Tri:
        number = read_number(value)
        if number is None:
            return negated
        if any(holds(relation, number, limit) for limit in limits):
            return not negated
        return unclear or negated

    return run
