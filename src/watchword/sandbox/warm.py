"""What the first requests need and is slow to load."""

from __future__ import annotations

from watchword.sandbox.authorise.bindings import bindings_of
from watchword.sandbox.authorise.catalogue import actions_of


def warm_up() -> None:
    """Load the reviewed tables and the action lists of IAM, STS and EC2."""
    for service in ("iam", "sts", "ec2"):
        bindings_of(service)
        actions_of(service)
