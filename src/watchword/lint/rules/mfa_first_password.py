"""A Deny for lack of MFA that refuses to set the first password."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint._exempt import CHANGE_PASSWORD, denials_for_users, refuses_enrolment
from watchword.lint._statements import Covered, on_everything
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each Deny that leaves enrolling open and the first password not."""
    for statement in denials_for_users(subject):
        if (
            on_everything(statement)
            and CHANGE_PASSWORD in Covered.by(statement)
            and not refuses_enrolment(statement)
        ):
            yield RULE.finding(
                subject,
                at=statement.actions[0].offset,
                statement=statement,
                message=(
                    f"`{CHANGE_PASSWORD}` is denied without MFA: a user who must set a new password at the "
                    "first sign-in cannot sign in, so cannot enrol a device in the console"
                ),
            )


RULE: Final = Rule(
    ident="mfa-first-password",
    severity=Severity.NOTE,
    title="A Deny for lack of MFA refuses the first password",
    why=(
        "A user made with `must create a new password at next sign-in` has to change it before anything "
        "else, and so before there can be a device. AWS's own sample refuses that on purpose, for then a "
        "stolen password cannot be changed without MFA, and tells administrators of the trade. Exempt "
        "`iam:ChangePassword` (and allow `iam:GetAccountPasswordPolicy`), or give out passwords that need "
        "no change."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "NotAction": ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "NotAction": [
      "iam:ChangePassword",
      "iam:CreateVirtualMFADevice",
      "iam:EnableMFADevice",
      "iam:ListMFADevices"
    ],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    source=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_examples_aws_my-sec-creds-self-manage.html"
    ),
    check=check,
)
