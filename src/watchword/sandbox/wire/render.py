"""Errors and results as the bytes of each protocol.

Source: the protocol pages of the Smithy 2.0 AWS specification; "Error responses", S3 API Reference;
"Troubleshooting API request errors", EC2 API Reference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.error import JSON_CODES, AwsError
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.protocol import Dialect, Protocol
from watchword.sandbox.wire.request import WireRequest, decoded
from watchword.sandbox.wire.scope import dialect_of
from watchword.sandbox.wire.xml_text import DECLARATION, element, escaped, structure

_XML = ("Content-Type", "text/xml")
_QUERY_CODES = {json_code: code for code, json_code in JSON_CODES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class WireResponse:
    """One HTTP answer. The server adds the `Date` header and the length."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def render_error(
    error: AwsError, operation: Operation | None, request: WireRequest, *, request_id: str
) -> WireResponse:
    """Write `error` as the service of `operation` does; when that is unknown, as `request` lets guess.

    `request_id` is what the caller can quote. An answer to HEAD has no body, as ever in HTTP.
    """
    dialect = operation.dialect if operation else dialect_of(request)
    match dialect:
        case Dialect.QUERY:
            response = _query_error(error, operation, request_id)
        case Dialect.EC2:
            response = _ec2_error(error, request_id)
        case Dialect.JSON | Dialect.RPC_V2_CBOR:
            response = _json_error(error, operation, request_id)
        case Dialect.REST_JSON:
            response = _rest_json_error(error, request_id)
        case Dialect.REST_XML:
            response = _rest_xml_error(error, operation, request_id)
        case Dialect.S3:
            response = _s3_error(error, request, request_id)
    if request.method == "HEAD":
        return WireResponse(status=response.status, headers=response.headers, body=b"")
    return response


def render_result(operation: Operation, result: Mapping[str, Any], *, request_id: str) -> WireResponse:
    """Write the result of an operation of the query protocol (STS, IAM).

    `result` is nested under botocore's names: times are aware datetimes, blobs are bytes. Raises KeyError
    when it holds a name that the operation's output does not have, TypeError when a value is of no kind
    that XML text is made of, ValueError for an operation of another protocol.
    """
    if operation.protocol is not Protocol.QUERY:
        raise ValueError(f"results of protocol {operation.protocol} are not rendered")
    shape = catalog.operation_model(operation.service, operation.name).output_shape
    inner = ""
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{operation.name}Result")
        inner = f"<{wrapper}>{structure(result, shape)}</{wrapper}>"
    metadata = f"<ResponseMetadata>{element('RequestId', request_id)}</ResponseMetadata>"
    name = f"{operation.name}Response"
    body = f'<{name} xmlns="{escaped(operation.namespace)}">{inner}{metadata}</{name}>'
    headers = (("x-amzn-RequestId", request_id), _XML)
    return WireResponse(status=200, headers=headers, body=body.encode())


def _query_error(error: AwsError, operation: Operation | None, request_id: str) -> WireResponse:
    namespace = operation.namespace if operation else ""
    xmlns = f' xmlns="{escaped(namespace)}"' if namespace else ""
    body = (
        f"<ErrorResponse{xmlns}><Error>{element('Type', _fault(error))}{element('Code', error.code)}"
        f"{element('Message', error.message)}</Error>{element('RequestId', request_id)}</ErrorResponse>"
    )
    return _xml(error, body, (("x-amzn-RequestId", request_id), _XML))


def _ec2_error(error: AwsError, request_id: str) -> WireResponse:
    body = (
        f"{DECLARATION}<Response><Errors><Error>{element('Code', error.code)}"
        f"{element('Message', error.message)}</Error></Errors>{element('RequestID', request_id)}</Response>"
    )
    return _xml(error, body, (("x-amzn-RequestId", request_id), ("Content-Type", "text/xml;charset=UTF-8")))


def _rest_xml_error(error: AwsError, operation: Operation | None, request_id: str) -> WireResponse:
    response = _query_error(error, operation, request_id)
    return WireResponse(
        status=response.status, headers=response.headers, body=DECLARATION.encode() + response.body
    )


def _s3_error(error: AwsError, request: WireRequest, request_id: str) -> WireResponse:
    # S3 has a second id, of the host that answered; one derived from the first keeps the form.
    host_id = f"{request_id}-watchword"
    details: Sequence[tuple[str, str]] = error.details or (("Resource", _resource(request)),)
    inner = "".join(
        element(name, text) for name, text in (("Code", error.code), ("Message", error.message), *details)
    )
    body = (
        f"{DECLARATION}<Error>{inner}{element('RequestId', request_id)}{element('HostId', host_id)}</Error>"
    )
    headers = (("x-amz-request-id", request_id), ("x-amz-id-2", host_id), ("Content-Type", "application/xml"))
    return _xml(error, body, headers)


def _resource(request: WireRequest) -> str:
    try:
        return decoded(request.raw_path)
    except AwsError:
        return request.raw_path


def _json_error(error: AwsError, operation: Operation | None, request_id: str) -> WireResponse:
    version = (operation.json_version if operation else "") or "1.1"
    headers = [("x-amzn-RequestId", request_id), ("Content-Type", f"application/x-amz-json-{version}")]
    if operation and operation.query_compatible:
        # Services that used to speak the query protocol also send the code that they sent then.
        fault = "Sender" if error.sender_fault else "Receiver"
        headers.append(("x-amzn-query-error", f"{_QUERY_CODES.get(error.code, error.code)};{fault}"))
    content = {"__type": error.code, "message": error.message}
    return WireResponse(status=error.status, headers=tuple(headers), body=json.dumps(content).encode())


def _rest_json_error(error: AwsError, request_id: str) -> WireResponse:
    headers = (
        ("x-amzn-RequestId", request_id),
        ("x-amzn-ErrorType", error.code),
        ("Content-Type", "application/json"),
    )
    body = json.dumps({"message": error.message}).encode()
    return WireResponse(status=error.status, headers=headers, body=body)


def _fault(error: AwsError) -> str:
    return "Sender" if error.sender_fault else "Receiver"


def _xml(error: AwsError, body: str, headers: tuple[tuple[str, str], ...]) -> WireResponse:
    return WireResponse(status=error.status, headers=headers, body=body.encode())
