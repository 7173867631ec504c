"""The protocols that AWS speaks, and the dialects in which its services refuse."""

from __future__ import annotations

import enum


class Protocol(enum.StrEnum):
    """A wire protocol, by the name that botocore's service models give it."""

    QUERY = "query"
    EC2 = "ec2"
    JSON = "json"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"
    RPC_V2_CBOR = "smithy-rpc-v2-cbor"


class Dialect(enum.Enum):
    """Which words a service refuses with: a protocol, with S3 apart because S3 has words of its own."""

    QUERY = "query"
    EC2 = "ec2"
    JSON = "json"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"
    RPC_V2_CBOR = "smithy-rpc-v2-cbor"
    S3 = "s3"


S3_SIGNING_NAMES = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})


def dialect_for(protocol: Protocol, signing_name: str) -> Dialect:
    """Return the dialect of a service that signs as `signing_name` and speaks `protocol`."""
    if signing_name in S3_SIGNING_NAMES and protocol is Protocol.REST_XML:
        return Dialect.S3
    return Dialect(protocol.value)
