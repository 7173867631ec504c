"""What a request says about itself: condition keys and their values.

A key is in one of three states, and they are never mixed up: *present* with a value, *absent*
(not in the mapping), or `UNKNOWN` (nobody knows what AWS would put there).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final, TypeAlias

PRESENT_KEY: Final = "aws:MultiFactorAuthPresent"
AGE_KEY: Final = "aws:MultiFactorAuthAge"
"""Exists only where `PRESENT_KEY` is `true`."""

_PRESENT: Final = PRESENT_KEY.lower()
_AGE: Final = AGE_KEY.lower()


class Unknown(enum.Enum):
    """The type of `UNKNOWN`: a key that may be absent or hold any value."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN

ContextValue: TypeAlias = str | tuple[str, ...] | Unknown
"""A string for a single-valued key; a tuple for a multivalued one (empty: the key is absent)."""

Context: TypeAlias = Mapping[str, ContextValue]
"""Keys in any spelling of upper and lower case."""

Folded: TypeAlias = dict[str, ContextValue]
"""A context whose keys are in lower case and whose empty tuples are gone."""


def fold(context: Context) -> Folded:
    """Return the context with lower-case keys.

    Two spellings of one key with different values (`aws:RequestTag/Team`, `aws:RequestTag/team`)
    become `UNKNOWN`: which of them AWS reads is not known. An unknown age of an MFA that was not used
    is absent; where it is not known whether MFA was used, an age that is not given is unknown too.

    Raises TypeError when a value is of none of the kinds of `ContextValue`.

    Source: IAM User Guide, reference_policies_condition-keys.
    """
    folded: Folded = {}
    for key, value in context.items():
        if type(value) is not str:
            _check(key, value)
        if value == ():
            continue
        name = key.lower()
        folded[name] = value if folded.get(name, value) == value else UNKNOWN
    if folded.get(_AGE) is UNKNOWN and not _may_have_age(folded):
        del folded[_AGE]
    if folded.get(_PRESENT) is UNKNOWN:
        folded.setdefault(_AGE, UNKNOWN)
    return folded


def _check(key: str, value: object) -> None:
    """Complain of what would be taken for another value, or for a key with several, in silence."""
    each = value if isinstance(value, tuple) else (value,)
    if value is not UNKNOWN and not all(isinstance(text, str) for text in each):
        found = type(value).__name__
        raise TypeError(f"`{key}`: expected a string, a tuple of strings or UNKNOWN, found {found}")


def _may_have_age(context: Folded) -> bool:
    present = context.get(_PRESENT)
    return present is UNKNOWN or (isinstance(present, str) and present.lower() == "true")


def is_present(key: str, context: Folded) -> bool | None:
    """Return whether a key (in lower case) is present; None when that is not known.

    The age of an MFA that was used is present even when nobody knows it.
    """
    value = context.get(key)
    if value is not UNKNOWN:
        return value is not None
    return True if key == _AGE and context.get(_PRESENT) is not UNKNOWN else None
