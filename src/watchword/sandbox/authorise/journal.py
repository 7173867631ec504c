"""What the gate writes into the log of decisions."""

from __future__ import annotations

from watchword.iam import Decision, Layer, Request
from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.reason import reason_of
from watchword.sandbox.authorise.required import ActionOnResource
from watchword.sandbox.clock import SandboxClock
from watchword.sandbox.log import DecisionLog
from watchword.sandbox.wire.error import AwsError


class Journal:
    """Writes decisions and refusals as they fall. Any thread may use it."""

    def __init__(self, *, clock: SandboxClock, log: DecisionLog) -> None:
        self._clock = clock
        self._log = log

    def decided(self, call: Call, question: ActionOnResource, decision: Decision, request: Request) -> None:
        """Write one decision of the engine."""
        self.write(
            call,
            question.action,
            question.resource,
            decision.outcome,
            layer=decision.layer,
            statement=", ".join(str(ref) for ref in decision.statements) or None,
            reason=reason_of(decision, request),
        )

    def refused(self, call: Call, error: AwsError) -> None:
        """Write a call that was refused for a reason other than policies."""
        # AWS's texts on parameters repeat them, and one of them is the code.
        reason = error.code if error.code == "ValidationError" else error.message
        self.write(call, call.action, "-", "refused", reason=reason)

    def write(
        self,
        call: Call,
        action: str,
        resource: str,
        outcome: str,
        *,
        layer: Layer | None = None,
        statement: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Write one line."""
        self._log.write(
            time=self._clock.now(),
            request_id=call.request_id,
            principal=call.caller.principal.arn,
            credential=call.caller.kind,
            mfa=call.caller.mfa.value,
            action=action,
            resource=resource,
            outcome=outcome,
            layer=None if layer is None else layer.value,
            statement=statement,
            reason=reason,
            via=", ".join(call.caller.called_via) or None,
        )
