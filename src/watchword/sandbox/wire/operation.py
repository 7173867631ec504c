"""What a request calls: which operation of which service, with which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from watchword.sandbox.wire.protocol import Dialect, Protocol, dialect_for
from watchword.sandbox.wire.request import WireRequest

__all__ = ["Operation", "Protocol", "identify"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One API call. `params` are nested, in the names that botocore (and boto3) use.

    `service` is botocore's name (`ec2`, `sts`), `signing_name` the one in the credential scope,
    `namespace` the XML namespace of answers, if the service has one. In `params` timestamps stay text or
    numbers as sent, and blobs are bytes. `unsigned_payload` says that AWS lets callers leave the body of
    this operation unsigned.
    """

    service: str
    name: str
    protocol: Protocol
    region: str
    signing_name: str
    api_version: str
    json_version: str = ""
    namespace: str = ""
    query_compatible: bool = False
    unsigned_payload: bool = False
    params: Mapping[str, Any] = field(repr=False)  # may hold codes and secrets

    @property
    def dialect(self) -> Dialect:
        """The words in which this operation's refusals are written."""
        return dialect_for(self.protocol, self.signing_name)


def identify(request: WireRequest) -> Operation:
    """Tell what `request` calls, from its credential scope, its method, path, headers and body.

    Raises SandboxRefusal when it is not exactly one operation that botocore's models know, and AwsError
    when the service would answer that it cannot read the request.
    """
    raise NotImplementedError
