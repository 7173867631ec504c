"""The policies of resources: which one has a say in a call, and the calls that read and write them."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.plane.attributes import refuse_unknown
from watchword.sandbox.plane.directory import PolicyDocument
from watchword.sandbox.plane.policies import (
    buckets,
    ecr,
    functions,
    kms,
    permissions,
    secretsmanager,
    sns,
    sqs,
)
from watchword.sandbox.plane.policies.answer import answer
from watchword.sandbox.plane.policies.kept import Kept, kept
from watchword.sandbox.plane.policies.place import PARTITION, arn_of, place_of
from watchword.sandbox.plane.policies.principals import UniqueIds
from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.render import WireResponse

if TYPE_CHECKING:
    from watchword.sandbox.plane.lookup import MotoLookup

# Source: SQS API Reference, each of these operations: "Cross-account permissions don't apply to this action".
_OWNERS_ACTIONS = frozenset(
    f"sqs:{name}".lower()
    for name in (
        "AddPermission", "CancelMessageMoveTask", "CreateQueue", "DeleteQueue", "ListMessageMoveTasks",
        "ListQueueTags", "ListQueues", "RemovePermission", "SetQueueAttributes", "StartMessageMoveTask",
        "TagQueue", "UntagQueue",
    )
)  # fmt: skip
_BUCKET_POLICY = frozenset(
    {"PutBucketPolicy", "GetBucketPolicy", "DeleteBucketPolicy", "GetBucketPolicyStatus"}
)
_WITH_ACL = frozenset({"CopyObject", "CreateMultipartUpload", "PutObject"})
_PERMISSIONS = frozenset({"AddPermission", "RemovePermission"})
_SHOWING = frozenset(
    {"GetQueueAttributes", "GetTopicAttributes", "GetKeyPolicy", "GetRepositoryPolicy", "GetResourcePolicy"}
)
# What moto stores by itself, once it was checked here.
_STORED_BY_MOTO = {
    ("sqs", "SetQueueAttributes"), ("sqs", "CreateQueue"), ("sns", "SetTopicAttributes"),
    ("sns", "CreateTopic"), ("kms", "PutKeyPolicy"), ("kms", "CreateKey"),
    ("secretsmanager", "PutResourcePolicy"), ("ecr", "SetRepositoryPolicy"),
}  # fmt: skip


def resource_policy(
    arn: str, *, action: str, caller_account: str, directory: MotoLookup
) -> PolicyDocument | None:
    """Return the policy of the resource that an action on `arn` is about, as far as it has a say.

    None: it has none, or it cannot let a caller of another account in whatever it says.
    """
    owner = directory.account_of(arn)
    place = None if owner is None else kept(arn, owner, PARTITION)
    if place is None or owner is None:
        return None
    text = place.settled(unique_ids_of(directory))
    if text is None:
        return None
    foreign = caller_account not in ("", owner)  # services are of no account
    if foreign and (action.lower() in _OWNERS_ACTIONS or _is_closed(arn, place)):
        return None
    return PolicyDocument(name=f"{place.arn} (policy)", text=text)


def _is_closed(arn: str, place: Kept) -> bool:
    return arn.split(":")[2] == "s3" and buckets.is_restricted(place)


def unique_ids_of(directory: MotoLookup) -> UniqueIds:
    """Return what knows the users and roles of every account of the sandbox, as they are at this moment."""

    @cache
    def of_account(account: str) -> dict[str, str] | None:
        try:
            return directory.of_account(account).unique_ids()
        except SandboxRefusal:
            return None

    return of_account


def run(
    operation: Operation, caller: Caller, directory: MotoLookup, *, request_id: str
) -> WireResponse | None:
    """Answer an authorised operation on a resource's policy, or check what moto is to store.

    None: moto goes on. Raises AwsError where the service refuses the policy, SandboxRefusal where it is not
    known whether it would.
    """
    refuse_unknown(operation)
    unique_ids = unique_ids_of(directory)
    if operation.service == "s3" and operation.name in _WITH_ACL:
        place = place_of(operation, directory)
        buckets.refuse_acl(operation, None if place is None else place.owner)
        return None
    if operation.name in _SHOWING:
        place = place_of(operation, directory)
        if place is not None:
            place.settled(unique_ids)
        return None
    if (operation.service, operation.name) in _STORED_BY_MOTO:
        _check(operation, directory, unique_ids)
        return None
    return _answered(operation, caller, directory, unique_ids, request_id)


def _answered(
    operation: Operation, caller: Caller, directory: MotoLookup, unique_ids: UniqueIds, request_id: str
) -> WireResponse | None:
    if not _is_answered_here(operation):
        return None
    place = place_of(operation, directory)
    if place is None and operation.service == "lambda":
        raise functions.not_found(str(arn_of(operation, directory)))
    if place is None:
        return None  # moto says that there is no such resource
    account = directory.account
    match operation.service:
        case "s3":
            return buckets.run(operation, caller, place, account=account, unique_ids=unique_ids)
        case "lambda":
            return _of_function(operation, place, account, unique_ids, request_id)
        case _:
            _permission(operation, place, unique_ids)
            return answer(operation, {}, request_id=request_id)


def _is_answered_here(operation: Operation) -> bool:
    if operation.service == "s3":
        return operation.name in _BUCKET_POLICY
    permissions_of = {"sqs": _PERMISSIONS, "sns": _PERMISSIONS, "lambda": _PERMISSIONS | {"GetPolicy"}}
    return operation.name in permissions_of.get(operation.service, ())


def _of_function(
    operation: Operation, place: Kept, account: str, unique_ids: UniqueIds, request_id: str
) -> WireResponse:
    match operation.name:
        case "AddPermission":
            result = functions.add(operation.params, place, account=account, unique_ids=unique_ids)
            return answer(operation, result, request_id=request_id, status=201)
        case "RemovePermission":
            functions.remove(operation.params, place)
            return answer(operation, {}, request_id=request_id, status=204)
        case _:
            return answer(operation, functions.shown(place.settled(unique_ids)), request_id=request_id)


def _permission(operation: Operation, place: Kept, unique_ids: UniqueIds) -> None:
    match operation.service, operation.name:
        case "sqs", "AddPermission":
            permissions.add_to_queue(operation.params, place, unique_ids)
        case "sqs", _:
            permissions.remove_from_queue(operation.params, place)
        case _, "AddPermission":
            permissions.add_to_topic(operation.params, place, unique_ids)
        case _:
            permissions.remove_from_topic(operation.params, place)


def _check(operation: Operation, directory: MotoLookup, unique_ids: UniqueIds) -> None:
    params, account = operation.params, directory.account
    text = policy_in(operation)
    arn = arn_of(operation, directory)
    if not text:
        return
    place = None if arn is None else kept(arn, account, PARTITION)
    if place is not None:
        place.settled(unique_ids)  # who is gone is not pinned anew, should the service keep what it has
    match operation.service:
        case "sqs" if arn is not None:
            sqs.checked(text, arn=arn, account=account, unique_ids=unique_ids)
        case "sns" if arn is not None:
            sns.checked(text, arn=arn, account=account, unique_ids=unique_ids)
        case "kms":
            kms.checked(text, account=account, unique_ids=unique_ids)
        case "ecr":
            ecr.checked(text, account=account, unique_ids=unique_ids, forced=bool(params.get("force")))
        case "secretsmanager" if arn is not None:
            block = bool(params.get("BlockPublicPolicy"))
            secretsmanager.checked(text, arn=arn, account=account, unique_ids=unique_ids, block_public=block)
        case _:
            pass


def policy_in(operation: Operation) -> str | None:
    """Return the policy that an operation gives a resource, in whichever parameter; None: it gives none."""
    params = operation.params
    if operation.name == "SetTopicAttributes":
        return params.get("AttributeValue") if params.get("AttributeName") == "Policy" else None
    if operation.service in ("sqs", "sns"):
        return (params.get("Attributes") or {}).get("Policy")
    name = {"ecr": "policyText", "secretsmanager": "ResourcePolicy"}.get(operation.service, "Policy")
    text: str | None = params.get(name)
    return text


def after(operation: Operation, directory: MotoLookup, response: WireResponse) -> None:
    """Do what is left once moto has run an operation: pin whom a policy names, set up a new bucket."""
    if response.status >= 300:
        return
    if (operation.service, operation.name) == ("s3", "CreateBucket"):
        place = place_of(operation, directory)
        if place is not None:
            buckets.set_up(place.owner)
        return
    if operation.service == "lambda":
        functions.forget_gone(operation, directory.account)
        return
    if (operation.service, operation.name) not in _STORED_BY_MOTO or not policy_in(operation):
        return
    place = _made(operation, directory, response)
    if place is not None:
        place.pin(unique_ids_of(directory))


def _made(operation: Operation, directory: MotoLookup, response: WireResponse) -> Kept | None:
    if operation.name == "CreateKey":
        arn = str(json.loads(response.body)["KeyMetadata"]["Arn"])
        return kept(arn, directory.account, PARTITION)
    return place_of(operation, directory)
