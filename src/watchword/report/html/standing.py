"""How a user or root stands towards MFA: what it has to sign in with, and what the policies ask of that."""

from __future__ import annotations

import enum

from watchword.proof.result import Known, ProvedPrincipal, StateResult

_WITHOUT_MFA = ("absent", "false")


class Standing(enum.StrEnum):
    """The worst first."""

    OPEN = "not enforced"
    UNKNOWN = "undetermined"
    ENFORCED = "enforced"
    MFA_ONLY = "signs in with MFA only"
    """It has no credential that works without MFA, whatever the policies say."""
    NO_CREDENTIALS = "no credentials"


def standing(principal: ProvedPrincipal) -> Standing:
    """Return how a principal stands; what the snapshot does not tell counts as being there."""
    if not _there(principal):
        with_mfa = principal.states.get("true")
        has_mfa = with_mfa is not None and with_mfa.exists is not Known.NO
        return Standing.MFA_ONLY if has_mfa else Standing.NO_CREDENTIALS
    return {Known.NO: Standing.OPEN, Known.UNKNOWN: Standing.UNKNOWN, Known.YES: Standing.ENFORCED}[
        principal.enforced.outcome
    ]


def without_mfa(principal: ProvedPrincipal) -> int:
    """Return how many actions are reached without MFA, in the state in which that is most."""
    return max((state.reachable.count for state in _there(principal)), default=0)


def _there(principal: ProvedPrincipal) -> list[StateResult]:
    """Return the states without MFA that the principal has, or may have, credentials for."""
    states = (principal.states.get(name) for name in _WITHOUT_MFA)
    return [state for state in states if state is not None and state.exists is not Known.NO]
