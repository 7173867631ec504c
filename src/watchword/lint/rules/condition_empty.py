"""A condition block that asks for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam.policy import Statement
from watchword.lint.finding import Finding, Fix, Severity
from watchword.lint.members import Member, members, without
from watchword.lint.rule import Rule
from watchword.lint.subject import Subject


def check(subject: Subject) -> Iterator[Finding]:
    """Find `Condition: {}`, and operators with no key under them."""
    for statement in subject.policy.statements:
        elements = members(subject.text, statement.offset)
        for index, element in enumerate(elements):
            if element.name == "Condition" and subject.text[element.value_at] == "{":
                yield from _block(subject, statement, elements, index)


def _block(
    subject: Subject, statement: Statement, elements: tuple[Member, ...], index: int
) -> Iterator[Finding]:
    operators = members(subject.text, elements[index].value_at)
    if not operators:
        yield _finding(subject, statement, "the condition is empty", elements, index)
    empty = [each for each in operators if not members(subject.text, each.value_at)]
    if operators and len(empty) == len(operators):
        yield _finding(subject, statement, f"`{empty[0].name}` has no key under it", elements, index)
        return
    for at, operator in enumerate(operators):
        if operator in empty:
            yield _finding(subject, statement, f"`{operator.name}` has no key under it", operators, at)


def _finding(
    subject: Subject, statement: Statement, what: str, inside: tuple[Member, ...], index: int
) -> Finding:
    """The block asks for nothing, so the statement says the same without it."""
    edit = without(inside, index)
    return RULE.finding(
        subject,
        at=inside[index].start,
        message=f"{what}, and holds for every request: the statement has no condition here",
        statement=statement,
        fix=None if edit is None else Fix(description="take it out, for it says nothing", edits=(edit,)),
    )


RULE: Final = Rule(
    ident="condition-empty",
    severity=Severity.WARNING,
    title="A condition that asks for nothing",
    why=(
        "An empty condition block holds for every request. The statement looks as if it had a condition, "
        "and has none. Write the condition, or let `--fix` take the block out, so that the statement looks "
        "like what it is."
    ),
    before="""{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "ec2:StopInstances", "Resource": "*", "Condition": {"Bool": {}}}
  ]
}""",
    after="""{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "ec2:StopInstances",
      "Resource": "*",
      "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    }
  ]
}""",
    source="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html",
    check=check,
)
