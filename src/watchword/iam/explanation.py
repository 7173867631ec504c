"""A decision explained: what each layer says, and the smallest change that turns the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from watchword.iam._candidates import candidates, fresh_credentials
from watchword.iam._without_mfa import let_in_without_mfa
from watchword.iam.change import (
    Question,
    SetKey,
    Step,
    TakeAwayCondition,
    TakeAwayStatement,
    UseCredential,
    changed,
)
from watchword.iam.context import ContextValue
from watchword.iam.credential import CredentialKind
from watchword.iam.decision import Decision, LayerTrace, Request
from watchword.iam.evaluate import evaluate
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet

MAX_PAIRS: Final = 4_000
"""Pairs of changes that are tried before the search is given up."""

_ALLOWED: Final = frozenset({Outcome.ALLOWED})
_DENIED: Final = frozenset({Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One step, or two that are made together, and the outcome that `evaluate` gives then.

    `without_mfa` warns: where the policies ask for MFA, the kinds of credentials without it that the change
    lets in.
    """

    steps: tuple[Step, ...]
    outcome: Outcome
    without_mfa: tuple[CredentialKind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """How the answer becomes allowed (`to_allow`) or denied.

    `changes` are all of the smallest size, the easier kind first, and those last that let somebody in
    without MFA; empty when no single change and no pair of those tried turns it. `complete` is False when
    there were more pairs than are tried.
    """

    to_allow: bool
    changes: tuple[Change, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision with its reasons.

    - `layers`: what each layer says, in the order in which AWS looks at them.
    - `turns`: how to turn the answer; for an undetermined one both ways: what would make it allowed, and
      what denied.
    """

    question: Question
    decision: Decision
    layers: tuple[LayerTrace, ...]
    turns: tuple[Turn, ...]

    def found(self, layer: Layer, key: str) -> ContextValue | None:
        """Return what the request says under a condition key, as this layer sees it; None when absent."""
        request = self.question.request
        context = request.folded_trust if layer is Layer.TRUST else request.folded
        return context.get(key.lower())


def explain(
    request: Request,
    policies: PolicySet,
    *,
    signed_with: CredentialKind | None = None,
) -> Explanation:
    """Return the decision on one request with what each layer says, and the smallest change that turns it.

    `signed_with` is the kind of credential, for a request that leaves it out to have the pure decision of
    the policies; without it other credentials are tried only when the request names its own.

    What is tried, smallest first: another credential of the same principal; a code in an AssumeRole call,
    or none; one condition key with another value, or absent; a statement taken away; a condition taken
    away; an Allow for just this call added to a layer that does not allow; and where none of these turns
    the answer, two of them together, up to `MAX_PAIRS`. Each is evaluated before it is returned.
    A credential with MFA and the age that a condition asks of it count as one.
    """
    question = Question(request=request, policies=policies, signed_with=signed_with or request.credential)
    decision = evaluate(request, policies)
    layers = decision.trace
    turns = tuple(_turn(question, layers, to_allow=to_allow) for to_allow in _sides(decision.outcome))
    return Explanation(question=question, decision=decision, layers=layers, turns=turns)


def _sides(outcome: Outcome) -> tuple[bool, ...]:
    match outcome:
        case Outcome.ALLOWED:
            return (False,)
        case Outcome.EXPLICIT_DENY | Outcome.IMPLICIT_DENY:
            return (True,)
        case Outcome.UNDETERMINED:
            return (True, False)


def _turn(question: Question, layers: tuple[LayerTrace, ...], *, to_allow: bool) -> Turn:
    wanted = _ALLOWED if to_allow else _DENIED
    steps = candidates(question, layers, to_allow=to_allow)
    single = _that_turn(question, [(step,) for step in steps], wanted)
    if to_allow and not any(isinstance(change.steps[0], UseCredential) for change in single):
        # A session whose MFA is fresh is one thing to get, though it is said in two steps.
        single = _that_turn(question, fresh_credentials(question, layers), wanted) + single
    if single:
        return Turn(to_allow=to_allow, changes=single)
    pairs = [pair for pair in combinations(steps, 2) if _are_two(*pair)]
    double = _that_turn(question, pairs[:MAX_PAIRS], wanted)
    return Turn(to_allow=to_allow, changes=double, complete=bool(double) or len(pairs) <= MAX_PAIRS)


def _that_turn(
    question: Question, tried: Sequence[tuple[Step, ...]], wanted: frozenset[Outcome]
) -> tuple[Change, ...]:
    """Return the changes with a wanted outcome.

    Of several values of one key only the first; beside another step, of several credentials too.
    Those that let somebody in without MFA come last.
    """
    found: dict[tuple[object, ...], Change] = {}
    to_allow = wanted == _ALLOWED
    for steps in tried:
        name = tuple(_name(step, alone=len(steps) == 1) for step in steps)
        if name in found:
            continue
        after = question
        for step in steps:
            after = changed(after, step)
        outcome = evaluate(after.request, after.policies).outcome
        if outcome in wanted:
            opened = let_in_without_mfa(question, steps) if to_allow else ()
            found[name] = Change(steps=steps, outcome=outcome, without_mfa=opened)
    return tuple(sorted(found.values(), key=lambda change: bool(change.without_mfa)))


def _name(step: Step, *, alone: bool) -> object:
    match step:
        case SetKey():
            return step.key
        case UseCredential() if not alone:
            return UseCredential
        case _:
            return step


def _are_two(first: Step, second: Step) -> bool:
    """Whether two steps change two things."""
    match first, second:
        case UseCredential(), UseCredential():
            return False
        case SetKey(), SetKey():
            return first.key != second.key
        case ((TakeAwayStatement() | TakeAwayCondition()), (TakeAwayStatement() | TakeAwayCondition())):
            return (first.layer, first.level, first.statement) != (
                second.layer,
                second.level,
                second.statement,
            )
        case _:
            return True
