"""By which statements MFA is demanded of a principal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from watchword.iam import (
    CredentialKind,
    Decision,
    Element,
    Layer,
    MfaState,
    Outcome,
    PolicySet,
    Request,
    StatementRef,
    Universe,
    evaluate,
    mfa_keys,
)
from watchword.iam.context import AGE_KEY, PRESENT_KEY
from watchword.proof.places import Places
from watchword.proof.reach import Reacher, Subject
from watchword.proof.result import StatementPlace
from watchword.proof.states import State
from watchword.proof.telling import telling

_MFA_KEYS = frozenset({PRESENT_KEY.lower(), AGE_KEY.lower()})


@dataclass(kw_only=True)
class Enforcing:
    """Finds what stops a principal without MFA from what it may do with MFA."""

    reacher: Reacher
    universe: Universe
    places: Places
    _found: dict[int, tuple[PolicySet, tuple[tuple[Layer, StatementRef], ...]]] = field(default_factory=dict)

    def statements(self, arn: str) -> tuple[StatementPlace, ...]:
        """Return the statements that stand against its most telling actions; () when it may do nothing."""
        states = {state.mfa: state for state in self.reacher.states(arn)}
        with_mfa, without = states.get(MfaState.TRUE), states.get(MfaState.ABSENT)
        if with_mfa is None or without is None:
            return ()
        subject = self.reacher.subject(arn, with_mfa)
        found = self._found.get(id(subject.policies))
        if found is None:
            found = subject.policies, tuple(dict.fromkeys(self._look(subject, without)))
            self._found[id(subject.policies)] = found
        return tuple(self.places.place(ref, layer, owner=arn) for layer, ref in found[1])

    def _look(self, subject: Subject, without: State) -> Iterable[tuple[Layer, StatementRef]]:
        reached = self.reacher.reached(subject)
        bare = self.reacher.reached(self.reacher.subject(subject.arn, without))
        for action in telling(self.universe, reached.actions & ~bare.actions)[:2]:
            found = reached.witness(action)
            request = without_mfa(found.request, without.credential)
            yield from _stopping(evaluate(request, found.policies))


def without_mfa(request: Request, credential: CredentialKind) -> Request:
    """Return a request as a long-term key would make it."""
    kept = {key: value for key, value in request.context.items() if key.lower() not in _MFA_KEYS}
    return replace(request, context={**kept, **mfa_keys(MfaState.ABSENT)}, credential=credential)


def _stopping(decision: Decision) -> Iterable[tuple[Layer, StatementRef]]:
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return [(decision.layer, ref) for ref in decision.statements]
    return [
        (layer.layer, each.ref)
        for layer in decision.trace
        for each in layer.statements
        if each.failed is Element.CONDITION
        and any(condition.key.lower() in _MFA_KEYS for condition in each.conditions)
    ]
