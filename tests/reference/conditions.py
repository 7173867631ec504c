"""Whether a statement's conditions hold: missing keys, sets of values, negation.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from dataclasses import dataclass

from reference.operators import NEGATED, Comparison, Match, compare
from reference.patterns import Context
from reference.reading import Condition, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """One way to read what AWS's pages leave open."""

    empty_is_absent: bool = False
    unreadable_matches: bool = False


def hold(statement: Statement, context: Context, readings: Readings) -> bool:
    """Operators, and the keys within one, are joined by AND."""
    return all(_holds(condition, statement, context, readings) for condition in statement.conditions)


def _holds(condition: Condition, statement: Statement, context: Context, readings: Readings) -> bool:
    quantifier, operator = _split(condition.operator)
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    values = _values(context.get(condition.key))
    several = isinstance(context.get(condition.key), list)
    # AWS calls an empty text null, observers see a value: open under Null and ForAllValues.
    if readings.empty_is_absent and (operator == "Null" or quantifier == "ForAllValues"):
        values = values if any(values) else []

    if operator == "Null":
        return _null(quantifier, condition.values, present=bool(values))
    if not values:
        return _on_a_missing_key(quantifier, operator, if_exists=if_exists)
    if not condition.values:
        return False  # an empty list of the policy's matches no key that is there
    how = Comparison(
        operator=operator,
        allows=statement.allows,
        has_variables=statement.has_variables,
        context=context,
        unreadable_matches=readings.unreadable_matches,
    )
    if quantifier == "ForAllValues":
        return all(_fits(how, value, condition.values) for value in values)
    if quantifier == "ForAnyValue":
        return any(_fits(how, value, condition.values) for value in values)
    # Without a set operator a key with several values never matches, negated or not (observed).
    return not several and _fits(how, values[0], condition.values)


def _split(operator: str) -> tuple[str, str]:
    quantifier, colon, name = operator.partition(":")
    return (quantifier, name) if colon else ("", operator)


def _values(value: str | list[str] | None) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _null(quantifier: str, wanted: list[str], *, present: bool) -> bool:
    """`true` means absent, `false` present; a set operator makes it constant."""
    if quantifier == "ForAllValues":
        return True
    if quantifier == "ForAnyValue":
        return False
    return any((value.lower() == "true") != present for value in wanted)


def _on_a_missing_key(quantifier: str, operator: str, *, if_exists: bool) -> bool:
    """A positive operator is false, a negated one true, IfExists true; a set operator comes first."""
    if quantifier == "ForAllValues":
        return True
    if quantifier == "ForAnyValue":
        return False
    return if_exists or operator in NEGATED


def _fits(how: Comparison, value: str, wanted: list[str]) -> bool:
    """Values are joined by OR; under a negated operator the value is none of these."""
    found = [compare(how, value, each) for each in wanted]
    if how.operator in NEGATED:
        return all(match is Match.NO for match in found)
    return any(match is Match.YES for match in found)
