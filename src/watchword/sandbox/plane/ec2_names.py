"""Resources of EC2 behind other names: an association's, an attachment's, an address, a group's name.

Each is looked up as moto itself does it, so that what was decided is what is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from watchword.sandbox.plane.moto_object import MotoObject


def ec2_names(account: str, partition: str, region: str, kind: str, value: str) -> tuple[str, ...]:
    """Return the IDs (or the ARNs of roles) that `value` stands for; none when there is no such thing.

    `kind` is one of KINDS.
    """
    from moto.ec2.models import ec2_backends

    if kind == "profile_roles":
        return _profile_roles(account, partition, value)
    found = KINDS[kind](ec2_backends[account][region], value)
    return tuple(str(each) for each in found if each)


def _profile_roles(account: str, partition: str, name_or_arn: str) -> tuple[str, ...]:
    from moto.iam.models import iam_backends

    profiles = list(iam_backends[account][partition].instance_profiles.values())
    named = [each for each in profiles if name_or_arn in (each.name, each.arn)]
    return tuple(str(role.arn) for profile in named for role in profile.roles)


def _address(backend: MotoObject, public_ip: str) -> Iterable[object]:
    return [each.allocation_id for each in list(backend.addresses) if each.public_ip == public_ip]


def _address_association(backend: MotoObject, association: str) -> Iterable[object]:
    return [each.allocation_id for each in list(backend.addresses) if each.association_id == association]


def _profile_association(backend: MotoObject, association: str) -> Iterable[object]:
    associations = list(backend.iam_instance_profile_associations.values())
    return [each.instance.id for each in associations if each.association_id == association]


def _attached_interface(backend: MotoObject, attachment: str) -> Iterable[object]:
    return [each.id for each in list(backend.enis.values()) if each.attachment_id == attachment]


def _attached_instance(backend: MotoObject, attachment: str) -> Iterable[object]:
    attached = [each for each in list(backend.enis.values()) if each.attachment_id == attachment]
    return [each.instance.id for each in attached if each.instance]


def _associated_route_table(backend: MotoObject, association: str) -> Iterable[object]:
    tables = list(backend.route_tables.values())
    return [each.id for each in tables if association in each.all_associations_ids]


def _associated_with_table(backend: MotoObject, association: str) -> Iterable[object]:
    found = (each._associations.get(association) for each in list(backend.route_tables.values()))  # noqa: SLF001 - moto has no other way
    return [each for each in found if each]


def _acl_association(backend: MotoObject, association: str) -> Iterable[object]:
    acls = list(backend.network_acls.values())
    return [acl._associations[association].subnet_id for acl in acls if association in acl._associations]  # noqa: SLF001 - as above


def _vpc_cidr(backend: MotoObject, association: str) -> Iterable[object]:
    vpcs = list(backend.vpcs.values())
    return [vpc.id for vpc in vpcs if association in vpc._cidr_block_association_set]  # noqa: SLF001 - as above


def _subnet_cidr(backend: MotoObject, association: str) -> Iterable[object]:
    subnets = [subnet for zone in list(backend.subnets.values()) for subnet in list(zone.values())]
    return [each.id for each in subnets if association in each.ipv6_cidr_block_associations]


def _peer(backend: MotoObject, peering: str) -> Iterable[object]:
    found = backend.vpc_pcxs.get(peering)
    return [] if found is None else [found.peer_vpc.id]


def _security_group(backend: MotoObject, name_or_id: str) -> Iterable[object]:
    group = backend.get_security_group_by_name_or_id(name_or_id)
    return [] if group is None else [group.id]


def _launch_template(backend: MotoObject, name: str) -> Iterable[object]:
    return [backend.launch_template_name_to_ids.get(name)]


def _key_pair(backend: MotoObject, key_pair_id: str) -> Iterable[object]:
    return [name for name, pair in list(backend.key_pairs.items()) if pair.id == key_pair_id]


def _default_subnet(backend: MotoObject, zone: str) -> Iterable[object]:
    subnet = backend.get_default_subnets().get(zone)
    return [] if subnet is None or backend.get_default_vpc() is None else [subnet.id]


def _default_group(backend: MotoObject, subnet_id: str) -> Iterable[object]:
    subnets = [zone[subnet_id] for zone in list(backend.subnets.values()) if subnet_id in zone]
    groups = [backend.get_default_security_group(subnet.vpc_id) for subnet in subnets]
    return [group.id for group in groups if group is not None]


KINDS: Mapping[str, Callable[[MotoObject, str], Iterable[object]]] = {
    "address": _address,
    "address_association": _address_association,
    "profile_association": _profile_association,
    "attached_interface": _attached_interface,
    "attached_instance": _attached_instance,
    "associated_route_table": _associated_route_table,
    "associated_with_table": _associated_with_table,
    "acl_association": _acl_association,
    "vpc_cidr": _vpc_cidr,
    "subnet_cidr": _subnet_cidr,
    "peer": _peer,
    "security_group": _security_group,
    "launch_template": _launch_template,
    "key_pair": _key_pair,
    "default_subnet": _default_subnet,
    "default_group": _default_group,
}
