"""What the rules on a Deny that an absent MFA key escapes have in common."""

from __future__ import annotations

from collections.abc import Iterator

from watchword.lint._fixes import change_operator, if_exists, shown
from watchword.lint._mfa import named
from watchword.lint._verdict import Form, failing_denies
from watchword.lint.finding import Finding
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def escaped(rule: Rule, subject: Subject, form: Form, why: str) -> Iterator[Finding]:
    """Yield a finding of a rule for each Deny of a form, with the operator with `IfExists` as its fix.

    `why` says what the absent key makes of the condition.
    """
    for verdict in failing_denies(subject):
        if verdict.form is form:
            condition = verdict.condition
            loose = if_exists(condition.operator)
            yield rule.finding(
                subject,
                at=condition.operator_at,
                statement=verdict.statement,
                message=f"`{shown(condition)}` does not deny {named(verdict.callers)}: {why}; say `{loose}`",
                fix=change_operator(subject, verdict.statement, condition, loose),
            )
