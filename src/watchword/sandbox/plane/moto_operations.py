"""Which operations moto has, told without running them.

Most of moto's services find the operation by its name. S3 goes by what stands in the query string, and takes
a request that it does not know for another one: `DELETE /bucket?analytics` deletes the bucket. So what S3 may
be asked for is a list.
"""

from __future__ import annotations

import importlib
import inspect
from functools import cache

_MODULES = {"lambda": "awslambda"}
_S3 = frozenset(
    {
        "AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateBucket",
        "CreateMultipartUpload", "DeleteBucket", "DeleteBucketCors", "DeleteBucketEncryption",
        "DeleteBucketLifecycle", "DeleteBucketOwnershipControls", "DeleteBucketPolicy",
        "DeleteBucketReplication", "DeleteBucketTagging", "DeleteBucketWebsite", "DeleteObject",
        "DeleteObjectTagging", "DeleteObjects", "DeletePublicAccessBlock",
        "GetBucketAccelerateConfiguration", "GetBucketAcl", "GetBucketCors", "GetBucketEncryption",
        "GetBucketInventoryConfiguration", "GetBucketLifecycle", "GetBucketLifecycleConfiguration",
        "GetBucketLocation", "GetBucketLogging", "GetBucketNotification",
        "GetBucketNotificationConfiguration", "GetBucketOwnershipControls", "GetBucketPolicy",
        "GetBucketPolicyStatus", "GetBucketReplication", "GetBucketTagging", "GetBucketVersioning",
        "GetBucketWebsite", "GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectLegalHold",
        "GetObjectLockConfiguration", "GetObjectTagging", "GetPublicAccessBlock", "HeadBucket",
        "HeadObject", "ListBucketInventoryConfigurations", "ListBuckets", "ListMultipartUploads",
        "ListObjectVersions", "ListObjects", "ListObjectsV2", "ListParts",
        "PutBucketAccelerateConfiguration", "PutBucketAcl", "PutBucketCors", "PutBucketEncryption",
        "PutBucketInventoryConfiguration", "PutBucketLifecycle", "PutBucketLifecycleConfiguration",
        "PutBucketLogging", "PutBucketNotification", "PutBucketNotificationConfiguration",
        "PutBucketOwnershipControls", "PutBucketPolicy", "PutBucketReplication", "PutBucketTagging",
        "PutBucketVersioning", "PutBucketWebsite", "PutObject", "PutObjectAcl", "PutObjectLegalHold",
        "PutObjectLockConfiguration", "PutObjectRetention", "PutObjectTagging", "PutPublicAccessBlock",
        "RestoreObject", "SelectObjectContent", "UploadPart", "UploadPartCopy",
    }
)  # fmt: skip


def moto_has(service: str, operation: str) -> bool:
    """Tell whether moto runs an operation of a service (botocore's names)."""
    if service == "s3":
        return operation in _S3
    from moto.core.utils import camelcase_to_underscores

    return camelcase_to_underscores(operation) in _methods(service)


@cache
def _methods(service: str) -> frozenset[str]:
    from moto.core.responses import BaseResponse

    module = _MODULES.get(service, service.replace("-", ""))
    try:
        responses = importlib.import_module(f"moto.{module}.responses")
    except ModuleNotFoundError:
        return frozenset()
    classes = [
        each for _, each in inspect.getmembers(responses, inspect.isclass) if issubclass(each, BaseResponse)
    ]
    own = (set(dir(each)) - set(dir(BaseResponse)) for each in classes)
    return frozenset().union(*own)
