"""A Resource that no action of its statement can use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from watchword.errors import short
from watchword.iam.policy import Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.overlap import overlap
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject
from watchword.lint.targets import Aim, aim, likely_first

_PARTS: Final = 6
_SERVICE: Final = 2
_REGION: Final = 3
_ACCOUNT: Final = 4
_SLIPS: Final = (
    (_ACCOUNT, "", "such ARNs have no account in them"),
    (_ACCOUNT, "123456789012", "such ARNs have an account in them"),
    (_REGION, "", "such ARNs have no region in them"),
    (_REGION, "us-east-1", "such ARNs have a region in them"),
)
"""The part to replace, by what, and what was wrong when the ARN fits then."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find resources that no action can use, where another one of the statement is used."""
    for statement in subject.policy.statements:
        resources = statement.resources or ()
        if statement.not_action or statement.not_resource or not all(_known(subject, statement)):
            continue
        names = [name for each in statement.actions for name in subject.matching(each.text)]
        used = [_used(each.text, names, subject) for each in resources]
        if not any(used):
            continue  # resource-action tells of each action
        for resource, is_used in zip(resources, used, strict=True):
            if not is_used:
                why = _why(resource.text, names, subject)
                message = f"no action of this statement works on `{short(resource.text)}`{why}"
                yield RULE.finding(
                    subject,
                    at=resource.offset,
                    message=message,
                    statement=statement,
                    severity=None if why else Severity.NOTE,
                )


def _known(subject: Subject, statement: Statement) -> Iterator[bool]:
    """An action that is not known may be the one that the Resource is for."""
    return (bool(subject.matching(each.text)) for each in statement.actions)


def _used(resource: str, names: Sequence[str], subject: Subject) -> bool:
    return any(
        aim(name, resource, subject.universe) is not Aim.MISS for name in likely_first(names, resource)
    )


def _why(resource: str, names: Sequence[str], subject: Subject) -> str:
    """Say which part is in the way, where the ARN fits without it."""
    parts = resource.split(":", _PARTS - 1)
    if len(parts) < _PARTS:
        return ""
    templates = {each.template for name in names for each in subject.universe.resource_types(name)}
    if parts[_SERVICE] not in {template.split(":")[_SERVICE] for template in templates}:
        return f": none of them is for `{parts[_SERVICE]}`"
    for index, instead, why in _SLIPS:
        changed = ":".join([*parts[:index], instead, *parts[index + 1 :]])
        if any(overlap(changed, template) for template in templates):
            return f": {why}"
    return ""


RULE: Final = Rule(
    ident="resource-unused",
    severity=Severity.WARNING,
    title="No action of the statement works on this Resource",
    why=(
        "A Resource does something only for actions that work on its kind. One that no action of its "
        "statement can use is mostly a slip: an ARN of another service or type, an S3 ARN with an account "
        "in it, or actions that were forgotten."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": ["arn:aws:s3:::reports/*", "arn:aws:s3::111111111111:archive/*"]
    }
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": ["arn:aws:s3:::reports/*", "arn:aws:s3:::archive/*"]
    }
  ]
}""",
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    check=check,
)
