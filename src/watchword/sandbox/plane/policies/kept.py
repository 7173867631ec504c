"""Where moto keeps the policy of each resource, read and written in one way.

A bucket's is kept beside moto: moto would refuse calls by its own, partial reading of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.plane.policies.principals import UniqueIds, as_it_stands, moved, pinned

# Attributes on moto's own objects, so that they live and die with the resource.
_PINS = "watchword_pinned_ids"
BUCKET_POLICY = "watchword_policy"
FUNCTION_POLICIES = "watchword_policies"
_ARN_PARTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The place of one resource's policy. `write` with None takes the policy away."""

    arn: str
    owner: MotoObject
    read: Callable[[], str | None]
    write: Callable[[str | None], None]

    def pin(self, unique_ids: UniqueIds) -> None:
        """Remember the unique IDs of all whom the policy names now, and forget those of before."""
        text = self.read()
        self._remember({} if text is None else pinned(text, unique_ids))

    def settled(self, unique_ids: UniqueIds) -> str | None:
        """Return the policy as it stands, and keep it so: who is gone never comes back into it."""
        text = self.read()
        if text is None:
            return None
        pins: dict[str, str] = getattr(self.owner, _PINS, {}).get(self.arn, {})
        stale = moved(pins, unique_ids)
        if not stale:
            return text
        now = as_it_stands(text, stale)
        self.write(now)
        # Whoever is gone is named by an ID now, which needs no pin.
        self._remember({name: pin for arn, pin in pins.items() if (name := stale.get(arn, arn)) != pin})
        return now

    def _remember(self, pins: dict[str, str]) -> None:
        setattr(self.owner, _PINS, {**getattr(self.owner, _PINS, {}), self.arn: pins})


def kept(arn: str, account: str, partition: str) -> Kept | None:
    """Return the place of the policy of the resource that an action on `arn` is about.

    `account` owns the resource. None: it is not there, or is of a kind that has no policy here.
    """
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS:
        return None
    _, _, service, region, _, name = parts
    match service:
        case "s3":
            return _bucket(name.partition("/")[0], account, partition)
        case "sqs":
            return _queue(arn, account, region, name)
        case "sns":
            return _topic(arn, account, region)
        case "kms" if name.startswith("key/"):
            return _key(arn, account, region, name.removeprefix("key/"))
        case "secretsmanager":
            return _secret(arn, account, region)
        case "ecr" if name.startswith("repository/"):
            return _repository(arn, account, region, name.removeprefix("repository/"))
        case "lambda" if name.startswith("function:"):
            return _function(arn, account, region, *name.split(":")[1:3])
        case _:
            return None


def _bucket(name: str, account: str, partition: str) -> Kept | None:
    from moto.s3.models import s3_backends

    bucket: MotoObject = s3_backends[account][partition].buckets.get(name)
    if bucket is None:
        return None
    return _attribute(f"arn:{partition}:s3:::{name}", bucket, BUCKET_POLICY)


def _queue(arn: str, account: str, region: str, name: str) -> Kept | None:
    from moto.sqs.models import sqs_backends

    queue: MotoObject = sqs_backends[account][region].queues.get(name)
    return None if queue is None else _attribute(arn, queue, "policy")


def _topic(arn: str, account: str, region: str) -> Kept | None:
    from moto.sns.models import sns_backends

    topic: MotoObject = sns_backends[account][region].topics.get(arn)
    return None if topic is None else _attribute(arn, topic, "policy")


def _key(arn: str, account: str, region: str, key_id: str) -> Kept | None:
    from moto.kms.models import kms_backends

    key: MotoObject = kms_backends[account][region].keys.get(key_id)
    return None if key is None else _attribute(arn, key, "policy")


def _secret(arn: str, account: str, region: str) -> Kept | None:
    from moto.secretsmanager.models import secretsmanager_backends

    secrets: MotoObject = secretsmanager_backends[account][region].secrets
    secret = next((each for each in list(secrets.values()) if each.arn == arn), None)
    return None if secret is None else _attribute(arn, secret, "policy")


def _repository(arn: str, account: str, region: str, name: str) -> Kept | None:
    from moto.ecr.models import ecr_backends

    repository: MotoObject = ecr_backends[account][region].repositories.get(name)
    return None if repository is None else _attribute(arn, repository, "policy")


def _function(arn: str, account: str, region: str, name: str, qualifier: str = "") -> Kept | None:
    from moto.awslambda.models import lambda_backends

    storage: MotoObject = lambda_backends[account][region]._lambdas  # noqa: SLF001 - no other way
    held = storage._functions.get(name)  # noqa: SLF001 - as above
    function = None if held is None else held["latest"]
    if function is None:
        return None
    versions = {"", "$LATEST", *(str(each.version) for each in held["versions"])}
    if qualifier not in {*versions, *storage._aliases.get(function.function_arn, {})}:  # noqa: SLF001
        return None

    def read() -> str | None:
        text: str | None = getattr(function, FUNCTION_POLICIES, {}).get(qualifier)
        return text

    def write(text: str | None) -> None:
        policies: dict[str, str] = dict(getattr(function, FUNCTION_POLICIES, {}))
        policies.pop(qualifier, None)
        setattr(function, FUNCTION_POLICIES, policies if text is None else {**policies, qualifier: text})

    return Kept(arn=arn, owner=function, read=read, write=write)


def forget(account: str, region: str, name: str, qualifier: str) -> None:
    """Take away the policy of a version or alias of a function that is there no more."""
    place = _function("", account, region, name)
    policies: dict[str, str] = {} if place is None else dict(getattr(place.owner, FUNCTION_POLICIES, {}))
    if place is not None and policies.pop(qualifier, None) is not None:
        setattr(place.owner, FUNCTION_POLICIES, policies)


def _attribute(arn: str, owner: MotoObject, name: str) -> Kept:
    def read() -> str | None:
        text = getattr(owner, name, None)
        return text if text and _has_statements(text) else None

    def write(text: str | None) -> None:
        setattr(owner, name, text)

    return Kept(arn=arn, owner=owner, read=read, write=write)


def _has_statements(text: str) -> bool:
    return bool(json.loads(text).get("Statement"))
