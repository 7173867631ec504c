"""The policies of resources, read from moto's backends."""

from __future__ import annotations

from watchword.sandbox.plane.directory import PolicyDocument
from watchword.sandbox.plane.moto_object import MotoObject

_ARN_PARTS = 6


def resource_policy(arn: str) -> PolicyDocument | None:
    """Return the policy of the resource that an action on `arn` is about; None when it has none."""
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) != _ARN_PARTS:
        return None
    _, _, service, region, account, name = parts
    match service:
        case "kms" if name.startswith("key/"):
            return _of_key(arn, account, region, name.removeprefix("key/"))
        case _:
            return None


def _of_key(arn: str, account: str, region: str, key_id: str) -> PolicyDocument | None:
    from moto.kms.models import kms_backends

    backend: MotoObject = kms_backends[account][region]
    key = backend.keys.get(key_id)
    return None if key is None else PolicyDocument(name=f"{arn} (key policy)", text=key.policy)
