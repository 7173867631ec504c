"""Changes that are safe to apply: to an operator, a key or a value, never to what is allowed.

INVARIANT: a fix leaves an Allow matching at most the callers that it matched, and a Deny at least those.
It is worked out on the changed document, not assumed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from watchword.iam.context import PRESENT_KEY
from watchword.iam.errors import PolicySyntaxError
from watchword.iam.parse import parse_policy
from watchword.iam.policy import Condition, Effect, Operator, Statement
from watchword.lint._extent import end_of
from watchword.lint._mfa import is_mfa, read
from watchword.lint.finding import Edit, Fix
from watchword.lint.subject import Subject

_ALWAYS_SENT: Final = frozenset({"aws:viaawsservice", "aws:securetransport", "aws:principalisawsservice"})
"""Keys that every request carries: with or without `IfExists` they say the same.

Source: IAM User Guide, reference_policies_condition-keys (`Availability`).
"""


def quoted(subject: Subject, at: int, text: str) -> Edit:
    """Return the edit that puts a string where the JSON value at an offset stands."""
    return Edit(offset=at, length=end_of(subject.text, at) - at, text=json.dumps(text))


def change_operator(
    subject: Subject, statement: Statement, condition: Condition, operator: Operator
) -> Fix | None:
    """Return the fix that gives a condition another operator, or None where that is not safe."""
    beside = [each for each in statement.conditions if each.operator_at == condition.operator_at]
    if not all(is_mfa(each) or each.key.text.lower() in _ALWAYS_SENT for each in beside):
        return None
    edit = quoted(subject, condition.operator_at, str(operator))
    return safe(subject, statement, f"say `{operator}` instead of `{condition.operator}`", (edit,))


def change_key(subject: Subject, statement: Statement, condition: Condition, key: str) -> Fix | None:
    """Return the fix that names another key, or None where that is not safe."""
    edit = quoted(subject, condition.key.offset, key)
    return safe(subject, statement, f"name `{key}` instead of `{condition.key}`", (edit,))


def plain(operator: Operator) -> Operator:
    """Return an operator without its `IfExists` and its set operator."""
    return replace(operator, quantifier=None, if_exists=False)


def if_exists(operator: Operator) -> Operator:
    """Return an operator without its set operator and with `IfExists`."""
    return replace(operator, quantifier=None, if_exists=True)


def safe(subject: Subject, statement: Statement, description: str, edits: Sequence[Edit]) -> Fix | None:
    """Return the fix, or None when the changed statement could allow what this one does not.

    The edits lie within the statement. None as well when the result would not parse, as when an
    operator's new name is in the object already.
    """
    text = subject.text[statement.offset : statement.end]
    for edit in sorted(edits, key=lambda each: each.offset, reverse=True):
        at = edit.offset - statement.offset
        text = text[:at] + edit.text + text[at + edit.length :]
    document = f'{{"Version": "{subject.policy.version}", "Statement": [{text}]}}'
    try:
        changed = parse_policy(document, name=subject.policy.name, kind=subject.policy.kind)
    except PolicySyntaxError:
        return None
    if not _narrower(subject, statement, changed.statements[0]):
        return None
    return Fix(description=description, edits=tuple(edits))


def _narrower(subject: Subject, before: Statement, after: Statement) -> bool:
    """Whether the change cannot widen access. What did not change about MFA is on both sides alike."""
    if len(before.conditions) != len(after.conditions):
        return False
    pairs = [
        (one, other)
        for one, other in zip(before.conditions, after.conditions, strict=True)
        if _meaning(one) != _meaning(other) and one.key.text.lower() not in _ALWAYS_SENT
    ]
    was = read(subject.policy, before.effect, [one for one, _ in pairs])
    is_now = read(subject.policy, after.effect, [other for _, other in pairs])
    if not (was.certain and is_now.certain):
        return False
    if before.effect is Effect.ALLOW:
        return is_now.matched <= was.matched
    return is_now.matched >= was.matched


def _meaning(condition: Condition) -> tuple[str, str, tuple[str, ...]]:
    return str(condition.operator), condition.key.text.lower(), condition.values


def shown(condition: Condition) -> str:
    """Return a condition as a message shows it: `Bool aws:MultiFactorAuthPresent false`."""
    key = PRESENT_KEY if condition.key.text.lower() == PRESENT_KEY.lower() else condition.key.text
    values = ", ".join(condition.values[:3]) + (", …" if len(condition.values) > 3 else "")
    return f"{condition.operator} {key} {values}".rstrip()
