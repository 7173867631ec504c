"""Witnesses: the way to an action, every step asked of the engine again before it is put into a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import msgspec

from watchword.iam import MfaState, PolicySet, Request, Unknown, evaluate
from watchword.proof.chain import Chain, ChainStep
from watchword.proof.commands import command_for
from watchword.proof.errors import WitnessRefused
from watchword.proof.places import Places
from watchword.proof.result import Step, Witness
from watchword.proof.spelling import spelled

_OF_THE_PRINCIPAL: Final = frozenset(
    {
        "aws:assumedroot",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principaltype",
        "aws:userid",
        "aws:username",
    }
)
"""Keys that follow from who asks: they go without saying."""


@dataclass(kw_only=True)
class Witnesses:
    """The witnesses of one proof, each under its id; equal ones have one."""

    places: Places
    _found: dict[bytes, tuple[str, Witness]] = field(default_factory=dict)

    def add(self, principal: str, state: MfaState, action: str, chain: Chain) -> str:
        """Return the id of a chain, checked step by step.

        Raises WitnessRefused when a step is not allowed: it would be a wrong answer, so none is given.
        """
        witness = Witness(
            principal=principal,
            state=state.value,
            action=action,
            steps=tuple(self._step(each) for each in chain.steps),
        )
        fresh = f"w{len(self._found) + 1}", witness
        return self._found.setdefault(msgspec.json.encode(witness), fresh)[0]

    def written(self) -> dict[str, Witness]:
        """Return every witness by its id."""
        return dict(self._found.values())

    def _step(self, step: ChainStep) -> Step:
        decision = evaluate(step.request, step.policies)
        if not decision.allowed:
            raise WitnessRefused(step.request.action, step.actor, decision.outcome.value)
        request = step.request
        return Step(
            actor=step.actor,
            state=step.state.mfa.value,
            credential="" if request.credential is None else request.credential.value,
            action=request.action,
            resource=request.resource,
            context=shown_context(request, step.policies),
            command=command_for(request) if step.is_call else None,
            kind=step.kind.value,
            gives=step.gives,
            rule=step.rule,
            mfa=step.state.mfa is MfaState.TRUE,
            decision=decision.outcome.value,
            statements=self.places.of_decision(
                decision,
                step.policies,
                actor=step.actor,
                action=request.action,
                resource=request.resource,
            ),
        )


_GOES_WITHOUT_SAYING: Final = (("aws:viaawsservice", "false"), ("aws:securetransport", "true"))


def shown_context(request: Request, policies: PolicySet) -> dict[str, str | tuple[str, ...]]:
    """Return the keys of a request that do not follow from who asks, each once, as AWS spells them."""
    told = {
        key: value
        for key, value in request.folded.items()
        if not isinstance(value, Unknown)
        and key not in _OF_THE_PRINCIPAL
        and (key, value) not in _GOES_WITHOUT_SAYING
    }
    names = spelled(told, request.context, policies)
    return {names[key]: told[key] for key in sorted(told)}
