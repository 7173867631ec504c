"""A Deny on an MFA that is too long ago, which misses those who used none."""

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
    return escaped(RULE, subject, Form.DENY_AGE, "without MFA there is no age, and the condition is false")


RULE: Final = Rule(
    ident="mfa-deny-age",
    severity=Severity.ERROR,
    title="A Deny on the age of MFA misses requests without MFA",
    why=(
        "`aws:MultiFactorAuthAge` exists only where MFA was used. A plain numeric operator is false on an "
        "absent key, so the Deny binds those who used MFA too long ago, and nobody who used none: "
        "skipping MFA beats it. With `IfExists` it denies both. A second Deny for requests without MFA, "
        "over the same actions, does as well."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    check=check,
)
