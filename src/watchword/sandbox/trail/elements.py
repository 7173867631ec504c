"""`requestParameters` and `responseElements`: what was asked and made, without what is secret.

CloudTrail writes the names of parameters with a small first letter. Services shape a few of theirs in other
ways (`instancesSet` of EC2); those are not imitated.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from botocore.model import Shape

from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.operation import Operation

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
# Codes, tokens and seeds, which AWS's models do not all call sensitive: not written at all.
_LEFT_OUT: Final = frozenset(
    {
        "AuthenticationCode1", "AuthenticationCode2", "Base32StringSeed", "ClientRequestToken", "MFA",
        "QRCodePNG", "ResponseMetadata", "SecretAccessKey", "SessionToken", "StreamUrl", "TokenCode",
        "TokenValue",
    }
)  # fmt: skip
_S3_NAMES: Final = {"Bucket": "bucketName"}


def request_parameters(operation: Operation) -> dict[str, Any] | None:
    """Return `requestParameters`; None when there are none."""
    shape = catalog.operation_model(operation.service, operation.name).input_shape
    names = _S3_NAMES if operation.service == "s3" else {}
    given = {
        names.get(name, name): value for name, value in operation.params.items() if name not in _LEFT_OUT
    }
    members = {names.get(name, name): each for name, each in shape.members.items()} if shape else {}
    written = {
        _small(name): _written(value, members.get(name))
        for name, value in given.items()
        if not isinstance(value, bytes)
    }
    return written or None


def response_elements(operation: Operation, result: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return `responseElements` of a call that makes something; None when its result says nothing."""
    shape = catalog.operation_model(operation.service, operation.name).output_shape
    written: dict[str, Any] = _written(result, shape)
    return written or None


def _written(value: object, shape: Shape | None) -> Any:  # noqa: ANN401 - JSON
    if shape is not None and shape.metadata.get("sensitive"):
        return HIDDEN
    match value:
        case bytes():
            return HIDDEN
        case datetime():
            return value.strftime("%b %-d, %Y, %-I:%M:%S %p")
        case Mapping():
            return _written_mapping(value, shape)
        case list() | tuple():
            member = getattr(shape, "member", None)
            return [_written(each, member) for each in value]
        case _:
            return value


def _written_mapping(value: Mapping[str, Any], shape: Shape | None) -> dict[str, Any]:
    if shape is not None and shape.type_name == "map":
        # The keys are the caller's own words.
        return {key: _written(each, shape.value) for key, each in value.items()}  # type: ignore[attr-defined]
    members = getattr(shape, "members", {})
    return {
        _small(name): _written(each, members.get(name))
        for name, each in value.items()
        if name not in _LEFT_OUT
    }


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]
