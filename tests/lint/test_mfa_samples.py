"""AWS's own sample policies: the present editions are right, the old ones are known for what they are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lint.documents import ENROLLING, WITHOUT_MFA, allow, deny, deny_all_but, findings, found, named, rules_of
from watchword.iam import PolicyKind
from watchword.lint import Severity

OWN_USER = "arn:aws:iam::*:user/${aws:username}"
ONCE_EXEMPT = [
    "iam:ListAccountAliases",
    "iam:ListUsers",
    "iam:ListSSHPublicKeys",
    "iam:ListAccessKeys",
    "iam:ListServiceSpecificCredentials",
    "iam:GetAccountSummary",
]

# reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only
SECURITY_CREDENTIALS_PAGE = [
    allow(None, "iam:ListVirtualMFADevices", Sid="AllowViewAccountInfo"),
    allow(
        None,
        ["iam:CreateVirtualMFADevice"],
        Sid="AllowManageOwnVirtualMFADevice",
        Resource="arn:aws:iam::*:mfa/*",
    ),
    allow(
        None,
        [
            "iam:DeactivateMFADevice",
            "iam:EnableMFADevice",
            "iam:GetUser",
            "iam:GetMFADevice",
            "iam:ListMFADevices",
            "iam:ResyncMFADevice",
        ],
        Sid="AllowManageOwnUserMFA",
        Resource=OWN_USER,
    ),
    deny_all_but(
        "iam:CreateVirtualMFADevice",
        "iam:EnableMFADevice",
        "iam:GetUser",
        "iam:ListMFADevices",
        "iam:ListVirtualMFADevices",
        "iam:ResyncMFADevice",
        "sts:GetSessionToken",
        Sid="DenyAllExceptListedIfNoMFA",
    ),
]

# reference_policies_examples_iam_mfa-selfmanage
BY_COMMAND_LINE = [
    allow(None, ["iam:ListUsers", "iam:ListVirtualMFADevices"], Sid="AllowListActions"),
    allow(
        None,
        ["iam:CreateVirtualMFADevice"],
        Sid="AllowUserToCreateVirtualMFADevice",
        Resource="arn:aws:iam::*:mfa/*",
    ),
    allow(
        None,
        ["iam:EnableMFADevice", "iam:GetMFADevice", "iam:ListMFADevices", "iam:ResyncMFADevice"],
        Sid="AllowUserToManageTheirOwnMFA",
        Resource=OWN_USER,
    ),
    allow(
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        ["iam:DeactivateMFADevice"],
        Sid="AllowUserToDeactivateTheirOwnMFAOnlyWhenUsingMFA",
        Resource=[OWN_USER],
    ),
    deny_all_but(
        "iam:CreateVirtualMFADevice",
        "iam:EnableMFADevice",
        "iam:ListMFADevices",
        "iam:ListUsers",
        "iam:ListVirtualMFADevices",
        "iam:ResyncMFADevice",
        Sid="BlockMostAccessUnlessSignedInWithMFA",
    ),
]


@pytest.mark.parametrize("sample", [SECURITY_CREDENTIALS_PAGE, BY_COMMAND_LINE], ids=["page", "cli"])
def test_the_present_editions_have_only_the_note_on_first_passwords(sample: list[dict[str, object]]) -> None:
    assert [(each.rule, each.severity) for each in findings(*sample)] == [
        ("mfa-first-password", Severity.NOTE)
    ]


def test_the_sample_for_a_bucket_is_right_and_says_that_it_refuses_roles() -> None:
    sample = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::amzn-s3-demo-bucket/taxdocuments/*",
        "Condition": {"Null": {"aws:MultiFactorAuthAge": True}},
    }
    found_ = findings(sample, kind=PolicyKind.RESOURCE, attached_to=None)
    assert [(each.rule, each.severity) for each in found_ if each.rule.startswith("mfa-")] == [
        ("mfa-deny-role", Severity.NOTE)
    ]


def test_the_samples_for_stopping_instances_are_right() -> None:
    some = ["ec2:StopInstances", "ec2:TerminateInstances"]
    assert rules_of(findings(allow(None, "ec2:*"), deny(WITHOUT_MFA, some))) == []
    with_age = {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}
    assert rules_of(findings(allow(None, "ec2:Describe*"), allow(with_age, some))) == []


@pytest.mark.parametrize(
    "sid",
    [
        "AllowIndividualUserToManageThierMFA",
        "DoNotAllowAnythingOtherThanAboveUnlessMFAd",
        "AllowIndividualUserToManageTheirOwnMFA",
        "AllowIndividualUserToDeactivateOnlyTheirOwnMFAOnlyWhenUsingMFA",
    ],
)
def test_an_old_edition_is_known_by_its_sids(sid: str) -> None:
    (finding,) = findings(allow(None, "iam:ListMFADevices", Sid=sid, Resource=OWN_USER))
    assert (finding.rule, finding.severity, finding.sid) == ("mfa-old-sample", Severity.NOTE, sid)


def test_the_second_edition_is_known_by_what_it_exempts_under_whatever_sid() -> None:
    found_ = named("mfa-old-sample", findings(deny_all_but(*ENROLLING, *ONCE_EXEMPT, Sid="Mine")))
    assert "no longer lists keys and account details" in found_[0].message
    assert not named("mfa-old-sample", findings(deny_all_but(*ENROLLING, *ONCE_EXEMPT[1:])))
    without = deny_all_but(*ENROLLING, *ONCE_EXEMPT, condition={"Bool": {"aws:SecureTransport": "false"}})
    assert not named("mfa-old-sample", findings(without))


def test_the_third_edition_differs_from_the_present_one_by_the_name_of_the_device() -> None:
    old = {**SECURITY_CREDENTIALS_PAGE[1], "Resource": "arn:aws:iam::*:mfa/${aws:username}"}
    assert named("mfa-old-sample", findings(SECURITY_CREDENTIALS_PAGE[0], old))
    assert not named("mfa-old-sample", findings(*SECURITY_CREDENTIALS_PAGE[:2]))


def test_an_old_edition_is_said_once() -> None:
    sids = ["AllowIndividualUserToListTheirMFA", "AllowIndividualUserToManageThierMFA"]
    statements = [allow(None, "iam:ListMFADevices", Sid=sid, Resource=OWN_USER) for sid in sids]
    assert len(named("mfa-old-sample", findings(*statements))) == 1


def test_the_policy_that_our_own_page_offers_has_only_the_note_on_first_passwords() -> None:
    page = (Path(__file__).parents[2] / "docs" / "conditions.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert json.loads(text)
    assert [(each.rule, each.severity) for each in found(text)] == [("mfa-first-password", Severity.NOTE)]
