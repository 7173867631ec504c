"""Findings in order, and fixes that change what they must and nothing else."""

from __future__ import annotations

import json

import pytest

from lint.documents import PRESENT, WITHOUT_MFA, allow, deny, findings, found, subject_of, text_of, universe
from watchword.iam import Place, PolicyKind
from watchword.lint import (
    RULES,
    AttachedTo,
    Edit,
    Fix,
    FixesOverlap,
    Severity,
    apply,
    compatible,
    infer_kind,
    lint,
    lint_text,
)


def edit(offset: int, length: int, text: str) -> Fix:
    return Fix(description=text, edits=(Edit(offset=offset, length=length, text=text),))


def test_findings_come_in_order_of_their_place() -> None:
    result = findings(
        deny({"Bool": {PRESENT: "false"}}),
        allow({"BoolIfExists": {PRESENT: "true"}}),
        deny({"Null": {PRESENT: "true"}}, "ec2:StartInstances"),
    )
    assert [each.rule for each in result] == ["mfa-deny-bool", "mfa-allow-if-exists", "mfa-deny-null"]
    assert [each.statement for each in result] == [0, 1, 2]


def test_a_finding_names_its_statement_and_its_whole_place() -> None:
    text = """{"Version": "2012-10-17", "Statement": [
  {"Sid": "Mine", "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
   "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}]}"""
    (finding,) = found(text)
    assert (finding.sid, finding.statement) == ("Mine", 0)
    assert finding.place == Place(line=3, column=18)
    assert finding.end == Place(line=3, column=24)


def test_only_the_rules_asked_for_are_run() -> None:
    subject = subject_of(text_of(deny({"Bool": {PRESENT: "false"}})))
    assert lint(subject, rules=[rule for rule in RULES if rule.ident == "mfa-deny-null"]) == ()


def test_a_rule_that_knows_more_silences_the_general_one_at_the_same_place() -> None:
    document = allow({"Bool": {PRESENT: "yes"}})
    assert [each.rule for each in findings(document)] == ["mfa-value"]
    without = [rule for rule in RULES if rule.ident != "mfa-value"]
    assert [each.rule for each in lint(subject_of(text_of(document)), without)] == ["condition-value"]


def test_a_document_that_cannot_be_read_has_every_problem_as_a_finding_and_no_other() -> None:
    result = found('{"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Action": "x"} {}]}')
    assert {each.rule for each in result} == {"syntax"}
    assert {each.severity for each in result} == {Severity.ERROR}
    assert len(result) > 2
    assert [each.place.column for each in result] == sorted(each.place.column for each in result)


def test_problems_of_syntax_are_left_out_where_that_rule_is_not_asked_for() -> None:
    assert lint_text("{", name="x", universe=universe(), rules=[]) == ()


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ({"Action": "s3:GetObject", "Resource": "*"}, PolicyKind.IDENTITY),
        ({"Action": "sts:AssumeRole", "Principal": "*"}, PolicyKind.TRUST),
        ({"Action": "s3:GetObject", "Principal": "*", "Resource": "*"}, PolicyKind.RESOURCE),
    ],
)
def test_a_document_is_judged_by_its_looks(statement: dict[str, object], kind: PolicyKind) -> None:
    assert infer_kind(subject_of(text_of({"Effect": "Allow", **statement})).policy) is kind


def test_what_the_document_is_said_to_be_counts() -> None:
    statement = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": WITHOUT_MFA}
    subject = subject_of(text_of(statement), kind=PolicyKind.SERVICE_CONTROL, attached_to=None)
    assert subject.kind is PolicyKind.SERVICE_CONTROL


def test_fixes_are_applied_from_the_back_and_keep_every_other_character() -> None:
    assert apply("abcdef", [edit(0, 1, "XX"), edit(4, 1, ""), edit(2, 0, "-")]) == "XXb-cdf"


def test_an_edit_that_two_fixes_share_is_made_once() -> None:
    assert apply("abc", [edit(1, 1, "X"), edit(1, 1, "X")]) == "aXc"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (edit(0, 3, "x"), edit(2, 2, "y")),
        (edit(0, 3, "x"), edit(1, 0, "y")),
        (edit(1, 0, "x"), edit(1, 0, "y")),
        (edit(1, 0, "x"), edit(1, 2, "y")),
    ],
)
def test_fixes_that_overlap_are_refused_and_the_first_is_kept(one: Fix, other: Fix) -> None:
    for pair in ([one, other], [other, one]):
        with pytest.raises(FixesOverlap, match="two fixes change the same text") as raised:
            apply("abcdef", pair)
        assert raised.value.hint
        assert compatible(pair) == (pair[0],)


def test_fixes_that_touch_are_both_applied() -> None:
    fixes = [edit(0, 2, "x"), edit(2, 2, "y")]
    assert compatible(fixes) == tuple(fixes)
    assert apply("abcdef", fixes) == "xyef"


def test_a_fix_keeps_the_layout_of_the_document() -> None:
    text = text_of(deny({"Bool": {PRESENT: "false"}})).replace("  ", "\t").replace("\n", "\r\n") + "\r\n"
    (finding,) = found(text)
    assert finding.fix is not None
    assert apply(text, [finding.fix]) == text.replace('"Bool"', '"BoolIfExists"')


def test_names_written_with_escapes_are_replaced_whole() -> None:
    text = text_of(deny({"Bool": {PRESENT: "false"}})).replace('"Bool"', '"\\u0042ool"')
    (finding,) = found(text, attached_to=AttachedTo.USER)
    assert finding.fix is not None
    fixed = json.loads(apply(text, [finding.fix]))
    assert list(fixed["Statement"][0]["Condition"]) == ["BoolIfExists"]
