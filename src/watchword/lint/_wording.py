"""Sentences that several rules share."""

from __future__ import annotations

from watchword.iam.policy import Effect
from watchword.lint._mfa import WITH_MFA, WITHOUT_MFA, Caller, Reading, named


def effect_of(effect: Effect, reading: Reading) -> str:
    """Return what conditions do as they stand: `it allows nobody`, `it denies an access key and …`."""
    verb = "allows" if effect is Effect.ALLOW else "denies"
    if not reading.certain:
        return "nobody can tell what it does"
    if not reading.matched:
        return f"it {verb} nobody"
    if set(reading.matched) == set(Caller):
        return f"it {verb} everybody, with MFA or without"
    callers = reading.among(WITHOUT_MFA) + reading.among(WITH_MFA)
    return f"it {verb} {named(callers)}, and nobody else"
