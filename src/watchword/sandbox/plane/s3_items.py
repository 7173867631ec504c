"""DeleteObjects where some of the objects may not be deleted: AWS answers for each of them apart.

Source: Amazon S3 API Reference, DeleteObjects. That an item's text is the one of DeleteObject is inferred.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from watchword.sandbox.wire.error import AwsError
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.render import WireResponse
from watchword.sandbox.wire.request import WireRequest
from watchword.sandbox.wire.xml_text import DECLARATION, element

# What is said of the body that was sent is not true of the one that is made here.
_OF_THE_BODY: Final = (
    "content-encoding", "content-length", "content-md5", "transfer-encoding", "x-amz-checksum-",
    "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-sdk-checksum-", "x-amz-trailer",
)  # fmt: skip
_XMLNS: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_END: Final = b"</DeleteResult>"

Item = Mapping[str, Any]
Refused = Mapping[tuple[str, str], AwsError]
"""What was refused, by action and ARN."""


def delete_objects(
    operation: Operation,
    request: WireRequest,
    refused: Refused,
    run: Callable[[Operation, WireRequest], WireResponse],
) -> WireResponse:
    """Delete the objects that may be deleted, with `run`, and say of each other why not."""
    items: Sequence[Item] = operation.params["Delete"]["Objects"]
    errors = [(item, _error_of(operation, item, refused)) for item in items]
    kept = [item for item, error in errors if error is None]
    said = "".join(_said(item, error) for item, error in errors if error is not None).encode()
    if not kept:
        body = f'{DECLARATION}<DeleteResult xmlns="{_XMLNS}">'.encode() + said + _END
        return WireResponse(status=200, headers=(("Content-Type", "application/xml"),), body=body)
    delete = {**operation.params["Delete"], "Objects": kept}
    response = run(
        dataclasses.replace(operation, params={**operation.params, "Delete": delete}),
        dataclasses.replace(request, headers=_about_no_body(request.headers), body=_written(delete)),
    )
    if response.status != 200:
        return response
    return dataclasses.replace(response, body=response.body.replace(_END, said + _END))


def _error_of(operation: Operation, item: Item, refused: Refused) -> AwsError | None:
    main = "s3:DeleteObjectVersion" if item.get("VersionId") else "s3:DeleteObject"
    name = f"{operation.params['Bucket']}/{item['Key']}"
    found = {
        action: error for (action, resource), error in refused.items() if resource.partition(":::")[2] == name
    }
    return found.get(main) or found.get("s3:BypassGovernanceRetention")


def _said(item: Item, error: AwsError) -> str:
    version = element("VersionId", str(item["VersionId"])) if item.get("VersionId") else ""
    text = element("Code", error.code) + element("Message", error.message)
    return f"<Error>{element('Key', str(item['Key']))}{version}{text}</Error>"


def _written(delete: Mapping[str, Any]) -> bytes:
    objects = "".join(
        "<Object>"
        + "".join(element(name, str(item[name])) for name in ("Key", "VersionId") if item.get(name))
        + "</Object>"
        for item in delete["Objects"]
    )
    quiet = element("Quiet", "true") if delete.get("Quiet") in (True, "true") else ""
    return f'{DECLARATION}<Delete xmlns="{_XMLNS}">{objects}{quiet}</Delete>'.encode()


def _about_no_body(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(pair for pair in headers if not pair[0].lower().startswith(_OF_THE_BODY))
