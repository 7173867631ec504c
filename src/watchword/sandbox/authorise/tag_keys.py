"""Tags as context: those that a request sets, and those that the resource has.

Source: IAM User Guide, access_tags and reference_policies_condition-keys; Amazon EC2 User Guide,
supported-iam-actions-tagging (each resource sees the tags of its own kind); Amazon S3 User Guide,
tagging-and-policies.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final
from urllib.parse import parse_qsl

from watchword.iam.context import ContextValue
from watchword.sandbox.authorise.catalogue import ActionFacts, is_key_of
from watchword.sandbox.authorise.lookup import Lookup
from watchword.sandbox.authorise.required import ActionOnResource
from watchword.sandbox.wire.operation import Operation

_TAG_PARAMETERS: Final = ("Tags", "tags", "TagList", "Tag")
_REMOVING_PARAMETERS: Final = ("TagKeys", "tagKeys")
_PAIRS: Final = (("Key", "Value"), ("TagKey", "TagValue"), ("key", "value"))
# What each service calls the tags of its resources, beside `aws:ResourceTag`.
_RDS: Final = {
    "cluster": "rds:cluster-tag", "cluster-pg": "rds:cluster-pg-tag",
    "cluster-snapshot": "rds:cluster-snapshot-tag", "db": "rds:db-tag", "es": "rds:es-tag",
    "og": "rds:og-tag", "pg": "rds:pg-tag", "ri": "rds:ri-tag", "secgrp": "rds:secgrp-tag",
    "snapshot": "rds:snapshot-tag", "subgrp": "rds:subgrp-tag",
}  # fmt: skip
_OWN_NAMES: Final = (
    "aws:ResourceTag", "ec2:ResourceTag", "elasticloadbalancing:ResourceTag", "iam:ResourceTag",
    "s3:BucketTag", "secretsmanager:ResourceTag", "ssm:resourceTag",
)  # fmt: skip
_OBJECT_TAG: Final = "s3:ExistingObjectTag"
RESOURCE_TAGS: Final = tuple(f"{name.lower()}/" for name in (*_OWN_NAMES, *_RDS.values(), _OBJECT_TAG))
"""The beginnings, in lower case, of all keys that hold a tag of the resource."""
REQUEST_TAGS: Final = ("aws:requesttag/", "aws:tagkeys", "rds:req-tag/", "s3:requestobjecttag")
"""The beginnings of all keys that hold a tag of the request: what has no value here is absent."""


def request_tags(operation: Operation, question: ActionOnResource) -> dict[str, ContextValue]:
    """Return the keys of the tags that a request sets or takes away, as far as they concern the resource."""
    if operation.service == "s3" and operation.name != "CreateBucket":
        return _object_tags(operation)
    set_, removed = _set_and_removed(operation, question.resource)
    context: dict[str, ContextValue] = {f"aws:RequestTag/{key}": value for key, value in set_.items()}
    if operation.service == "rds":
        context.update({f"rds:req-tag/{key}": value for key, value in set_.items()})
    keys = tuple(dict.fromkeys((*set_, *removed)))
    return {**context, "aws:TagKeys": keys} if keys else context


def _set_and_removed(operation: Operation, resource: str) -> tuple[dict[str, str], tuple[str, ...]]:
    params, tags, removed = operation.params, dict[str, str](), list[str]()
    if operation.name == "CreateBucket":
        params = params.get("CreateBucketConfiguration") or {}
    for name in _TAG_PARAMETERS:
        given = params.get(name)
        if isinstance(given, list | tuple) and all(isinstance(each, str) for each in given):
            removed += given  # UntagLogGroup names the keys so
        else:
            tags.update(tags_in(given))
    for name in _REMOVING_PARAMETERS:
        removed += [str(key) for key in params.get(name) or ()]
    kind = resource.rpartition(":")[2].partition("/")[0]
    for specification in params.get("TagSpecifications") or params.get("TagSpecification") or ():
        if specification.get("ResourceType") == kind:
            tags.update(tags_in(specification.get("Tags")))
    if operation.name == "DeleteTags":
        return {}, (*tags, *removed)
    return tags, tuple(removed)


def tags_in(given: object) -> dict[str, str]:
    """Return the tags in a parameter: a mapping, or a list of pairs under one of AWS's names for them."""
    if isinstance(given, Mapping):
        return {str(key): str(value) for key, value in given.items()}
    found = {}
    for tag in given if isinstance(given, list | tuple) else ():
        for key, value in _PAIRS:
            if isinstance(tag, Mapping) and key in tag:
                found[str(tag[key])] = str(tag.get(value) or "")
    return found


def _object_tags(operation: Operation) -> dict[str, ContextValue]:
    """Return the keys of the tags that an object is given: in a header as a query string, or in the body.

    Tags of buckets are no part of decisions (see `plane.tags`).
    """
    given = operation.params.get("Tagging")
    if isinstance(given, str):
        tags = dict(parse_qsl(given, keep_blank_values=True))
    elif isinstance(given, Mapping) and operation.name == "PutObjectTagging":
        tags = tags_in(given.get("TagSet"))
    else:
        tags = {}
    found: dict[str, ContextValue] = {f"s3:RequestObjectTag/{key}": value for key, value in tags.items()}
    return {**found, "s3:RequestObjectTagKeys": tuple(tags)} if tags else {}


def resource_tags(
    operation: Operation, question: ActionOnResource, facts: ActionFacts | None, lookup: Lookup
) -> dict[str, ContextValue]:
    """Return the keys of the tags that the resource has, under every name that the action knows them by."""
    known = _names_in(facts.condition_keys) if facts is not None else frozenset()
    names = [name for name in _names_for(question.resource) if name in known]
    # The names are many, the tags are those of the resource or those of the object.
    tags = {which: _tags_of(which, operation, question, lookup) or {} for which in map(_which, names)}
    return {
        f"{name}/{key}": value
        for name in names
        for key, value in tags[_which(name)].items()
        if is_key_of(facts, f"{name}/{key}")
    }


@cache
def _names_in(condition_keys: frozenset[str]) -> frozenset[str]:
    """Return the names for tags that an action has any key of: sessions of Systems Manager have two alone."""
    names = (*_OWN_NAMES, *_RDS.values(), _OBJECT_TAG)
    return frozenset(
        name for name in names if any(key.startswith(f"{name.lower()}/") for key in condition_keys)
    )


def _which(name: str) -> str:
    return _OBJECT_TAG.lower() if name == _OBJECT_TAG else _OWN_NAMES[0].lower()


def _names_for(resource: str) -> tuple[str, ...]:
    kind = _RDS.get(resource.split(":")[5]) if resource.startswith("arn:") and ":rds:" in resource else None
    return (*_OWN_NAMES, _OBJECT_TAG, *((kind,) if kind else ()))


def tag_is_unknown(
    key: str, operation: Operation, question: ActionOnResource, facts: ActionFacts | None, lookup: Lookup
) -> bool:
    """Tell whether the resource may have this tag (`ec2:resourcetag/team`) without it being known here."""
    if question.resource == "*" or not is_key_of(facts, key):
        return False
    return _tags_of(key.partition("/")[0], operation, question, lookup) is None


def _tags_of(
    name: str, operation: Operation, question: ActionOnResource, lookup: Lookup
) -> Mapping[str, str] | None:
    if name != _OBJECT_TAG.lower():
        return lookup.tags(question.resource)
    bucket, _, key = question.resource.partition(":::")[2].partition("/")
    return lookup.object_tags(bucket, key, _version(operation, bucket, key))


def _version(operation: Operation, bucket: str, key: str) -> str | None:
    """Return which version of the object is meant; a call may name a version of one of its objects alone."""
    params = operation.params
    if (params.get("Bucket"), params.get("Key")) == (bucket, key):
        version: str | None = params.get("VersionId")
        return version
    return None
