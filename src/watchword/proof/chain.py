"""The way in: what an attacker asks for, call by call, and what each call gives."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from watchword.iam.decision import Decision, Request
from watchword.iam.policy_set import PolicySet

if TYPE_CHECKING:
    from watchword.proof.settle.answer import Found
    from watchword.proof.states import State


class StepKind(enum.StrEnum):
    """What a step of a chain is. The values are public: they stand in JSON output."""

    CALL = "call"
    """The call that the chain is for."""
    SESSION = "session"
    """GetSessionToken: free, and no policy can deny it."""
    ASSUME = "assume"
    ESCALATION = "escalation"
    OUTSIDE = "outside"
    """Somebody whose account is not among the snapshots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStep:
    """One request that `iam.evaluate` allows.

    - `actor`: the ARN of the user or role that asks, in `state`.
    - `request`, `policies`: what was asked, and under which policies, with what the chain changed before
      it: `evaluate(request, policies)` gives `decision` again.
    - `gives`: what the attacker has afterwards, in words.
    - `rule`: the id of the escalation, or None.
    - `is_call`: False for a permission that is looked at within the next step's call (`iam:PassRole`).
    """

    actor: str
    state: State
    request: Request = field(repr=False)
    policies: PolicySet = field(repr=False)
    decision: Decision
    gives: str
    kind: StepKind
    rule: str | None = None
    is_call: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Steps in order. None are needed for what the start itself can do (`steps == ()`)."""

    steps: tuple[ChainStep, ...] = ()

    @property
    def calls(self) -> int:
        """How many requests it takes."""
        return sum(step.is_call for step in self.steps)

    def then(self, steps: Iterable[ChainStep]) -> Chain:
        """Return the chain that goes on with these steps."""
        return replace(self, steps=(*self.steps, *steps))


def last_call(actor: str, state: State, found: Found) -> ChainStep:
    """Return the call that a chain is for, as it was found to be allowed."""
    return ChainStep(
        actor=actor,
        state=state,
        request=found.request,
        policies=found.policies,
        decision=found.decision,
        gives=f"`{found.request.action}`",
        kind=StepKind.CALL,
    )
