"""The quick reader, for texts that are JSON without a fault: values by the standard library, then offsets.

It answers nothing that `_json.Reader` would answer otherwise: whatever needs a word said about it is left
to that one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final, NoReturn

from watchword.iam._nodes import MAX_DEPTH, Array, Node, Null, Object, Scalar, String

_START: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]|[^\s,:"{}\[\]]++', re.DOTALL)
"""Every token but `,` and `:`."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class _Raw(str):
    """A number as it was written."""

    __slots__ = ()


class _NotPlain(Exception):
    """The text is better read slowly."""


def _refuse(_: str) -> NoReturn:
    raise _NotPlain


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=tuple, parse_int=_Raw, parse_float=_Raw, parse_constant=_refuse
)


def read_plain(text: str) -> Node | None:
    """Return the value of a text, or None when the other reader has to say what is wrong with it."""
    if "\\u" in text or not (text.isascii() or _SURROGATE.search(text) is None):
        return None
    try:
        value = _DECODER.decode(text)
        return _node(value, iter([found.start() for found in _START.finditer(text)]).__next__, 0)
    except (ValueError, RecursionError, _NotPlain):
        return None


def _node(value: object, offset: Callable[[], int], depth: int) -> Node:
    """Make nodes of the decoder's values, which take the offsets in the order in which they stand."""
    if isinstance(value, _Raw):
        return Scalar(str(value), offset())
    if isinstance(value, str):
        return String(value, offset())
    if value is None:
        return Null(offset())
    if isinstance(value, bool):
        return Scalar("true" if value else "false", offset())
    if depth >= MAX_DEPTH:
        raise _NotPlain
    at = offset()
    if isinstance(value, list):
        items = [
            String(each, offset()) if type(each) is str else _node(each, offset, depth + 1) for each in value
        ]
        offset()
        return Array(items, at)
    if not isinstance(value, tuple):
        raise _NotPlain
    return _object(value, at, offset, depth + 1)


def _object(pairs: tuple[tuple[str, object], ...], at: int, offset: Callable[[], int], depth: int) -> Object:
    members = []
    for name, value in pairs:
        key = String(name, offset())
        members.append((key, String(value, offset()) if type(value) is str else _node(value, offset, depth)))
    if len({name for name, _ in pairs}) != len(pairs):
        raise _NotPlain
    return Object(members, at, offset() + 1)
