"""What an unknown key could hold: nothing, what a policy mentions, what is near that, something else."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

from reference.operators import date, number
from reference.patterns import variables
from reference.reading import Condition, Policy, Question, Statement

Value: TypeAlias = str | list[str] | None


def candidates(key: str, question: Question) -> list[Value]:
    """List them, absence first, each once."""
    statements = [statement for policy in policies(question) for statement in policy]
    conditions = [condition for statement in statements for condition in statement.conditions]
    asked = [condition for condition in conditions if condition.key == key]
    single = ["something else"]
    for condition in asked:
        for value in condition.values:
            single += _near(condition, value)
    if any(key in variables(text) for statement in statements for text in _texts(statement)):
        single += _pieces(question)
    single = list(dict.fromkeys(single))
    several: list[Value] = []
    if any(":" in condition.operator for condition in asked):
        several = [[one, other] for one in single[:4] for other in single[:4] if one < other]
    return [None, *single, *several]


def _near(condition: Condition, value: str) -> Iterator[str]:
    operator = condition.operator.rpartition(":")[2]
    yield value
    if operator.startswith(("String", "Arn")):
        yield re.sub(r"\$\{[^}]*\}", "x", value).replace("*", "x").replace("?", "x")
        yield value.replace("*", "")
        yield value.swapcase()
    elif operator.startswith("Numeric"):
        near = number(value)
        if near is not None:
            yield from (f"{near - 1:f}", f"{near + 1:f}")
    elif operator.startswith("Date"):
        near = date(value)
        if near is not None:
            yield from (f"{max(near / 1000 - 1, Decimal(0)):.0f}", f"{near / 1000 + 1:.0f}")
    elif "IpAddress" in operator:
        yield value.partition("/")[0]
        yield from ("203.0.113.250", "2001:db8:ffff::1")
    elif operator.startswith(("Bool", "Null")):
        yield from ("true", "false")


def _pieces(question: Question) -> Iterator[str]:
    """Cut the request's texts: a variable may hold any piece of what it is compared with."""
    texts = [question.resource]
    for value in question.context.values():
        texts += value if isinstance(value, list) else [value or ""]
    for text in texts:
        yield text
        yield from (piece for piece in re.split("[:/]", text) if piece)


def _texts(statement: Statement) -> Iterator[str]:
    yield from statement.resources or []
    yield from statement.not_resources or []
    for condition in statement.conditions:
        yield from condition.values


def policies(question: Question) -> list[Policy]:
    """List all policies of a question."""
    levels = question.service_control + question.resource_control
    single = [policy for policy in (question.resource_policy, question.trust) if policy is not None]
    several = question.identity + question.boundaries + question.session + question.endpoint
    return several + [policy for level in levels for policy in level] + single
