"""A limit on the age of MFA that is hardly meant in seconds, or that nothing can reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.conditions.numbers import read_number
from watchword.iam.operators import OPERATORS, Family, Relation
from watchword.iam.policy import Condition, Effect
from watchword.lint._fixes import shown
from watchword.lint._mfa import AGE, LONGEST_SESSION_SECONDS, mfa_statements, oddity
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_SHORTEST_SECONDS: Final = 60


def check(subject: Subject) -> Iterator[Finding]:
    """Find limits under a minute, limits beyond every session, and ages that must be exact."""
    for effect in Effect:
        for statement, conditions in mfa_statements(subject.policy, effect):
            for condition in conditions:
                for at, problem in _problems(condition):
                    yield RULE.finding(
                        subject,
                        at=at,
                        statement=statement,
                        message=f"`{shown(condition)}`: {problem}",
                    )


def _problems(condition: Condition) -> Iterator[tuple[int, str]]:
    meaning = OPERATORS[condition.operator.name]
    if condition.key.text.lower() != AGE or meaning.family is not Family.NUMERIC or oddity(condition):
        return
    if meaning.relation is Relation.EQUAL:
        yield condition.operator_at, "this asks for one exact second; a limit is `NumericLessThan`"
        return
    for at, value in zip(condition.values_at, condition.values, strict=True):
        seconds = read_number(value)
        if seconds is None:
            continue
        if seconds < _SHORTEST_SECONDS:
            yield at, f"the age is in seconds: {value} leaves hardly time for one call; an hour is 3600"
        elif seconds >= LONGEST_SESSION_SECONDS:
            yield (
                at,
                f"no session is older than {LONGEST_SESSION_SECONDS} seconds (36 hours): this is no limit",
            )


RULE: Final = Rule(
    ident="mfa-age-limit",
    severity=Severity.NOTE,
    title="A limit on the age of MFA that is no limit, or is not in seconds",
    why=(
        "`aws:MultiFactorAuthAge` counts seconds. A limit of 12 or 30 was hardly meant: it leaves no time "
        "to work, minutes or hours were in mind. A session with MFA from GetSessionToken lasts 129 600 "
        "seconds at most, so a limit from there on, such as one in milliseconds, changes nothing."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "12"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "43200"}}
  }]
}""",
    source="https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html",
    check=check,
)
