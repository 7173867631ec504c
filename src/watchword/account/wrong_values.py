"""What is wrong with a value that should have become a struct: all of it, each with its place."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import msgspec

from watchword.errors import short


def wrong_values(value: object, of: type[msgspec.Struct]) -> Iterator[str]:
    """Yield what keeps a decoded JSON value from being a struct: `$.users[2].arn: …`, in its order."""
    yield from _wrong(value, of, "$")


def _wrong(value: object, type_: Any, place: str) -> Iterator[str]:  # noqa: ANN401 an annotation, of any kind
    arguments = get_args(type_)
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        yield from _of_struct(value, type_, place)
    elif isinstance(type_, types.UnionType) and len(arguments) == _OPTIONAL and type(None) in arguments:
        if value is not None:
            yield from _wrong(value, next(one for one in arguments if one is not type(None)), place)
    elif get_origin(type_) is tuple and isinstance(value, (list, tuple)):
        for index, one in enumerate(value):
            yield from _wrong(one, arguments[0], f"{place}[{index}]")
    elif get_origin(type_) is dict and isinstance(value, dict):
        for name, one in value.items():
            yield from _wrong(one, arguments[1], f"{place}.{short(str(name))}")
    else:
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError as error:
            text = str(error).partition(" - at ")[0]
            yield f"{place}: {text[:1].lower()}{text[1:]}"


def _of_struct(value: object, type_: type[msgspec.Struct], place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place}: expected `object`, got `{_JSON.get(type(value), 'value')}`"
        return
    for field in msgspec.structs.fields(type_):
        if field.encode_name in value:
            yield from _wrong(value[field.encode_name], field.type, f"{place}.{field.encode_name}")
        elif field.required:
            yield f"{place}: `{field.encode_name}` is missing"


_OPTIONAL = 2
_JSON = {str: "str", int: "int", float: "float", bool: "bool", type(None): "null", list: "array"}
