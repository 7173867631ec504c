"""AWS's regions by partition, and the services that are called in one of them alone.

Source: https://docs.aws.amazon.com/general/latest/gr/rande.html; IAM User Guide,
reference_policies_condition-keys (`aws:RequestedRegion`: calls of IAM are always made to us-east-1).
"""

from __future__ import annotations

from typing import Final

AS_OF: Final = "2026-11"

_REGIONS: Final = {
    "aws": (
        "us-east-1 us-east-2 us-west-1 us-west-2 af-south-1 ap-east-1 ap-east-2 ap-northeast-1 "
        "ap-northeast-2 ap-northeast-3 "
        "ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 "
        "ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 "
        "eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 "
        "mx-central-1 sa-east-1"
    ),
    "aws-cn": "cn-north-1 cn-northwest-1",
    "aws-us-gov": "us-gov-east-1 us-gov-west-1",
}
_FIRST: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_IN_ONE: Final = frozenset({"iam"})


def regions_of(partition: str) -> tuple[str, ...] | None:
    """Return the regions of a partition; None when it is one that is not listed here."""
    found = _REGIONS.get(partition)
    return None if found is None else tuple(found.split())


def in_region(service: str, partition: str) -> str | None:
    """Return the one region in which a service is called; None when it is called in several, or in any."""
    return _FIRST.get(partition) if service in _IN_ONE else None
