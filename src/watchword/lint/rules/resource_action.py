"""An action in a statement none of whose resources it can use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from watchword.iam.policy import Effect, Located, Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject
from watchword.lint.targets import Aim, aim, likely_first, wanted

_WILDCARDS: Final = frozenset("*?")


def check(subject: Subject) -> Iterator[Finding]:
    """Find actions, and patterns of them, that no Resource of their statement fits."""
    for statement in subject.policy.statements:
        if not statement.resources or statement.not_resource or statement.not_action:
            continue
        for action in statement.actions:
            yield from _each(subject, statement, action)


def _each(subject: Subject, statement: Statement, action: Located) -> Iterator[Finding]:
    names = subject.matching(action.text)
    if not names:
        return
    aims = _aims(names, statement, subject)
    if Aim.HIT in aims:
        return
    if Aim.CONTESTED in aims:
        yield RULE.finding(
            subject,
            at=action.offset,
            message=_contested(action.text),
            statement=statement,
            severity=Severity.NOTE,
        )
    elif Aim.DOUBTFUL in aims:
        yield RULE.finding(
            subject,
            at=action.offset,
            message=_doubtful(action.text, names, subject),
            statement=statement,
            severity=Severity.NOTE,
        )
    else:
        message = _missed(statement, action.text, names, subject)
        yield RULE.finding(subject, at=action.offset, message=message, statement=statement)


def _aims(names: Sequence[str], statement: Statement, subject: Subject) -> set[Aim]:
    """Return what the actions make of the resources; no more than a hit when there is one."""
    found: set[Aim] = set()
    for resource in statement.resources or ():
        for name in likely_first(names, resource.text):
            found.add(aim(name, resource.text, subject.universe))
            if Aim.HIT in found:
                return found
    return found


def _contested(action: str) -> str:
    return (
        f"the service reference says that `{action}` needs `*` as its Resource; AWS's refusals name "
        "the path that is listed, which this Resource covers. Only `*` is sure to work"
    )


def _doubtful(action: str, names: tuple[str, ...], subject: Subject) -> str:
    if not _WILDCARDS.isdisjoint(action):
        return f"by the service reference no action of `{action}` works on a Resource of this statement"
    if not subject.universe.resource_types(names[0]):
        return f"the service reference lists no resource for `{action}`: only `*` is sure to work"
    return f"by the service reference `{action}` {wanted(names[0], subject.universe)}"


def _missed(statement: Statement, action: str, names: tuple[str, ...], subject: Subject) -> str:
    outcome = "denies" if statement.effect is Effect.DENY else "allows"
    if _WILDCARDS.isdisjoint(action):
        return f"`{action}` {wanted(names[0], subject.universe)}: here it {outcome} nothing"
    return f"no action of `{action}` can use a Resource of this statement: here it {outcome} nothing"


RULE: Final = Rule(
    ident="resource-action",
    severity=Severity.WARNING,
    title="The action cannot use any Resource of its statement",
    why=(
        "AWS decides each call on the ARN of what it is for. An action in a statement whose Resource can "
        "never be that ARN does nothing there: an Allow grants nothing, a Deny forbids nothing, and AWS "
        "stores it without complaint. Three slips are common: an action that has no resource of its own "
        "(`iam:GetAccountSummary`) and so needs `*`; an action on objects given the ARN of a bucket, or the "
        "other way round; an ARN with an account or a region where that service's ARNs have none. What an "
        "action works on is taken from AWS's service reference; where refusals of AWS are known to name "
        "another resource (`iam:ListUsers`), it is a note."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:ListBucket"],
      "Resource": "arn:aws:s3:::reports"
    }
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": ["s3:GetObject", "s3:ListBucket"],
      "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"]
    }
  ]
}""",
    source="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
    check=check,
)
