"""Files of claims: what they say, and everything that is wrong with one, each with its place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from watchword.proof.claim import DEFAULT_CLAIM, EVERYBODY, Mfa, Who, WhoKind, fits
from watchword.proof.claim_file import read_claims, refuse_same_names
from watchword.proof.errors import ClaimsInvalid

DOCS = Path(__file__).parents[3] / "docs" / "prove"
SCHEMA = json.loads((DOCS / "claims.v1.schema.json").read_text(encoding="utf-8"))

WHOLE = """\
schema: watchword/claims/v1
claims:
  - name: payroll
    description: Only finance reaches payroll.
    who: [users, "tag:team=build*", 'arn:aws:iam::111122223333:role/x']
    only: group:finance
    mfa: any
    actions: ["s3:*", kms:Decrypt]
    resources: arn:aws:s3:::payroll/*
    exceptions:
      - who: user/build/nightly
        actions: s3:GetObject
        owner: platform@example.com
        reason: a reason of
          two lines
        expires: 2027-03-31
  - name: short
"""

WRONG = """\
schema: watchword/claims/v2
claims:
  - name: Bad Name
    who: [usr/alice, "group:"]
    nobody: x
    mfa: maybe
    actions: [s3, "s3:Get*"]
    resources: bucket
    exceptions:
      - who: user/alice
        owner: ""
        expires: 2027-02-30
  - description: it has no name
    exceptions: []
  - twice
"""


def test_a_file_says_who_what_where_and_until_when() -> None:
    payroll, short = read_claims(WHOLE, file="claims.yaml")
    assert payroll.who == (
        Who(kind=WhoKind.USERS),
        Who(kind=WhoKind.TAG, key="team", pattern="build*"),
        Who(kind=WhoKind.ARN, pattern="arn:aws:iam::111122223333:role/x"),
    )
    assert payroll.only == (Who(kind=WhoKind.GROUP, pattern="finance"),)
    assert (payroll.mfa, payroll.written_at) == (Mfa.ANY, "claims.yaml:3")
    assert payroll.actions == ("s3:*", "kms:Decrypt")
    assert payroll.resources == ("arn:aws:s3:::payroll/*",)
    (exception,) = payroll.exceptions
    assert (exception.owner, exception.reason) == ("platform@example.com", "a reason of two lines")
    assert (exception.actions, exception.resources) == (("s3:GetObject",), ("*",))
    assert exception.holds(date(2027, 3, 31))
    assert not exception.holds(date(2027, 4, 1))
    assert (short.who, short.mfa, short.actions) == (EVERYBODY, Mfa.WITHOUT, ("*",))


def test_everything_that_is_wrong_is_said_at_once_with_its_place() -> None:
    with pytest.raises(ClaimsInvalid) as caught:
        read_claims(WRONG, file="claims.yaml")
    said = caught.value.diagnostics()
    for line in (
        "claims.yaml:1:9: expected `watchword/claims/v1`, found `watchword/claims/v2`",
        "claims.yaml:3:11: expected a name of lower-case letters, digits and `-`",
        "claims.yaml:4:11: `usr/alice` names nobody",
        "claims.yaml:4:22: `group:` names nobody",
        "claims.yaml:5:5: `nobody` is not known here",
        "claims.yaml:6:10: expected `without`, `with` and `any`, found `maybe`",
        "claims.yaml:7:15: expected an action, as in `s3:Get*`, found `s3`",
        "claims.yaml:8:16: expected an ARN, or `*`, found `bucket`",
        "claims.yaml:10:9: `reason` is missing",
        "claims.yaml:11:16: expected a text",
        "claims.yaml:12:18: expected a date, as in 2027-01-31, found `2027-02-30`",
        "claims.yaml:13:5: `name` is missing",
        "claims.yaml:14:17: expected a list with at least one entry",
        "claims.yaml:15:5: expected a mapping with `name`",
    ):
        assert line in said
    assert said.splitlines()[-1] == "see: docs/prove/claims.md"


@pytest.mark.parametrize("missing", ["owner", "reason", "expires", "who"])
def test_an_exception_without_owner_reason_or_date_is_an_error(missing: str) -> None:
    value = yaml.safe_load(WHOLE)
    del value["claims"][0]["exceptions"][0][missing]
    value["claims"][0]["exceptions"][0].pop("expires", None)
    with pytest.raises(ClaimsInvalid, match=f"`{missing}` is missing"):
        read_claims(yaml.safe_dump(value), file="claims.yaml")


@pytest.mark.parametrize("text", ["", "- 1", "schema: [", "claims: {}", "schema: watchword/claims/v1"])
def test_what_is_no_file_of_claims_is_refused(text: str) -> None:
    with pytest.raises(ClaimsInvalid):
        read_claims(text, file="claims.yaml")


@pytest.mark.parametrize(
    ("pattern", "text", "so"),
    [
        ("a*b?d*", "axxbcd", True),
        ("*ab*ab", "ab", False),
        ("*ab*ab", "abab", True),
        ("**a?*", "za\n", True),
        ("a.c", "abc", False),
        ("", "", True),
        ("*", "", True),
        ("*a" * 30 + "b", "a" * 64, False),  # in no time, although there are many ways to try
    ],
)
def test_a_pattern_fits_as_its_stars_say(pattern: str, text: str, *, so: bool) -> None:
    assert fits(pattern, text) is so


def test_a_text_that_cannot_be_written_again_is_refused() -> None:
    with pytest.raises(ClaimsInvalid, match=r"claims\.yaml:4:18: half a sign"):
        read_claims(
            'schema: watchword/claims/v1\nclaims:\n  - name: a\n    description: "\\ud800"\n',
            file="claims.yaml",
        )


def test_two_claims_of_one_name_are_refused_in_one_file_and_in_two() -> None:
    with pytest.raises(ClaimsInvalid, match="`a` is the name of two claims"):
        read_claims("schema: watchword/claims/v1\nclaims:\n  - name: a\n  - name: a\n", file="claims.yaml")
    one = read_claims("schema: watchword/claims/v1\nclaims:\n  - name: a\n", file="one.yaml")
    two = read_claims("schema: watchword/claims/v1\nclaims:\n  - name: a\n", file="two.yaml")
    with pytest.raises(ClaimsInvalid, match=r"two\.yaml:3:1: `a` is the name of another claim"):
        refuse_same_names((*one, *two))
    refuse_same_names((*one, DEFAULT_CLAIM))


def test_the_published_schema_takes_what_the_reader_takes() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    loader = yaml.BaseLoader  # as the reader does: a date is a text
    assert list(validator.iter_errors(yaml.load(WHOLE, loader))) == []  # noqa: S506 texts, lists and mappings only
    wrong = [list(each.absolute_path) for each in validator.iter_errors(yaml.load(WRONG, loader))]  # noqa: S506
    assert ["schema"] in wrong
    assert ["claims", 0, "mfa"] in wrong


def test_the_example_of_the_page_is_read() -> None:
    page = (DOCS / "claims.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    assert [each.name for each in read_claims(example, file="claims.yaml")] == [
        "nothing-without-mfa",
        "payroll-is-finance",
    ]


@pytest.mark.parametrize(
    ("other", "schema"),
    [
        ("accounts/right-force-mfa.json", "watchword/snapshot/v1"),
        ("proof/example_proof.json", "watchword/proof/v1"),
        (None, "watchword/policy-test/v1"),
    ],
    ids=["snapshot", "proof", "cases"],
)
def test_another_document_of_watchword_is_said_in_one_problem(other: str | None, schema: str) -> None:
    if other is None:
        text = f"schema: {schema}\npolicies: {{a: a.json}}\ncases: [{{name: x, expect: allowed}}]\n"
    else:
        text = (Path(__file__).parents[2] / other).read_text(encoding="utf-8")
    with pytest.raises(ClaimsInvalid) as caught:
        read_claims(text, file="x.json")
    (problem,) = caught.value.problems
    assert problem.message == (
        f"it is another document, `{schema}`: claims have `schema: watchword/claims/v1`"
    )
