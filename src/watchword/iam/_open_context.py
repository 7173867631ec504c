"""A context in which a key that is not given is unknown, and not absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from watchword.iam.context import AGE_KEY, PRESENT_KEY, UNKNOWN, Context, ContextValue, fold
from watchword.iam.policy import Condition

_PRESENT: Final = PRESENT_KEY.lower()
_AGE: Final = AGE_KEY.lower()
_MFA_KEYS: Final = frozenset({_PRESENT, _AGE})
_IN_A_VARIABLE: Final = "multifactorauth"


class OpenContext(dict[str, ContextValue]):
    """A folded context. Conditions ask it with `get`: None is only said of keys known to be absent."""

    __slots__ = ("_absent",)

    def __init__(self, present: Mapping[str, ContextValue], absent: frozenset[str]) -> None:
        super().__init__(present)
        self._absent = absent

    def get(self, key: str, *_: object) -> ContextValue | None:  # type: ignore[override]  # only this form is called
        """Return the value; None when the key is absent, `UNKNOWN` when nobody knows."""
        return None if key in self._absent else super().get(key, UNKNOWN)


def mfa_contexts(context: Context) -> tuple[OpenContext, OpenContext, OpenContext]:
    """Return the context with `aws:MultiFactorAuthPresent` absent, `false` and `true`.

    An empty tuple says that a key is absent.
    """
    given = fold(context)
    age = given.pop(_AGE, UNKNOWN)
    given.pop(_PRESENT, None)
    absent = frozenset(key.lower() for key, value in context.items() if value == ()) - _MFA_KEYS
    return (
        OpenContext(given, absent | _MFA_KEYS),
        OpenContext({**given, _PRESENT: "false"}, absent | {_AGE}),
        OpenContext({**given, _PRESENT: "true", _AGE: age}, absent),
    )


def depends_on_mfa(condition: Condition) -> bool:
    """Whether a condition looks at MFA: by its key, or by a variable in its values."""
    return condition.key.text.lower() in _MFA_KEYS or any(
        _IN_A_VARIABLE in value.lower() for value in condition.values
    )
