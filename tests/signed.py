"""Signed requests sent as raw bytes, so that nothing of them is tidied on the way."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws import Key, LocalAws

FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: Mapping[str, str]
    text: str


def send(
    sandbox: LocalAws,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Send a request as it is."""
    address = urlsplit(sandbox.endpoint_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            if name.lower() != "host":
                connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        return Answer(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            text=answer.read().decode("utf-8", "replace"),
        )
    finally:
        connection.close()


def signed(
    sandbox: LocalAws,
    key: Key,
    service: str,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    region: str = "us-east-1",
) -> dict[str, str]:
    """Return the headers that sign a request."""
    request = AWSRequest(
        method=method, url=f"{sandbox.endpoint_url}{target}", data=body, headers=dict(headers or {})
    )
    credentials = Credentials(key.access_key_id, key.secret_access_key, key.session_token)
    if service == "s3":
        request.headers["x-amz-content-sha256"] = hashlib.sha256(body).hexdigest()
    auth = (S3SigV4Auth if service == "s3" else SigV4Auth)(credentials, service, region)
    auth.add_auth(request)
    return dict(request.headers.items())


def call(
    sandbox: LocalAws,
    key: Key,
    service: str,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """Sign a request and send it as it is."""
    signing = signed(sandbox, key, service, method, target, headers=headers, body=body)
    return send(sandbox, method, target, headers=signing, body=body)


def query(sandbox: LocalAws, key: Key, service: str, form: str) -> Answer:
    """Sign and send a call of the query protocol."""
    return call(sandbox, key, service, "POST", "/", headers={"Content-Type": FORM}, body=form.encode())
