"""What an action can be aimed at: which of a statement's resources it can use."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from watchword.lint.overlap import overlap

if TYPE_CHECKING:
    from watchword.iam.universe import Universe


_SHOWN: Final = 2
_SERVICE: Final = 2


class Aim(enum.Enum):
    """Whether an action can use a Resource."""

    HIT = enum.auto()
    MISS = enum.auto()
    CONTESTED = enum.auto()
    """AWS's reference says no; what AWS itself has been seen to ask for says yes."""
    DOUBTFUL = enum.auto()
    """The ARN is of the action's service, and nothing but AWS's reference says that it does not fit."""


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

_SETTLED: Final = frozenset({"ec2", "iam", "kms", "lambda", "s3", "sts"})
"""Services whose own guides say what their actions work on; for others the reference errs at times."""

_SAME: Final = {"codestar-connections": "codeconnections"}
"""A service that was renamed takes ARNs of both names."""


def aim(action: str, resource: str, universe: Universe) -> Aim:
    """Return whether a call of a known action can be for something that the Resource covers."""
    if resource and not resource.strip("*"):
        return Aim.HIT
    types = universe.resource_types(action)
    written = _renamed(resource)
    if any(overlap(written, _renamed(each.template)) for each in types):
        return Aim.HIT
    observed = _OBSERVED.get(action.lower())
    if observed is not None and overlap(resource, observed):
        return Aim.CONTESTED
    service = action.partition(":")[0].lower()
    if service not in _SETTLED and _service(resource) == service:
        return Aim.DOUBTFUL
    return Aim.MISS


def likely_first(names: Sequence[str], resource: str) -> Iterator[str]:
    """Give the actions, those of the resource's own service before all others: `*` has 20 000 of them."""
    prefix = f"{_service(resource)}:"
    yield from (name for name in names if name.startswith(prefix))
    yield from (name for name in names if not name.startswith(prefix))


def _service(arn: str) -> str:
    parts = arn.split(":", _SERVICE + 1)
    return parts[_SERVICE] if len(parts) > _SERVICE else ""


def _renamed(arn: str) -> str:
    old = _service(arn)
    return arn.replace(f":{old}:", f":{_SAME[old]}:", 1) if old in _SAME else arn


def wanted(action: str, universe: Universe) -> str:
    """Say what a known action works on, to follow its name."""
    types = universe.resource_types(action)
    if not types:
        return 'works on no resource of its own and needs `"Resource": "*"`'
    shown = " or ".join(f"`{each.template}`" for each in types[:_SHOWN])
    more = " and others" if len(types) > _SHOWN else ""
    return f"works on {shown}{more}, which no Resource of this statement covers"
