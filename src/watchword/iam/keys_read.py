"""Which condition keys a policy reads: those of its conditions, and those of its variables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam._variables import Variable, parts
from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Policy, Statement, Version

_WITH_VARIABLES: Final = frozenset(
    {Family.STRING_EQUALS, Family.STRING_IGNORE_CASE, Family.STRING_LIKE, Family.ARN}
)


def keys_read(policy: Policy) -> tuple[str, ...]:
    """Return the keys, each once and as it is first written, in the order of the document.

    What a request carries under any other key cannot change what this policy says.

    Source: IAM User Guide, reference_policies_elements_condition and reference_policies_variables.
    """
    found: dict[str, str] = {}
    for key in keys_written(policy):
        found.setdefault(key.lower(), key)
    return tuple(found.values())


def keys_written(policy: Policy) -> tuple[str, ...]:
    """Return the same in every spelling that the document has, each once."""
    variables = policy.version is Version.V2012
    each = (key for statement in policy.statements for key in _of(statement, variables=variables))
    return tuple(dict.fromkeys(each))


def _of(statement: Statement, *, variables: bool) -> Iterator[str]:
    for resource in statement.resources or ():
        yield from _in(resource.text, variables=variables)
    for condition in statement.conditions:
        yield condition.key.text
        if OPERATORS[condition.operator.name].family in _WITH_VARIABLES:
            for value in condition.values:
                yield from _in(value, variables=variables)


def _in(text: str, *, variables: bool) -> Iterator[str]:
    for part in parts(text, variables=variables, wildcards=False):
        if isinstance(part, Variable):
            yield part.name
