"""What AWS's own text says of a denial: which kind of policy, and whether it denied or did not allow."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Final


class PolicyType(enum.StrEnum):
    """A kind of policy in AWS's words. Source: IAM User Guide, troubleshoot_access-denied."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    ENDPOINT = "VPC endpoint policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"


_TYPES: Final = "|".join(map(re.escape, PolicyType))
_EXPLICIT: Final = re.compile(rf"with an explicit deny in (?:an? |the )?({_TYPES})")
_IMPLICIT: Final = re.compile(rf"because no ({_TYPES}) allows")
_RESOURCE: Final = re.compile(r'on resource: "?(arn:[^\s"]+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """AWS's words taken apart. None: AWS did not say.

    `explicit` is whether a policy denied, or else none allowed. `resource` is the ARN that AWS looked for:
    its documentation leaves it open for some calls.
    """

    policy_type: PolicyType | None
    explicit: bool | None
    resource: str | None


def said(aws_message: str) -> Said:
    """Take apart AWS's text for a lack of permission. Source: IAM User Guide, troubleshoot_access-denied."""
    explicit, implicit = _EXPLICIT.search(aws_message), _IMPLICIT.search(aws_message)
    resource = _RESOURCE.search(aws_message)
    found = explicit or implicit
    return Said(
        policy_type=PolicyType(found[1]) if found else None,
        explicit=None if found is None else explicit is not None,
        resource=resource[1] if resource else None,
    )
