"""Whether parameters are as AWS's service models say, refused in AWS's words."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from botocore.loaders import Loader

from watchword.sandbox.identity.refusals import validation_error
from watchword.sandbox.wire.error import AwsError

# IAM answers a bad path in words of its own, see `refusals.invalid_path`.
_SHAPES_WITHOUT_PATTERN: Final = frozenset({"pathType"})

# What these classes of Java's are in Python; letters and digits are `\w` there when it is not ASCII's.
_SPACES: Final = "\u0020\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"


def check(service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Raise AwsError (ValidationError) when `params` are not as the model of `operation` says.

    `service` is `sts` or `iam`; `params` are named as in botocore. All problems are reported at once.

    Source: the service models; the text as observed on AWS (IAM leaves out the value, STS prints it).
    """
    model = _model(service)
    shape = model["operations"][operation].get("input", {}).get("shape")
    if shape is None:
        return
    problems = list(_Checker(model["shapes"], prints_values=service == "sts").problems(shape, params, ""))
    if problems:
        raise _refusal(problems)


def _refusal(problems: list[str]) -> AwsError:
    count = len(problems)
    noun = "validation error" if count == 1 else "validation errors"
    return validation_error(f"{count} {noun} detected: {'; '.join(problems)}")


class _Checker:
    def __init__(self, shapes: Mapping[str, Any], *, prints_values: bool) -> None:
        self._shapes = shapes
        self._prints_values = prints_values

    def problems(self, shape_name: str, value: object, path: str) -> Iterator[str]:
        """Yield what is wrong with `value` at `path`, and within it."""
        shape = self._shapes[shape_name]
        match value:
            case str():
                yield from self._string(shape_name, shape, value, path)
            case int():
                yield from self._bounds(shape, value, value, path, "value ")
            case Mapping():
                yield from self._structure(shape, value, path)
            case list() | tuple():
                yield from self._bounds(shape, len(value), value, path, "length ")
                for index, member in enumerate(value, start=1):
                    yield from self.problems(shape["member"]["shape"], member, f"{path}.{index}.member")
            case _:
                return

    def _structure(self, shape: Mapping[str, Any], value: Mapping[str, Any], path: str) -> Iterator[str]:
        required = shape.get("required", ())
        for name, member in shape["members"].items():
            inner = f"{path}.{_lower_first(name)}" if path else _lower_first(name)
            if value.get(name) is not None:
                yield from self.problems(member["shape"], value[name], inner)
            elif name in required:
                yield self._problem(None, inner, "Member must not be null")

    def _string(self, name: str, shape: Mapping[str, Any], value: str, path: str) -> Iterator[str]:
        yield from self._bounds(shape, len(value), value, path, "length ")
        pattern = shape.get("pattern")
        if pattern and name not in _SHAPES_WITHOUT_PATTERN and not _compiled(pattern).fullmatch(value):
            yield self._problem(value, path, f"Member must satisfy regular expression pattern: {pattern}")
        if "enum" in shape and value not in shape["enum"]:
            members = ", ".join(shape["enum"])
            yield self._problem(value, path, f"Member must satisfy enum value set: [{members}]")

    def _bounds(
        self, shape: Mapping[str, Any], size: int, value: object, path: str, noun: str
    ) -> Iterator[str]:
        if "min" in shape and size < shape["min"]:
            yield self._problem(
                value, path, f"Member must have {noun}greater than or equal to {shape['min']}"
            )
        if "max" in shape and size > shape["max"]:
            yield self._problem(value, path, f"Member must have {noun}less than or equal to {shape['max']}")

    def _problem(self, value: object, path: str, constraint: str) -> str:
        shown = "" if not self._prints_values else " null" if value is None else f" '{value}'"
        return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"


@functools.cache
def _model(service: str) -> Mapping[str, Any]:
    model: Mapping[str, Any] = Loader().load_service_model(service, "service-2")
    return model


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    translated = pattern.replace(r"\p{L}", r"\w").replace(r"\p{Z}", _SPACES).replace(r"\p{N}", "")
    # Java's \w and \d are ASCII's; its \p classes are Unicode's.
    return re.compile(translated, re.ASCII if translated == pattern else re.NOFLAG)


def _lower_first(name: str) -> str:
    return name[0].lower() + name[1:]
