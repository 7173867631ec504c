"""Parameters that travel as JSON.

Source: "AWS JSON 1.0 and 1.1 protocols" and "AWS restJson1 protocol", Smithy 2.0 AWS specification.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from botocore.model import ListShape, MapShape, Shape, StructureShape

from watchword.sandbox.wire.values import Unreadable, UnreadableBody, WireValue, blob

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "blob": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float, str),
    "double": (int, float, str),
    "timestamp": (int, float, str),
}


def read_json(body: bytes) -> WireValue:
    """Read a body as JSON; an empty one is an empty object. Raises Unreadable, for a repeated name too."""
    if not body.strip():
        return {}
    try:
        content: WireValue = _DECODER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise UnreadableBody("the body is not JSON") from None
    return content


def parameters(content: WireValue, members: Mapping[str, Shape]) -> dict[str, WireValue]:
    """Pick `members` from a decoded JSON object, under botocore's names; others and nulls are left out.

    Raises Unreadable when a value is not of its kind.
    """
    if not isinstance(content, dict):
        raise UnreadableBody("the body is not a JSON object")
    found: dict[str, WireValue] = {}
    for name, shape in members.items():
        wire = shape.serialization.get("name", name)
        if content.get(wire) is not None:
            found[name] = value(content[wire], shape, wire)
    return found


def value(content: WireValue, shape: Shape, where: str) -> WireValue:
    """Read a decoded JSON value as `shape` says. Raises Unreadable."""
    if getattr(shape, "is_document_type", False):
        return content
    match shape:
        case StructureShape() if isinstance(content, dict):
            return parameters(content, shape.members)
        case ListShape() if isinstance(content, list):
            return [_item(item, shape.member, where) for item in content]
        case MapShape() if isinstance(content, dict):
            return {key: _item(item, shape.value, where) for key, item in content.items()}
        case StructureShape() | ListShape() | MapShape():
            raise _wrong(shape, where)
        case _:
            return _scalar(content, shape, where)


def _item(content: WireValue, shape: Shape, where: str) -> WireValue:
    return None if content is None else value(content, shape, where)


def _scalar(content: WireValue, shape: Shape, where: str) -> WireValue:
    kinds = _KINDS.get(shape.type_name, (str,))
    if not isinstance(content, kinds) or (isinstance(content, bool) and bool not in kinds):
        raise _wrong(shape, where)
    return blob(content, where) if shape.type_name == "blob" and isinstance(content, str) else content


def _wrong(shape: Shape, where: str) -> Unreadable:
    return Unreadable(f"`{where}` is not a {shape.type_name}")


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, content in pairs:
        if name in found:
            # Which of two counts differs from reader to reader, and what is authorised must be what is done.
            raise Unreadable(f"`{name[:64]}` appears twice")
        found[name] = content
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_constant)
