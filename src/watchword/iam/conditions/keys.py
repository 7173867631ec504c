"""The rules that all operators share: absent, unknown and multivalued keys, and the set operators.

Source: IAM User Guide, reference_policies_elements_condition_operators and
reference_policies_condition-single-vs-multi-valued-context-keys; where those are silent, as observed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from watchword.iam._tri import Tri, all_of, any_of
from watchword.iam.conditions.comparison import Comparison
from watchword.iam.context import Folded, Unknown, is_present
from watchword.iam.operators import Meaning
from watchword.iam.policy import Condition, Quantifier

Test: TypeAlias = Callable[[Folded], Tri]


def test(condition: Condition, meaning: Meaning, satisfied: Comparison) -> Test:
    """Return the test of one condition; `satisfied` compares a single value of the request."""
    match condition.operator.quantifier:
        case None:
            on_absent = condition.operator.if_exists or meaning.negated
            return _single(condition, satisfied, on_absent=on_absent)
        case Quantifier.FOR_ALL_VALUES:
            return _for_all(condition, satisfied)
        case Quantifier.FOR_ANY_VALUE:
            return _for_any(condition, satisfied)


def _single(condition: Condition, satisfied: Comparison, *, on_absent: bool) -> Test:
    """No set operator: a key with several values never matches, negated or not."""
    key, missing = condition.key.text.lower(), frozenset({condition.key.text})
    if not condition.values:
        return _only_when_absent(key, missing, on_absent=on_absent)

    def run(context: Folded) -> Tri:
        value = context.get(key)
        if value is None:
            return on_absent
        if isinstance(value, str):
            return satisfied(value, context)
        return missing if isinstance(value, Unknown) else False

    return run


def _for_all(condition: Condition, satisfied: Comparison) -> Test:
    """ForAllValues: true when the key is absent, negated or not."""
    key, missing = condition.key.text.lower(), frozenset({condition.key.text})
    listed = bool(condition.values)
    empty = frozenset({f"{condition.key.text} (whether an empty text counts as absent is contested)"})

    def run(context: Folded) -> Tri:
        value = context.get(key)
        if value is None:
            return True
        if isinstance(value, Unknown):
            return missing
        result = listed and all_of(satisfied(each, context) for each in _each(value))
        return empty if result is False and not any(value) else result

    return run


def _for_any(condition: Condition, satisfied: Comparison) -> Test:
    """ForAnyValue: false when the key is absent, negated and with IfExists too."""
    key, missing = condition.key.text.lower(), frozenset({condition.key.text})
    if not condition.values:
        return lambda _: False

    def run(context: Folded) -> Tri:
        value = context.get(key)
        if value is None:
            return False
        if isinstance(value, Unknown):
            return missing
        return any_of(satisfied(each, context) for each in _each(value))

    return run


def _each(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _only_when_absent(key: str, missing: frozenset[str], *, on_absent: bool) -> Test:
    """An empty list of values: whatever the operator, a key that is present never matches."""

    def run(context: Folded) -> Tri:
        value = context.get(key)
        if isinstance(value, Unknown):
            return missing if on_absent else False
        return on_absent and value is None

    return run


def null_test(condition: Condition) -> Test:
    """Return the test of a `Null` condition: `true` wants the key absent, `false` present."""
    match condition.operator.quantifier:
        case Quantifier.FOR_ALL_VALUES:
            return lambda _: True
        case Quantifier.FOR_ANY_VALUE:
            return lambda _: False
        case None:
            return _null(condition)


def _null(condition: Condition) -> Test:
    key, missing = condition.key.text.lower(), frozenset({condition.key.text})
    wanted = {value.lower() == "true" for value in condition.values}
    empty = frozenset({f"{condition.key.text} (whether an empty text counts as absent is contested)"})
    if len(wanted) != 1:
        return lambda _: bool(wanted)
    want_absent = wanted == {True}

    def run(context: Folded) -> Tri:
        value = context.get(key)
        if value == "" or (isinstance(value, tuple) and not any(value)):
            return empty
        present = is_present(key, context)
        return missing if present is None else present is not want_absent

    return run
