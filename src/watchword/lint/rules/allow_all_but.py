"""An Allow that names what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Effect, PolicyKind
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_GRANTING: Final = frozenset({PolicyKind.IDENTITY, PolicyKind.RESOURCE, PolicyKind.KEY, PolicyKind.TRUST})


def check(subject: Subject) -> Iterator[Finding]:
    """Find `NotAction` and `NotResource` with `Allow`."""
    if subject.kind not in _GRANTING:
        return
    for statement in subject.policy.statements:
        if statement.effect is not Effect.ALLOW:
            continue
        if statement.not_action and statement.actions:
            message = "`Allow` with `NotAction` allows all else in all services, also what AWS adds later"
            yield RULE.finding(subject, at=statement.actions[0].offset, message=message, statement=statement)
        if statement.not_resource and statement.resources:
            message = (
                "`Allow` with `NotResource` allows these actions on all else, also on what is made later"
            )
            yield RULE.finding(
                subject, at=statement.resources[0].offset, message=message, statement=statement
            )


RULE: Final = Rule(
    ident="allow-all-but",
    severity=Severity.WARNING,
    title="An Allow that names what it leaves out",
    why=(
        "`NotAction` and `NotResource` with `Allow` grant everything that they do not name: services that "
        "AWS opens next year, resources that are made tomorrow. What is left out is not denied either; "
        "another policy may allow it. Name what is allowed, or allow widely and put what must not be into a "
        "Deny."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": ["ec2:*", "s3:*"], "Resource": "*"}]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html",
    check=check,
)
