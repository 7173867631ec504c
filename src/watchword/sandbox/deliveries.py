"""Messages that SNS sends on to queues: each is decided as SNS's own call, by the queue's policy.

Source: Amazon SNS Developer Guide, subscribe-sqs-queue-to-sns-topic (`sns.amazonaws.com`, `aws:SourceArn`);
IAM User Guide, reference_policies_condition-keys (`aws:SourceAccount`, `aws:PrincipalIsAWSService`).
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Final

from watchword.iam import UNKNOWN, CredentialKind, Principal, PrincipalKind
from watchword.sandbox.authorise.call import Call
from watchword.sandbox.authorise.gate import Gate
from watchword.sandbox.authorise.question import ActionOnResource
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.plane.sns_deliveries import QueueSubscription, delivering, queues_of
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

_SENDING: Final = frozenset({"Publish", "PublishBatch"})
_SNS: Final = Caller(
    principal=Principal(arn="sns.amazonaws.com", account="", kind=PrincipalKind.SERVICE),
    kind=CredentialKind.SERVICE,
    access_key_id="",
    user_name=None,
    user_id="",
)


class Deliveries:
    """Decides where a message goes. Any thread may use it."""

    def __init__(self, *, gate: Gate) -> None:
        self._gate = gate

    def of(self, call: Call, owner: str) -> AbstractContextManager[None]:
        """Return what the call runs in: a message reaches the queues whose policies let SNS send to them.

        What a queue refuses is not delivered, and the call succeeds, as on AWS. Raises SandboxRefusal where
        it cannot be decided, or where a queue of another account is subscribed.
        """
        operation = call.operation
        if operation.service != "sns":
            return nullcontext()
        if operation.name == "Subscribe":
            _refuse_foreign_queue(call, owner)
        topic = operation.params.get("TopicArn")
        if operation.name not in _SENDING or topic is None:
            return nullcontext()
        allowed = frozenset(each.arn for each in queues_of(topic) if self._may_send(call, each))
        return delivering(allowed)

    def _may_send(self, call: Call, subscription: QueueSubscription) -> bool:
        question = ActionOnResource(
            action="sqs:SendMessage",
            resource=subscription.queue,
            shown=subscription.queue,
            context={
                "aws:SourceArn": subscription.topic,
                "aws:SourceAccount": subscription.topic.split(":")[4],
                # From where SNS sends, and as what, nobody says.
                "aws:SourceIp": UNKNOWN,
                "aws:UserAgent": UNKNOWN,
                "aws:referer": UNKNOWN,
            },
        )
        try:
            self._gate.asks(replace(call, caller=_SNS), (question,))
        except SandboxRefusal:
            raise
        except AwsError:
            return False
        return True


def _refuse_foreign_queue(call: Call, owner: str) -> None:
    params = call.operation.params
    if params.get("Protocol") != "sqs":
        return
    account = (str(params.get("Endpoint", "")).split(":") + [""] * 5)[4]
    if {account, call.caller.account} != {owner}:
        raise SandboxRefusal(
            "only queues of the topic's own account can be subscribed, by its own principals"
        )
