"""What a request's context is made into, and what is refused."""

from __future__ import annotations

from typing import cast

import pytest

from watchword.iam import UNKNOWN, ContextValue
from watchword.iam.context import Folded, fold, is_present

PRESENT, AGE = "aws:multifactorauthpresent", "aws:multifactorauthage"


def test_keys_are_lowered_and_values_are_kept() -> None:
    given: dict[str, ContextValue] = {
        "aws:UserName": "Alice",
        "aws:TagKeys": ("B", "a"),
        "aws:SourceVpc": UNKNOWN,
        "aws:A": "",
    }
    assert fold(given) == {
        "aws:username": "Alice",
        "aws:tagkeys": ("B", "a"),
        "aws:sourcevpc": UNKNOWN,
        "aws:a": "",
    }


def test_a_key_with_no_values_is_absent_and_the_others_are_read_on() -> None:
    assert fold({"aws:TagKeys": (), "aws:A": "x"}) == {"aws:a": "x"}


def test_two_spellings_of_a_key_agree_or_nobody_knows() -> None:
    assert fold({"aws:A": "x", "AWS:a": "x"}) == {"aws:a": "x"}
    assert fold({"aws:A": "x", "AWS:a": "y"}) == {"aws:a": UNKNOWN}
    assert fold({"aws:A": "x", "AWS:a": "X", "aws:a": "X"}) == {"aws:a": UNKNOWN}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (True, "bool"),
        (1, "int"),
        (None, "NoneType"),
        (["x"], "list"),
        (b"x", "bytes"),
        (("x", 1), "tuple"),
        ((UNKNOWN,), "tuple"),
    ],
)
def test_a_value_of_another_type_is_refused_by_its_key(value: object, found: str) -> None:
    with pytest.raises(TypeError) as caught:
        fold({"aws:Good": "x", "aws:A": cast("ContextValue", value)})
    assert str(caught.value) == f"`aws:A`: expected a string, a tuple of strings or UNKNOWN, found {found}"


def test_a_subclass_of_str_is_a_string() -> None:
    class Text(str):
        __slots__ = ()

    assert fold({"aws:A": Text("x")}) == {"aws:a": "x"}


@pytest.mark.parametrize(
    ("given", "folded"),
    [
        ({PRESENT: "true", AGE: UNKNOWN}, {PRESENT: "true", AGE: UNKNOWN}),
        ({PRESENT: "TRUE", AGE: UNKNOWN}, {PRESENT: "TRUE", AGE: UNKNOWN}),
        ({PRESENT: "true"}, {PRESENT: "true"}),
        ({PRESENT: "true", AGE: "5"}, {PRESENT: "true", AGE: "5"}),
        ({PRESENT: "false", AGE: UNKNOWN}, {PRESENT: "false"}),
        ({PRESENT: ("true",), AGE: UNKNOWN}, {PRESENT: ("true",)}),
        ({AGE: UNKNOWN}, {}),
        ({PRESENT: "false", AGE: "5"}, {PRESENT: "false", AGE: "5"}),
        ({PRESENT: UNKNOWN}, {PRESENT: UNKNOWN, AGE: UNKNOWN}),
        ({PRESENT: UNKNOWN, AGE: UNKNOWN}, {PRESENT: UNKNOWN, AGE: UNKNOWN}),
        ({PRESENT: UNKNOWN, AGE: "5"}, {PRESENT: UNKNOWN, AGE: "5"}),
    ],
)
def test_the_age_goes_with_the_use_of_mfa(given: Folded, folded: Folded) -> None:
    assert fold(given) == folded


def test_an_unknown_key_may_be_present_or_not() -> None:
    assert is_present("aws:a", {"aws:a": ""}) is True
    assert is_present("aws:a", {"aws:a": ("x",)}) is True
    assert is_present("aws:a", {}) is False
    assert is_present("aws:a", {"aws:a": UNKNOWN}) is None


def test_the_unknown_age_of_an_mfa_that_was_used_is_present() -> None:
    assert is_present(AGE, {PRESENT: "true", AGE: UNKNOWN}) is True
    assert is_present(AGE, {PRESENT: UNKNOWN, AGE: UNKNOWN}) is None
    assert is_present(AGE, {PRESENT: "true"}) is False
    assert is_present("aws:a", {PRESENT: "true", "aws:a": UNKNOWN}) is None


def test_unknown_says_its_name() -> None:
    assert repr(UNKNOWN) == "UNKNOWN"
