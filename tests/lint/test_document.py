import time

import pytest

from lint.documents import Statement, text_of, universe
from lint.examined import look
from watchword.iam import PolicyKind
from watchword.lint import Severity
from watchword.lint.document import NoPolicy, examine

READ: Statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (READ, PolicyKind.IDENTITY),
        ({**READ, "Principal": "*"}, PolicyKind.RESOURCE),
        ({"Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Principal": "*"}, PolicyKind.RESOURCE),
        (
            {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": "*"},
            PolicyKind.TRUST,
        ),
        (
            {"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Principal": {"Federated": "x"}},
            PolicyKind.TRUST,
        ),
    ],
)
def test_what_a_document_is_for_is_seen_from_whom_and_what_it_names(
    statement: dict[str, object], kind: PolicyKind
) -> None:
    assert look("p", text_of(statement)).kind is kind


def test_the_grammar_of_the_judged_kind_is_checked_too() -> None:
    document = look("p", text_of({**READ, "Sid": "my own words"}))
    assert document.kind is None
    assert [each.message for each in document.findings] == ["expected a Sid of letters and digits only"]
    trust: Statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*", "Resource": "*"}
    (finding,) = look("p", text_of(trust)).findings
    assert finding.message == "expected no `Resource` in a trust policy"


def test_a_kind_that_is_given_is_not_judged() -> None:
    document = examine(text_of(READ), name="p", universe=universe(), kind=PolicyKind.SERVICE_CONTROL)
    assert document.kind is PolicyKind.SERVICE_CONTROL


@pytest.mark.parametrize(
    ("lowest", "count"), [(Severity.NOTE, 2), (Severity.WARNING, 1), (Severity.ERROR, 0)]
)
def test_what_is_below_the_lowest_severity_is_left_out(lowest: Severity, count: int) -> None:
    text = text_of({**READ, "Action": ["S3:getobject", "iam:GetRoles"]})
    assert len(examine(text, name="p", universe=universe(), lowest=lowest).findings) == count


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("[]", "is a list"),
        ('[{"name": "x", "expect": "allowed"}]', "is a file of cases"),
        (
            '{"PolicyVersion": {"Document": {"Statement": []}}}',
            "the policy in it is `PolicyVersion.Document`",
        ),
        ('{"RoleName": "r", "PolicyDocument": {}}', "the policy in it is `PolicyDocument`"),
        ('{"Role": {"AssumeRolePolicyDocument": {}}}', "`Role.AssumeRolePolicyDocument`"),
    ],
)
def test_what_is_no_policy_but_can_be_told_is_told(text: str, words: str) -> None:
    with pytest.raises(NoPolicy) as raised:
        look("p.json", text)
    assert words in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize(
    "text", ["{", '{"Statement": 1}', '"policy"', "[" * 5000, '{"a": ' * 5000, "nonsense"]
)
def test_what_cannot_be_read_has_findings_of_syntax_and_no_fix(text: str) -> None:
    document = look("p", text)
    assert {each.rule for each in document.findings} == {"syntax"}
    assert document.fixed(look) == (text, 0)


def test_all_fixes_together_leave_nothing_to_fix_and_the_rest_as_it_was() -> None:
    text = """{
  "Version": "2012-10-17", "Id": "keep   me",
  "Statement": [
    {"Effect": "Allow", "Action": ["S3:getobject", "s3:GetObject",
        "s3:Get*"], "Resource": "*", "Condition": {"Bool": {}} },
    {"Effect": "Deny", "NotAction": ["iam:listmfadevices"], "Resource": "*",
     "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}
  ]
}"""
    after, count = look("p", text).fixed(look)
    assert count >= 4
    assert look("p", after).fixed(look) == (after, 0)
    assert '"Action": ["s3:Get*"], "Resource": "*" }' in after
    assert '"Id": "keep   me"' in after
    assert '"NotAction": ["iam:ListMFADevices"]' in after
    assert '"BoolIfExists"' in after


def test_of_two_fixes_that_would_write_one_key_twice_one_is_made() -> None:
    misspelt = {"aws:MultiFactorAuthPresentt": "false", "aws:MFAPresent": "false"}
    deny: Statement = {**READ, "Effect": "Deny", "Action": ["S3:getobject"]}
    text = text_of({**deny, "Condition": {"Bool": misspelt}})
    after, count = look("p", text).fixed(look)
    assert count == 2
    assert look("p", after).kind is PolicyKind.IDENTITY
    assert after.count('aws:MultiFactorAuthPresent"') == 1
    assert '"s3:GetObject"' in after


def test_a_thousand_fixes_are_made_at_once() -> None:
    text = text_of({**READ, "Action": ["s3:getobject"] * 1000})
    began = time.process_time()
    after, count = look("p", text).fixed(look)
    assert count >= 999
    assert after.count("bject") == 1
    assert time.process_time() - began < 5
