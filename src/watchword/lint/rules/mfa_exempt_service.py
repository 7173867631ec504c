"""A Deny for lack of MFA that exempts whole services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint._exempt import changing, nearly_total
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_GRANTING: Final = frozenset({"iam", "sts", "organizations", "sso", "sso-directory", "account"})
"""Services whose actions hand out access to all others."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find each service that stays open without MFA."""
    for statement in nearly_total(subject):
        for entry in statement.actions if statement.not_action else ():
            service, _, name = entry.text.lower().partition(":")
            if entry.text in {"*", "*:*"}:
                message = "`*` is exempt, so the statement denies nothing"
            elif name.strip("*") == "":
                message = _message(subject, service)
            else:
                continue
            granting = service in _GRANTING or service == "*"
            yield RULE.finding(
                subject,
                at=entry.offset,
                statement=statement,
                severity=Severity.ERROR if granting else Severity.WARNING,
                message=message,
            )


def _message(subject: Subject, service: str) -> str:
    count = len(changing(subject, f"{service}:*"))
    what = "every action of the service stays open without MFA"
    if count:
        what = f"without MFA all of `{service}` stays open, with {count} actions that change something"
    if service == "iam":
        what += ": an access key can make further keys, attach policies and take devices away"
    return f"`{service}:*` is exempt: {what}"


RULE: Final = Rule(
    ident="mfa-exempt-service",
    severity=Severity.ERROR,
    title="A Deny for lack of MFA exempts whole services",
    why=(
        "What stands under `NotAction` stays open to whoever holds an access key alone. With `iam:*` "
        "exempt, that key makes new keys and passwords, attaches any policy the user may attach, and "
        "takes MFA devices away: the Deny protects everything but the way round it. Exempt the actions "
        "that enrolling takes, one by one. For services that do not hand out access it is a warning: all "
        "of their data stays open too."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "NotAction": "iam:*",
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
      "iam:ListVirtualMFADevices",
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
