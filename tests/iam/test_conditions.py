"""Single conditions: what they say of each value, and what they say it hangs on.

Where an answer is AWS's, tests/cases has it with its source; here it is held key by key.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from iam.policies import Statement, compiled
from watchword.iam import UNKNOWN, ContextValue
from watchword.iam._tri import Tri
from watchword.iam.conditions.addresses import Address, Network, read_address, read_network
from watchword.iam.conditions.binary import read_bytes
from watchword.iam.conditions.dates import read_milliseconds
from watchword.iam.conditions.numbers import read_number
from watchword.iam.context import fold

HANGS_ON_A = frozenset({"aws:A"})
CONTESTED = frozenset({"aws:A (whether an empty text counts as absent is contested)"})


def holds(
    operator: str,
    wanted: object,
    value: ContextValue | None = None,
    *,
    effect: str = "Allow",
    others: Mapping[str, ContextValue] | None = None,
) -> Tri:
    """Return whether `operator: {"aws:A": wanted}` holds of a value of `aws:A`, and other keys `aws:…`."""
    statement: Statement = {
        "Effect": effect,
        "Action": "*",
        "Resource": "*",
        "Condition": {operator: {"aws:A": wanted}},
    }
    (rule,) = compiled(statement).rules
    ((_, test),) = rule.conditions
    context: dict[str, ContextValue] = {f"aws:{name}": each for name, each in (others or {}).items()}
    return test(fold(context if value is None else {**context, "AWS:a": value}))


OPERATORS = {
    "StringEquals": "x",
    "StringEqualsIgnoreCase": "X",
    "StringLike": "x*",
    "NumericEquals": "5",
    "DateEquals": "2026-01-01",
    "Bool": "true",
    "BinaryEquals": "eA==",
    "IpAddress": "10.0.0.1",
    "ArnEquals": "arn:aws:s3:::b",
}
NEGATED = {
    "StringNotEquals": "x",
    "StringNotEqualsIgnoreCase": "X",
    "StringNotLike": "x*",
    "NumericNotEquals": "5",
    "DateNotEquals": "2026-01-01",
    "NotIpAddress": "10.0.0.1",
    "ArnNotEquals": "arn:aws:s3:::b",
}


@pytest.mark.parametrize(("operator", "wanted"), [*OPERATORS.items(), *NEGATED.items()])
def test_absent_unknown_and_several_values(operator: str, wanted: str) -> None:
    negated = operator in NEGATED
    fits = wanted.replace("*", "")
    other = "other"
    assert holds(operator, wanted) is negated
    assert holds(f"{operator}IfExists", wanted) is True
    assert holds(f"ForAllValues:{operator}", wanted) is True
    assert holds(f"ForAllValues:{operator}IfExists", wanted) is True
    assert holds(f"ForAnyValue:{operator}", wanted) is False
    assert holds(f"ForAnyValue:{operator}IfExists", wanted) is False
    for prefix in ("", "ForAllValues:", "ForAnyValue:"):
        assert holds(f"{prefix}{operator}", wanted, UNKNOWN) == HANGS_ON_A
        assert holds(f"{prefix}{operator}", wanted, fits) is not negated
    assert holds(operator, wanted, (fits,)) is False
    assert holds(f"{operator}IfExists", wanted, (fits, other)) is False
    assert holds(f"ForAllValues:{operator}", wanted, (fits, fits)) is not negated
    assert holds(f"ForAllValues:{operator}", wanted, (fits, other)) is False
    assert holds(f"ForAnyValue:{operator}", wanted, (other, fits)) is (
        operator not in {"NotIpAddress", "ArnNotEquals"}
    )


@pytest.mark.parametrize("operator", ["StringEquals", "NumericEquals", "IpAddress", "Bool"])
def test_a_list_of_no_values_never_matches_a_key_that_is_there(operator: str) -> None:
    for value, exists in (("x", False), (None, True), (UNKNOWN, HANGS_ON_A)):
        assert _without_values(f"{operator}IfExists", value) == exists
    for value in ("x", None, UNKNOWN):
        assert _without_values(operator, value) is False
        assert _without_values(f"ForAnyValue:{operator}", value) is False
    assert _without_values(f"ForAllValues:{operator}", None) is True
    assert _without_values(f"ForAllValues:{operator}", "x") is False
    assert _without_values(f"ForAllValues:{operator}", UNKNOWN) == HANGS_ON_A


def _without_values(operator: str, value: ContextValue | None) -> Tri:
    return holds(operator, [], value)


def test_for_all_values_leaves_empty_texts_open_when_they_do_not_match() -> None:
    assert holds("ForAllValues:StringEquals", "x", "") == CONTESTED
    assert holds("ForAllValues:StringEquals", "x", ("", "")) == CONTESTED
    assert holds("ForAllValues:StringEquals", "x", ("", "y")) is False
    assert holds("ForAllValues:StringEquals", "", "") is True


@pytest.mark.parametrize(
    ("wanted", "absent", "present", "unknown"),
    [
        ("true", True, False, HANGS_ON_A),
        ("TRUE", True, False, HANGS_ON_A),
        ("false", False, True, HANGS_ON_A),
        ("no", False, True, HANGS_ON_A),
        (["true", "true"], True, False, HANGS_ON_A),
        (["true", "false"], True, True, True),
        ([], False, False, False),
    ],
)
def test_null(wanted: object, absent: Tri, present: Tri, unknown: Tri) -> None:
    assert holds("Null", wanted) == absent
    assert holds("Null", wanted, "x") == holds("Null", wanted, ("x", "y")) == present
    assert holds("Null", wanted, UNKNOWN) == unknown
    assert holds("ForAllValues:Null", wanted, "x") is holds("ForAllValues:Null", wanted) is True
    assert holds("ForAnyValue:Null", wanted, "x") is holds("ForAnyValue:Null", wanted) is False


def test_null_leaves_an_empty_text_open() -> None:
    assert holds("Null", "true", "") == holds("Null", "false", "") == CONTESTED


def test_bool_knows_true_and_everything_else() -> None:
    assert [holds("Bool", "true", each) for each in ("true", "TRUE", "false", "x")] == [
        True,
        True,
        False,
        False,
    ]
    assert [holds("Bool", "x", each) for each in ("true", "TRUE", "false", "x")] == [False, False, True, True]
    assert [holds("Bool", ["True", "false"], each) for each in ("true", "x")] == [True, True]


def test_texts_are_compared_as_they_are_without_case_and_with_wildcards() -> None:
    texts = ["ab", "aB", "abc", "a*", "a"]
    for operator, wanted, expected in (
        ("StringEquals", ["ab", "a*"], [True, False, False, True, False]),
        ("StringEqualsIgnoreCase", ["AB", "a*"], [True, True, False, True, False]),
        ("StringLike", ["a?", "x"], [True, True, False, True, False]),
        ("StringLike", ["x", "a?", "ab*", "a"], [True, True, True, True, True]),
    ):
        assert [holds(operator, wanted, each) for each in texts] == expected
        opposite = operator.replace("String", "StringNot")
        assert [holds(opposite, wanted, each) for each in texts] == [not each for each in expected]


@pytest.mark.parametrize("operator", ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnLike"])
def test_a_variable_is_its_value_unknown_or_nothing(operator: str) -> None:
    arn = "arn:aws:s3:::" if operator == "ArnLike" else ""
    opposite = operator.replace("String", "StringNot").replace("ArnL", "ArnNotL")
    wanted = [f"{arn}one", f"{arn}a-${{aws:B}}-c"]
    for value, others, expected in (
        ("a-b-c", {"B": "b"}, True),
        ("a-b-c", {"B": "x"}, False),
        ("a-b-c", {"B": UNKNOWN}, frozenset({"aws:B"})),
        ("x-b-c", {"B": UNKNOWN}, False),
        ("one", {"B": UNKNOWN}, True),
        ("a-b-c", {}, False),
        ("a-b-c", {"B": ("b",)}, False),
    ):
        known: dict[str, ContextValue] = dict(others)
        assert holds(operator, wanted, arn + value, others=known) == expected
        negated = expected if isinstance(expected, frozenset) else not expected
        assert holds(opposite, wanted, arn + value, others=known) == negated


def test_a_star_beside_a_variable_is_a_star_only_where_stars_count() -> None:
    for operator, star in (("StringLike", True), ("StringEquals", False), ("StringEqualsIgnoreCase", False)):
        assert holds(operator, "${aws:B}*", "bcd", others={"B": "b"}) is star
        assert holds(operator, "${aws:B}*", "b*", others={"B": "b"}) is True
        assert holds(operator, "${aws:B}", "bcd", others={"B": "b*"}) is False


def test_a_variable_counts_for_each_of_several_values() -> None:
    for prefix, all_of in (("ForAllValues", True), ("ForAnyValue", False)):
        operator = f"{prefix}:StringEquals"
        assert holds(operator, "${aws:B}", ("b", "b"), others={"B": "b"}) is True
        assert holds(operator, "${aws:B}", ("b", "c"), others={"B": "b"}) is not all_of
        assert holds(operator, "${aws:B}", ("c", "d"), others={"B": "b"}) is False


def test_the_signs_themselves_are_signs_without_case_too() -> None:
    for operator in ("StringEquals", "StringEqualsIgnoreCase", "StringLike"):
        assert holds(operator, "a${*}b", "a*b") is True
        assert holds(operator, "a${*}b", "axb") is False
    assert holds("StringEqualsIgnoreCase", "A${?}b", "a?B") is True


def test_case_does_not_count_in_a_variable_either() -> None:
    assert holds("StringEqualsIgnoreCase", "A-${aws:B}", "a-B", others={"B": "b"}) is True
    assert holds("StringEqualsIgnoreCase", "A-${aws:B}", "a-b", others={"B": "B"}) is True
    assert holds("StringNotEqualsIgnoreCase", "A-${aws:B}", "a-b", others={"B": "B"}) is False


def test_a_sigma_before_a_variable_is_lowered_with_what_follows() -> None:
    word = "\u0391\u03a3"
    assert holds("StringEqualsIgnoreCase", word + "${aws:B}", word + "X", others={"B": "x"}) is True


def test_a_sigma_before_an_unknown_variable_is_left_open() -> None:
    word = "\u0391\u03a3"
    for value in ("\u03b1\u03c3x", "\u03b1\u03c2"):
        found = holds("StringEqualsIgnoreCase", word + "${aws:B}", value, others={"B": UNKNOWN})
        assert found == frozenset({"aws:B"})
    assert holds("StringEqualsIgnoreCase", word + "${aws:B}", "x", others={"B": UNKNOWN}) is False


def test_several_unknown_variables_are_all_named() -> None:
    wanted = ["${aws:B}-x", "y-${aws:C}"]
    for operator in ("StringEquals", "StringLike", "StringEqualsIgnoreCase", "StringNotLike"):
        assert holds(operator, wanted, "y-x", others={"B": UNKNOWN, "C": UNKNOWN}) == frozenset(
            {"aws:B", "aws:C"}
        )


RELATIONS = {
    "Equals": [False, True, False],
    "NotEquals": [True, False, True],
    "LessThan": [True, False, False],
    "LessThanEquals": [True, True, False],
    "GreaterThan": [False, False, True],
    "GreaterThanEquals": [False, True, True],
}


@pytest.mark.parametrize(("relation", "expected"), RELATIONS.items())
def test_numbers_and_dates_are_ordered(relation: str, expected: list[bool]) -> None:
    assert [holds(f"Numeric{relation}", "5.0", each) for each in ("4.9", "+5", "1e1")] == expected
    days = ("2025-12-31T23:59:59.999Z", "2026-01-01T00:00:00Z", "1767225600.001")
    assert [holds(f"Date{relation}", "2026-01-01", each) for each in days] == expected
    negated = relation == "NotEquals"
    assert holds(f"Numeric{relation}", "5", "five") is negated
    assert holds(f"Date{relation}", "2026-01-01", "someday") is negated


def test_what_a_policy_means_by_an_unreadable_value_nobody_knows() -> None:
    for operator, value, other, wanted, kind in (
        ("NumericEquals", "5", "6", "five" * 20, "number"),
        ("DateEquals", "2026-01-01", "2027-01-01", "someday" * 10, "date"),
        ("IpAddress", "10.0.0.1", "10.0.0.2", "anywhere" * 10, "network"),
    ):
        missing = frozenset({f"`{wanted[:60]}`, which is no {kind}"})
        assert holds(operator, [wanted, value], value) is True
        assert holds(operator, [wanted, value], other) == missing
        assert holds(operator, value, other) is False
        negation = "NotIpAddress" if operator == "IpAddress" else operator.replace("Eq", "NotEq")
        assert holds(negation, [wanted, value], value) is False
        assert holds(negation, [wanted, value], other) == missing


def test_an_address_of_the_request_that_is_none_matches_neither_operator() -> None:
    for operator in ("IpAddress", "NotIpAddress"):
        assert holds(operator, "10.0.0.0/8", "here") is False
        assert holds(operator, "10.0.0.0/8", "::1") is (operator == "NotIpAddress")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("1.2.3.4", Address(number=0x01020304, bits=32)),
        ("255.255.255.255", Address(number=0xFFFFFFFF, bits=32)),
        ("001.02.0003.4", Address(number=0x01020304, bits=32)),
        ("::1", Address(number=1, bits=128)),
        ("::ffff:1.2.3.4", Address(number=0x01020304, bits=32)),
        ("2001:DB8::", Address(number=0x20010DB8 << 96, bits=128)),
        ("256.1.1.1", None),
        ("1.2.3", None),
        ("1.2.3.4.5", None),
        ("fe80::1%eth0", None),
        ("", None),
        ("1.2.3.4 ", None),
    ],
)
def test_addresses(text: str, address: Address | None) -> None:
    assert read_address(text) == address


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.1.2.3", Network(number=0x0A010203, mask=0xFFFFFFFF, bits=32)),
        ("10.1.2.3/8", Network(number=0x0A000000, mask=0xFF000000, bits=32)),
        ("10.1.2.3/008", Network(number=0x0A000000, mask=0xFF000000, bits=32)),
        ("10.1.2.3/0", Network(number=0, mask=0, bits=32)),
        ("10.1.2.3/32", Network(number=0x0A010203, mask=0xFFFFFFFF, bits=32)),
        ("::1/128", Network(number=1, mask=(1 << 128) - 1, bits=128)),
        ("::1/64", Network(number=1, mask=((1 << 64) - 1) << 64, bits=128)),
        ("10.1.2.3/33", None),
        ("::1/129", None),
        ("10.1.2.3/", None),
        ("10.1.2.3/x", None),
        ("10.1.2.3/8/8", None),
        ("/8", None),
    ],
)
def test_networks(text: str, network: Network | None) -> None:
    assert read_network(text) == network


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01", 0),
        ("1970-01", 0),
        ("1970-02", 31 * 86_400_000),
        ("1970-01-02", 86_400_000),
        ("1970-01-01T01:02Z", 3_720_000),
        ("1970-01-01t01:02:03z", 3_723_000),
        ("1970-01-01T01:02:03", 3_723_000),
        ("1970-01-01T00:00:00.1239Z", 123),
        ("1970-01-01T00:00:01.5+00:00", 1_500),
        ("1970-01-01T02:30:00+02:30", 0),
        ("1970-01-01T02:30:00+0230", 0),
        ("1969-12-31T21:45:00-02:15", 0),
        ("1969-12-31T23:59:59Z", -1_000),
        ("0", 0),
        ("1.5", 1_500),
        ("1.0019", 1_001),
        ("-1", -1_000),
        ("-0.0001", -1),
        ("1970", 1_970_000),
        ("1970-13", None),
        ("1970-02-30", None),
        ("1970-01-01T24:00Z", None),
        ("1970-01-01T01:02+25:00", None),
        ("1970-01-01T01", None),
        ("0000-01-01", None),
        ("1970-1-1", None),
        ("1e3", None),
        ("", None),
        ("now", None),
    ],
)
def test_dates(text: str, milliseconds: int | None) -> None:
    assert read_milliseconds(text) == milliseconds


def test_numbers_and_bytes_that_are_none() -> None:
    for text in ("", "five", "1,5", "0x5", "1e", "NaN", "Infinity", " 5", "5_0", "\u0665"):
        assert read_number(text) is None
    assert [str(read_number(each)) for each in ("5", "-.5", "5.", "1e2")] == ["5", "-0.5", "5", "1E+2"]
    assert read_number("1e" + "9" * 30) is None
    assert (read_bytes("eA=="), read_bytes("")) == (b"x", b"")
    for text in ("eA", "eA= =", "e", "é", "eA==eA=="):
        assert read_bytes(text) is None


def test_arns_are_compared_part_by_part_and_malformed_ones_fail_closed() -> None:
    arn = "arn:aws:s3:eu-west-1:123456789012:a:b"
    assert holds("ArnLike", "arn:*:s3:*:*:a*", arn) is True
    assert holds("ArnLike", "arn:*:a*", arn) is False
    assert holds("ArnLike", ["nothing", "arn:*:s3:*:*:a*"], arn) is True
    assert holds("ArnNotLike", ["nothing", "arn:*:s3:*:*:a*"], arn) is False
    assert holds("ArnNotLike", ["nothing", "arn:*:s3:*:*:x"], arn) is False
    assert holds("ArnLike", ["nothing", "arn:*:s3:*:*:x"], arn) is False
    for operator in ("ArnLike", "ArnNotLike"):
        assert holds(operator, "nothing", arn, effect="Deny") is True
        assert holds(operator, "nothing", arn) is False
        for value in ("nothing", "arn:aws:s3:::", "arn::s3:::b", "x:aws:s3:::b", "arn:aws::::b"):
            assert holds(operator, "arn:*:*:*:*:*", value) is False
            assert holds(operator, "nothing", value, effect="Deny") is False
    assert holds("ArnLike", "arn:aws:s3", arn) is False
    assert holds("ArnLike", "ARN:aws:s3:*:*:*", arn) is False
