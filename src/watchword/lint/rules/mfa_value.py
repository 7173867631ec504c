"""A value that is none of the key's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Condition, Effect, Statement
from watchword.lint._fixes import quoted, safe, shown
from watchword.lint._mfa import Oddity, mfa_statements, oddity, read
from watchword.lint._wording import effect_of
from watchword.lint.finding import Finding, Fix, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_WORDS: Final = frozenset({"true", "false"})


def check(subject: Subject) -> Iterator[Finding]:
    """Find values that are no `true`, `false` or whole number of seconds, both at once, or none at all."""
    for effect in Effect:
        for statement, conditions in mfa_statements(subject.policy, effect):
            for condition in conditions:
                if oddity(condition) is Oddity.VALUE:
                    does = effect_of(effect, read(subject.policy, effect, conditions))
                    yield RULE.finding(
                        subject,
                        at=(*condition.values_at, condition.key.offset)[0],
                        statement=statement,
                        message=f"`{shown(condition)}`: {_what(condition)}; as it stands {does}",
                        fix=_fix(subject, statement, condition),
                    )


def _what(condition: Condition) -> str:
    if not condition.values:
        return "a list without values compares with nothing"
    family = OPERATORS[condition.operator.name].family
    if family is Family.NUMERIC:
        return "the age is a whole number of seconds, without a unit"
    if {each.lower() for each in condition.values} == _WORDS and family is not Family.STRING_EQUALS:
        return "values are joined by OR, and one of the two always matches a key that is there"
    if family is Family.STRING_EQUALS:
        return "this operator minds case and spaces, and the key is `true` or `false`"
    return "whatever is not `true` to the letter counts as false"


def _fix(subject: Subject, statement: Statement, condition: Condition) -> Fix | None:
    wanted = [each.strip().lower() for each in condition.values]
    words = OPERATORS[condition.operator.name].family is not Family.NUMERIC
    if not words or len(set(wanted)) != 1 or not set(wanted) <= _WORDS:
        return None
    edits = tuple(quoted(subject, at, text) for at, text in zip(condition.values_at, wanted, strict=True))
    return safe(subject, statement, f"write the value as `{wanted[0]}`", edits)


RULE: Final = Rule(
    ident="mfa-value",
    severity=Severity.ERROR,
    title="A value that an MFA key never has",
    why=(
        '`Bool` takes `true` in upper or lower case for true, and everything else for false: `"yes"`, '
        '`"1"` and `"true "` with a space all ask for *no* MFA. `StringEquals` minds case, and the key is '
        "never `True`. An age is a number of seconds. Both values in one list always match."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "yes"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    check=check,
    supersedes=("condition-empty", "condition-value"),
)
