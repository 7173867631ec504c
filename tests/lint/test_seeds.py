"""The walk-throughs that this product comes from: each defect in their policies is found, in its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lint.documents import found as found_in
from lint.documents import named, subject_of, universe
from watchword.lint import Finding, Severity, apply, lint, lint_text

POLICIES = Path(__file__).parents[1] / "cases" / "policies"
SNIPPET = """{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"],
    "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}"""


def seed(name: str) -> str:
    return (POLICIES / f"seed-{name}.json").read_text(encoding="utf-8")


def place(finding: Finding) -> tuple[int, int]:
    return finding.place.line, finding.place.column


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_seed_0_exempts_two_whole_services_and_is_an_old_sample() -> None:
    text = seed("0-force-mfa")
    found = found_in(text)
    exempt = named("mfa-exempt-service", found)
    assert [place(each) for each in exempt] == [
        (line_of(text, '"kms:*"'), 1),
        (line_of(text, '"codecommit:*"'), 1),
    ]
    assert {each.severity for each in exempt} == {Severity.WARNING}
    assert len(named("mfa-old-sample", found)) == 1
    assert len(named("mfa-first-password", found)) == 1
    assert not [each for each in found if each.severity is Severity.ERROR]


def test_seed_0s_first_condition_misses_access_keys_and_the_fix_is_its_second() -> None:
    (finding,) = named("mfa-deny-bool", found_in(SNIPPET))
    assert place(finding) == (6, 19)
    assert finding.fix is not None
    assert apply(SNIPPET, [finding.fix]) == SNIPPET.replace('"Bool"', '"BoolIfExists"')


def test_seed_0s_shorter_list_is_right_but_for_the_first_password() -> None:
    found = found_in(seed("0-force-mfa-shorter-list"))
    assert [each.rule for each in found] == ["mfa-first-password"]


@pytest.mark.parametrize("name", ["1-programmatic-access", "2-describe-regions"])
def test_seeds_1_and_2_ask_for_mfa_rightly(name: str) -> None:
    assert [each for each in found_in(seed(name)) if each.rule.startswith("mfa-")] == []


def test_seed_3s_trust_policy_asks_for_mfa_rightly() -> None:
    assert [each for each in found_in(seed("3-supervisor-trust")) if each.rule.startswith("mfa-")] == []


def test_seed_3_allows_an_action_that_does_not_exist() -> None:
    text = seed("3-roles-list")
    (finding,) = named("action-unknown", found_in(text))
    assert place(finding) == (line_of(text, '"iam:GetRoles"'), 1)
    assert "`iam:GetRoles`" in finding.message


def test_seed_4s_manage_mfa_lacks_a_comma_and_then_blocks_enrolment() -> None:
    text = seed("4-ManageMFA")
    (finding,) = found_in(text)
    assert finding.rule == "syntax"
    second = re.search(r"\{\s*\"Sid\": \"AllowUsersToCreateDelete", text)
    assert second is not None
    assert place(finding)[0] == text[: second.start()].count("\n") + 1
    (name,) = named("mfa-device-name", found_in(seed("4-ManageMFA-corrected")))
    assert "mfa/${aws:username}" in name.message


def test_seed_4s_force_mfa_leaves_iam_open_and_blocks_enrolment() -> None:
    text = seed("4-ForceMFA")
    found = found_in(text)
    (iam,) = named("mfa-exempt-service", found)
    assert (iam.severity, iam.place.line) == (Severity.ERROR, line_of(text, '"NotAction": "iam:*"'))
    assert len(named("mfa-device-name", found)) == 1
    assert len(named("mfa-old-sample", found)) == 1


def test_attached_to_a_role_seed_4s_force_mfa_locks_it_out() -> None:
    subject = subject_of(seed("4-ForceMFA"), attached_to=None)
    assert [each.severity for each in named("mfa-deny-role", lint(subject))] == [Severity.NOTE]


def test_every_document_of_the_seeds_can_be_linted() -> None:
    for path in POLICIES.glob("seed-*.json"):
        lint_text(path.read_text(encoding="utf-8"), name=path.name, universe=universe())
