"""ARNs and their patterns, taken apart."""

from __future__ import annotations

import pytest

from watchword.iam._arn import account_of, split_arn, split_pattern
from watchword.iam._glob import Wild
from watchword.iam._variables import Part, Variable, parts

STAR = Wild.STAR


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("arn:aws:s3:::b", ["arn", "aws", "s3", "", "", "b"]),
        ("arn:aws:s3:a:b:c:d:e", ["arn", "aws", "s3", "a", "b", "c:d:e"]),
        ("arn:aws:s3:::", None),
        ("arn::s3:::b", None),
        ("arn:aws::::b", None),
        ("arn:aws:s3::b", None),
        ("ARN:aws:s3:::b", None),
        ("b", None),
    ],
)
def test_an_arn_has_six_parts_of_which_four_are_there(text: str, found: list[str] | None) -> None:
    assert split_arn(text) == found


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("arn:aws:iam::123456789012:user/alice", "123456789012"),
        ("arn:aws:sqs:eu-west-1:123456789012:q:x", "123456789012"),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", None),
        ("arn:aws:iam::*:user/alice", None),
        ("arn:aws:s3:::b", None),
        ("123456789012", None),
    ],
)
def test_an_arn_is_of_the_account_that_it_names(text: str, account: str | None) -> None:
    assert account_of(text) == account


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("arn:aws:s3:::b", [("arn",), ("aws",), ("s3",), (), (), ("b",)]),
        ("arn:*:s3:a*b:::c:*", [("arn",), (STAR,), ("s3",), ("a", STAR, "b"), (), (":", "c", ":", STAR)]),
        ("arn:*", None),
        ("*", None),
        ("*:aws:s3:::b", None),
        ("arn*:aws:s3:::b", None),
        ("x:aws:s3:::b", None),
        ("", None),
    ],
)
def test_a_pattern_has_six_parts_too(text: str, found: list[tuple[Part, ...]] | None) -> None:
    assert split_pattern(parts(text, variables=False, wildcards=True)) == found


def test_a_variable_stands_in_its_part() -> None:
    variable = Variable(name="aws:A", key="aws:a", default=None)
    assert parts("${aws:A}", variables=True, wildcards=True) == (variable,)
    found = split_pattern(parts("arn:aws:s3::${aws:A}:b/${aws:A}-*", variables=True, wildcards=True))
    assert found == [("arn",), ("aws",), ("s3",), (), (variable,), ("b/", variable, "-", STAR)]
