"""What an action can be aimed at: which of a statement's resources it can use."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from watchword.lint.overlap import overlap

if TYPE_CHECKING:
    from watchword.iam.universe import Universe


_SHOWN: Final = 2


class Aim(enum.Enum):
    """Whether an action can use a Resource."""

    HIT = enum.auto()
    MISS = enum.auto()
    CONTESTED = enum.auto()
    """AWS's reference says no; what AWS itself has been seen to ask for says yes."""


_OBSERVED: Final[dict[str, str]] = {
    "iam:listusers": "arn:${Partition}:iam::${Account}:user/*",
    "iam:listroles": "arn:${Partition}:iam::${Account}:role/*",
    "iam:listgroups": "arn:${Partition}:iam::${Account}:group/*",
    "iam:listinstanceprofiles": "arn:${Partition}:iam::${Account}:instance-profile/*",
    "iam:listpolicies": "arn:${Partition}:iam::${Account}:policy/*",
    "iam:listservercertificates": "arn:${Partition}:iam::${Account}:server-certificate/*",
    "iam:listvirtualmfadevices": "arn:${Partition}:iam::${Account}:mfa/*",
    "s3:listallmybuckets": "arn:${Partition}:s3:::*",
}
"""List calls without a resource type whose denials name a resource, or that AWS's samples allow on one."""


def aim(action: str, resource: str, universe: Universe) -> Aim:
    """Return whether a call of a known action can be for something that the Resource covers."""
    if resource and not resource.strip("*"):
        return Aim.HIT
    types = universe.resource_types(action)
    if any(overlap(resource, each.template) for each in types):
        return Aim.HIT
    observed = _OBSERVED.get(action.lower())
    if observed is not None and overlap(resource, observed):
        return Aim.CONTESTED
    return Aim.MISS


def wanted(action: str, universe: Universe) -> str:
    """Say what a known action works on, to follow its name."""
    types = universe.resource_types(action)
    if not types:
        return 'works on no resource of its own and needs `"Resource": "*"`'
    shown = " or ".join(f"`{each.template}`" for each in types[:_SHOWN])
    more = " and others" if len(types) > _SHOWN else ""
    return f"works on {shown}{more}, which no Resource of this statement covers"
