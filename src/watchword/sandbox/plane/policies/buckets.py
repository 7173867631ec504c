"""Bucket policies, answered here; and the settings that a new bucket has.

Source: Amazon S3 API Reference, PutBucketPolicy, GetBucketPolicy, DeleteBucketPolicy,
GetBucketPolicyStatus; Amazon S3 User Guide, access-control-block-public-access and about-object-ownership
(both on for new buckets).
"""

from __future__ import annotations

from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.policies import s3
from watchword.sandbox.plane.policies.document import read
from watchword.sandbox.plane.policies.kept import Kept
from watchword.sandbox.plane.policies.principals import UniqueIds
from watchword.sandbox.plane.policies.public import is_public
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.render import WireResponse

_XML = (("Content-Type", "application/xml"),)
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_ENFORCED = "BucketOwnerEnforced"
_SETTLED = "watchword_is_set_up"


def run(
    operation: Operation, caller: Caller, place: Kept, *, account: str, unique_ids: UniqueIds
) -> WireResponse:
    """Run one of the four operations on a bucket's policy. Raises AwsError."""
    _by_the_owner(operation, caller, account)
    match operation.name:
        case "PutBucketPolicy":
            return _put(operation, caller, place, account, unique_ids)
        case "DeleteBucketPolicy":
            place.write(None)
            return WireResponse(status=204, headers=(), body=b"")
        case "GetBucketPolicyStatus":
            public = str(is_public(read(_present(operation, place, unique_ids)))).lower()
            status = f'<PolicyStatus xmlns="{_NAMESPACE}"><IsPublic>{public}</IsPublic></PolicyStatus>'
            return WireResponse(status=200, headers=_XML, body=status.encode())
        case _:
            text = _present(operation, place, unique_ids)
            return WireResponse(
                status=200, headers=(("Content-Type", "application/json"),), body=text.encode()
            )


def _by_the_owner(operation: Operation, caller: Caller, account: str) -> None:
    if caller.account != account:
        raise AwsError(
            "MethodNotAllowed",
            "The specified method is not allowed against this resource.",
            status=405,
            details=(("Method", operation.name), ("ResourceType", "BUCKETPOLICY")),
        )


def _put(
    operation: Operation, caller: Caller, place: Kept, account: str, unique_ids: UniqueIds
) -> WireResponse:
    text, bucket = str(operation.params["Policy"]), str(operation.params["Bucket"])
    document = s3.checked(text, bucket=bucket, account=account, unique_ids=unique_ids)
    block: MotoObject = place.owner.public_access_block
    if block is not None and block.block_public_policy and is_public(document):
        raise AwsError(
            "AccessDenied",
            f"User: {caller.principal.arn} is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"{place.arn}" because public policies are prevented by the BlockPublicPolicy setting in '
            "S3 Block Public Access.",
            status=403,
        )
    place.write(text)
    place.pin(unique_ids)
    return WireResponse(status=204, headers=(), body=b"")


def _present(operation: Operation, place: Kept, unique_ids: UniqueIds) -> str:
    text = place.settled(unique_ids)
    if text is None:
        raise AwsError(
            "NoSuchBucketPolicy",
            "The bucket policy does not exist",
            status=404,
            details=(("BucketName", str(operation.params["Bucket"])),),
        )
    return text


def is_restricted(place: Kept) -> bool:
    """Tell whether a bucket lets nobody in from outside, for its policy is public and that is restricted."""
    block: MotoObject = place.owner.public_access_block
    text = place.read()
    return block is not None and block.restrict_public_buckets and text is not None and is_public(read(text))


def refuse_acl(operation: Operation, bucket: MotoObject) -> None:
    """Refuse an ACL for an object of a bucket that has none, but for the one that changes nothing.

    Source: Amazon S3 User Guide, about-object-ownership. Raises AwsError (AccessControlListNotSupported).
    """
    enforced = bucket is not None and bucket.ownership_rule == _ENFORCED
    if enforced and operation.params.get("ACL") not in (None, "bucket-owner-full-control"):
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs", status=400)


def set_up(bucket: MotoObject) -> None:
    """Give a bucket that was just made what AWS gives it: no public access, and no ACLs."""
    from moto.s3.models import PublicAccessBlock

    if getattr(bucket, _SETTLED, False):
        return  # who creates their own bucket again, in us-east-1, changes nothing
    setattr(bucket, _SETTLED, True)
    if bucket.public_access_block is None:
        bucket.public_access_block = PublicAccessBlock(True, True, True, True)
    if bucket.ownership_rule is None:
        bucket.ownership_rule = _ENFORCED
