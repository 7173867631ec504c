"""A Deny on an MFA that is too long ago, which misses those who used none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint._fixes import change_operator, if_exists, shown
from watchword.lint._mfa import named
from watchword.lint._verdict import Form, failing_denies
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such Deny, and offer the operator with `IfExists`."""
    for verdict in failing_denies(subject):
        if verdict.form is Form.DENY_AGE:
            condition = verdict.condition
            loose = if_exists(condition.operator)
            yield RULE.finding(
                subject,
                at=condition.operator_at,
                statement=verdict.statement,
                message=(
                    f"`{shown(condition)}` does not deny {named(verdict.callers)}: without MFA there is no "
                    f"age, and the condition is false; say `{loose}`"
                ),
                fix=change_operator(subject, verdict.statement, condition, loose),
            )


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
