"""A context in which a key that is not given is unknown."""

from __future__ import annotations

import pytest

from iam.policies import allow, compiled
from watchword.iam import UNKNOWN, ContextValue
from watchword.iam._open_context import depends_on_mfa, mfa_contexts

PRESENT, AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"


def test_each_state_of_mfa_has_its_keys_whatever_was_said() -> None:
    given: dict[str, ContextValue] = {
        "aws:MultiFactorAuthPresent": "x",
        "AWS:MultiFactorAuthAge": "30",
        "aws:A": "1",
        "aws:b": (),
    }
    absent, false, true = mfa_contexts(given)
    assert [each.get(PRESENT) for each in (absent, false, true)] == [None, "false", "true"]
    assert [each.get(AGE) for each in (absent, false, true)] == [None, None, "30"]
    for each in (absent, false, true):
        assert each.get("aws:a") == "1"
        assert each.get("aws:b") is None
        assert each.get("aws:c") is UNKNOWN


def test_an_age_that_nobody_told_is_unknown_where_mfa_is() -> None:
    absent, false, true = mfa_contexts({})
    assert (absent.get(AGE), false.get(AGE), true.get(AGE)) == (None, None, UNKNOWN)
    none = mfa_contexts({"aws:MultiFactorAuthAge": (), "aws:MultiFactorAuthPresent": ()})
    assert [each.get(PRESENT) for each in none] == [None, "false", "true"]


@pytest.mark.parametrize(
    ("key", "values", "depends"),
    [
        ("aws:MultiFactorAuthPresent", ["true"], True),
        ("AWS:multifactorauthage", ["1"], True),
        ("aws:a", ["x", "${aws:MultiFactorAuthPresent}"], True),
        ("aws:a", ["x", "${AWS:MULTIFACTORAUTHAGE}"], True),
        ("aws:a", ["x", "${aws:username}"], False),
    ],
)
def test_a_condition_depends_on_mfa_by_its_key_or_by_a_variable(
    key: str, values: list[str], depends: bool
) -> None:
    document = compiled(allow(Condition={"StringEquals": {key: values}}))
    ((condition, _),) = document.rules[0].conditions
    assert depends_on_mfa(condition) is depends
