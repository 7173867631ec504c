"""The refusal of a call, in AWS's words for the layer that decided, or in the sandbox's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from watchword.iam import Decision, Layer, Outcome
from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.required import ActionOnResource
from watchword.sandbox.wire.error import AwsError, PolicyType, SandboxRefusal, denied


class ItemsRefused(AwsError):
    """Some of what a call names was refused, and AWS answers for each item apart.

    `refused` has the refusals by action and ARN; the rest may run in the account `owner`.
    """

    def __init__(self, owner: str, refused: Mapping[tuple[str, str], AwsError]) -> None:
        first = next(iter(refused.values()))
        super().__init__(first.code, first.message, status=first.status)
        self.owner = owner
        self.refused = refused


def refuse(call: Call, question: ActionOnResource, decision: Decision) -> NoReturn:
    """Raise the AwsError for a decision that does not allow, or SandboxRefusal where AWS would differ."""
    if decision.outcome is Outcome.UNDETERMINED:
        raise SandboxRefusal(
            f"{question.action} on {question.resource} cannot be decided: "
            f"the policies depend on {', '.join(decision.missing)}, which the sandbox does not know"
        )
    action = question.action
    if action.startswith("sns:"):
        action = f"SNS:{action.removeprefix('sns:')}"  # observed on AWS
    error = denied(
        call.operation.dialect,
        principal_arn=call.caller.principal.arn,
        action=action,
        resource=question.shown,
        ending=_ending(action, decision),
    )
    if call.operation.service == "sns":
        # Source: SNS API Reference, the errors of each operation (AuthorizationError).
        raise AwsError("AuthorizationError", error.message, status=403)
    raise error


def _ending(action: str, decision: Decision) -> str:
    """Return AWS's words for the layer that refused.

    AWS names no policy when a role's trust policy is silent (observed); elsewhere it names its type.
    Source: troubleshoot_access-denied.
    """
    kind = _POLICY_TYPES[decision.layer]
    if decision.outcome is Outcome.EXPLICIT_DENY:
        return kind.explicit_ending()
    if action.startswith("sts:"):
        return ""
    return kind.implicit_ending(action)


_POLICY_TYPES = {
    Layer.SERVICE: PolicyType.IDENTITY,
    Layer.ROOT: PolicyType.IDENTITY,
    Layer.RESOURCE_CONTROL: PolicyType.RCP,
    Layer.SERVICE_CONTROL: PolicyType.SCP,
    Layer.ENDPOINT: PolicyType.VPC_ENDPOINT,
    Layer.IDENTITY: PolicyType.IDENTITY,
    Layer.BOUNDARY: PolicyType.BOUNDARY,
    Layer.SESSION: PolicyType.SESSION,
    Layer.RESOURCE: PolicyType.RESOURCE,
    Layer.TRUST: PolicyType.TRUST,
    Layer.KEY: PolicyType.RESOURCE,
}
