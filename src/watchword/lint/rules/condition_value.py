"""A value in a condition that no request can have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from watchword.errors import short
from watchword.iam.conditions.addresses import read_network
from watchword.iam.conditions.dates import read_milliseconds
from watchword.iam.conditions.numbers import read_number
from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Condition, Effect, Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_IPV6_BITS: Final = 128
_ARN_COLONS: Final = 5
_VARIABLE: Final = "${"
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_DIGITS: Final = re.compile(r"[0-9][0-9 -]*")
_ACCOUNT_KEYS: Final = frozenset(
    {
        "aws:principalaccount",
        "aws:resourceaccount",
        "aws:sourceaccount",
        "kms:calleraccount",
        "s3:resourceaccount",
    }
)
_ORGANIZATION_KEYS: Final = frozenset({"aws:principalorgid", "aws:resourceorgid", "aws:sourceorgid"})


def check(subject: Subject) -> Iterator[Finding]:
    """Find values that the operator cannot read, or that the key never has."""
    for statement in subject.policy.statements:
        for condition in statement.conditions:
            if not condition.values:
                yield RULE.finding(
                    subject,
                    at=condition.key.offset,
                    message=f"`{condition.key}` has an empty list of values: {_empty(condition)}",
                    statement=statement,
                )
            for value, at in zip(condition.values, condition.values_at, strict=True):
                problem = _problem(condition, value)
                if problem is not None:
                    message = f"`{short(value)}` {problem}{_so(statement, condition)}"
                    yield RULE.finding(subject, at=at, message=message, statement=statement)


def _empty(condition: Condition) -> str:
    if condition.operator.quantifier is None and not condition.operator.if_exists:
        return "no value of a request is in it"
    return "only a request without the key can match"


def _problem(condition: Condition, value: str) -> str | None:
    family = OPERATORS[condition.operator.name].family
    reader = _READERS.get(family)
    if reader is not None:
        return reader(value)
    return _known_form(condition.key.text.lower(), value) if family is Family.STRING_EQUALS else None


def _network(value: str) -> str | None:
    network = read_network(value)
    if network is None:
        return "is no IP address and no network as `203.0.113.0/24`"
    if network.bits == _IPV6_BITS and network.number & ~network.mask:
        return "has bits behind its prefix, so no IPv6 address is in it: write zeroes there"
    return None


def _date(value: str) -> str | None:
    if read_milliseconds(value) is not None:
        return None
    return "is no date as `2027-01-31T12:00:00Z`, and no seconds since 1970"


def _number(value: str) -> str | None:
    return "is no number" if read_number(value) is None else None


def _word(value: str) -> str | None:
    return (
        None if value.lower() in {"true", "false"} else "is neither `true` nor `false`, and counts as `false`"
    )


def _null(value: str) -> str | None:
    return None if value.lower() in {"true", "false"} else "is neither `true` (absent) nor `false` (present)"


def _arn(value: str) -> str | None:
    """What a variable stands for may be any part of an ARN; `*` alone is contested."""
    if value == "*" or _VARIABLE in value:
        return None
    if value.startswith("arn:") and value.count(":") >= _ARN_COLONS:
        return None
    return "is no ARN: it has six parts, `arn:partition:service:region:account:resource`"


_READERS: Final[dict[Family, Callable[[str], str | None]]] = {
    Family.ADDRESS: _network,
    Family.DATE: _date,
    Family.NUMERIC: _number,
    Family.BOOL: _word,
    Family.NULL: _null,
    Family.ARN: _arn,
}


def _known_form(key: str, value: str) -> str | None:
    """Judge account and organization numbers only where they look like slips, not like placeholders."""
    if key in _ACCOUNT_KEYS and _DIGITS.fullmatch(value) and not _ACCOUNT.fullmatch(value):
        return "is no account: that is twelve digits, without hyphens"
    if key in _ORGANIZATION_KEYS and value.startswith(("r-", "ou-")):
        return "is a root or a unit, not an organization: `aws:PrincipalOrgPaths` takes paths to those"
    return None


def _so(statement: Statement, condition: Condition) -> str:
    """Say what follows, where that is certain: one value that stands alone decides the statement."""
    meaning = OPERATORS[condition.operator.name]
    if meaning.family in {Family.BOOL, Family.NULL} or len(condition.values) > 1 or meaning.negated:
        return ""
    if meaning.family is Family.ARN and statement.effect is Effect.DENY:
        return ": AWS takes it as matching, so this denies every such request"
    return f": nothing is {'denied' if statement.effect is Effect.DENY else 'allowed'} by it"


RULE: Final = Rule(
    ident="condition-value",
    severity=Severity.ERROR,
    title="No request can have this value",
    why=(
        "A condition compares what the policy says with what the request says, each read as the operator "
        "wants it: a network, a date, a number, an ARN. A value that cannot be read so matches nothing; a "
        "Deny with it forbids nothing, an Allow grants nothing. (A malformed ARN is worse: in a Deny it "
        "counts as a match.) `Bool` takes every word but `true` for `false`."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "s3:ListAllMyBuckets",
      "Resource": "*",
      "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.256/24"}}
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
      "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    check=check,
)
