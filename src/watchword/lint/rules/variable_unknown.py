"""A variable that never has a value."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Located, Statement, Version
from watchword.lint.finding import Finding, Severity
from watchword.lint.global_keys import GLOBAL_KEYS, global_key
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject
from watchword.lint.variables import dynamic_texts, variable_names

_ALIKE: Final = 0.75
_MULTIVALUED: Final = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:resourceorgpaths",
        "aws:sourceorgpaths",
        "aws:tagkeys",
        "aws:vpceorgpaths",
    }
)


def check(subject: Subject) -> Iterator[Finding]:
    """Find variables whose key AWS does not send, and texts that were meant to be variables."""
    if subject.policy.version is Version.V2008:
        return
    for statement in subject.policy.statements:
        for located in dynamic_texts(statement):
            yield from _each(subject, statement, located)
        for principal in statement.principals or ():
            for name in variable_names(principal.name.text):
                message = f"`${{{name}}}` is plain text here: a principal is named whole, without variables"
                yield RULE.finding(subject, at=principal.name.offset, message=message, statement=statement)


def _each(subject: Subject, statement: Statement, located: Located) -> Iterator[Finding]:
    for name in variable_names(located.text):
        problem = _problem(name)
        if problem is not None:
            message = f"`${{{name}}}` {problem}, so this matches nothing"
            yield RULE.finding(subject, at=located.offset, message=message, statement=statement)
    opening = located.text.rfind("${")
    if opening >= 0 and "}" not in located.text[opening:]:
        message = f"`{located.text[opening:][:40]}` has no closing `}}`, so it is no variable but plain text"
        yield RULE.finding(subject, at=located.offset, message=message, statement=statement)


def _problem(name: str) -> str | None:
    """Judge by AWS's list of global keys: any key of a service may be in a request too, so those pass."""
    if "::" in name:
        return "is CloudFormation's, replaced only under `Fn::Sub`: to IAM it is a key that no request has"
    prefix, colon, _ = name.partition(":")
    if not colon:
        return f"is no key: a key has its service before a colon{_near(name)}"
    if prefix.lower() != "aws":
        return None
    if global_key(name) is None:
        return f"is no key that AWS sends{_near(name)}"
    if name.lower() in _MULTIVALUED:
        return "has several values, and a variable has one"
    return None


def _near(name: str) -> str:
    written = name.lower().replace(".", ":")
    candidates = [written] if ":" in written else [f"aws:{written}"]
    for candidate in candidates:
        found = difflib.get_close_matches(candidate, GLOBAL_KEYS, n=1, cutoff=_ALIKE)
        if found:
            return f" (did you mean `${{{GLOBAL_KEYS[found[0]].name}}}`?)"
    return ""


RULE: Final = Rule(
    ident="variable-unknown",
    severity=Severity.ERROR,
    title="A variable that never has a value",
    why=(
        "A variable stands for the value of a condition key in the request. When the request has no such "
        "key, or one with several values, the variable has no value, and the Resource or the condition "
        "matches nothing. AWS stores a misspelt variable without complaint. In a Principal no variable "
        "counts at all. Keys of services (`${s3:prefix}`) are not judged: many can be sent with calls of "
        "other services."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "iam:ChangePassword",
      "Resource": "arn:aws:iam::*:user/${aws:usrname}"
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
