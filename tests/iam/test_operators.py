"""The names of condition operators: every one that there is, and what is said of one that there is not."""

from __future__ import annotations

import itertools

import pytest

from watchword.iam.operators import OPERATORS, Family, Meaning, Relation, read_operator
from watchword.iam.policy import Operator, Quantifier

LONG = "S" * 60


def test_numbers_and_dates_have_the_same_six_operators() -> None:
    for prefix, family in (("Numeric", Family.NUMERIC), ("Date", Family.DATE)):
        found = {name.removeprefix(prefix): each for name, each in OPERATORS.items() if each.family is family}
        assert found == {
            "Equals": Meaning(family=family),
            "NotEquals": Meaning(family=family, negated=True),
            "LessThan": Meaning(family=family, relation=Relation.LESS),
            "LessThanEquals": Meaning(family=family, relation=Relation.LESS_OR_EQUAL),
            "GreaterThan": Meaning(family=family, relation=Relation.GREATER),
            "GreaterThanEquals": Meaning(family=family, relation=Relation.GREATER_OR_EQUAL),
        }


def test_the_negated_operators_are_those_whose_name_says_so() -> None:
    assert {name for name, meaning in OPERATORS.items() if meaning.negated} == {
        name for name in OPERATORS if "Not" in name
    }


def test_every_operator_is_read_with_every_prefix_and_suffix() -> None:
    for name, quantifier, if_exists in itertools.product(OPERATORS, [None, *Quantifier], [False, True]):
        if name == "Null" and if_exists:
            continue
        operator = Operator(name=name, quantifier=quantifier, if_exists=if_exists)
        written = f"{quantifier}:" if quantifier else ""
        written += f"{name}IfExists" if if_exists else name
        assert str(operator) == written
        assert read_operator(written) == operator


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "expected a condition operator, found ``"),
        ("IfExists", "expected a condition operator, found `IfExists`"),
        ("StringEqual", "expected a condition operator, found `StringEqual`"),
        ("BoolIfExistsIfExists", "expected a condition operator, found `BoolIfExistsIfExists`"),
        ("ForAnyValue:", "expected a condition operator, found `ForAnyValue:`"),
        ("ForAnyValue:Bool:x", "expected a condition operator, found `ForAnyValue:Bool:x`"),
        (LONG + "x", f"expected a condition operator, found `{LONG}`"),
        ("ForSome:Bool", "expected `ForAllValues:` or `ForAnyValue:` before the operator's `:`"),
        (":Bool", "expected `ForAllValues:` or `ForAnyValue:` before the operator's `:`"),
        ("Bool:ForAnyValue", "expected `ForAllValues:` or `ForAnyValue:` before the operator's `:`"),
        ("NullIfExists", "there is no `NullIfExists`: expected `Null`"),
        ("ForAllValues:nullifexists", "there is no `NullIfExists`: expected `Null`"),
        ("stringlike", "expected the spelling `StringLike`, found `stringlike`"),
        ("BoolIfexists", "expected the spelling `BoolIfExists`, found `BoolIfexists`"),
        (
            "foranyvalue:ARNLIKEIFEXISTS",
            "expected the spelling `ForAnyValue:ArnLikeIfExists`, found `foranyvalue:ARNLIKEIFEXISTS`",
        ),
    ],
)
def test_what_is_no_operator_is_reported(written: str, said: str) -> None:
    assert read_operator(written) == said
