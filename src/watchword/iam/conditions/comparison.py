"""What a family of operators is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from watchword.iam._tri import Tri
from watchword.iam.context import Folded
from watchword.iam.operators import Meaning
from watchword.iam.policy import Effect

Comparison: TypeAlias = Callable[[str, Folded], Tri]
"""Whether one value of the request satisfies the operator, negation included. The context is for
the variables in the policy's values.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operand:
    """The policy's side of one condition. `effect` matters where AWS fails closed."""

    values: tuple[str, ...]
    meaning: Meaning
    variables: bool
    effect: Effect


def unreadable(values: Iterable[str], expected: str) -> frozenset[str]:
    """Return what to call missing when a policy holds values that its operator cannot read.

    Nobody has said what AWS makes of them, so neither a Deny nor a negation may be settled by one.
    """
    return frozenset(f"`{value[:60]}`, which is no {expected}" for value in values)
