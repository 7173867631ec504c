"""A wildcard under an operator that has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.errors import short
from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Condition, Effect, Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.global_keys import KeyType, global_key
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_EXACT: Final = frozenset({Family.STRING_EQUALS, Family.STRING_IGNORE_CASE})
_WITHOUT_STARS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalservicename",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:resourceorgpaths",
        "aws:sourceaccount",
        "aws:sourceip",
        "aws:sourceorgid",
        "aws:sourceorgpaths",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "aws:username",
        "iam:passedtoservice",
        "iam:permissionsboundary",
        "iam:policyarn",
        "kms:viaservice",
        "s3:prefix",
    }
)
"""Keys whose values hold no `*`, or hardly ever (a listing of S3 could ask for such a prefix)."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find `*` in values that are compared sign by sign, under keys that never hold one."""
    for statement in subject.policy.statements:
        for condition in statement.conditions:
            if OPERATORS[condition.operator.name].family not in _EXACT or not _starless(condition):
                continue
            for value, at in zip(condition.values, condition.values_at, strict=True):
                if "*" in value.replace("${*}", ""):
                    message = _message(statement, condition, value)
                    yield RULE.finding(subject, at=at, message=message, statement=statement)


def _starless(condition: Condition) -> bool:
    key = condition.key.text.lower()
    known = global_key(key)
    return key in _WITHOUT_STARS or (known is not None and known.type is KeyType.ARN)


def _message(statement: Statement, condition: Condition, value: str) -> str:
    instead = "StringNotLike" if OPERATORS[condition.operator.name].negated else "StringLike"
    shown = short(value)
    start = f"`*` is a plain sign under `{condition.operator}`, and `{condition.key}` never holds one"
    if OPERATORS[condition.operator.name].negated:
        return f"{start}: `{shown}` leaves nobody out; `{instead}` has wildcards"
    outcome = "denied" if statement.effect is Effect.DENY else "allowed"
    return f"{start}: nothing is {outcome} by `{shown}`; `{instead}` has wildcards"


RULE: Final = Rule(
    ident="wildcard-literal",
    severity=Severity.ERROR,
    title="A wildcard under an operator that has none",
    why=(
        "`StringEquals` and `StringNotEquals` compare sign by sign: `*` and `?` are wildcards only under "
        "`StringLike`, `StringNotLike` and the Arn operators. A pattern under `StringEquals` matches no "
        "request, so the Allow grants nothing and the Deny forbids nothing; under `StringNotEquals` it "
        "leaves nobody out. It is not changed for you: with wildcards the statement would match more."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Action": "s3:*",
      "Resource": "*",
      "Condition": {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/backup/*"}}
    }
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Action": "s3:*",
      "Resource": "*",
      "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/backup/*"}}
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    check=check,
)
