"""An Allow that speaks of MFA and matches requests without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint._fixes import shown
from watchword.lint._mfa import WITH_MFA, named
from watchword.lint._verdict import Form, failing_allows
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such Allow that no other rule explains."""
    for verdict in failing_allows(subject):
        if verdict.form is Form.ALLOW_OTHER:
            nobody_else = not verdict.reading.among(WITH_MFA)
            rest = "and nobody with MFA" if nobody_else else "as well as sessions with MFA"
            yield RULE.finding(
                subject,
                at=verdict.condition.operator_at,
                statement=verdict.statement,
                message=(
                    f"`{shown(verdict.condition)}` allows {named(verdict.callers)}, {rest}; to ask for MFA "
                    "say `Bool aws:MultiFactorAuthPresent true`"
                ),
            )


RULE: Final = Rule(
    ident="mfa-allow-without-mfa",
    severity=Severity.ERROR,
    title="An Allow that speaks of MFA matches requests without it",
    why=(
        "`aws:MultiFactorAuthPresent` is absent with an access key, `false` in a session without MFA and "
        "`true` in one with it. That the key is *there* says only that the credentials are temporary, and "
        "anyone who holds an access key can get such a session with GetSessionToken, which needs no "
        "permission. Only `Bool` with `true`, or a limit on the age, asks for MFA."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Null": {"aws:MultiFactorAuthPresent": "false"}}
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
