"""An Allow of every action on every resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, PolicyKind
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_EVERY_ACTION: Final = frozenset({"*", "*:*"})


def check(subject: Subject) -> Iterator[Finding]:
    """Find `Action: *` on `Resource: *` in policies that grant; those that only limit begin with it."""
    if subject.kind is not PolicyKind.IDENTITY:
        return
    for statement in subject.policy.statements:
        if statement.effect is not Effect.ALLOW or statement.not_action or statement.not_resource:
            continue
        everywhere = any(not each.text.strip("*") for each in statement.resources or ())
        for action in statement.actions:
            if action.text in _EVERY_ACTION and everywhere:
                only = " whenever its conditions hold" if statement.conditions else ""
                message = (
                    f"this allows every action on every resource{only}: whoever has it is an administrator"
                )
                yield RULE.finding(subject, at=action.offset, message=message, statement=statement)


RULE: Final = Rule(
    ident="allow-everything",
    severity=Severity.WARNING,
    title="Every action on every resource is allowed",
    why=(
        "Whoever holds this policy is an administrator of the account, actions that AWS will add included, "
        "and a stolen key of theirs opens all of it. Name the actions that are needed. Service control "
        "policies and endpoint policies are not looked at: they grant nothing and often begin with this."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["ec2:Describe*", "ec2:StartInstances"], "Resource": "*"}]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    check=check,
)
