"""The action universe in the form in which it is kept: one value that is read in pieces.

A program asks of a few services; so each service is a piece of its own, read when it is first asked for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

FORMAT: Final = 1
"""Raise it when a type below changes: a file of another format is never read."""

NO_LEVEL: Final = -1
"""An access level that is none of ours."""

_DIGEST_BYTES: Final = 16


class Shape(msgspec.Struct, frozen=True, array_like=True):
    """What actions of a service share: access level, resource types (index, required), condition keys."""

    level: int
    types: tuple[tuple[int, bool], ...]
    keys: tuple[int, ...]


class Service(msgspec.Struct, frozen=True, array_like=True):
    """One service. `names` are AWS's spellings in the order of their lower case; `rows` point into `shapes`.

    `types` holds names and ARN templates, `keys` condition keys in lower case with `*` for what varies.
    """

    names: tuple[str, ...]
    rows: tuple[int, ...]
    shapes: tuple[Shape, ...]
    types: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """A service before it is read: how many actions it has, and the rest."""

    actions: int
    service: msgspec.Raw

    def read(self) -> Service:
        """Return the service."""
        return msgspec.msgpack.decode(self.service, type=Service)


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """All services, by their prefix in order."""

    format: int
    version: str
    services: dict[str, Piece]


def packed(version: str, services: Mapping[str, Service]) -> Packed:
    """Return the services in pieces."""
    encode = msgspec.msgpack.encode
    pieces = {
        prefix: Piece(len(service.names), msgspec.Raw(encode(service)))
        for prefix, service in sorted(services.items())
    }
    return Packed(FORMAT, version, pieces)


def to_bytes(value: Packed) -> bytes:
    """Return the bytes to keep: a digest, and what it is of."""
    body = msgspec.msgpack.encode(value)
    return _digest(body) + body


def from_bytes(data: bytes, *, version: str) -> Packed | None:
    """Return what `to_bytes` was given, or None when these are not its bytes, whole, of this version."""
    body = memoryview(data)[_DIGEST_BYTES:]
    if data[:_DIGEST_BYTES] != _digest(body):
        return None
    try:
        value = msgspec.msgpack.decode(body, type=Packed)
    except msgspec.MsgspecError:
        return None
    return value if (value.format, value.version) == (FORMAT, version) else None


def _digest(body: bytes | memoryview) -> bytes:
    """Return what tells a whole file from a torn one; it is no protection against malice."""
    return hashlib.sha256(body).digest()[:_DIGEST_BYTES]
