"""Requests exactly as botocore sends them, caught before they leave; and the keys that sign them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from unittest.mock import patch
from urllib.parse import urlsplit

import botocore.session
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.credentials import Credentials

from watchword.sandbox.wire.request import WireRequest

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "a-session-token/with+odd=characters"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOST = "127.0.0.1:4566"


# Where awscrt is installed, botocore leaves these to it, and to a clock that cannot be set.
_IN_PYTHON = {
    "v4": SigV4Auth,
    "v4-query": SigV4QueryAuth,
    "s3v4": S3SigV4Auth,
    "s3v4-query": S3SigV4QueryAuth,
}


class _Caught(Exception):
    pass


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let botocore sign as if it were `moment`."""
    with (
        patch("botocore.auth.get_current_datetime", lambda: moment.replace(tzinfo=None)),
        patch.dict("botocore.auth.AUTH_TYPE_MAPS", _IN_PYTHON),
    ):
        yield


@cache
def client(
    service: str, *, token: str | None = None, endpoint: str = f"http://{HOST}", version: str | None = None
) -> BaseClient:
    session = botocore.session.Session()
    session.set_credentials(ACCESS_KEY, SECRET, token)
    return session.create_client(
        service,
        region_name="eu-west-1",
        endpoint_url=endpoint,
        config=Config(
            retries={"max_attempts": 0},
            parameter_validation=False,
            inject_host_prefix=False,
            signature_version=version,
        ),
    )


def sent(
    service: str,
    operation: str,
    *,
    moment: datetime = NOW,
    token: str | None = None,
    endpoint: str = f"http://{HOST}",
    **params: object,
) -> WireRequest:
    """Return the request that `client(service).operation(**params)` puts on the wire."""
    return caught(client(service, token=token, endpoint=endpoint), operation, moment, params)


def caught(peer: BaseClient, operation: str, moment: datetime, params: dict[str, object]) -> WireRequest:
    found: list[AWSPreparedRequest] = []

    def stop(request: AWSPreparedRequest, **_: object) -> None:
        found.append(request)
        raise _Caught

    peer.meta.events.register("before-send.*.*", stop)
    method = next(name for name, api in peer.meta.method_to_api_mapping.items() if api == operation)
    try:
        with at(moment):
            getattr(peer, method)(**params)
    except _Caught:
        pass
    finally:
        peer.meta.events.unregister("before-send.*.*", stop)
    return as_wire(found[0])


def as_wire(prepared: AWSPreparedRequest) -> WireRequest:
    """Turn botocore's prepared request into what a server receives."""
    url = urlsplit(prepared.url)
    body = prepared.body or b""
    if hasattr(body, "read"):
        body = body.read()
    values: dict[str, str | bytes] = dict(prepared.headers.items())
    headers = [
        (name, value.decode("latin-1") if isinstance(value, bytes) else value)
        for name, value in values.items()
    ]
    if "host" not in {name.lower() for name, _ in headers}:
        headers.append(("Host", url.netloc))
    target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    return WireRequest.of_target(
        prepared.method, target, headers, body.encode() if isinstance(body, str) else bytes(body)
    )


def signed(
    method: str,
    url: str,
    *,
    service: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    region: str = "eu-west-1",
    moment: datetime = NOW,
    token: str | None = None,
    secret: str = SECRET,
) -> WireRequest:
    """Return a request of any shape with a signature that botocore made."""
    request = AWSRequest(method=method, url=url, data=body, headers=headers or {})
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    with at(moment):
        signer(Credentials(ACCESS_KEY, secret, token), service, region).add_auth(request)
    return as_wire(request.prepare())


def replaced(
    request: WireRequest,
    *,
    method: str | None = None,
    target: str | None = None,
    headers: dict[str, str | None] | None = None,
    body: bytes | None = None,
) -> WireRequest:
    """Return `request` with something changed on its way; a header of None is taken out."""
    changes = {name.lower(): value for name, value in (headers or {}).items()}
    kept = [(name, value) for name, value in request.headers if name.lower() not in changes]
    kept += [(name, value) for name, value in changes.items() if value is not None]
    old = f"{request.raw_path}?{request.raw_query}" if request.raw_query else request.raw_path
    return WireRequest.of_target(
        method or request.method, target or old, kept, request.body if body is None else body
    )


def flipped(signature: str) -> str:
    """Return a signature with its last character changed."""
    return re.sub(r".$", lambda found: "0" if found[0] != "0" else "1", signature)
