"""An operator that cannot compare the key's values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Condition, Effect, Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.global_keys import KeyType, global_key
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_TAKES: Final[dict[Family, frozenset[KeyType]]] = {
    Family.NUMERIC: frozenset({KeyType.NUMERIC, KeyType.DATE}),
    Family.DATE: frozenset({KeyType.DATE}),
    Family.BOOL: frozenset({KeyType.BOOL}),
    Family.ADDRESS: frozenset({KeyType.ADDRESS}),
    Family.ARN: frozenset({KeyType.ARN}),
}
"""The families that read a value before they compare it. Text operators compare all as text."""
_FREE: Final = frozenset({"aws:principaltag/", "aws:resourcetag/", "aws:requesttag/", "aws:sourceidentity"})
"""Whoever sets these decides what is in them: a number, a date, an ARN."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find operators that read a global key's values as what they never are."""
    for statement in subject.policy.statements:
        for condition in statement.conditions:
            problem = _problem(condition)
            if problem is not None:
                message = f"{problem}{_so(statement, condition)}"
                yield RULE.finding(subject, at=condition.operator_at, message=message, statement=statement)


def _problem(condition: Condition) -> str | None:
    key = global_key(condition.key.text)
    taken = _TAKES.get(OPERATORS[condition.operator.name].family)
    if key is None or taken is None or key.type in taken or key.name.lower() in _FREE:
        return None
    return f"`{condition.operator}` cannot compare `{key.name}`, whose type is {key.type}"


def _so(statement: Statement, condition: Condition) -> str:
    """Numbers, dates, addresses and ARNs that cannot be read match nothing; other words count as `false`."""
    if OPERATORS[condition.operator.name].family is Family.BOOL:
        return ": `Bool` takes its values for `false`"
    if OPERATORS[condition.operator.name].negated or condition.operator.if_exists:
        return ""
    return f": nothing is {'denied' if statement.effect is Effect.DENY else 'allowed'} by it"


RULE: Final = Rule(
    ident="condition-operator",
    severity=Severity.ERROR,
    title="The operator cannot compare this key",
    why=(
        "Numeric, Date, Bool, IpAddress and Arn operators read the request's value as a number, a date, a "
        "truth value, an address or an ARN before they compare it. A key whose values are something else "
        "never matches (`Bool` takes any other word for `false`). Only AWS's global keys are judged: their "
        "types are documented."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:ListAllMyBuckets",
      "Resource": "*",
      "Condition": {"IpAddress": {"aws:SourceVpc": "10.0.0.0/8"}}
    }
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:ListAllMyBuckets",
      "Resource": "*",
      "Condition": {"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    check=check,
)
