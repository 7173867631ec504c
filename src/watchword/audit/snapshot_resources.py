"""The policies of resources: S3 buckets, KMS keys, SQS, SNS, Secrets Manager and Lambda, region by region.

Not looked at: S3 access points and Public Access Block, grants of KMS keys, policies of versions and aliases
of functions and of layers, and the resources of all other services.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from watchword.account.snapshot import ResourcePolicy
from watchword.audit.asking import Asking, Paging, Part

_WHAT = "resource_policies"
_DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A kind of resource: how its members are listed, and how the policy of one is read.

    `arn` makes the ARN of a member; `text` gets the policy of an answer, None when there is none. `none` are
    AWS's codes for "it has none".
    """

    service: str
    words: str
    operation: str
    paging: Paging
    arn: Callable[[Any, str, str, str], str]  # member, partition, region, account
    ask: str
    params: Callable[[Any], dict[str, Any]]
    text: Callable[[dict[str, Any]], str | None]
    none: frozenset[str] = frozenset()


_BUCKETS = Paging(members="Buckets", answered="ContinuationToken", asked="ContinuationToken", size=None)
_KINDS = (
    _Kind(
        service="kms",
        words="KMS keys",
        operation="ListKeys",
        paging=Paging(members="Keys", answered="NextMarker", size="Limit"),
        arn=lambda member, *_: str(member["KeyArn"]),
        ask="GetKeyPolicy",
        params=lambda member: {"KeyId": member["KeyId"], "PolicyName": "default"},
        text=lambda answer: answer.get("Policy"),
        none=frozenset({"NotFoundException"}),
    ),
    _Kind(
        service="sqs",
        words="queues of SQS",
        operation="ListQueues",
        paging=Paging(members="QueueUrls", answered="NextToken", asked="NextToken", size="MaxResults"),
        arn=lambda url, partition, region, account: (
            f"arn:{partition}:sqs:{region}:{account}:{str(url).rpartition('/')[2]}"
        ),
        ask="GetQueueAttributes",
        params=lambda url: {"QueueUrl": url, "AttributeNames": ["Policy"]},
        text=lambda answer: (answer.get("Attributes") or {}).get("Policy"),
        none=frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}),
    ),
    _Kind(
        service="sns",
        words="topics of SNS",
        operation="ListTopics",
        paging=Paging(members="Topics", answered="NextToken", asked="NextToken", size=None),
        arn=lambda member, *_: str(member["TopicArn"]),
        ask="GetTopicAttributes",
        params=lambda member: {"TopicArn": member["TopicArn"]},
        text=lambda answer: (answer.get("Attributes") or {}).get("Policy"),
        none=frozenset({"NotFound", "NotFoundException"}),
    ),
    _Kind(
        service="secretsmanager",
        words="secrets",
        operation="ListSecrets",
        paging=Paging(
            members="SecretList", answered="NextToken", asked="NextToken", size="MaxResults", items=100
        ),
        arn=lambda member, *_: str(member["ARN"]),
        ask="GetResourcePolicy",
        params=lambda member: {"SecretId": member["ARN"]},
        text=lambda answer: answer.get("ResourcePolicy"),
        none=frozenset({"ResourceNotFoundException"}),
    ),
    _Kind(
        service="lambda",
        words="functions of Lambda",
        operation="ListFunctions",
        paging=Paging(members="Functions", answered="NextMarker", size=None),
        arn=lambda member, *_: str(member["FunctionArn"]),
        ask="GetPolicy",
        params=lambda member: {"FunctionName": member["FunctionName"]},
        text=lambda answer: answer.get("Policy"),
        none=frozenset({"ResourceNotFoundException"}),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Resource:
    arn: str
    service: str
    region: str | None
    read: Callable[[], str | None]


class ResourceParts:
    """Reads the policies of an account's resources, in `regions` or, None, in all that are enabled."""

    def __init__(
        self,
        asking: Asking,
        *,
        account_id: str,
        partition: str,
        region: str | None,
        regions: Sequence[str] | None,
    ) -> None:
        self._asking = asking
        self._account_id = account_id
        self._partition = partition
        self._region = region
        self._regions = tuple(regions) if regions else None
        self._resources: list[_Resource] = []
        self._found: list[ResourcePolicy] = []

    def found(self) -> tuple[ResourcePolicy, ...]:
        """Return the policies that were read, by ARN."""
        return tuple(sorted(self._found, key=lambda one: one.arn))

    def read_regions(self) -> None:
        """Read which regions are enabled; when that is denied, only the profile's is looked in."""

        def ask() -> None:
            answer = self._asking.once("ec2", "DescribeRegions") or {}
            self._regions = tuple(sorted(one["RegionName"] for one in answer["Regions"]))

        if self._regions is None:
            own = self._region or _DEFAULT_REGION
            if not self._asking.told(
                ask, what=_WHAT, leaves_open=f"which regions are enabled: only {own} was looked in"
            ):
                self._regions = (own,)

    def lists(self) -> list[Part]:
        """Return what is read to know which resources there are."""
        regional = [
            self._list_of(kind, region) for kind in _KINDS for region in self._regions or (_DEFAULT_REGION,)
        ]
        return [self._buckets, *regional]

    def policies(self) -> list[Part]:
        """Return what is read of each resource that is known by now."""
        return [self._policy_of(one) for one in sorted(self._resources, key=lambda one: one.arn)]

    def _list_of(self, kind: _Kind, region: str) -> Part:
        def ask() -> None:
            for member in self._asking.listed(kind.service, kind.operation, kind.paging, region=region):
                arn = kind.arn(member, self._partition, region, self._account_id)
                self._resources.append(
                    _Resource(
                        arn=arn,
                        service=kind.service,
                        region=region,
                        read=partial(self._text, kind, member, region),
                    )
                )

        def read() -> None:
            self._asking.told_there(
                ask, what=_WHAT, of=f"{kind.service} {region}", leaves_open=f"{kind.words} in {region}"
            )

        return read

    def _text(self, kind: _Kind, member: object, region: str) -> str | None:
        answer = self._asking.once(
            kind.service, kind.ask, region=region, none=kind.none, **kind.params(member)
        )
        return kind.text(answer) if answer else None

    def _buckets(self) -> None:
        def ask() -> None:
            for bucket in self._asking.listed("s3", "ListBuckets", _BUCKETS):
                name = bucket["Name"]
                self._resources.append(
                    _Resource(
                        arn=f"arn:{self._partition}:s3:::{name}",
                        service="s3",
                        region=None,
                        read=partial(self._bucket_policy, name),
                    )
                )

        self._asking.told_there(ask, what=_WHAT, of="s3", leaves_open="the buckets of S3")

    def _bucket_policy(self, name: str) -> str | None:
        none = frozenset({"NoSuchBucketPolicy", "NoSuchBucket"})
        answer = self._asking.once("s3", "GetBucketPolicy", none=none, Bucket=name)
        return answer.get("Policy") if answer else None

    def _policy_of(self, resource: _Resource) -> Part:
        def ask() -> None:
            text = resource.read()
            if text:
                self._found.append(
                    ResourcePolicy(
                        arn=resource.arn,
                        account_id=self._account_id,
                        service=resource.service,
                        region=resource.region,
                        document=text,
                    )
                )

        def read() -> None:
            self._asking.told_there(
                ask, what=_WHAT, of=resource.arn, leaves_open=f"the policy of `{resource.arn}`"
            )

        return read
