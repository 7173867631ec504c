"""An Allow that asks for MFA beside one that allows the same without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, Statement
from watchword.lint._fixes import shown
from watchword.lint._mfa import WITHOUT_MFA, mfa_conditions, mfa_statements, read
from watchword.lint._statements import includes
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each Allow with MFA that another one makes pointless."""
    for statement, conditions in mfa_statements(subject.policy, Effect.ALLOW):
        if read(subject.policy, Effect.ALLOW, conditions).among(WITHOUT_MFA):
            continue
        other = next((each for each in subject.policy.statements if _opens(subject, each, statement)), None)
        if other is not None:
            name = f"`{other.sid}`" if other.sid else f"statement {other.index}"
            line = subject.policy.place(other.offset).line
            yield RULE.finding(
                subject,
                at=conditions[0].operator_at,
                statement=statement,
                message=f"`{shown(conditions[0])}` asks in vain: {name}, line {line}, allows it all without",
            )


def _opens(subject: Subject, other: Statement, statement: Statement) -> bool:
    return (
        other.effect is Effect.ALLOW
        and not mfa_conditions(other)
        and includes(subject.universe, other, statement)
    )


RULE: Final = Rule(
    ident="mfa-allow-redundant",
    severity=Severity.WARNING,
    title="An Allow asks for MFA beside one that allows the same without",
    why=(
        "Statements that allow are joined by OR: one of them is enough. A condition on MFA in one "
        "protects nothing that another allows without. Put the condition on both, or add a Deny for lack "
        "of MFA, which wins over every Allow."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
    {
      "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
      "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    }
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"},
    {
      "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
      "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html",
    check=check,
)
