"""`ForAllValues` or `ForAnyValue` on an MFA key, which has one value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Condition, Effect, Operator, Quantifier, Statement
from watchword.lint._fixes import change_operator, if_exists, plain, shown
from watchword.lint._mfa import WITHOUT_MFA, Oddity, mfa_statements, named, oddity, read
from watchword.lint.finding import Finding, Fix, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find each such condition; it is an error where it lets somebody without MFA through."""
    for effect in Effect:
        for statement, conditions in mfa_statements(subject.policy, effect):
            reading = read(subject.policy, effect, conditions)
            wrong = reading.among if effect is Effect.ALLOW else reading.missing
            for condition in conditions:
                if oddity(condition) is Oddity.SET_OPERATOR:
                    callers = wrong(WITHOUT_MFA)
                    yield RULE.finding(
                        subject,
                        at=condition.operator_at,
                        statement=statement,
                        severity=Severity.ERROR if callers else Severity.WARNING,
                        message=_message(condition, effect, named(callers)),
                        fix=_fix(subject, statement, condition),
                    )


def _message(condition: Condition, effect: Effect, callers: str) -> str:
    quantifier = condition.operator.quantifier
    absent = "true" if quantifier is Quantifier.FOR_ALL_VALUES else "false"
    why = f"`{shown(condition)}`: the key has one value, and `{quantifier}` is {absent} without it"
    if not callers:
        return f"{why}; here it does no harm, and the plain operator says what is meant"
    return f"{why}, so this {'allows' if effect is Effect.ALLOW else 'does not deny'} {callers}"


def _fix(subject: Subject, statement: Statement, condition: Condition) -> Fix | None:
    wanted: list[Operator] = [plain(condition.operator)]
    if statement.effect is Effect.DENY:
        wanted.insert(0, if_exists(condition.operator))
    fixes = (change_operator(subject, statement, condition, each) for each in wanted)
    return next((each for each in fixes if each is not None), None)


RULE: Final = Rule(
    ident="mfa-set-operator",
    severity=Severity.ERROR,
    title="A set operator on an MFA key",
    why=(
        "`ForAllValues` and `ForAnyValue` are for keys with several values; the MFA keys have one. On a "
        "request that lacks the key, `ForAllValues` is true, so in an Allow it lets access keys through, "
        "and `ForAnyValue` is false, so in a Deny it misses them. It is a warning where it happens to do "
        "no harm."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"ForAllValues:Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    source=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_condition-single-vs-multi-valued-context-keys.html"
    ),
    check=check,
)
