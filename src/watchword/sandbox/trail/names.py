"""What CloudTrail calls an operation: its source, its name, its category, and whether it only reads."""

from __future__ import annotations

from functools import cache
from typing import Final

from watchword.sandbox.authorise.catalogue import actions_of
from watchword.sandbox.authorise.required import prefix_of
from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.operation import Operation

# Source: AWS Lambda Developer Guide, logging-using-cloudtrail; Amazon S3 User Guide,
# cloudtrail-logging-s3-info.
_NAMES: Final = {
    ("lambda", "AddLayerVersionPermission"): "AddLayerVersionPermission20181031",
    ("lambda", "AddPermission"): "AddPermission20150331v2",
    ("lambda", "CreateEventSourceMapping"): "CreateEventSourceMapping20150331",
    ("lambda", "CreateFunction"): "CreateFunction20150331",
    ("lambda", "DeleteEventSourceMapping"): "DeleteEventSourceMapping20150331",
    ("lambda", "DeleteFunction"): "DeleteFunction20150331",
    ("lambda", "GetEventSourceMapping"): "GetEventSourceMapping20150331",
    ("lambda", "GetFunction"): "GetFunction20150331v2",
    ("lambda", "GetFunctionConfiguration"): "GetFunctionConfiguration20150331v2",
    ("lambda", "GetLayerVersionPolicy"): "GetLayerVersionPolicy20181031",
    ("lambda", "GetPolicy"): "GetPolicy20150331v2",
    ("lambda", "ListEventSourceMappings"): "ListEventSourceMappings20150331",
    ("lambda", "ListFunctions"): "ListFunctions20150331",
    ("lambda", "RemovePermission"): "RemovePermission20150331v2",
    ("lambda", "UpdateEventSourceMapping"): "UpdateEventSourceMapping20150331",
    ("lambda", "UpdateFunctionCode"): "UpdateFunctionCode20150331v2",
    ("lambda", "UpdateFunctionConfiguration"): "UpdateFunctionConfiguration20150331v2",
    ("s3", "GetBucketLifecycleConfiguration"): "GetBucketLifecycle",
    ("s3", "GetBucketNotificationConfiguration"): "GetBucketNotification",
    ("s3", "ListObjectsV2"): "ListObjects",
    ("s3", "PutBucketLifecycleConfiguration"): "PutBucketLifecycle",
    ("s3", "PutBucketNotificationConfiguration"): "PutBucketNotification",
}
# Of S3 also whatever names an object. Source: AWS CloudTrail User Guide,
# logging-data-events-with-cloudtrail, and the services' own pages.
_DATA_EVENTS: Final = {
    "cloudwatch": {"GetMetricData", "GetMetricWidgetImage", "PutMetricData"},
    "dynamodb": {
        "BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "DeleteItem", "ExecuteStatement",
        "ExecuteTransaction", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems",
        "TransactWriteItems", "UpdateItem",
    },
    "dynamodbstreams": {"GetRecords", "GetShardIterator"},
    "lambda": {"Invoke", "InvokeAsync", "InvokeWithResponseStream"},
    "s3": {
        "DeleteObjects", "HeadBucket", "ListMultipartUploads", "ListObjectVersions", "ListObjects",
        "ListObjectsV2",
    },
    "sns": {"Publish", "PublishBatch"},
    "sqs": {
        "ChangeMessageVisibility", "ChangeMessageVisibilityBatch", "DeleteMessage", "DeleteMessageBatch",
        "ReceiveMessage", "SendMessage", "SendMessageBatch",
    },
}  # fmt: skip
# Read-only in CloudTrail, though the Service Authorization Reference says that they write (observed).
_READS_ONLY: Final = {
    "kms": {
        "Decrypt", "DeriveSharedSecret", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac",
        "GenerateRandom", "ReEncrypt", "Sign", "Verify", "VerifyMac",
    },
    "sts": {
        "AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "DecodeAuthorizationMessage",
        "GetAccessKeyInfo", "GetCallerIdentity", "GetFederationToken", "GetSessionToken",
    },
}  # fmt: skip
_READING_VERBS: Final = ("BatchGet", "Describe", "Get", "Head", "List", "Lookup", "Search")
_SOURCES: Final = {"ecr": "ecr"}


@cache
def event_source(service: str) -> str:
    """Return `eventSource`, such as `monitoring.amazonaws.com`: the prefix of the service's endpoint."""
    prefix: str = catalog.service(service).endpoint_prefix
    return f"{_SOURCES.get(service, prefix)}.amazonaws.com"


def event_name(operation: Operation) -> str:
    """Return `eventName`: the operation, with the date that some services add to it."""
    return _NAMES.get((operation.service, operation.name), operation.name)


def is_data_event(operation: Operation) -> bool:
    """Tell whether it is a data event: one that a trail has only if asked for it."""
    if operation.service == "s3" and operation.params.get("Key") is not None:
        return True
    return operation.name in _DATA_EVENTS.get(operation.service, ())


def reads_only(operation: Operation) -> bool:
    """Return `readOnly`."""
    if operation.name in _READS_ONLY.get(operation.service, ()):
        return True
    facts = actions_of(prefix_of(operation)).get(operation.name.lower())
    return operation.name.startswith(_READING_VERBS) if facts is None else facts.reads_only
