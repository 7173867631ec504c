"""The attributes of queues and topics that a call may set: moto takes any name, and sets what it finds.

Source: SQS API Reference, SetQueueAttributes and CreateQueue; SNS API Reference, SetTopicAttributes and
CreateTopic. The texts are observed on AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.operation import Operation

_OF_QUEUES = frozenset(
    {
        "ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue", "FifoThroughputLimit",
        "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "MaximumMessageSize", "MessageRetentionPeriod",
        "Policy", "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "RedrivePolicy",
        "SqsManagedSseEnabled", "VisibilityTimeout",
    }
)  # fmt: skip
_OF_TOPICS = frozenset(
    {
        "ArchivePolicy", "ContentBasedDeduplication", "DeliveryPolicy", "DisplayName", "FifoThroughputScope",
        "KmsMasterKeyId", "MaximumMessageSize", "Policy", "SignatureVersion", "TracingConfig",
    }
)  # fmt: skip
_OF_NEW_TOPICS = _OF_TOPICS | {"FifoTopic"}
_DELIVERY_STATUS = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")


def refuse_unknown(operation: Operation) -> None:
    """Raise AwsError for a name that the service does not have, SandboxRefusal for one that needs more."""
    params = operation.params
    match operation.service, operation.name:
        case "sqs", "CreateQueue" | "SetQueueAttributes":
            _of_queue(params.get("Attributes") or {})
        case "sns", "CreateTopic":
            _of_topic(params.get("Attributes") or {}, _OF_NEW_TOPICS)
        case "sns", "SetTopicAttributes":
            _of_topic({str(params.get("AttributeName")): None}, _OF_TOPICS)
        case _:
            pass


def _of_queue(attributes: Mapping[str, Any]) -> None:
    for name in attributes:
        if name not in _OF_QUEUES:
            raise AwsError("InvalidAttributeName", f"Unknown Attribute {name}.", status=400)


def _of_topic(attributes: Mapping[str, Any], known: frozenset[str]) -> None:
    for name in attributes:
        if name.endswith(_DELIVERY_STATUS):
            raise SandboxRefusal(f"sns: {name} passes a role on, and that is not authorised")
        if name not in known:
            raise AwsError("InvalidParameter", "Invalid parameter: AttributeName", status=400)
