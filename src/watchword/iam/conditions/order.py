"""The comparisons that numbers and dates share."""

from __future__ import annotations

from decimal import Decimal

from watchword.iam.operators import Relation


def holds(relation: Relation, value: Decimal | int, limit: Decimal | int) -> bool:
    """Whether the request's value stands in this relation to the policy's."""
    match relation:
        case Relation.EQUAL:
            return value == limit
        case Relation.LESS:
            return value < limit
        case Relation.LESS_OR_EQUAL:
            return value <= limit
        case Relation.GREATER:
            return value > limit
        case Relation.GREATER_OR_EQUAL:
            return value >= limit
