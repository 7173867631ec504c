"""A document that is too long for where it goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Place, PolicyKind
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import AttachedTo, Subject

_SPACE: Final = re.compile(r"[ \t\r\n]+")
_MANAGED: Final = 6_144
_TRUST: Final = 2_048
_INLINE: Final[dict[AttachedTo, int]] = {
    AttachedTo.USER: 2_048,
    AttachedTo.GROUP: 5_120,
    AttachedTo.ROLE: 10_240,
}
"""What all inline policies of one of these may have together."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find policies of IAM that are longer than IAM takes; white space does not count."""
    length = len(_SPACE.sub("", subject.text))
    message = _problem(subject, length)
    if message is not None:
        yield Finding(rule=RULE.ident, severity=RULE.severity, message=message, place=Place(line=1, column=1))


def _problem(subject: Subject, length: int) -> str | None:
    if subject.kind is PolicyKind.TRUST and length > _TRUST:
        return (
            f"{length} characters without white space: a trust policy has at most {_TRUST}, "
            "until the account's quota is raised"
        )
    if subject.kind is not PolicyKind.IDENTITY or length <= _MANAGED:
        return None
    inline = _INLINE[AttachedTo.ROLE if subject.attached_to is None else subject.attached_to]
    if length <= inline:
        return (
            f"{length} characters without white space: too long for a managed policy ({_MANAGED}); "
            f"as an inline policy of a role it may pass ({_INLINE[AttachedTo.ROLE]} for all of them)"
        )
    return f"{length} characters without white space: a managed policy has at most {_MANAGED}"


_BUCKETS: Final = ",\n".join(
    f'    {{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::team-{number:03}/*"}}'
    for number in range(100)
)
_BEFORE: Final = f"""{{
  "Version": "2012-10-17",
  "Statement": [
{_BUCKETS}
  ]
}}"""
"""One statement a bucket, where one statement with a list of buckets would do."""

RULE: Final = Rule(
    ident="policy-size",
    severity=Severity.NOTE,
    title="The policy is longer than IAM takes",
    why=(
        "IAM refuses a managed policy of more than 6 144 characters and a trust policy of more than 2 048 "
        "(a quota that can be raised), white space not counted. Inline policies share 2 048 characters for "
        "a user, 5 120 for a group and 10 240 for a role. Session policies (2 048) look like identity "
        "policies and are not told apart. AWS's own managed policies may be longer, so this is a note."
    ),
    before=_BEFORE,
    after="""{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    check=check,
)
