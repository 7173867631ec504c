"""Answers of our own in the place of moto's, for services that speak JSON or the query protocol."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.protocol import Protocol
from watchword.sandbox.wire.render import WireResponse, render_result


def answer(
    operation: Operation, result: Mapping[str, Any], *, request_id: str, status: int = 200
) -> WireResponse:
    """Write a result by botocore's names. Raises ValueError for a protocol that is written otherwise."""
    match operation.protocol:
        case Protocol.QUERY:
            return render_result(operation, result, request_id=request_id)
        case Protocol.JSON | Protocol.REST_JSON:
            kind = (
                "json" if operation.protocol is Protocol.REST_JSON else f"x-amz-json-{operation.json_version}"
            )
            body = b"" if status == 204 else json.dumps(dict(result)).encode()
            headers = (("x-amzn-RequestId", request_id), ("Content-Type", f"application/{kind}"))
            return WireResponse(status=status, headers=headers, body=body)
        case _:
            raise ValueError(f"{operation.service} is answered by moto")
