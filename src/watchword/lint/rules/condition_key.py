"""A condition key that no request of the statement carries."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Condition, Quantifier, Statement
from watchword.lint.finding import Finding, Severity
from watchword.lint.global_keys import GLOBAL_KEYS, global_key
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject

_ALIKE: Final = 0.8
_GLOBAL: Final = "aws"
_DOUBTFUL: Final = "AWS's page has no global key"
"""Nothing on the page is like it: AWS has some keys that it keeps for its own policies."""
_MFA: Final = ("mfa", "multi", "factor")
_EVERYTHING: Final = frozenset({"*", "*:*"})
_CROSSING: Final = frozenset(
    {
        "ec2:roledelivery",
        "ec2:sourceinstancearn",
        "lambda:sourcefunctionarn",
        "ssm:sourceinstancearn",
        "glue:roleassumedby",
        "glue:credentialissuingservice",
        "identitystore:userid",
    }
)
"""Keys of a role's session that go with its calls to any service."""
_TRAVELLING: Final = frozenset(
    {
        "saml",
        "sts",
        "cognito-identity.amazonaws.com",
        "accounts.google.com",
        "graph.facebook.com",
        "www.amazon.com",
        "identitystore",
        "kms",
    }
)
"""Prefixes whose keys can stand in a session's context, or are sent along by other services."""


def check(subject: Subject) -> Iterator[Finding]:
    """Find global keys that AWS does not have, and keys of another service than the statement's actions."""
    for statement in subject.policy.statements:
        for condition in statement.conditions:
            problem = _problem(subject, statement, condition)
            if problem is not None:
                yield RULE.finding(
                    subject,
                    at=condition.key.offset,
                    message=f"{problem}: {_outcome(condition)}",
                    statement=statement,
                    severity=Severity.WARNING if problem.startswith(_DOUBTFUL) else None,
                )


def _problem(subject: Subject, statement: Statement, condition: Condition) -> str | None:
    key = condition.key.text
    prefix, _, _ = key.partition(":")
    if prefix.lower() == _GLOBAL:
        if any(part in key.lower() for part in _MFA):
            return None  # the rule mfa-key tells of it
        return None if global_key(key) else _unknown_global(subject, statement, key)
    if statement.not_action or not subject.universe.knows_service(prefix):
        return None
    if key.lower() in _CROSSING or prefix.lower() in _TRAVELLING:
        return None
    return _other_service(subject, statement, key)


def _unknown_global(subject: Subject, statement: Statement, key: str) -> str | None:
    """Services have some keys of this prefix of their own; then AWS lists them for the action."""
    names = [name for each in statement.actions for name in subject.matching(each.text)]
    if any(subject.universe.has_key(name, key) for name in names):
        return None
    found = difflib.get_close_matches(key.lower(), GLOBAL_KEYS, n=1, cutoff=_ALIKE)
    if not found:
        return f"{_DOUBTFUL} `{key}`"
    return f"there is no global key `{key}` (did you mean `{GLOBAL_KEYS[found[0]].name}`?)"


def _other_service(subject: Subject, statement: Statement, key: str) -> str | None:
    """Judge only where all actions are known, are of other services, and none of them lists the key."""
    names: list[str] = []
    for action in statement.actions:
        found = () if action.text in _EVERYTHING else subject.matching(action.text)
        if not found:
            return None
        names += found
    prefix = key.partition(":")[0].lower()
    services = {name.partition(":")[0].lower() for name in names}
    if prefix in services or any(subject.universe.has_key(name, key) for name in names):
        return None
    shown = ", ".join(f"`{service}`" for service in sorted(services)[:3])
    return f"`{key}` is not sent with calls of {shown}"


def _outcome(condition: Condition) -> str:
    """Say what an absent key makes of the condition."""
    name, operator = condition.operator.name, condition.operator
    if name == "Null":
        return "it is always absent, so this never changes"
    if operator.quantifier is Quantifier.FOR_ANY_VALUE:
        return "it is always absent, so this condition never holds"
    if operator.if_exists or operator.quantifier is Quantifier.FOR_ALL_VALUES or "Not" in name:
        return "it is always absent, so this condition always holds"
    return "it is always absent, so this condition never holds"


RULE: Final = Rule(
    ident="condition-key",
    severity=Severity.ERROR,
    title="No request of these actions carries the condition key",
    why=(
        "AWS stores a misspelt condition key without complaint, and a key of one service in a statement "
        "about another. The key is then absent from every request: a positive operator never holds, so the "
        "Allow grants nothing and the Deny forbids nothing; a negated one, or one with `IfExists`, always "
        "holds, so the condition protects nothing. Keys of the action's own service are not judged, for "
        "AWS's lists of those have gaps."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Action": "s3:*",
      "Resource": "*",
      "Condition": {"Bool": {"aws:SecureTransprot": "false"}}
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
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html",
    check=check,
)
