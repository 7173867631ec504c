"""A Deny for lack of MFA over a list of actions, where what is not listed stays open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, Statement
from watchword.lint._exempt import denials_for_users
from watchword.lint._mfa import mfa_conditions
from watchword.lint._statements import Covered, covers_everything
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_GIVING: Final = (
    "iam:CreateAccessKey",
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "iam:UpdateLoginProfile",
    "iam:CreatePolicyVersion",
    "iam:AddUserToGroup",
)
"""Any of these, left open, is a way to the rest."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find lists that leave open what leads round them."""
    statements = list(denials_for_users(subject))
    denied = [Covered.by(each) for each in statements]
    left = [each for each in _GIVING if not any(each in covered for covered in denied)]
    allowing = _allowing(subject, left) if statements else None
    for statement in statements:
        if covers_everything(statement):
            continue
        wide = any(each.text.endswith(":*") for each in statement.actions)
        if left and (wide or allowing is not None):
            yield RULE.finding(
                subject,
                at=statement.actions[0].offset,
                statement=statement,
                message=_message(left[0], allowing),
            )


def _allowing(subject: Subject, actions: list[str]) -> tuple[Statement, str] | None:
    """Return the first Allow of the document without a condition on MFA that covers one of the actions."""
    for statement in subject.policy.statements:
        if statement.effect is Effect.ALLOW and not mfa_conditions(statement):
            covered = Covered.by(statement)
            for action in actions:
                if action in covered:
                    return statement, action
    return None


def _message(example: str, allowing: tuple[Statement, str] | None) -> str:
    if allowing is None:
        rest = "stay open without MFA wherever another policy allows them"
        return f"only the listed actions are denied: all others, such as `{example}`, {rest}"
    statement, action = allowing
    name = f"`{statement.sid}`" if statement.sid else f"statement {statement.index}"
    return f"only the listed actions are denied: {name} allows `{action}` without MFA"


RULE: Final = Rule(
    ident="mfa-deny-list",
    severity=Severity.WARNING,
    title="A Deny for lack of MFA over a list leaves the way round it open",
    why=(
        "A list under `Action` denies what it names; everything else, and every service that AWS adds, "
        "stays open without MFA. As long as IAM's own actions are not in it, an access key can make "
        "another key or attach another policy. Deny all but what enrolling takes instead: `NotAction`. A "
        "short list of single actions is not reported unless the document itself allows such an action."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny",
    "Action": ["ec2:*", "s3:*", "rds:*"],
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
      "iam:ListVirtualMFADevices"
    ],
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
    check=check,
)
