"""Signed calls in several protocols, and a connection that makes them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
_PATIENCE_SECONDS = 60
_FORM = "application/x-www-form-urlencoded; charset=utf-8"
_VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08", "ec2": "2016-11-15"}
_TARGETS = {"dynamodb": ("DynamoDB_20120810", "1.0"), "sqs": ("AmazonSQS", "1.0")}


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCall:
    """A call before it is signed. `service` is the signing name."""

    service: str
    method: str = "POST"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `code` is the error's, empty when there is none to be read."""

    status: int
    body: bytes

    @property
    def code(self) -> str:
        text = self.body.decode("utf-8", "replace")
        if text.startswith("{"):
            return str(json.loads(text).get("__type", "")).rpartition("#")[2]
        return text.partition("<Code>")[2].partition("</Code>")[0]


def query(service: str, action: str, **params: str) -> SignedCall:
    """Return a call of STS, IAM or EC2."""
    form = {"Action": action, "Version": _VERSIONS[service], **params}
    return SignedCall(service=service, headers={"Content-Type": _FORM}, body=urlencode(form).encode())


def json_call(service: str, operation: str, params: Mapping[str, object]) -> SignedCall:
    """Return a call of DynamoDB or SQS."""
    target, version = _TARGETS[service]
    headers = {"X-Amz-Target": f"{target}.{operation}", "Content-Type": f"application/x-amz-json-{version}"}
    return SignedCall(service=service, headers=headers, body=json.dumps(params).encode())


def on_object(method: str, bucket: str, key: str, body: bytes = b"") -> SignedCall:
    """Return a call of S3 on one object."""
    return SignedCall(service="s3", method=method, path=f"/{bucket}/{key}", body=body)


class Connection:
    """One client. `keeps` says whether its connection stays open from call to call."""

    def __init__(self, port: int, *, keeps: bool = True) -> None:
        self._port = port
        self._keeps = keeps
        self._open: http.client.HTTPConnection | None = None

    def make(self, call: SignedCall, credentials: Credentials) -> Answer:
        """Sign and make a call. Raises OSError or HTTPException when there is no answer."""
        url = f"http://127.0.0.1:{self._port}{call.path}"
        request = AWSRequest(method=call.method, url=url, data=call.body, headers=dict(call.headers))
        auth = S3SigV4Auth if call.service == "s3" else SigV4Auth
        auth(credentials, call.service, REGION).add_auth(request)
        connection = self._connection()
        headers = {name: str(value) for name, value in request.headers.items()}
        connection.request(call.method, call.path, body=call.body, headers=headers)
        response = connection.getresponse()
        answer = Answer(status=response.status, body=response.read())
        if not self._keeps or response.will_close:
            self.close()
        return answer

    def close(self) -> None:
        """Close the connection, if one is open."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _connection(self) -> http.client.HTTPConnection:
        if self._open is None:
            self._open = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE_SECONDS)
        return self._open
