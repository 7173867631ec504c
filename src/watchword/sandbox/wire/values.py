"""Values as they stand on the wire, read as the kinds of value that botocore's shapes name."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TypeAlias

from botocore.model import Shape

_INTEGER = re.compile(r"[+-]?\d{1,20}", re.ASCII)
_BOOLEANS = {"true": True, "false": False}


# What a parameter can be, nested in the way botocore takes it.
WireValue: TypeAlias = "str | int | float | bytes | list[WireValue] | dict[str, WireValue] | None"


class Unreadable(Exception):
    """A value is not what its shape says. The text names where it stands, never the value."""


class UnreadableBody(Unreadable):
    """The body as a whole is not of the protocol's format."""


def from_text(shape: Shape, text: str, where: str) -> WireValue:
    """Read a scalar from text: a boolean, an integer, a float, a blob in base64; all else stays text.

    `where` names the parameter in the error. Raises Unreadable.
    """
    match shape.type_name:
        case "boolean":
            value = _BOOLEANS.get(text.lower())
            if value is None:
                raise Unreadable(f"`{where}` is not a boolean")
            return value
        case "integer" | "long" | "short" | "byte" | "bigInteger":
            if not _INTEGER.fullmatch(text):
                raise Unreadable(f"`{where}` is not an integer")
            return int(text)
        case "float" | "double" | "bigDecimal":
            return _float(text, where)
        case "blob":
            return blob(text, where)
        case "structure" | "list" | "map":
            raise Unreadable(f"`{where}` is not a {shape.type_name}")
        case _:
            return text


def blob(text: str, where: str) -> bytes:
    """Read base64. Raises Unreadable."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable(f"`{where}` is not base64") from None


def _float(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise Unreadable(f"`{where}` is not a number") from None
