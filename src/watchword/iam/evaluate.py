"""The decision: one request, the policies that apply to it, one answer.

Source: IAM User Guide, reference_policies_evaluation-logic and what follows it.
"""

from __future__ import annotations

import msgspec

from watchword.iam._assume import decide_trust
from watchword.iam._search import answer, denied, find, lacks_session_policy, undetermined
from watchword.iam.compile import Rule
from watchword.iam.context import AGE_KEY, PRESENT_KEY, UNKNOWN, Folded
from watchword.iam.decision import Decision, Request
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet
from watchword.iam.principal import PrincipalKind
from watchword.iam.service_rules import RuleEffect, ServiceRule, service_rules

_PRESENT = PRESENT_KEY.lower()
_AGE = AGE_KEY.lower()
_RULED_SERVICES = frozenset({"iam", "sts"})


def evaluate(request: Request, policies: PolicySet) -> Decision:
    """Return the decision on one request.

    `undetermined` is answered only when the outcome depends on a key that is `UNKNOWN`; which one is in
    `Decision.missing`. For `aws:MultiFactorAuthPresent` all three states are tried before saying so.
    """
    if request.credential is not None and request.service in _RULED_SERVICES:
        rule = service_rule(request)
        if rule is not None:
            return _ruled(rule, request, policies)
    decision = _decide(request, policies, request.folded, request.folded_trust)
    if decision.outcome is Outcome.UNDETERMINED and _PRESENT in _unknown_keys(request):
        return _by_mfa_state(request, policies) or decision
    return decision


def service_rule(request: Request) -> ServiceRule | None:
    """Return the service rule that settles the request, if the credential is known and there is one."""
    if request.credential is None:
        return None
    root = request.principal.kind is PrincipalKind.ROOT
    return service_rules(request.action, request.credential, root=root)


def _ruled(rule: ServiceRule, request: Request, policies: PolicySet) -> Decision:
    return Decision(
        outcome=Outcome.ALLOWED if rule.effect is RuleEffect.ALLOW else Outcome.IMPLICIT_DENY,
        layer=Layer.SERVICE,
        aws_code=rule.aws_code or None,
        aws_message=rule.aws_message or None,
        _request=request,
        _policies=policies,
    )


def _decide(request: Request, policies: PolicySet, own: Folded, trust: Folded) -> Decision:
    if policies.trust_side is not None:
        return decide_trust(request, policies, policies.trust_side, own, trust)
    if request.principal.kind is PrincipalKind.ROOT:
        return _root(request, policies)
    denial, doubts = denied(request, policies, own)
    if denial is not None:
        return answer(request, policies, Outcome.EXPLICIT_DENY, denial[0], denial[1])
    decided: Rule | None = None
    for layer, side in policies.own_sides:
        allowing = find(side.of(request.service)[1], request, own)
        if allowing is None:
            return answer(request, policies, Outcome.IMPLICIT_DENY, layer)
        if isinstance(allowing, list):
            doubts = [*doubts, (layer, allowing)]
        elif layer is Layer.IDENTITY:
            decided = allowing
    silent = _silent(request, policies)
    if silent is not None:
        return answer(request, policies, Outcome.IMPLICIT_DENY, silent)
    if doubts:
        return undetermined(request, policies, doubts)
    return answer(request, policies, Outcome.ALLOWED, Layer.IDENTITY, decided)


def _root(request: Request, policies: PolicySet) -> Decision:
    """Root is allowed by itself, in its own account."""
    silent = _silent(request, policies)
    if silent is not None:
        return answer(request, policies, Outcome.IMPLICIT_DENY, silent)
    return answer(request, policies, Outcome.ALLOWED, Layer.ROOT)


def _silent(request: Request, policies: PolicySet) -> Layer | None:
    """Return the layer that would have to allow and has no policy, or None."""
    if lacks_session_policy(request, policies):
        return Layer.SESSION
    return Layer.RESOURCE if request.cross_account else None


def _unknown_keys(request: Request) -> set[str]:
    contexts = (request.folded, request.folded_trust)
    return {key for context in contexts for key, value in context.items() if value is UNKNOWN}


def _by_mfa_state(request: Request, policies: PolicySet) -> Decision | None:
    """Return the decision when it is the same whatever the MFA state is, else None.

    A denial is one, whichever: explicit here and implicit there is an implicit one.
    """
    decisions = [
        _decide(request, policies, _with_mfa(request.folded, state), _with_mfa(request.folded_trust, state))
        for state in (None, "false", "true")
    ]
    outcomes = {decision.outcome for decision in decisions}
    if Outcome.UNDETERMINED in outcomes or (Outcome.ALLOWED in outcomes and len(outcomes) > 1):
        return None
    weakest = next((each for each in decisions if each.outcome is Outcome.IMPLICIT_DENY), decisions[0])
    return msgspec.structs.replace(weakest, in_every_mfa_state=True)


def _with_mfa(context: Folded, state: str | None) -> Folded:
    """Return the context with one state of MFA put where it is not known. The age exists only with MFA."""
    if context.get(_PRESENT) is not UNKNOWN:
        return context
    changed = {key: value for key, value in context.items() if key not in {_PRESENT, _AGE}}
    if state is not None:
        changed[_PRESENT] = state
    if state == "true":
        changed[_AGE] = context.get(_AGE, UNKNOWN)
    return changed
