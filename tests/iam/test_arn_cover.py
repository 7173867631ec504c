"""A pattern of a `Resource`, held against a whole kind of resources: does it cover all of them, or any?"""

from __future__ import annotations

import pytest

from watchword.iam._arn import resource_pattern
from watchword.iam._arn_cover import Pattern, Template, head, template
from watchword.iam._glob import Wild
from watchword.iam._variables import parts

USER = "arn:${Partition}:iam::${Account}:user/${UserName}"
QUEUE = "arn:${Partition}:sqs:${Region}:${Account}:${Queue}"
OBJECT = "arn:${Partition}:s3:::${Bucket}/${Key}"


def kind(text: str, *, partition: str | None = "aws", account: str | None = "123456789012") -> Template:
    return template(text, partition=partition, account=account)


def pattern(text: str) -> Pattern:
    return Pattern(resource_pattern(parts(text, variables=True, wildcards=True)))


def held(text: str, against: Template) -> str:
    """`all`, `some` or `none`: what is covered of a kind."""
    one = pattern(text)
    if one.covers(against):
        assert one.meets(against)
        return "all"
    return "some" if one.meets(against) else "none"


@pytest.mark.parametrize(
    ("text", "partition", "account", "tokens"),
    [
        (USER, "aws", "1", ("arn:aws:iam::1:user/", Wild.STAR)),
        (USER, None, None, ("arn:", Wild.STAR_IN_PART, ":iam::", Wild.STAR_IN_PART, ":user/", Wild.STAR)),
        (QUEUE, "aws", "1", ("arn:aws:sqs:", Wild.STAR_IN_PART, ":1:", Wild.STAR)),
        (OBJECT, "aws", "1", ("arn:aws:s3:::", Wild.STAR, "/", Wild.STAR)),
        ("arn:aws:x:::a*b", "aws", "1", ("arn:aws:x:::a", Wild.STAR, "b")),
        ("*", "aws", "1", (Wild.STAR,)),
        # After the fifth colon an account is any text: it need not be the caller's.
        (
            "arn:${Partition}:x:::${Account}/${Account}",
            "aws",
            "1",
            ("arn:aws:x:::", Wild.STAR, "/", Wild.STAR),
        ),
    ],
)
def test_a_template_is_text_and_stars(
    text: str, partition: str | None, account: str | None, tokens: tuple[str | Wild, ...]
) -> None:
    found = template(text, partition=partition, account=account)
    assert found.tokens == tokens
    assert found.head == (tokens[0] if isinstance(tokens[0], str) else "")


def test_the_sample_of_a_template_tells_its_stars_apart() -> None:
    assert kind(QUEUE).sample == "arn:aws:sqs:\ue000:123456789012:\ue001"


def test_a_pattern_may_begin_with_no_text() -> None:
    assert head(()) == ""
    assert head((Wild.STAR, "a")) == ""
    assert head(("a", Wild.STAR)) == "a"


@pytest.mark.parametrize(
    ("text", "against", "covered"),
    [
        ("*", USER, "all"),
        ("arn:aws:iam::123456789012:user/*", USER, "all"),
        ("arn:aws:iam::*:user/*", USER, "all"),
        ("arn:*:iam::*:*", USER, "all"),
        ("arn:aws:iam::123456789012:user/alice", USER, "some"),
        ("arn:aws:iam::123456789012:user/a*", USER, "some"),
        ("arn:aws:iam::123456789012:user/", USER, "some"),
        ("arn:aws:iam::123456789012:user", USER, "none"),
        ("arn:aws:iam::123456789012:role/*", USER, "none"),
        ("arn:aws:iam::123456789013:user/*", USER, "none"),
        ("arn:aws:iam::12345678901?:user/*", USER, "some"),
        ("arn:aws:iam::123456789012:user/?*", USER, "some"),
        ("arn:aws-cn:iam::*:user/*", USER, "none"),
        ("arn:aws:iam::123456789012:user/*/x", USER, "some"),
        ("arn:aws:iam::123456789012:*/*", USER, "all"),
        ("arn:aws:iam::123456789012:us*", USER, "all"),
        ("arn:aws:iam::123456789012:us*/", USER, "some"),
        ("arn:aws:sqs:*:*:*", QUEUE, "all"),
        ("arn:aws:sqs:*:123456789012:*", QUEUE, "all"),
        ("arn:aws:sqs:eu-*:123456789012:*", QUEUE, "some"),
        ("arn:aws:sqs:*-1:123456789012:*", QUEUE, "some"),
        ("arn:aws:sqs:eu-west-1:123456789012:jobs", QUEUE, "some"),
        ("arn:aws:sqs:eu-west-1:210987654321:jobs", QUEUE, "none"),
        ("arn:aws:sqs:*", QUEUE, "all"),
        ("arn:aws:sqs:*:*", QUEUE, "all"),
        ("arn:aws:sqs:?:*:*", QUEUE, "some"),
        ("arn:aws:s3:::*", OBJECT, "all"),
        ("arn:aws:s3:::*/*", OBJECT, "all"),
        ("arn:aws:s3:::b/*", OBJECT, "some"),
        ("arn:aws:s3:::b", OBJECT, "none"),
        ("arn:aws:s3:::b*", OBJECT, "some"),
        ("arn:aws:s3:eu-*::*", OBJECT, "none"),
    ],
)  # fmt: skip
def test_a_pattern_covers_all_of_a_kind_some_or_none(text: str, against: str, covered: str) -> None:
    assert held(text, kind(against)) == covered


def test_of_any_account_one_accounts_pattern_covers_some() -> None:
    anywhere = kind(USER, account=None)
    assert held("arn:aws:iam::123456789012:user/*", anywhere) == "some"
    assert held("arn:aws:iam::*:user/*", anywhere) == "all"
    assert held("arn:*:iam::*:user/*", kind(USER, partition=None, account=None)) == "all"
    assert held("arn:aws:iam::*:user/*", kind(USER, partition=None, account=None)) == "some"


def test_a_star_reaches_over_the_colons_of_an_arn_where_it_ends_its_part() -> None:
    assert held("arn:aws:sqs:*:jobs", kind(QUEUE)) == "some"
    assert held("arn:aws:sqs:*1:jobs", kind(QUEUE)) == "none"
    assert held("arn:aws:iam::*", kind(USER)) == "all"


def test_where_a_variable_stands_nothing_is_sure() -> None:
    own = pattern("arn:aws:iam::123456789012:user/${aws:username}")
    assert own.dynamic
    assert not own.covers(kind(USER))
    assert own.meets(kind(USER))
    assert not own.meets(kind(QUEUE))
    everything = pattern("arn:aws:iam::123456789012:user/*${aws:username}*")
    assert not everything.covers(kind(USER))
    assert not pattern("arn:aws:iam::123456789012:user/*").dynamic


@pytest.mark.parametrize(
    ("text", "against", "covered"),
    [
        # A star of a kind's first five parts stands for no colon; one behind them for anything.
        ("arn:aws:sqs:a:b:123456789012:q", QUEUE, "none"),
        ("arn:aws:sqs:eu:123456789012:a:b", QUEUE, "some"),
        ("arn:aws:sqs::123456789012:q", QUEUE, "some"),
        ("arn:aws:sqs:*x*y:123456789012:*", QUEUE, "some"),
        ("arn:aws:sqs:x*:*9012:*", QUEUE, "some"),
        ("arn:aws:sqs:*:*9013:*", QUEUE, "some"),
        ("arn:aws:sqs:x*:q", QUEUE, "some"),
        ("arn:a*s:sqs:*:*:*", QUEUE, "all"),
        ("arn:a*n:sqs:*:*:*", QUEUE, "none"),
        ("arn:aws:sqs:*:1*2:*", QUEUE, "all"),
        ("arn:aws:sqs:*:1*2:*j", QUEUE, "some"),
        ("arn:aws:s?s:*:*:*", QUEUE, "some"),
        ("arn:aws:s??s:*:*:*", QUEUE, "none"),
        ("arn:aws:iam::1*2:user/*", "arn:${Partition}:iam::${Account}:user/a", "all"),
        ("arn:aws:iam::1*2:user/b", "arn:${Partition}:iam::${Account}:user/a", "none"),
        ("arn:aws:iam::1*2:user/a?", "arn:${Partition}:iam::${Account}:user/a", "none"),
        ("arn:aws:iam::1*2:user/?", "arn:${Partition}:iam::${Account}:user/a", "some"),
        ("arn:aws:iam::1*2:use*r/a", "arn:${Partition}:iam::${Account}:user/a", "all"),
        ("arn:aws:iam::1*2:user/a*a", "arn:${Partition}:iam::${Account}:user/a", "none"),
        ("a*", "*", "some"),
        ("*a", "*", "some"),
        ("**", "*", "all"),
    ],
)  # fmt: skip
def test_signs_and_stars_meet_one_by_one(text: str, against: str, covered: str) -> None:
    assert held(text, kind(against)) == covered


def test_a_star_in_the_region_of_both_meets_where_some_region_fits_both() -> None:
    anywhere = kind("arn:${Partition}:x:${Region}:${Account}:a", partition=None, account=None)
    assert held("arn:a*:x:*b:*c:a", anywhere) == "some"
    assert held("arn:a*:x:*b:*c:ab", anywhere) == "none"
    assert held("arn:a*:x:*:*:a", anywhere) == "some"
    assert held("arn:*:x:*:*:*", anywhere) == "all"


def test_a_star_held_to_its_part_does_not_cover_a_name_that_may_hold_a_colon() -> None:
    named = kind("arn:${Partition}:x:::a${Name}b")
    assert held("arn:*:a*b", named) == "some"
    assert held("arn:aws:x:::a*b", named) == "all"


def test_a_variable_in_the_middle_may_be_any_text() -> None:
    home = pattern("arn:aws:iam::123456789012:user/${aws:username}/x")
    assert home.meets(kind("arn:${Partition}:iam::${Account}:user/a/x"))
    assert not home.meets(kind("arn:${Partition}:iam::${Account}:user/a/y"))


def test_a_pattern_longer_than_any_arn_is_not_looked_at_but_may_match() -> None:
    start = "arn:aws:iam::123456789012:user/"
    longest, longer = start + "a" * (4096 - len(start)), start + "a" * (4097 - len(start))
    role = kind("arn:${Partition}:iam::${Account}:user/b${UserName}")
    assert held(longest, kind(USER)) == held(longer, kind(USER)) == "some"
    short_of_it = start + "*" + "a" * (4095 - len(start))
    over = start + "*" + "a" * (4096 - len(start))
    ends = kind("arn:${Partition}:iam::${Account}:user/${UserName}b")
    assert held(short_of_it, ends) == "none"
    assert held(over, ends) == "none", "how the two end tells enough"
    assert held(over, role) == "some"
    assert held(over, kind(QUEUE)) == "none"
