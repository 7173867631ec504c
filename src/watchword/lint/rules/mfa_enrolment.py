"""A Deny for lack of MFA that nobody can get out of: it refuses to make the first device."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint._exempt import LIST_DEVICES, denials_for_users, refuses_enrolment
from watchword.lint._statements import Covered, on_everything
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such Deny; one that only refuses to list devices is a note."""
    for statement in denials_for_users(subject):
        refused = refuses_enrolment(statement)
        if refused:
            names = " and ".join(f"`{each}`" for each in refused)
            yield RULE.finding(
                subject,
                at=statement.actions[0].offset,
                statement=statement,
                message=(
                    f"{names} {'are' if len(refused) > 1 else 'is'} denied without MFA: a user who has no "
                    "device cannot make one, so cannot get MFA, so stays locked out"
                ),
            )
        elif statement.not_action and on_everything(statement) and LIST_DEVICES in Covered.by(statement):
            yield RULE.finding(
                subject,
                at=statement.actions[0].offset,
                statement=statement,
                severity=Severity.NOTE,
                message=(
                    f"`{LIST_DEVICES}` is denied without MFA: tools that look up the device before they ask "
                    "for a code, and the console's page on it, do not work"
                ),
            )


RULE: Final = Rule(
    ident="mfa-enrolment",
    severity=Severity.ERROR,
    title="A Deny for lack of MFA leaves no way to enrol a device",
    why=(
        "A user without a device has no MFA, and making the first device must therefore be possible "
        "without: `iam:CreateVirtualMFADevice` for one in an app, and `iam:EnableMFADevice`. Denied both, "
        "or one, a new user is locked out for good, as is one whose device is lost and was removed, until "
        "an administrator enrols for them. `iam:ListMFADevices` is how tools find the device; "
        "`sts:GetSessionToken` needs no exemption, as no policy can deny it."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "NotAction": ["iam:ChangePassword", "iam:ListMFADevices", "sts:GetSessionToken"],
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
      "iam:ListMFADevices",
      "sts:GetSessionToken"
    ],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    source=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html"
    ),
    check=check,
)
