"""Values of a template in the types of a service's model: templates write `80` and `"80"` as they like.

Source: AWS CloudFormation User Guide, template-formats; the resource types' own pages take numbers and
booleans as strings too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

_NUMBERS = {"integer": int, "long": int, "float": float, "double": float}


def fitted(value: object, shape: Shape) -> Any:  # noqa: ANN401 - any JSON
    """Return `value` in the types of `shape`; what does not fit is left as it is, for the model to refuse."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        members = shape.members
        return {
            key: fitted(item, members[key]) if key in members else item
            for key, item in value.items()
            if item is not None
        }
    if isinstance(shape, ListShape) and value is not None:
        return [fitted(item, shape.member) for item in (value if isinstance(value, list) else [value])]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {str(key): fitted(item, shape.value) for key, item in value.items() if item is not None}
    return _scalar(value, shape.type_name)


def _scalar(value: object, kind: str) -> object:
    if kind == "string":
        return _as_text(value)
    if kind == "boolean" and isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if kind == "blob" and isinstance(value, str):
        return value.encode()
    if kind in _NUMBERS and isinstance(value, str):
        try:
            return _NUMBERS[kind](value)
        except ValueError:
            return value
    return value


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(value) if isinstance(value, Mapping | list) else value
