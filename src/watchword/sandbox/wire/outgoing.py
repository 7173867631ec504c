"""A call that a service makes itself: written as the request it would send, and its answer read.

What is written is read again by `operation.identify`, as every request of a client is: so a call of a service
is authorised, and run, in the very form in which it goes to whoever runs it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from botocore import parsers, serialize
from botocore.awsrequest import HeadersDict
from botocore.exceptions import ParamValidationError
from botocore.model import OperationModel

from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.error import AwsError, SandboxRefusal
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.protocol import Protocol
from watchword.sandbox.wire.render import WireResponse
from watchword.sandbox.wire.request import WireRequest

_SPOKEN: Final = ("ec2", "json", "query", "rest-json", "rest-xml")
# Services with one endpoint for all regions sign for this one.
# Source: AWS General Reference, "Regional endpoints".
_GLOBAL_REGION: Final = "us-east-1"
_GLOBAL: Final = frozenset({"iam", "organizations", "route53", "cloudfront"})
_FAILED: Final = 300


def request_of(
    service: str, operation: str, params: Mapping[str, Any], *, region: str, host: str
) -> WireRequest:
    """Return the request of a call by botocore's names (`elbv2`, `CreateLoadBalancer`) and parameters.

    Nobody has signed it: its scope says which service and region it is for, and no more.
    Raises AwsError (ValidationError) when the parameters are not what the service's model asks for.
    """
    model = catalog.operation_model(service, operation)
    serializer = serialize.create_serializer(_protocol(service), include_validation=True)
    try:
        # As SDKs do: each call has a token of its own where the service asks for one.
        tokens = {member: str(uuid.uuid4()) for member in model.idempotent_members}
        parts = serializer.serialize_to_request({**tokens, **params}, model)
    except ParamValidationError as error:
        raise AwsError("ValidationError", str(error), status=400) from None
    signed_as = model.service_model.signing_name
    scope = f"{_GLOBAL_REGION if service in _GLOBAL else region}/{signed_as}"
    headers = {
        **{name: str(value) for name, value in parts["headers"].items()},
        "Host": host,
        "Authorization": f"AWS4-HMAC-SHA256 Credential=service/20000101/{scope}/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }
    return WireRequest.of_target(parts["method"], _target(parts), headers.items(), _body(parts["body"]))


def result_of(operation: Operation, response: WireResponse) -> dict[str, Any]:
    """Return the result of a call by botocore's names. Raises AwsError when the service has refused it."""
    model = catalog.operation_model(operation.service, operation.name)
    streamed = _streamed(model) if response.status < _FAILED else None
    answer = {
        "status_code": response.status,
        "headers": HeadersDict(response.headers),
        "body": b"" if streamed else response.body,
        "context": {"operation_name": operation.name},
    }
    parsed = parsers.create_parser(operation.protocol.value).parse(
        answer,
        model.output_shape,  # type: ignore[arg-type] # None: the operation has no output
    )
    if response.status >= _FAILED:
        error = parsed.get("Error", {})
        raise AwsError(str(error.get("Code", "")), str(error.get("Message", "")), status=response.status)
    parsed.pop("ResponseMetadata", None)
    return {**parsed, streamed: response.body} if streamed else dict(parsed)


def _streamed(model: OperationModel) -> str | None:
    """Return the member of the result that is the answer's body as it is, which botocore takes for text."""
    shape = model.output_shape
    name = None if shape is None else shape.serialization.get("payload")
    return name if shape is not None and name and shape.members[name].type_name == "blob" else None


def _protocol(service: str) -> str:
    spoken = catalog.protocols(service)
    ours: str | None = next((name for name in _SPOKEN if name in spoken and name in set(Protocol)), None)
    if ours is None:
        raise SandboxRefusal(f"the service `{service}` is only spoken to in a protocol that is not supported")
    return ours


def _target(parts: Mapping[str, Any]) -> str:
    path: str = parts["url_path"]
    query = parts["query_string"]
    text = query if isinstance(query, str) else urlencode(query, doseq=True)
    if not text:
        return path
    return f"{path}{'&' if '?' in path else '?'}{text}"


def _body(body: object) -> bytes:
    if isinstance(body, Mapping):
        return urlencode(body).encode()
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    raise SandboxRefusal("a service's own call has a body that is not bytes")
