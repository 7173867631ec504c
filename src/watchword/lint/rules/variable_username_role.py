"""`aws:username` where no request has one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import PolicyKind, Version
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import AttachedTo, Subject
from watchword.lint.variables import dynamic_texts, variable_names

_KEY: Final = "aws:username"


def check(subject: Subject) -> Iterator[Finding]:
    """Find `${aws:username}` in the policy of a role; it needs to be told that it is a role's."""
    if subject.kind is not PolicyKind.IDENTITY or subject.attached_to is not AttachedTo.ROLE:
        return
    if subject.policy.version is Version.V2008:
        return
    for statement in subject.policy.statements:
        for located in dynamic_texts(statement):
            if any(name.lower() == _KEY for name in variable_names(located.text)) and not _default(
                located.text
            ):
                yield RULE.finding(
                    subject,
                    at=located.offset,
                    message="a role's session has no `aws:username`, so this matches nothing",
                    statement=statement,
                )


def _default(text: str) -> bool:
    """Whether the variable says what stands in for it: `${aws:username, 'nobody'}`."""
    return f"${{{_KEY}," in text.lower()


RULE: Final = Rule(
    ident="variable-username-role",
    severity=Severity.ERROR,
    title="`${aws:username}` in the policy of a role",
    why=(
        "`aws:username` is in the requests of IAM users only. A role's session has none, so a Resource or a "
        "condition with the variable matches nothing: an Allow grants nothing, a Deny forbids nothing. For "
        "sessions there are `aws:PrincipalTag/…`, `aws:SourceIdentity` and `aws:userid`. This is looked at "
        "with `--attached-to role`."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::homes/${aws:username}/*"
    }
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::homes/${aws:PrincipalTag/home}/*"
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",
    check=check,
    attached_to=AttachedTo.ROLE,
)
