"""The one comparison in which AWS's simulator and its enforcement are known to differ.

A request value that is no number matches `NumericNotEquals` in enforcement and does not in the simulator
(observed). The engine decides as enforcement does, so such a simulation is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from watchword.iam import CompiledPolicy, ContextValue
from watchword.sandbox.wire.error import SandboxRefusal

_OPERATOR: Final = "NumericNotEquals"


def refuse_other_numbers(given: Mapping[str, ContextValue], policies: Iterable[CompiledPolicy]) -> None:
    """Raise SandboxRefusal when a policy asks whether what is given, and is no number, equals one."""
    texts = {key.lower() for key, value in given.items() if not _are_numbers(value)}
    for policy in policies:
        for condition in (each for s in policy.policy.statements for each in s.conditions):
            if condition.operator.name == _OPERATOR and condition.key.text.lower() in texts:
                raise SandboxRefusal(
                    f"{condition.key.text} is no number, of which {_OPERATOR} says one thing in AWS's "
                    "simulator and another in its enforcement"
                )


def _are_numbers(value: ContextValue) -> bool:
    values = value if isinstance(value, tuple) else (str(value),)
    try:
        return all(Decimal(each).is_finite() for each in values)
    except InvalidOperation:
        return False
