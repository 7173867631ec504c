"""An operator that does not go with the MFA key it stands over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.context import AGE_KEY
from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Condition, Effect
from watchword.lint._fixes import shown
from watchword.lint._mfa import PRESENT, WITHOUT_MFA, Oddity, Reading, mfa_statements, oddity, read
from watchword.lint._wording import effect_of
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_STRINGS: Final = frozenset({Family.STRING_EQUALS, Family.STRING_IGNORE_CASE, Family.STRING_LIKE})


def check(subject: Subject) -> Iterator[Finding]:
    """Find operators of another type; text operators that work are a note."""
    for effect in Effect:
        for statement, conditions in mfa_statements(subject.policy, effect):
            reading = read(subject.policy, effect, conditions)
            for condition in conditions:
                message = severity = None
                if oddity(condition) is Oddity.OPERATOR:
                    message, severity = _wrong(condition, effect, reading), Severity.ERROR
                elif _works_as_text(condition, effect, reading):
                    message, severity = _text(condition, effect), Severity.NOTE
                if message is not None:
                    yield RULE.finding(
                        subject,
                        at=condition.operator_at,
                        statement=statement,
                        severity=severity,
                        message=message,
                    )


def _wrong(condition: Condition, effect: Effect, reading: Reading) -> str:
    what = "true or false: ask it with `Bool`"
    if condition.key.text.lower() != PRESENT:
        what = f"a number of seconds: ask `{AGE_KEY}` with a `Numeric` operator"
    return f"`{shown(condition)}`: the key is {what}; as it stands {effect_of(effect, reading)}"


def _works_as_text(condition: Condition, effect: Effect, reading: Reading) -> bool:
    """Whether this compares the words `true` and `false` as text, in a statement that is right otherwise."""
    if oddity(condition) is not None or OPERATORS[condition.operator.name].family not in _STRINGS:
        return False
    wrong = reading.among if effect is Effect.ALLOW else reading.missing
    return not wrong(WITHOUT_MFA)


def _text(condition: Condition, effect: Effect) -> str:
    usual = "Bool aws:MultiFactorAuthPresent true"
    if effect is Effect.DENY:
        usual = "BoolIfExists aws:MultiFactorAuthPresent false"
    return f"`{shown(condition)}` works; AWS's own form, which readers and tools know, is `{usual}`"


RULE: Final = Rule(
    ident="mfa-operator",
    severity=Severity.ERROR,
    title="An operator that does not go with the MFA key",
    why=(
        "`aws:MultiFactorAuthPresent` is true or false, `aws:MultiFactorAuthAge` a number of seconds. "
        "Under an operator of another type a comparison is false whatever the request says, or compares "
        "the digits as text: `StringEquals` with `3600` matches in one second of the session. Text "
        "operators on `aws:MultiFactorAuthPresent` do work and are a note."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthAge": "true"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
    check=check,
    supersedes=("condition-operator",),
)
