"""Bool: `true` in any case is true, everything else is false, on both sides."""

from __future__ import annotations

from watchword.iam.conditions.comparison import Comparison, Operand


def compare(operand: Operand) -> Comparison:
    """Source: IAM User Guide, Boolean condition operators; case and other words as observed."""
    wanted = frozenset(value.lower() == "true" for value in operand.values)
    if_true, if_false = True in wanted, False in wanted
    return lambda value, _: if_true if value == "true" or value.lower() == "true" else if_false
