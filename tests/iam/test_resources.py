"""Which resources a statement covers, where a case file cannot say it."""

from __future__ import annotations

from iam.policies import Statement, compiled
from watchword.iam import UNKNOWN
from watchword.iam._tri import Tri
from watchword.iam.context import Folded

MINE = "arn:aws:s3:::${aws:A}/*"
YOURS = "arn:aws:s3:::b-${aws:B}/x"


def covers(element: str, patterns: list[str], resource: str, context: Folded) -> Tri:
    statement: Statement = {"Effect": "Deny", "Action": "*", element: patterns}
    (rule,) = compiled(statement).rules
    return True if rule.resource is None else rule.resource(resource, context)


def test_a_resource_may_be_covered_by_any_variable_that_nobody_knows() -> None:
    unknown: Folded = {"aws:a": UNKNOWN, "aws:b": UNKNOWN}
    found = covers("Resource", [MINE, YOURS], "arn:aws:s3:::b-c/x", unknown)
    assert found == frozenset({"aws:A", "aws:B"})
    assert covers("Resource", [MINE, YOURS], "arn:aws:s3:::c/x", unknown) == frozenset({"aws:A"})
    assert covers("Resource", [YOURS], "arn:aws:s3:::c/x", unknown) is False
    assert covers("Resource", [MINE, YOURS], "arn:aws:s3:::b-c/x", {"aws:b": "c", "aws:a": UNKNOWN}) is True


def test_not_resource_may_spare_by_any_variable_that_nobody_knows() -> None:
    unknown: Folded = {"aws:a": UNKNOWN, "aws:b": UNKNOWN}
    found = covers("NotResource", [MINE, YOURS], "arn:aws:s3:::b-c/x", unknown)
    assert found == frozenset({"aws:A", "aws:B"})
    assert covers("NotResource", [YOURS], "arn:aws:s3:::b-c/x", {"aws:b": "c"}) is False
    assert covers("NotResource", [YOURS], "arn:aws:s3:::b-c/x", {"aws:b": "d"}) is True
    assert covers("NotResource", [YOURS], "arn:aws:s3:::b-c/x", {}) is False
    assert covers("NotResource", [MINE, "arn:aws:s3:::b-*"], "arn:aws:s3:::b-c/x", unknown) is False


def test_a_star_among_others_covers_everything() -> None:
    for star in ("*", "**"):
        assert covers("Resource", ["arn:aws:s3:::b", star], "", {}) is True
        assert covers("NotResource", ["arn:aws:s3:::b", star], "arn:aws:s3:::c", {}) is False


def test_a_resource_is_covered_by_one_that_it_matches() -> None:
    patterns = ["arn:aws:s3:::a", "arn:aws:s3:::b/*"]
    for element, listed in (("Resource", True), ("NotResource", False)):
        assert covers(element, patterns, "arn:aws:s3:::a", {}) is listed
        assert covers(element, patterns, "arn:aws:s3:::b/x", {}) is listed
        assert covers(element, patterns, "arn:aws:s3:::c", {}) is not listed


def test_a_variable_has_a_value_a_default_or_none() -> None:
    default = "arn:aws:s3:::${aws:A, 'any'}/${*}"
    assert covers("Resource", [default], "arn:aws:s3:::any/*", {}) is True
    assert covers("Resource", [default], "arn:aws:s3:::any/x", {}) is False
    assert covers("Resource", [default], "arn:aws:s3:::a/*", {"aws:a": "a"}) is True
    assert covers("Resource", [default], "arn:aws:s3:::any/*", {"aws:a": "a"}) is False
    assert covers("Resource", [default], "arn:aws:s3:::any/*", {"aws:a": ("any",)}) is False
    assert covers("Resource", [MINE], "arn:aws:s3:::/x", {}) is False
