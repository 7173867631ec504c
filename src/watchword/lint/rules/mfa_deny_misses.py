"""A Deny that speaks of MFA and does not deny those without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.lint._fixes import shown
from watchword.lint._mfa import WITH_MFA, WITHOUT_MFA, named
from watchword.lint._verdict import Form, Verdict, failing_denies, misses_all
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_RIGHT: Final = "say `BoolIfExists aws:MultiFactorAuthPresent false`"


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such Deny that no other rule explains."""
    for verdict in failing_denies(subject):
        if verdict.form is Form.DENY_OTHER:
            yield RULE.finding(
                subject,
                at=verdict.condition.operator_at,
                statement=verdict.statement,
                message=_message(verdict),
            )


def _message(verdict: Verdict) -> str:
    reading = verdict.reading
    if misses_all(reading):
        return f"the conditions on MFA together match no request, so nothing is denied; {_RIGHT}"
    if reading.among(WITH_MFA) and not reading.among(WITHOUT_MFA):
        return (
            f"`{shown(verdict.condition)}` denies those who used MFA and nobody who did not: it is the wrong "
            f"way round; {_RIGHT}"
        )
    return f"`{shown(verdict.condition)}` does not deny {named(verdict.callers)}; {_RIGHT}"


RULE: Final = Rule(
    ident="mfa-deny-misses",
    severity=Severity.ERROR,
    title="A Deny that speaks of MFA does not deny requests without it",
    why=(
        "A Deny for lack of MFA must match requests signed with an access key, where the MFA keys are "
        "absent, and those of a session without MFA, where `aws:MultiFactorAuthPresent` is `false`. "
        "Conditions in one statement are joined by AND, so a second one on MFA only makes the Deny match "
        "less."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    check=check,
)
