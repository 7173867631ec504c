"""A Deny of everything for lack of MFA, on some resources only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint._exempt import nearly_total
from watchword.lint._statements import on_everything
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such statement, where its resources begin."""
    for statement in nearly_total(subject):
        if statement.resources and statement.not_action and not on_everything(statement):
            element = "NotResource" if statement.not_resource else "Resource"
            yield RULE.finding(
                subject,
                at=statement.resources[0].offset,
                statement=statement,
                message=(
                    f"`{element}` limits this Deny: without MFA the other resources stay open, and so does "
                    "every action that has no resource, such as creating or listing; say `*`"
                ),
            )


RULE: Final = Rule(
    ident="mfa-deny-resource",
    severity=Severity.WARNING,
    title="A Deny for lack of MFA holds for some resources only",
    why=(
        "A Deny with `NotAction` is written to refuse all but a few actions. With a `Resource` other than "
        "`*` it refuses them on these resources only. Many actions, among them most that create and list, "
        "have no resource type: they match `*` alone, so this Deny never reaches them."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "NotAction": [
      "iam:ChangePassword",
      "iam:CreateVirtualMFADevice",
      "iam:EnableMFADevice",
      "iam:ListMFADevices"
    ],
    "Resource": "arn:aws:s3:::*",
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
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
    check=check,
)
