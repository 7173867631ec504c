"""The credential scope of a request: whose key, for which day, region and service."""

from __future__ import annotations

import re
from dataclasses import dataclass

from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.protocol import S3_SIGNING_NAMES, Dialect
from watchword.sandbox.wire.request import WireRequest

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"

_CREDENTIAL = re.compile(r"(?:^|[\s,])Credential=([^\s,]*)")
_EC2_VERSION = "2016-11-15"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialScope:
    """`AKIA…/20260102/eu-west-1/ec2/aws4_request`, taken apart; nothing in it is checked."""

    access_key_id: str
    date: str
    region: str
    service: str
    terminator: str

    @classmethod
    def parse(cls, text: str) -> CredentialScope | None:
        """Take a credential apart; None when it has not exactly five parts, or an empty one."""
        parts = text.split("/")
        if len(parts) != 5 or not all(parts):
            return None
        access_key_id, date, region, service, terminator = parts
        return cls(
            access_key_id=access_key_id, date=date, region=region, service=service, terminator=terminator
        )

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{self.terminator}"


def scope_of(request: WireRequest) -> CredentialScope | None:
    """Return the scope that `request` names, in its header or else its query string; None if unreadable."""
    authorization = request.header("authorization")
    if authorization is not None:
        found = _CREDENTIAL.findall(authorization)
    else:
        found = list(request.query_values("X-Amz-Credential"))
    return CredentialScope.parse(found[0]) if len(found) == 1 else None


def dialect_of(request: WireRequest) -> Dialect:
    """Tell in whose words to refuse `request` before its operation is known."""
    scope = scope_of(request)
    service = scope.service if scope else ""
    if service in S3_SIGNING_NAMES or _has_old_s3_signature(request):
        return Dialect.S3
    spoken = catalog.protocols_spoken(service)
    protocols = frozenset[str]().union(*spoken.values())
    if len(protocols) == 1:
        return Dialect(next(iter(protocols)))
    if request.header("smithy-protocol") is not None:
        return Dialect.RPC_V2_CBOR
    if request.header("x-amz-target") is not None:
        return Dialect.JSON
    if _is_form(request):
        return Dialect.EC2 if not service and _names_ec2(request) else Dialect.QUERY
    namesakes = spoken.get(service, frozenset())
    return Dialect(next(iter(namesakes))) if len(namesakes) == 1 else Dialect.REST_JSON


def _has_old_s3_signature(request: WireRequest) -> bool:
    # Version 2 as S3 had it names no service; the query services put SignatureVersion beside the key.
    names = {name for name, _ in request.query}
    in_query = "AWSAccessKeyId" in names and "SignatureVersion" not in names
    return in_query or (request.header("authorization") or "").startswith("AWS ")


def _is_form(request: WireRequest) -> bool:
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    return media_type == "application/x-www-form-urlencoded" or bool(request.query_values("Action"))


def _names_ec2(request: WireRequest) -> bool:
    return (
        _EC2_VERSION in request.query_values("Version") or f"Version={_EC2_VERSION}".encode() in request.body
    )
