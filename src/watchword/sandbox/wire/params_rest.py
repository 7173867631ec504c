"""Parameters of the REST protocols: from the path, the query string, the headers and the body.

Source: "HTTP bindings", Smithy 2.0; "AWS restJson1 protocol" and "AWS restXml protocol".
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from watchword.sandbox.wire import params_json, params_xml
from watchword.sandbox.wire.chunked import body_of
from watchword.sandbox.wire.request import WireRequest, header_text
from watchword.sandbox.wire.values import Unreadable, UnreadableBody, WireValue, from_text


def parameters(
    request: WireRequest, model: OperationModel, labels: Mapping[str, str], constants: Mapping[str, str]
) -> dict[str, WireValue]:
    """Gather the parameters. `labels` are the path's, decoded; `constants` belong to the template's query.

    Raises Unreadable when a value is not of its kind, or when what there may be one of appears twice.
    """
    shape = model.input_shape
    if shape is None:
        return {}
    found: dict[str, WireValue] = {}
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        match member.serialization.get("location"):
            case "uri":
                found[name] = from_text(member, labels[wire], wire)
            case "querystring":
                _put(found, name, _from_query(request, member, wire, shape, constants))
            case "header":
                _put(found, name, _from_header(request, member, wire))
            case "headers":
                _put(found, name, _from_headers(request, wire))
            case _:
                pass
    found.update(_from_body(request, model, shape))
    return found


def _put(found: dict[str, WireValue], name: str, value: WireValue) -> None:
    if value is not None:
        found[name] = value


def _from_query(
    request: WireRequest, member: Shape, wire: str, shape: StructureShape, constants: Mapping[str, str]
) -> WireValue:
    if isinstance(member, MapShape):
        return _query_map(request, member, shape, constants)
    texts = request.query_values(wire)
    if isinstance(member, ListShape):
        return [from_text(member.member, text, wire) for text in texts] if texts else None
    if len(texts) > 1:
        raise Unreadable(f"`{wire}` appears twice")
    return from_text(member, texts[0], wire) if texts else None


def _query_map(
    request: WireRequest, member: MapShape, shape: StructureShape, constants: Mapping[str, str]
) -> dict[str, WireValue] | None:
    named = {other.serialization.get("name", name) for name, other in shape.members.items()}
    found: dict[str, WireValue] = {}
    for name, text in request.query:
        if name in named or name in constants or name.startswith("X-Amz-"):
            continue
        if isinstance(member.value, ListShape):
            earlier = found.setdefault(name, [])
            if isinstance(earlier, list):
                earlier.append(text)
        elif name in found:
            raise Unreadable(f"`{name}` appears twice")
        else:
            found[name] = text
    return found or None


def _from_header(request: WireRequest, member: Shape, wire: str) -> WireValue:
    text = request.header(wire)
    if text is None:
        return None
    text = header_text(text)
    if member.serialization.get("jsonvalue"):
        return _json_value(text, wire)
    if isinstance(member, ListShape):
        return [from_text(member.member, item, wire) for item in _header_items(text, member.member)]
    return from_text(member, text, wire)


def _from_headers(request: WireRequest, prefix: str) -> WireValue:
    found: dict[str, WireValue] = {}
    for name, text in request.headers:
        key = name.lower()
        if key.startswith(prefix.lower()):
            key = key[len(prefix) :]
            if key in found:
                raise Unreadable(f"`{prefix}{key}` appears twice")
            found[key] = header_text(text)
    return found or None


def _header_items(text: str, member: Shape) -> list[str]:
    if member.type_name == "timestamp" and member.serialization.get("timestampFormat") != "iso8601":
        # An HTTP date has a comma of its own.
        parts = text.split(",")
        return [",".join(parts[at : at + 2]).strip() for at in range(0, len(parts), 2)]
    items, item, quoted, escaped = [], "", False, False
    for character in text:
        if escaped:
            item, escaped = item + character, False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            items.append(item.strip())
            item = ""
        else:
            item += character
    return [*items, item.strip()]


def _json_value(text: str, where: str) -> WireValue:
    try:
        content: WireValue = json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise Unreadable(f"`{where}` is not JSON in base64") from None
    return content


def _from_body(request: WireRequest, model: OperationModel, shape: StructureShape) -> dict[str, WireValue]:
    payload = shape.serialization.get("payload")
    if payload is not None:
        content = _payload(request, model, shape.members[payload])
        return {} if content is None else {payload: content}
    members = {
        name: member for name, member in shape.members.items() if member.serialization.get("location") is None
    }
    if not members or not request.body:
        return {}
    _uncompressed(request)
    if _is_json(model):
        return params_json.parameters(params_json.read_json(request.body), members)
    return params_xml.structure(_root(request.body, shape), shape)


def _payload(request: WireRequest, model: OperationModel, member: Shape) -> WireValue:
    if member.serialization.get("eventstream") or getattr(member, "is_eventstream", False):
        raise Unreadable("event streams are not read")
    if member.type_name == "blob":
        return body_of(request)
    if not request.body:
        return None
    _uncompressed(request)
    if member.type_name == "string":
        return _text(request.body)
    if _is_json(model):
        return params_json.value(params_json.read_json(request.body), member, "body")
    if not isinstance(member, StructureShape):
        raise Unreadable("the body is of a kind that is not read")
    return params_xml.structure(_root(request.body, member), member)


def _root(body: bytes, shape: StructureShape) -> params_xml.Element:
    root = params_xml.read_xml(body)
    name = shape.serialization.get("name", shape.name)
    if root.name != name:
        raise UnreadableBody(f"the XML's root is not `{name}`")
    return root


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableBody("the body is not UTF-8") from None


def _uncompressed(request: WireRequest) -> None:
    encoding = (request.header("content-encoding") or "").lower().strip()
    if encoding not in ("", "identity"):
        raise Unreadable("a compressed body is not read")


def _is_json(model: OperationModel) -> bool:
    return "rest-xml" not in (model.metadata.get("protocols") or [model.metadata["protocol"]])
