"""Values as XML text, in the form of the query protocol's answers.

Source: "AWS Query protocol", Smithy 2.0 AWS specification; XML 1.0, clause 2.2, for characters.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

# What XML 1.0 has no way to write, not even as a reference; sent on, it would break the client's parser.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\r": "&#xD;"})


def escaped(text: str) -> str:
    """Escape text for an element or an attribute; characters that XML cannot hold become U+FFFD."""
    return _NOT_XML.sub("\ufffd", text).translate(_ESCAPES)


def element(name: str, text: str) -> str:
    """Write one element that holds text."""
    return f"<{name}>{escaped(text)}</{name}>"


def structure(content: Mapping[str, Any], shape: StructureShape) -> str:
    """Write the members of a structure, in the model's order; those that are None are left out.

    Raises KeyError when `content` holds a name that `shape` does not.
    """
    unknown = set(content) - set(shape.members)
    if unknown:
        raise KeyError(f"{shape.name} has no member {', '.join(sorted(unknown))}")
    return "".join(
        _member(content[name], member, name)
        for name, member in shape.members.items()
        if content.get(name) is not None
    )


def _member(content: object, shape: Shape, name: str) -> str:
    wire = shape.serialization.get("name", name)
    if isinstance(shape, ListShape) and isinstance(content, Sequence):
        return _list(content, shape, wire)
    if isinstance(shape, MapShape) and isinstance(content, Mapping):
        return _map(content, shape, wire)
    return f"<{wire}>{_inside(content, shape)}</{wire}>"


def _inside(content: object, shape: Shape) -> str:
    if isinstance(shape, StructureShape) and isinstance(content, Mapping):
        return structure(content, shape)
    return escaped(_text(content, shape))


def _list(items: Sequence[object], shape: ListShape, wire: str) -> str:
    item_name = shape.member.serialization.get("name")
    if shape.serialization.get("flattened"):
        return "".join(_member(item, shape.member, item_name or wire) for item in items)
    rows = "".join(_member(item, shape.member, item_name or "member") for item in items)
    return f"<{wire}>{rows}</{wire}>"


def _map(entries: Mapping[str, object], shape: MapShape, wire: str) -> str:
    rows = [
        _member(key, shape.key, "key") + _member(item, shape.value, "value") for key, item in entries.items()
    ]
    if shape.serialization.get("flattened"):
        return "".join(f"<{wire}>{row}</{wire}>" for row in rows)
    return f"<{wire}>{''.join(f'<entry>{row}</entry>' for row in rows)}</{wire}>"


def _text(content: object, shape: Shape) -> str:
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, datetime):
        return _time(content)
    if isinstance(content, bytes):
        return base64.b64encode(content).decode()
    if isinstance(content, str | int | float):
        return str(content)
    raise TypeError(f"a value for {shape.name} is of type {type(content).__name__}")


def _time(moment: datetime) -> str:
    moment = moment.astimezone(UTC)
    if moment.microsecond:
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
