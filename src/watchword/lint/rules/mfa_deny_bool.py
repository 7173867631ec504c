"""A Deny whose condition is false where the MFA key is absent: it misses access keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint._loosen import escaped
from watchword.lint._verdict import Form
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such Deny, and offer the operator with `IfExists`."""
    return escaped(RULE, subject, Form.DENY_POSITIVE, "the key is absent there, and the condition false")


RULE: Final = Rule(
    ident="mfa-deny-bool",
    severity=Severity.ERROR,
    title="A Deny with `Bool` misses access keys",
    why=(
        "A request signed with an access key does not carry `aws:MultiFactorAuthPresent`, and a positive "
        "operator is false on an absent key. The Deny then binds the console and sessions without MFA, "
        "and everything that it is to protect stays open to whoever holds the access key alone. "
        "`BoolIfExists` is true on an absent key and denies both."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    check=check,
)
