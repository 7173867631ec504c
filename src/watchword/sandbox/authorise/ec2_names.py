"""Filters for templates of EC2: what an ID's prefix says, and what stands behind a name that is no ID.

Source: Service Authorization Reference, list_amazonec2 (ARNs); EC2 API Reference (IDs).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from watchword.sandbox.authorise.scope import Scope, Unidentified, WholeArn
from watchword.sandbox.wire.catalog import known_regions

_ID = re.compile(r"([a-z0-9-]+)-[0-9a-z]+")
_TYPES = {
    "acl": "network-acl", "ami": "image", "cagw": "carrier-gateway", "cgw": "customer-gateway",
    "cr": "capacity-reservation", "crf": "capacity-reservation-fleet",
    "cvpn-endpoint": "client-vpn-endpoint", "dopt": "dhcp-options",
    "eigw": "egress-only-internet-gateway", "eipalloc": "elastic-ip", "eni": "network-interface",
    "export-ami": "export-image-task", "export-i": "export-instance-task", "fl": "vpc-flow-log",
    "fleet": "fleet", "h": "dedicated-host", "i": "instance", "igw": "internet-gateway",
    "import-ami": "import-image-task", "import-snap": "import-snapshot-task", "ipam": "ipam",
    "ipam-pool": "ipam-pool", "ipam-res-disco": "ipam-resource-discovery",
    "ipam-res-disco-assoc": "ipam-resource-discovery-association", "ipam-scope": "ipam-scope",
    "lgw": "local-gateway", "lgw-rtb": "local-gateway-route-table", "lt": "launch-template",
    "nat": "natgateway", "nip": "network-insights-path", "nia": "network-insights-analysis",
    "pcx": "vpc-peering-connection", "pl": "prefix-list", "rtb": "route-table",
    "scr": "subnet-cidr-reservation", "sfr": "spot-fleet-request", "sg": "security-group",
    "sgr": "security-group-rule", "sir": "spot-instances-request", "snap": "snapshot", "subnet": "subnet",
    "tgw": "transit-gateway", "tgw-attach": "transit-gateway-attachment",
    "tgw-connect-peer": "transit-gateway-connect-peer",
    "tgw-mcast-domain": "transit-gateway-multicast-domain", "tgw-ptb": "transit-gateway-policy-table",
    "tgw-rtb": "transit-gateway-route-table", "tmf": "traffic-mirror-filter",
    "tmfr": "traffic-mirror-filter-rule", "tms": "traffic-mirror-session",
    "traf-mir-fil": "traffic-mirror-filter", "traf-mir-tar": "traffic-mirror-target",
    "tmt": "traffic-mirror-target", "vae": "verified-access-endpoint", "vagr": "verified-access-group",
    "vai": "verified-access-instance", "vatp": "verified-access-trust-provider", "vgw": "vpn-gateway",
    "vol": "volume", "vpc": "vpc", "vpce": "vpc-endpoint", "vpce-svc": "vpc-endpoint-service",
    "vpn": "vpn-connection",
}  # fmt: skip
_OF_NOBODY = frozenset({"image", "snapshot"})  # anybody may share them: their ARNs have no account


def ec2_arn(resource_type: str, name: str, scope: Scope) -> WholeArn:
    """Return the ARN of a resource of EC2."""
    if not re.fullmatch(r"[a-z0-9-]+", resource_type):
        raise Unidentified("a type of resource is expected")
    region = "" if resource_type.partition("-")[0] == "ipam" else scope.operation.region
    account = "" if resource_type in _OF_NOBODY else scope.account
    return WholeArn(f"arn:{scope.partition}:ec2:{region}:{account}:{resource_type}/{name}")


def _created(value: str, scope: Scope) -> str:
    return ec2_arn(value, "*", scope)


def _by_prefix(value: str, scope: Scope) -> str:
    match = _ID.fullmatch(value)
    resource_type = _TYPES.get(match[1]) if match else None
    if resource_type is None:
        raise Unidentified("what kind of resource the ID names is not known")
    return ec2_arn(resource_type, value, scope)


def _region(value: str, _scope: Scope) -> str:
    if value not in known_regions():
        raise Unidentified("there is no such region")
    return value


def _tagged(value: str, scope: Scope) -> str:
    # The ARNs of key pairs end in their names.
    return (
        ec2_arn("key-pair", _one("key_pair", value, scope), scope)
        if value.startswith("key-")
        else _by_prefix(value, scope)
    )


def _one(kind: str, value: str, scope: Scope) -> str:
    found = scope.lookup.ec2_names(scope.operation.region, kind, value)
    if len(found) != 1:
        raise Unidentified(f"`{value[:64]}` does not name one resource that is there")
    return found[0]


def _group(value: str, scope: Scope) -> str:
    # moto takes a name where AWS wants an ID: whatever group it would take is the one that is asked for.
    found = scope.lookup.ec2_names(scope.operation.region, "security_group", value)
    if found:
        return found[0]
    if not re.fullmatch(r"sg-[0-9a-z]+", value):
        raise Unidentified("the ID of a security group is expected")
    return value


def _behind(kind: str) -> Callable[[str, Scope], str]:
    return lambda value, scope: _one(kind, value, scope)


def _behind_by_prefix(kind: str) -> Callable[[str, Scope], str]:
    return lambda value, scope: _by_prefix(_one(kind, value, scope), scope)


def _default_subnet(_value: str, scope: Scope) -> str:
    placement = scope.params.get("Placement")
    zone = placement.get("AvailabilityZone") if isinstance(placement, Mapping) else None
    return _one("default_subnet", str(zone or f"{scope.operation.region}a"), scope)


def _default_group(value: str, scope: Scope) -> str:
    return _one("default_group", value or _default_subnet("", scope), scope)


def _profile_role(value: str, scope: Scope) -> str:
    return WholeArn(_one("profile_roles", value, scope))


FILTERS: Mapping[str, Callable[[str, Scope], str]] = {
    "ec2_created": _created,
    "ec2_by_prefix": _by_prefix,
    "ec2_tagged": _tagged,
    "region": _region,
    "ec2_group": _group,
    "ec2_default_subnet": _default_subnet,
    "ec2_default_group": _default_group,
    "ec2_profile_role": _profile_role,
    "ec2_associated_with_table": _behind_by_prefix("associated_with_table"),
    **{
        f"ec2_{kind}": _behind(kind)
        for kind in (
            "address", "address_association", "profile_association", "attached_interface",
            "attached_instance", "associated_route_table", "acl_association", "vpc_cidr", "subnet_cidr",
            "peer", "security_group", "launch_template", "key_pair",
        )
    },
}  # fmt: skip

# Those that give a whole ARN.
WHOLE = frozenset(
    {"ec2_created", "ec2_by_prefix", "ec2_tagged", "ec2_profile_role", "ec2_associated_with_table"}
)
