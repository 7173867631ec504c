"""IpAddress and NotIpAddress: networks of IPv4 and IPv6."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from watchword.iam._tri import Tri
from watchword.iam.conditions.comparison import Comparison, Operand, unreadable
from watchword.iam.context import Folded

_IPV4: Final = re.compile(r"0*([0-9]{1,3})\.0*([0-9]{1,3})\.0*([0-9]{1,3})\.0*([0-9]{1,3})")
_PREFIX: Final = re.compile(r"0*([0-9]{1,3})")
_MAX_OCTET: Final = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address as a number, and how many bits it has: 32 or 128."""

    number: int
    bits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """The addresses of one family whose bits under `mask` are `number`."""

    number: int
    mask: int
    bits: int


def read_address(text: str) -> Address | None:
    """Return the address, or None. An IPv4 address mapped into IPv6 is the IPv4 address.

    Octets may have leading zeroes and are decimal all the same.
    """
    if found := _IPV4.fullmatch(text):
        octets = [int(octet) for octet in found.groups()]
        if max(octets) > _MAX_OCTET:
            return None
        return Address(number=int.from_bytes(bytes(octets)), bits=32)
    return _read_ipv6(text)


def _read_ipv6(text: str) -> Address | None:
    if "%" in text:
        return None
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    if address.ipv4_mapped is not None:
        return Address(number=int(address.ipv4_mapped), bits=32)
    return Address(number=int(address), bits=128)


def read_network(text: str) -> Network | None:
    """Return the network, or None when the text is none.

    Host bits are ignored in IPv4; in IPv6 they stay, and make a network that no address is in.
    """
    base, slash, prefix = text.partition("/")
    address = read_address(base)
    if address is None:
        return None
    found = _PREFIX.fullmatch(prefix)
    if slash and found is None:
        return None
    length = int(found[1]) if found else address.bits
    if length > address.bits:
        return None
    mask = ((1 << length) - 1) << (address.bits - length)
    number = address.number & mask if address.bits == 32 else address.number
    return Network(number=number, mask=mask, bits=address.bits)


def compare(operand: Operand) -> Comparison:
    """A request's address that cannot be read matches neither operator.

    Source: IAM User Guide, IP address condition operators; host bits, mapping and zeroes as observed.
    """
    networks = [network for network in map(read_network, operand.values) if network is not None]
    unclear = unreadable((each for each in operand.values if read_network(each) is None), "network")
    negated = operand.meaning.negated

    def run(value: str, _: Folded) -> Tri:
        address = read_address(value)
        if address is None:
            return False
        inside = any(
            network.bits == address.bits and address.number & network.mask == network.number
            for network in networks
        )
        if inside:
            return not negated
        return unclear or negated

    return run
