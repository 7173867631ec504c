"""The tags of resources, read from where each of moto's services keeps them.

A resource that is not there has no tags. Where a kind of resource is not known here, nor are its tags.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.node_sessions import session_tags

Tags: TypeAlias = Mapping[str, str]
_ARN_PARTS = 6
# Services that have resources in every region, and some in none.
_WITHOUT_REGION = frozenset({"cloudwatch", "dynamodb", "ec2", "rds"})


def tags_of(arn: str, account: str, partition: str) -> Tags | None:
    """Return the tags of a resource of `account`; None when those of its kind cannot be known."""
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS:
        return None
    service, region, name = parts[2], parts[3], parts[5]
    if service == "organizations":
        return _organizations(account, partition, name)
    read = _SERVICES.get(service)
    if not region and service in _WITHOUT_REGION:
        return None  # dashboards, global clusters and the like
    tags = None if read is None else read(account, region, arn, name)
    # A tag that was given no value has an empty one.
    return None if tags is None else {key: value or "" for key, value in tags.items()}


def object_tags(account: str, partition: str, bucket: str, key: str, version_id: str | None) -> Tags:
    """Return the tags of an object of S3: those of the latest version, or of the one that is named."""
    from moto.s3.models import FakeKey, s3_backends

    backend: MotoObject = s3_backends[account][partition]
    found = backend.buckets.get(bucket)
    versions = [] if found is None else found.keys.getlist(key, default=[])
    if version_id is not None:
        versions = [each for each in versions if str(each.version_id) == version_id]
    if not versions or not isinstance(versions[-1], FakeKey):
        return {}
    tags: Tags = backend.tagger.get_tag_dict_for_resource(versions[-1].arn)
    return tags


def _pairs(tags: Iterable[Mapping[str, str]] | None) -> Tags:
    return {tag["Key"]: tag.get("Value", "") for tag in tags or () if "Key" in tag}


def _ec2(account: str, region: str, _arn: str, name: str) -> Tags:
    from moto.ec2.models import ec2_backends

    backend: MotoObject = ec2_backends[account][region]
    kind, _, resource_id = name.partition("/")
    if kind == "key-pair":
        pair = backend.key_pairs.get(resource_id)
        resource_id = resource_id if pair is None else pair.id
    return dict(backend.tags.get(resource_id, {}))


def _sqs(account: str, region: str, _arn: str, name: str) -> Tags:
    from moto.sqs.models import sqs_backends

    queue: MotoObject = sqs_backends[account][region].queues.get(name)
    return {} if queue is None else dict(queue.tags or {})


def _sns(account: str, region: str, arn: str, _name: str) -> Tags:
    from moto.sns.models import sns_backends

    topic: MotoObject = sns_backends[account][region].topics.get(arn)
    return {} if topic is None else dict(topic._tags or {})  # noqa: SLF001 - moto has no other way


def _dynamodb(account: str, region: str, _arn: str, name: str) -> Tags | None:
    """An index and a stream have the tags of their table."""
    from moto.dynamodb.models import dynamodb_backends

    kind, _, rest = name.partition("/")
    table: MotoObject = dynamodb_backends[account][region].tables.get(rest.partition("/")[0])
    if kind != "table":
        return None
    return {} if table is None else _pairs(table.tags)


def _lambda(account: str, region: str, _arn: str, name: str) -> Tags | None:
    """A version and an alias have the tags of their function."""
    from moto.awslambda.models import lambda_backends

    kind, _, rest = name.partition(":")
    if kind != "function":
        return None
    held: Any = lambda_backends[account][region]._lambdas._functions.get(rest.partition(":")[0])  # noqa: SLF001
    latest: MotoObject = None if held is None else held["latest"]
    return {} if latest is None else dict(latest.tags or {})


def _kms(account: str, region: str, _arn: str, name: str) -> Tags:
    from moto.kms.models import kms_backends

    tags: Tags = kms_backends[account][region].tagger.get_tag_dict_for_resource(name.removeprefix("key/"))
    return tags


def _secretsmanager(account: str, region: str, arn: str, _name: str) -> Tags:
    from moto.secretsmanager.models import secretsmanager_backends

    secrets: list[Any] = list(secretsmanager_backends[account][region].secrets.values())
    found = next((secret for secret in secrets if secret.arn == arn), None)
    return {} if found is None else _pairs(getattr(found, "tags", None))


def _ssm(account: str, region: str, arn: str, name: str) -> Tags | None:
    from moto.ssm.models import ssm_backends

    kind, _, rest = name.partition("/")
    if kind == "session":
        return session_tags(arn) or {}
    kinds = {"parameter": "Parameter", "document": "Document"}
    if kind not in kinds:
        return None
    kept: Any = ssm_backends[account][region]._resource_tags.get(kinds[kind], {})  # noqa: SLF001
    return dict(kept.get(f"/{rest}") or kept.get(rest) or {})


def _ecr(account: str, region: str, arn: str, name: str) -> Tags | None:
    from moto.ecr.models import ecr_backends

    if not name.startswith("repository/"):
        return None
    tags: Tags = ecr_backends[account][region].tagger.get_tag_dict_for_resource(arn)
    return tags


def _elasticloadbalancing(account: str, region: str, arn: str, name: str) -> Tags:
    """Load balancers of the first generation have a name alone after `loadbalancer/`."""
    from moto.elb.models import elb_backends
    from moto.elbv2.models import elbv2_backends

    if name.startswith("loadbalancer/") and name.count("/") == 1:
        classic: MotoObject = elb_backends[account][region].load_balancers.get(name.partition("/")[2])
        return {} if classic is None else dict(classic.tags or {})
    tags: Tags = elbv2_backends[account][region].tagging_service.get_tag_dict_for_resource(arn)
    return tags


def _cloudwatch(account: str, region: str, arn: str, _name: str) -> Tags:
    from moto.cloudwatch.models import cloudwatch_backends

    tags: Tags = cloudwatch_backends[account][region].tagger.get_tag_dict_for_resource(arn)
    return tags


def _logs(account: str, region: str, _arn: str, name: str) -> Tags | None:
    """The ARN of a group may end in `:*`; a stream has the tags of its group."""
    from moto.logs.models import logs_backends

    kind, _, rest = name.partition(":")
    if kind != "log-group":
        return None
    groups: MotoObject = logs_backends[account][region]
    group = groups.groups.get(rest.partition(":")[0])
    tags: Tags = {} if group is None else groups.tagger.get_tag_dict_for_resource(group.arn)
    return tags


def _rds(account: str, region: str, arn: str, _name: str) -> Tags | None:
    from moto.rds.models import rds_backends

    backend: MotoObject = rds_backends[account][region]
    found = next((each for each in backend.iter_tagged_resources() if each.arn == arn), None)
    if found is not None:
        return dict(found.tags)
    kind = arn.split(":")[5]
    return {} if kind in {"cluster", "cluster-snapshot", "db", "snapshot"} else None


def _athena(account: str, region: str, arn: str, _name: str) -> Tags:
    from moto.athena.models import athena_backends

    tags: Tags = athena_backends[account][region].tagger.get_tag_dict_for_resource(arn)
    return tags


def _cloudformation(account: str, region: str, arn: str, name: str) -> Tags | None:
    from moto.cloudformation.models import cloudformation_backends

    if not name.startswith("stack/"):
        return None
    stack: MotoObject = cloudformation_backends[account][region].stacks.get(arn)
    return {} if stack is None else dict(stack.tags or {})


def _s3(_account: str, _region: str, _arn: str, _name: str) -> Tags:
    """A bucket's tags are no part of decisions until that is turned on, which nothing here does.

    Source: Amazon S3 API Reference, PutBucketAbac.
    """
    return {}


def _organizations(account: str, partition: str, name: str) -> Tags | None:
    from moto.organizations.models import organizations_backends

    backend: MotoObject = organizations_backends[account][partition]
    entity = name.rpartition("/")[2]
    held = [*backend.accounts, *backend.ou, *backend.policies]
    found = next((each for each in held if each.id == entity), None)
    return None if found is None else dict(getattr(found, "tags", None) or {})


_SERVICES: Mapping[str, Callable[[str, str, str, str], Tags | None]] = {
    "athena": _athena,
    "cloudformation": _cloudformation,
    "cloudwatch": _cloudwatch,
    "dynamodb": _dynamodb,
    "ec2": _ec2,
    "ecr": _ecr,
    "elasticloadbalancing": _elasticloadbalancing,
    "kms": _kms,
    "lambda": _lambda,
    "logs": _logs,
    "rds": _rds,
    "s3": _s3,
    "secretsmanager": _secretsmanager,
    "sns": _sns,
    "sqs": _sqs,
    "ssm": _ssm,
}
