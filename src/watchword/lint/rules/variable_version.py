"""A variable in a policy of the version that has none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Version
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject
from watchword.lint.variables import dynamic_texts

_VARIABLE: Final = re.compile(r"\$\{[^{}]+\}")
_STATED: Final = re.compile(r'"Version"\s*:')


def check(subject: Subject) -> Iterator[Finding]:
    """Find variables that are plain text, for the policy's version is 2008-10-17."""
    if subject.policy.version is not Version.V2008:
        return
    reason = "the version is 2008-10-17" if _STATED.search(subject.text) else "there is no `Version`"
    for statement in subject.policy.statements:
        for located in dynamic_texts(statement):
            found = _VARIABLE.search(located.text)
            if found is not None:
                yield RULE.finding(
                    subject,
                    at=located.offset,
                    message=f"`{found.group()}` is plain text here, for {reason}: nothing has that name. "
                    'Variables need `"Version": "2012-10-17"`',
                    statement=statement,
                )


RULE: Final = Rule(
    ident="variable-version",
    severity=Severity.ERROR,
    title="A variable in a policy without the version that has them",
    why=(
        "Variables such as `${aws:username}` belong to version 2012-10-17 of the policy language. A policy "
        "without `Version` has version 2008-10-17, where the signs stand for themselves: the Resource or "
        "the condition then matches nothing, so an Allow grants nothing and a Deny forbids nothing. It is "
        "not changed for you: with the version, statements that did nothing so far take effect."
    ),
    before="""{
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "iam:ChangePassword",
      "Resource": "arn:aws:iam::*:user/${aws:username}"
    }
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "iam:ChangePassword",
      "Resource": "arn:aws:iam::*:user/${aws:username}"
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",
    check=check,
)
