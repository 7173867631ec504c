"""Where variables count in a statement, and which are written there.

Source: IAM User Guide, reference_policies_variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from watchword.iam.operators import OPERATORS, Family
from watchword.iam.policy import Located, Statement

_WITH_VARIABLES: Final = frozenset(
    {Family.STRING_EQUALS, Family.STRING_IGNORE_CASE, Family.STRING_LIKE, Family.ARN}
)
_NAME: Final = re.compile(r"\$\{([^{},]+)(?:,[^{}]*)?\}")
_SIGNS: Final = frozenset("*?$")


def dynamic_texts(statement: Statement) -> Iterator[Located]:
    """Give the texts in which variables count: resources, and values under string and ARN operators."""
    yield from statement.resources or ()
    for condition in statement.conditions:
        if OPERATORS[condition.operator.name].family in _WITH_VARIABLES:
            for text, at in zip(condition.values, condition.values_at, strict=True):
                yield Located(text, at)


def variable_names(text: str) -> tuple[str, ...]:
    """Return the names of the variables in a text; `${*}`, `${?}` and `${$}` are signs, not variables."""
    names = (found[1].strip() for found in _NAME.finditer(text))
    return tuple(name for name in names if name not in _SIGNS)
