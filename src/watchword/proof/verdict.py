"""How each claim fares, given the findings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from watchword.proof.action_sets import ActionSets
from watchword.proof.claim import Claim, ClaimException
from watchword.proof.findings import EMPTY, EXPIRED, UNSEEN
from watchword.proof.result import ClaimResult, Excepted, Outcome, ProvedFinding, UnusedException, Waiver

_WORST_FIRST: Final = (Outcome.REFUTED, Outcome.UNDETERMINED, Outcome.PROVED)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the worst of some outcomes; of none, `proved`."""
    return min(outcomes, key=_WORST_FIRST.index, default=Outcome.PROVED)


def claim_result(
    claim: Claim, findings: Sequence[ProvedFinding], unused: Iterable[ClaimException] = ()
) -> ClaimResult:
    """Return how a claim fares: it is proved when nothing speaks against it but what is excepted.

    `unused` are the exceptions that hold and cover nothing.
    """
    about = [each for each in findings if each.claim == claim.name]
    counting = [each for each in about if each.exception is None]
    return ClaimResult(
        name=claim.name,
        description=claim.description,
        written_at=claim.written_at,
        outcome=worst(each.outcome for each in counting),
        findings=tuple(each.id for each in counting),
        excepted=tuple(
            Excepted(
                finding=each.id,
                owner=each.exception.owner,
                reason=each.exception.reason,
                expires=each.exception.expires,
            )
            for each in about
            if each.exception is not None
        ),
        unused=tuple(
            UnusedException(
                written_at=each.written_at, owner=each.owner, reason=each.reason, expires=each.expires
            )
            for each in unused
        ),
    )


def waiver(exception: ClaimException) -> Waiver:
    """Return an exception as a result shows it."""
    return Waiver(owner=exception.owner, reason=exception.reason, expires=exception.expires)


def expired(claim: Claim, number: int, sets: ActionSets) -> ProvedFinding:
    """Return the finding that the exception of this number, from 0, is none any more."""
    exception = claim.exceptions[number]
    message = (
        f"the exception of {exception.owner} at {exception.written_at} expired on {exception.expires}: "
        "renew it, or take it out"
    )
    told = (EXPIRED, number, exception.owner)
    return _of_the_claim(claim, told, sets, Outcome.REFUTED, message, exception.reason)


def empty(claim: Claim, what: str, sets: ActionSets) -> ProvedFinding:
    """Return the finding that a claim says nothing, in part: `what` in words."""
    message = f"the claim at {claim.written_at} says nothing of what there is: {what}"
    return _of_the_claim(claim, (EMPTY, what), sets, Outcome.UNDETERMINED, message, what)


def unseen(claim: Claim, what: str, sets: ActionSets) -> ProvedFinding:
    """Return the finding that not everybody was looked at whom a claim is about: `what` in words."""
    message = f"nobody can tell what those reach who were not read: {what}"
    return _of_the_claim(claim, (UNSEEN, what), sets, Outcome.UNDETERMINED, message, what)


def _of_the_claim(
    claim: Claim, told: tuple[str | int, ...], sets: ActionSets, outcome: Outcome, message: str, reason: str
) -> ProvedFinding:
    ident = hashlib.sha256(repr((claim.name, *told)).encode()).hexdigest()[:12]
    return ProvedFinding(
        id=f"f-{ident}",
        rule=str(told[0]),
        claim=claim.name,
        principal="",
        principals=(),
        states=(),
        level="warning",
        outcome=outcome,
        message=message,
        actions=sets.add(0),
        telling=(),
        witness=None,
        cause=None,
        fix=None,
        reason=reason,
    )
