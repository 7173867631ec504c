"""The decision: one request, the policies that apply to it, one answer.

Source: IAM User Guide, reference_policies_evaluation-logic and what follows it.
"""

from __future__ import annotations

from typing import Final

import msgspec

from watchword.iam._plan import Plan
from watchword.iam._search import (
    Doubts,
    Found,
    Pending,
    about_caller,
    denial,
    find,
    silence,
    undetermined,
)
from watchword.iam._side import decide_side
from watchword.iam.context import AGE_KEY, PRESENT_KEY, UNKNOWN, Folded
from watchword.iam.credential import CredentialKind
from watchword.iam.decision import Decision, Request
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet
from watchword.iam.principal import PrincipalKind
from watchword.iam.references import StatementRef
from watchword.iam.service_rules import RuleEffect, ServiceRule, service_rules

_PRESENT: Final = PRESENT_KEY.lower()
_AGE: Final = AGE_KEY.lower()

# Looking a member up in its enum takes as long as a third of a decision.
_ALLOWED: Final = Outcome.ALLOWED
_UNDETERMINED: Final = Outcome.UNDETERMINED
_IDENTITY: Final = Layer.IDENTITY


def evaluate(request: Request, policies: PolicySet) -> Decision:
    """Return the decision on one request.

    `undetermined` is answered only when the outcome depends on what is not known: a key that is
    `UNKNOWN`, a role's or key's policy that is not given, an assumption left open; `Decision.missing`
    says which. For `aws:MultiFactorAuthPresent` all three states are tried before saying so.
    """
    if request.has_service_rules:
        rule = service_rule(request)
        if rule is not None:
            return _ruled(rule, request, policies)
    decision = _decide(request, policies, request.folded, request.folded_trust)
    if decision.outcome is _UNDETERMINED:
        return _by_mfa_state(request, policies) or decision
    return decision


def service_rule(request: Request) -> ServiceRule | None:
    """Return the service rule that settles the request, if the credential is known and there is one."""
    if request.credential is None:
        return None
    who, credential = request.principal.kind, request.credential
    if credential is CredentialKind.FEDERATED and who is PrincipalKind.ROLE_SESSION:
        # A session by SAML or OIDC is a role session; the rules are for those of GetFederationToken.
        credential = CredentialKind.ROLE_SESSION
    root = who is PrincipalKind.ROOT
    return service_rules(request.action, credential, root=root, assumptions=request.assumptions)


def _ruled(rule: ServiceRule, request: Request, policies: PolicySet) -> Decision:
    match rule.effect:
        case RuleEffect.ALLOW:
            return Decision(Outcome.ALLOWED, Layer.SERVICE, request, policies)
        case RuleEffect.REFUSE:
            return Decision(
                Outcome.IMPLICIT_DENY,
                Layer.SERVICE,
                request,
                policies,
                aws_code=rule.aws_code,
                aws_message=rule.aws_message,
            )
        case RuleEffect.MAY_REFUSE:
            return _perhaps_refused(rule, request, policies)


def _perhaps_refused(rule: ServiceRule, request: Request, policies: PolicySet) -> Decision:
    """What the policies deny is denied whether the service refuses or not; the rest hangs on that."""
    decision = _decide(request, policies, request.folded, request.folded_trust)
    if decision.outcome is Outcome.UNDETERMINED:
        decision = _by_mfa_state(request, policies) or decision
    if decision.outcome in {Outcome.EXPLICIT_DENY, Outcome.IMPLICIT_DENY}:
        return decision
    missing = {*decision.missing, str(rule.contested)}
    return Decision(
        Outcome.UNDETERMINED, Layer.SERVICE, request, policies, decision.statements, tuple(sorted(missing))
    )


def _decide(request: Request, policies: PolicySet, own: Folded, trust: Folded) -> Decision:
    """Decide by the policies: `own` is the context for the caller's, `trust` for the resource's side."""
    plan = policies.plans.get(request.plan_key) or policies.plan(request)
    resource = request.resource
    found = find(plan.denying, resource, own)
    if plan.denying_by_name and not isinstance(found, tuple):
        found = _or_by_name(found, request, policies, plan, trust)
    if isinstance(found, tuple):
        return denial(request, policies, found)
    doubts: Doubts = found or ()
    granting: tuple[StatementRef, ...] = ()
    for layer, entries, by_name in plan.needed:
        if by_name:
            found = find(about_caller(entries, request, policies), resource, trust)
        else:
            found = find(entries, resource, own)
        if found is None:
            return silence(request, policies, layer)
        if isinstance(found, list):
            doubts = [*doubts, *found]
        elif layer is _IDENTITY:
            granting = found[2].refs
    if plan.by_side:
        return decide_side(request, policies, plan, doubts, own, trust)
    if doubts:
        return undetermined(request, policies, doubts)
    return Decision(_ALLOWED, plan.layer, request, policies, granting)


def _or_by_name(
    found: Pending | None, request: Request, policies: PolicySet, plan: Plan, context: Folded
) -> Found:
    """Return the first certain Deny among those that name principals, or all that are not certain."""
    named = find(about_caller(plan.denying_by_name, request, policies), request.resource, context)
    if isinstance(named, tuple) or found is None:
        return named
    return [*found, *(named or ())]


def _unknown_keys(request: Request) -> set[str]:
    contexts = (request.folded, request.folded_trust)
    return {key for context in contexts for key, value in context.items() if value is UNKNOWN}


def _by_mfa_state(request: Request, policies: PolicySet) -> Decision | None:
    """Return the decision when it is the same whatever the MFA state is, else None.

    A denial is one, whichever: explicit here and implicit there is an implicit one.
    """
    if _PRESENT not in _unknown_keys(request):
        return None
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
