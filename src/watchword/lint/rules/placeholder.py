"""Something that was to be replaced before the policy is used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Located, Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_ACCOUNT_PART: Final = 4
_REGION_PART: Final = 3
_PARTS: Final = 6
_VARIABLE: Final = re.compile(r"\$\{[^{}]*\}")
_PLACEHOLDERS: Final = (
    re.compile(r"<[A-Za-z][\w .:-]{0,60}>"),
    re.compile(r"\{\{[^{}]{1,60}\}\}"),
    re.compile(r"(?<![$\w{])\{[A-Za-z][\w .-]{0,60}\}(?!\})"),
    re.compile(r"%[A-Z_]{3,40}%|__[A-Z][A-Z_]{2,40}__"),
    re.compile(r"(?<![A-Z0-9])(?:[A-Z0-9]+[-_])*ACCOUNT[-_]?(?:ID|NUMBER)?(?:[-_][A-Z]+)*(?![A-Za-z0-9])"),
    re.compile(
        r"(?<![A-Za-z0-9])(?:YOUR|REPLACE|CHANGE|INSERT|ENTER)[-_]?(?:ME|THIS|WITH|[A-Z]{2,})(?:[-_][A-Z]+)*"
    ),
    re.compile(
        r"(?<![A-Za-z0-9])(?:your|replace|insert)[-_](?:me|this|with|bucket|account|region|user|role|key|org)[\w-]*"
    ),
    re.compile(r"(?<![A-Za-z0-9])(?:TODO|FIXME|CHANGEME|XXXX+|xxxx+)(?![A-Za-z0-9])"),
    re.compile(r"DOC-EXAMPLE-BUCKET\d*|amzn-s3-demo-[a-z-]*bucket\d*|EXAMPLE-BUCKET"),
    re.compile(r"(?<![a-z0-9-])o-(?:exampleorgid|a1b2c3d4e5|xxxxxxxxxx)(?![a-z0-9])"),
)
_WORDS: Final = frozenset(
    {"account", "account-id", "account_id", "accountid", "aws-account-id", "region", "aws-region"}
)
_SAMPLES: Final = frozenset({"111122223333", "444455556666", "777788889999", "123456789012", "012345678901"})
"""Accounts that AWS's own pages use in samples, where nobody's account is meant."""
_EMULATED: Final = "123456789012"
_NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


def check(subject: Subject) -> Iterator[Finding]:
    """Find names in capitals and brackets, and, once each, the account numbers of AWS's samples."""
    told: set[str] = set()
    for statement in subject.policy.statements:
        for located in _texts(statement):
            found = _placeholder(located.text)
            if found is not None:
                message = f"`{found}` stands where a real name belongs: as it is, this matches nothing"
                yield RULE.finding(subject, at=located.offset, message=message, statement=statement)
                continue
            for number in dict.fromkeys(_NUMBER.findall(located.text)):
                if number not in told and (number in _SAMPLES or len(set(number)) == 1):
                    told.add(number)
                    yield _of_sample(subject, statement, located, number)


def _texts(statement: Statement) -> Iterator[Located]:
    yield from statement.resources or ()
    for principal in statement.principals or ():
        yield principal.name
    for condition in statement.conditions:
        for value, at in zip(condition.values, condition.values_at, strict=True):
            yield Located(value, at)


def _placeholder(text: str) -> str | None:
    plain = _VARIABLE.sub("", text)
    for pattern in _PLACEHOLDERS:
        if found := pattern.search(plain):
            return found.group()
    parts = plain.split(":", _PARTS - 1)
    if parts[0] == "arn" and len(parts) == _PARTS:
        for index in (_REGION_PART, _ACCOUNT_PART):
            if parts[index].lower() in _WORDS:
                return parts[index]
    return None


def _of_sample(subject: Subject, statement: Statement, located: Located, number: str) -> Finding:
    times = subject.text.count(number)
    often = f" ({times} times in this document)" if times > 1 else ""
    # Emulators of AWS give one of them to everybody, so it may well be meant.
    if number in _SAMPLES and number != _EMULATED:
        message = f"`{number}` is the account of AWS's samples{often}: put your own in its place"
    else:
        message = (
            f"`{number}` looks made up{often}: put your own account in its place, unless this is for a test"
        )
    return RULE.finding(
        subject,
        at=located.offset,
        message=message,
        statement=statement,
        severity=Severity.WARNING if number in _SAMPLES and number != _EMULATED else Severity.NOTE,
    )


RULE: Final = Rule(
    ident="placeholder",
    severity=Severity.ERROR,
    title="A placeholder was left in",
    why=(
        "Policies are copied from pages, where `ACCOUNT-ID-WITHOUT-HYPHENS`, `<bucket>` or `111122223333` "
        "stand for what is yours. AWS stores them without complaint, and they match nothing: the Allow "
        "grants nothing, the Deny forbids nothing. An account number of AWS's samples is a warning; "
        "`123456789012` and numbers of one repeated digit are notes, for local emulators and tests use "
        "them."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "iam:ChangePassword",
      "Resource": "arn:aws:iam::ACCOUNT-ID-WITHOUT-HYPHENS:user/${aws:username}"
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
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
    check=check,
)
