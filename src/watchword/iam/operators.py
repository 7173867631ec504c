"""The condition operators by name: which family compares, and whether the operator is negated."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from watchword.iam.policy import Operator, Quantifier


class Family(enum.Enum):
    """How values are compared."""

    STRING_EQUALS = enum.auto()
    STRING_IGNORE_CASE = enum.auto()
    STRING_LIKE = enum.auto()
    NUMERIC = enum.auto()
    DATE = enum.auto()
    BOOL = enum.auto()
    BINARY = enum.auto()
    ADDRESS = enum.auto()
    ARN = enum.auto()
    NULL = enum.auto()


class Relation(enum.Enum):
    """What must hold between the request's value and one of the policy's."""

    EQUAL = enum.auto()
    LESS = enum.auto()
    LESS_OR_EQUAL = enum.auto()
    GREATER = enum.auto()
    GREATER_OR_EQUAL = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What an operator's name stands for."""

    family: Family
    negated: bool = False
    relation: Relation = Relation.EQUAL


_ORDERED: Final = (
    ("Equals", False, Relation.EQUAL),
    ("NotEquals", True, Relation.EQUAL),
    ("LessThan", False, Relation.LESS),
    ("LessThanEquals", False, Relation.LESS_OR_EQUAL),
    ("GreaterThan", False, Relation.GREATER),
    ("GreaterThanEquals", False, Relation.GREATER_OR_EQUAL),
)
"""What numbers and dates have in common: how the name ends, whether it is negated, what it asks."""

OPERATORS: Final[dict[str, Meaning]] = {
    "StringEquals": Meaning(family=Family.STRING_EQUALS),
    "StringNotEquals": Meaning(family=Family.STRING_EQUALS, negated=True),
    "StringEqualsIgnoreCase": Meaning(family=Family.STRING_IGNORE_CASE),
    "StringNotEqualsIgnoreCase": Meaning(family=Family.STRING_IGNORE_CASE, negated=True),
    "StringLike": Meaning(family=Family.STRING_LIKE),
    "StringNotLike": Meaning(family=Family.STRING_LIKE, negated=True),
    **{
        f"{prefix}{name}": Meaning(family=family, negated=negated, relation=relation)
        for prefix, family in (("Numeric", Family.NUMERIC), ("Date", Family.DATE))
        for name, negated, relation in _ORDERED
    },
    "Bool": Meaning(family=Family.BOOL),
    "BinaryEquals": Meaning(family=Family.BINARY),
    "IpAddress": Meaning(family=Family.ADDRESS),
    "NotIpAddress": Meaning(family=Family.ADDRESS, negated=True),
    "ArnEquals": Meaning(family=Family.ARN),
    "ArnLike": Meaning(family=Family.ARN),
    "ArnNotEquals": Meaning(family=Family.ARN, negated=True),
    "ArnNotLike": Meaning(family=Family.ARN, negated=True),
    "Null": Meaning(family=Family.NULL),
}
"""Source: IAM User Guide, reference_policies_elements_condition_operators."""

_BY_LOWER: Final = {name.lower(): name for name in OPERATORS}


def read_operator(written: str) -> Operator | str:
    """Return the operator taken apart, or, when there is no such operator, what was expected.

    The spelling must be exact: whether AWS minds the case here is not known, so another one is
    reported and not guessed at.
    """
    rest, quantifier = written, None
    head, colon, tail = written.partition(":")
    if colon:
        named = [each for each in Quantifier if each.value.lower() == head.lower()]
        if not named:
            return "expected `ForAllValues:` or `ForAnyValue:` before the operator's `:`"
        quantifier, rest = named[0], tail
    if_exists = rest.lower().endswith("ifexists")
    name = _BY_LOWER.get((rest[: -len("IfExists")] if if_exists else rest).lower())
    if name is None:
        return f"expected a condition operator, found `{written[:60]}`"
    operator = Operator(name=name, quantifier=quantifier, if_exists=if_exists)
    if name == "Null" and if_exists:
        return "there is no `NullIfExists`: expected `Null`"
    if str(operator) != written:
        return f"expected the spelling `{operator}`, found `{written}`"
    return operator
