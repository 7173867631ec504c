"""A Deny on requests that lack the MFA key: a session without MFA has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.context import AGE_KEY
from watchword.lint._fixes import change_key, shown
from watchword.lint._verdict import Form, failing_denies
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such Deny, and offer the key that is absent without MFA in every case."""
    for verdict in failing_denies(subject):
        if verdict.form is Form.DENY_NULL:
            condition = verdict.condition
            yield RULE.finding(
                subject,
                at=condition.key.offset,
                statement=verdict.statement,
                message=(
                    f"`{shown(condition)}` denies an access key, not the session without MFA that its holder "
                    f"gets with GetSessionToken, which needs no permission; ask `{AGE_KEY}`"
                ),
                fix=change_key(subject, verdict.statement, condition, AGE_KEY),
            )


RULE: Final = Rule(
    ident="mfa-deny-null",
    severity=Severity.ERROR,
    title="A Deny with `Null` on `aws:MultiFactorAuthPresent` is walked round with GetSessionToken",
    why=(
        "The key is absent only in requests signed with a long-term access key. GetSessionToken turns "
        "such a key into a session without MFA, where the key is there and `false`; the call needs no "
        "permission and no policy can deny it. So the Deny stops nobody who knows that. "
        "`aws:MultiFactorAuthAge` is absent in both cases."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Null": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Null": {"aws:MultiFactorAuthAge": "true"}}
  }]
}""",
    source="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html",
    check=check,
)
