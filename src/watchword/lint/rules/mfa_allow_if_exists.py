"""An Allow whose `IfExists` lets requests through that carry no MFA key at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint._fixes import change_operator, plain, shown
from watchword.lint._mfa import named
from watchword.lint._verdict import Form, failing_allows
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such Allow, and offer the operator without `IfExists`."""
    for verdict in failing_allows(subject):
        if verdict.form is Form.ALLOW_IF_EXISTS:
            condition = verdict.condition
            strict = plain(condition.operator)
            yield RULE.finding(
                subject,
                at=condition.operator_at,
                statement=verdict.statement,
                message=(
                    f"`{shown(condition)}` allows {named(verdict.callers)} too: `IfExists` counts a key "
                    f"that the request lacks as a match; say `{strict}`"
                ),
                fix=change_operator(subject, verdict.statement, condition, strict),
            )


RULE: Final = Rule(
    ident="mfa-allow-if-exists",
    severity=Severity.ERROR,
    title="An Allow with `IfExists` lets access keys through",
    why=(
        "A request signed with an access key has neither MFA key. `IfExists` makes a condition true on an "
        "absent key, so in an Allow it asks for MFA only of those who could not be refused for lack of "
        "the key: whoever holds a stolen access key is let through. With `aws:MultiFactorAuthAge` it "
        "protects nothing at all, as that key is absent in every session without MFA too."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    check=check,
)
