"""A key policy that would keep its author from changing it again is refused.

Source: KMS API Reference, PutKeyPolicy and CreateKey (`BypassPolicyLockoutSafetyCheck`); AWS KMS Developer
Guide, key-policy-default ("Reducing the risk of the KMS key becoming unmanageable"). The text is observed.
"""

from __future__ import annotations

from collections.abc import Sequence

from watchword.sandbox.authorise.required import ActionOnResource
from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import Operation

_STORING = frozenset({"CreateKey", "PutKeyPolicy"})
_ACTION = "kms:PutKeyPolicy"
# A key that is only being made has no ID yet: no policy can name it.
_NO_KEY = "00000000-0000-0000-0000-000000000000"


def new_key_policy(operation: Operation) -> str | None:
    """Return the policy that must let its author change it again; None when there is none to look at."""
    if operation.service != "kms" or operation.name not in _STORING:
        return None
    if operation.params.get("BypassPolicyLockoutSafetyCheck"):
        return None
    text: str | None = operation.params.get("Policy")
    return text


def changed_again(
    operation: Operation, questions: Sequence[ActionOnResource], account: str, partition: str
) -> ActionOnResource:
    """Return the question whether the author may change the policy the next time."""
    named = next((each.resource for each in questions if each.action == _ACTION), None)
    arn = named or f"arn:{partition}:kms:{operation.region}:{account}:key/{_NO_KEY}"
    return ActionOnResource(action=_ACTION, resource=arn, shown=arn)


def locked_out() -> AwsError:
    """Return KMS's refusal."""
    return AwsError(
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future.",
        status=400,
    )
