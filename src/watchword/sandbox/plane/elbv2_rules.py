"""What Elastic Load Balancing refuses and moto would make."""

from __future__ import annotations

from watchword.sandbox.plane.moto_object import MotoObject
from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.operation import Operation


def before(operation: Operation, account: str) -> None:
    """Refuse a second load balancer of a name: AWS answers by its settings, which cannot be compared here.

    Raises SandboxRefusal. Source: API_CreateLoadBalancer (`Name` is unique within the account and region).
    """
    if operation.name != "CreateLoadBalancer":
        return
    from moto.elbv2.models import elbv2_backends

    backend: MotoObject = elbv2_backends[account][operation.region]
    if operation.params.get("Name") in {each.name for each in list(backend.load_balancers.values())}:
        raise SandboxRefusal(
            "there is a load balancer of that name: AWS would return it, or answer DuplicateLoadBalancerName"
        )
