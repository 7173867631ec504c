"""A condition key that looks like one of the MFA keys and is none."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from watchword.iam.context import AGE_KEY, PRESENT_KEY
from watchword.iam.policy import Condition
from watchword.lint._fixes import change_key
from watchword.lint._mfa import is_mfa, read
from watchword.lint._wording import effect_of
from watchword.lint.finding import Finding, Severity
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_PREFIXES: Final = frozenset({"aws", "iam", "sts"})
_PARTS: Final = ("mfa", "multi", "factor", "auth")
_ALIKE: Final = 0.8


def check(subject: Subject) -> Iterator[Finding]:
    """Find keys that no request carries, and say which was meant."""
    for statement in subject.policy.statements:
        for condition in statement.conditions:
            meant = _meant(condition)
            if meant is not None:
                does = effect_of(statement.effect, read(subject.policy, statement.effect, [condition]))
                yield RULE.finding(
                    subject,
                    at=condition.key.offset,
                    statement=statement,
                    message=(
                        f"there is no condition key `{condition.key}`, so no request carries it: "
                        f"as it stands {does}; the key is `{meant}`"
                    ),
                    fix=change_key(subject, statement, condition, meant),
                )


def _meant(condition: Condition) -> str | None:
    """Return the MFA key that a key looks like; None when it is one, or looks like neither.

    Keys with a `/` hold a name of the author's own (`aws:PrincipalTag/mfa`).
    """
    prefix, _, name = condition.key.text.lower().partition(":")
    if is_mfa(condition) or "/" in name or prefix not in _PREFIXES:
        return None
    bare = name.replace("-", "").replace("_", "")
    if not any(part in bare for part in _PARTS):
        return None
    likeness = {key: _likeness(bare, key.partition(":")[2].lower()) for key in (PRESENT_KEY, AGE_KEY)}
    best = AGE_KEY if likeness[AGE_KEY] > likeness[PRESENT_KEY] else PRESENT_KEY
    if bare.startswith("mfa"):
        return AGE_KEY if bare.endswith("age") else PRESENT_KEY
    return best if likeness[best] >= _ALIKE or "multifactor" in bare else None


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


RULE: Final = Rule(
    ident="mfa-key",
    severity=Severity.ERROR,
    title="A misspelt MFA key",
    why=(
        "AWS stores a policy with a condition key that does not exist without complaint. No request "
        "carries it, so a plain operator never matches and the statement is dead: a Deny denies nobody. "
        "With `IfExists`, or a negated operator, it always matches: an Allow asks for no MFA."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthenticationAge": "3600"}}
  }]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [{
    "Effect": "Deny", "Action": "ec2:StopInstances", "Resource": "*",
    "Condition": {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}
  }]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    check=check,
    supersedes=("condition-key",),
)
