"""Every role may be handed to every service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, Located, PolicyKind, Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.overlap import overlap
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_ACTION: Final = "iam:passrole"
_ANY_ROLE: Final = frozenset(
    {"", "arn:aws:iam::*:role/*", "arn:*:iam::*:role/*", "arn:aws:iam::*", "arn:aws:iam::*:*"}
)
_NARROWING: Final = frozenset({"iam:passedtoservice", "iam:associatedresourcearn"})
_ADMINISTRATION: Final = frozenset({"*", "*:*", "iam:*"})
"""Who may do all this needs no role to be handed on."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find `iam:PassRole` for all roles without a condition on what they are passed to."""
    if subject.kind is not PolicyKind.IDENTITY:
        return
    for statement in subject.policy.statements:
        if statement.effect is not Effect.ALLOW or statement.not_action or statement.not_resource:
            continue
        if any(each.key.text.lower() in _NARROWING for each in statement.conditions):
            continue
        if any(_any_role(each.text) for each in statement.resources or ()):
            yield from _actions(subject, statement)


def _actions(subject: Subject, statement: Statement) -> Iterator[Finding]:
    for action in statement.actions:
        if _passes(action):
            yield RULE.finding(
                subject,
                at=action.offset,
                message="this hands any role, also an administrator's, to any service: whoever may start one "
                "with a role there has that role's permissions",
                statement=statement,
            )


def _any_role(resource: str) -> bool:
    return not resource.strip("*") or resource in _ANY_ROLE


def _passes(action: Located) -> bool:
    return action.text.lower() not in _ADMINISTRATION and overlap(action.text.lower(), _ACTION)


RULE: Final = Rule(
    ident="passrole-anywhere",
    severity=Severity.WARNING,
    title="Any role may be passed to any service",
    why=(
        "`iam:PassRole` decides which role may be given to an instance, a function, a stack. On `*`, "
        "whoever may start one of these (or write its code) works with the permissions of any role of the "
        "account that the service may take, and that is the shortest way from a small permission to all of "
        "them. Name the roles, or at least the service with `iam:PassedToService`."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["iam:GetRole", "iam:PassRole"], "Resource": "*"}]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "iam:GetRole", "Resource": "*"},
    {
      "Effect": "Allow",
      "Action": "iam:PassRole",
      "Resource": "arn:aws:iam::*:role/app/*",
      "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html",
    check=check,
)
