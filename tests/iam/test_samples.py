"""Which values of a condition key are tried: those of the policy, those beside them, and some others."""

from __future__ import annotations

import pytest

from watchword.iam._samples import concrete, samples

ADDRESSES = ["192.0.2.1", "198.51.100.1", "2001:db8::1"]
ROLE = "arn:aws:iam::123456789012:role/example"


@pytest.mark.parametrize(
    ("operator", "values", "tried"),
    [
        ("StringEquals", ["a", "b*"], ["a", "b*", "example"]),
        ("StringNotEqualsIgnoreCase", ["a"], ["a", "example"]),
        ("ForAnyValue:StringLike", ["a*", "b?c*"], ["aexample", "bxcexample", "example"]),
        ("StringNotLikeIfExists", ["*"], ["example", "example"]),
        ("ArnLike", ["arn:aws:s3:::*"], ["arn:aws:s3:::example", ROLE]),
        ("ArnNotEquals", ["arn:aws:s3:::?"], ["arn:aws:s3:::x", ROLE]),
        ("Bool", ["true"], ["true", "true", "false"]),
        ("BinaryEquals", ["QUJD"], ["QUJD", "example"]),
        ("Null", ["true"], ["example"]),
        ("IpAddress", ["203.0.113.7/24"], ["203.0.113.0", *ADDRESSES]),
        ("NotIpAddress", ["10.0.0.0/8", "2001:db8:1::/48"], ["10.0.0.0", "2001:db8:1::", *ADDRESSES]),
        ("IpAddress", ["nonsense"], ADDRESSES),
        ("NumericLessThan", ["10"], ["10", "9", "11"]),
        ("NumericEquals", ["-0.5"], ["-0.5", "-1.5", "0.5"]),
        ("NumericEquals", ["ten"], ["ten"]),
        ("NumericEquals", ["Infinity"], ["Infinity"]),
        ("NumericEquals", ["NaN"], ["NaN"]),
        (
            "DateLessThan",
            ["2030-01-01T00:00:00Z"],
            ["2030-01-01T00:00:00Z", "2029-12-31T00:00:00Z", "2030-01-02T00:00:00Z"],
        ),
        (
            "DateEquals",
            ["2030-01-01T00:00:00+00:00"],
            ["2030-01-01T00:00:00+00:00", "2029-12-31T00:00:00+00:00", "2030-01-02T00:00:00+00:00"],
        ),
        ("DateEquals", ["soon"], ["soon"]),
        ("DateEquals", ["9999-12-31T00:00:00Z"], ["9999-12-31T00:00:00Z"]),
        ("StringEquals", [], ["example"]),
        ("NumericEquals", [], []),
    ],
)
def test_what_is_tried_is_near_what_the_condition_says(
    operator: str, values: list[str], tried: list[str]
) -> None:
    assert list(samples(operator, values)) == tried


def test_a_value_with_a_variable_is_not_tried() -> None:
    assert list(samples("StringEquals", ["${aws:username}", "a${b}", "c", "$d"])) == ["c", "$d", "example"]


def test_there_is_nothing_to_try_for_what_is_no_operator() -> None:
    with pytest.raises(TypeError):
        list(samples("StringEqual", ["a"]))


def test_a_pattern_is_read_as_one_of_the_texts_that_it_matches() -> None:
    assert concrete("a*b??*") == "aexamplebxxexample"
    assert concrete("plain") == "plain"
