"""An Allow that asks for MFA beside one that allows the same without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect
from watchword.lint._fixes import shown
from watchword.lint._mfa import WITHOUT_MFA, mfa_conditions, mfa_statements, read
from watchword.lint._statements import Scope
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each Allow with MFA that another one makes pointless."""
    asking = list(mfa_statements(subject.policy, Effect.ALLOW))
    open_to_all = _without_mfa(subject) if asking else []
    for statement, conditions in asking:
        if read(subject.policy, Effect.ALLOW, conditions).among(WITHOUT_MFA):
            continue
        scope = Scope.of(subject, statement)
        wider = next((each for each in open_to_all if each.includes(scope)), None)
        if wider is not None:
            other = wider.statement
            name = f"`{other.sid}`" if other.sid else f"statement {other.index}"
            line = subject.policy.place(other.offset).line
            yield RULE.finding(
                subject,
                at=conditions[0].operator_at,
                statement=statement,
                message=f"`{shown(conditions[0])}` asks in vain: {name}, line {line}, allows it all without",
            )


def _without_mfa(subject: Subject) -> list[Scope]:
    """Return where the document allows without a condition on MFA."""
    return [
        Scope.of(subject, each)
        for each in subject.policy.statements
        if each.effect is Effect.ALLOW and not mfa_conditions(each)
    ]


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
