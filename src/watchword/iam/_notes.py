"""What a trace says in words: why a layer has no say, or what it takes beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from watchword.iam._plan import Documents
from watchword.iam._principals import Needs
from watchword.iam._standing import Caller, rcp_exemption, scp_exemption
from watchword.iam.decision import Request
from watchword.iam.outcome import Layer, Outcome
from watchword.iam.policy_set import PolicySet
from watchword.iam.service_rules import RuleEffect, ServiceRule

_RESOURCE_SIDE: Final = frozenset({Layer.RESOURCE, Layer.TRUST, Layer.KEY})

SaidByItself = tuple[Layer, Outcome, str]
"""A layer that speaks without statements."""


def by_itself(request: Request, policies: PolicySet, rule: ServiceRule | None) -> Iterator[SaidByItself]:
    """Give the layers that have an outcome without any statement, and why."""
    if rule is not None:
        yield _service(request, rule)
    if request.standing.caller is Caller.ROOT:
        alone = not request.cross_account and request.standing.side is Layer.RESOURCE
        what = "is allowed by itself" if alone else "has all permissions on its own side"
        yield Layer.ROOT, Outcome.ALLOWED, f"root {what}: identity policies and boundaries do not bind it"
    yield from _without_say(request, policies)
    yield from _not_given(request, policies)


def _service(request: Request, rule: ServiceRule) -> SaidByItself:
    refusal = f"{rule.aws_code}: {rule.aws_message}"
    match rule.effect:
        case RuleEffect.ALLOW:
            return Layer.SERVICE, Outcome.ALLOWED, f"{request.action} needs no permission"
        case RuleEffect.REFUSE:
            return Layer.SERVICE, Outcome.IMPLICIT_DENY, refusal
        case RuleEffect.MAY_REFUSE:
            return Layer.SERVICE, Outcome.UNDETERMINED, f"contested ({rule.contested}): {refusal}"


def _without_say(request: Request, policies: PolicySet) -> Iterator[SaidByItself]:
    """Policies that were given, and why they do not count here."""
    who = request.principal, request.credential
    if policies.resource_control:
        why = rcp_exemption(*who, request.service, request.operation, request.resource)
        if why is not None:
            yield Layer.RESOURCE_CONTROL, Outcome.ALLOWED, why
    if policies.service_control:
        why = scp_exemption(*who)
        if why is not None:
            yield Layer.SERVICE_CONTROL, Outcome.ALLOWED, why
    if policies.resource is not None and request.standing.past_resource:
        yield Layer.RESOURCE, Outcome.ALLOWED, "root of the bucket's owner may always put its policy right"


def _not_given(request: Request, policies: PolicySet) -> Iterator[SaidByItself]:
    """The resource's own policy, where it would have to allow and there is none."""
    side = request.standing.side
    plan = policies.plan(request)
    given = policies.trust if side is Layer.TRUST else policies.resource
    if plan.missing is not None:
        yield side, Outcome.UNDETERMINED, f"the {plan.missing} is not given, and must allow"
    elif plan.by_side and given is None:
        if request.cross_account:
            note = "the resource is another account's, and no policy of it is given"
        else:
            note = "no policy of the resource is given, and nothing else could let this caller in"
        yield side, Outcome.IMPLICIT_DENY, note


def note_on(
    layer: Layer, documents: Documents, request: Request, policies: PolicySet, needs: list[Needs]
) -> str | None:
    """Return what there is to say of a layer beside its statements.

    `needs` are those of the statements of it that allow, or may.
    """
    if layer is Layer.SESSION and policies.session is None:
        return "a federated user session without a session policy may do nothing by itself"
    if layer in {Layer.SERVICE_CONTROL, Layer.SESSION} and not documents:
        return "there is no policy, so nothing is allowed"
    if layer not in _RESOURCE_SIDE or request.standing.caller is not Caller.OWN_POLICIES:
        return None
    if not needs:
        itself = layer is Layer.TRUST and request.principal.role_arn == request.resource
        return "a role that assumes itself must be trusted as any other caller" if itself else None
    if request.cross_account:
        return "the caller is of another account: its own policies must allow too"
    return _beside(min(needs, key=len), policies)


def _beside(needs: Needs, policies: PolicySet) -> str | None:
    held = {
        Layer.IDENTITY: "identity policies",
        Layer.BOUNDARY: "permissions boundary" if policies.permissions_boundary else None,
        Layer.SESSION: "session policies" if policies.session is not None else None,
    }
    named = [words for layer, words in held.items() if layer in needs and words is not None]
    return f"the caller's {' and '.join(named)} must allow too" if named else None
