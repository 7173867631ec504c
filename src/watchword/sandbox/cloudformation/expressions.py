"""What the tables of types say about values: JMESPath, with some functions of our own."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

import jmespath  # type: ignore[import-untyped]
from jmespath import functions as jmespath_functions

Expression: TypeAlias = Any
"""A compiled expression: the package has no types."""


class _Functions(jmespath_functions.Functions):  # type: ignore[misc] # the package has no types
    """Functions for the tables, beside JMESPath's own."""

    @jmespath_functions.signature({"types": []})  # type: ignore[untyped-decorator]
    def _func_json(self, value: object) -> str | None:
        """Return a document as text; text stays as it is, and nothing stays nothing."""
        return value if value is None or isinstance(value, str) else json.dumps(value)

    @jmespath_functions.signature({"types": ["object"]}, {"types": ["array"]})  # type: ignore[untyped-decorator]
    def _func_pick(self, properties: Mapping[str, Any], names: list[str]) -> dict[str, Any] | None:
        """Return the named properties that are there; None when none is."""
        return {name: properties[name] for name in names if properties.get(name) is not None} or None

    @jmespath_functions.signature({"types": ["array", "null"]})  # type: ignore[untyped-decorator]
    def _func_mapped(self, tags: list[Mapping[str, Any]] | None) -> dict[str, str] | None:
        """Return tags (`Key`, `Value`) as a map; None when there are none."""
        return {str(tag["Key"]): str(tag.get("Value", "")) for tag in tags} if tags else None

    @jmespath_functions.signature({"types": ["array", "null"]}, {"types": ["array", "null"]})  # type: ignore[untyped-decorator]
    def _func_without(self, items: list[Any] | None, others: list[Any] | None) -> list[Any]:
        """Return the items that are not among the others."""
        return [item for item in items or [] if item not in (others or [])]

    @jmespath_functions.signature({"types": ["array", "null"]})  # type: ignore[untyped-decorator]
    def _func_together(self, items: list[Any] | None) -> list[Any]:
        """Return the items, each once; nothing is left out of what is nothing."""
        return list(dict.fromkeys(item for item in items or [] if item is not None))

    @jmespath_functions.signature({"types": ["array", "null"]}, {"types": ["array", "null"]})  # type: ignore[untyped-decorator]
    def _func_keys_without(self, tags: list[Any] | None, others: list[Any] | None) -> list[str]:
        """Return the keys of tags that the other tags do not have."""
        kept = {str(tag["Key"]) for tag in others or []}
        return [str(tag["Key"]) for tag in tags or [] if str(tag["Key"]) not in kept]

    @jmespath_functions.signature({"types": ["string", "null"]}, {"types": ["string"]}, {"types": ["number"]})  # type: ignore[untyped-decorator]
    def _func_part(self, text: str | None, by: str, index: int) -> str | None:
        """Return one part of a text that is split by another."""
        return None if text is None else text.split(by)[int(index)]

    @jmespath_functions.signature({"types": []}, {"types": []})  # type: ignore[untyped-decorator]
    def _func_if_true(self, condition: object, value: object) -> object:
        """Return the value if the condition is true, and nothing otherwise."""
        return value if condition is True else None

    @jmespath_functions.signature({"types": ["string"]}, {"types": ["string", "null"]})  # type: ignore[untyped-decorator]
    def _func_zipped(self, source: str, runtime: str | None) -> bytes:
        """Return a zip file with the source of a function in it.

        Source: AWS CloudFormation User Guide, aws-properties-lambda-function-code (`ZipFile`: a file index).
        """
        name = "index.js" if (runtime or "").startswith("nodejs") else "index.py"
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(zipfile.ZipInfo(name), source)
        return file.getvalue()

    @jmespath_functions.signature(
        {"types": ["string", "null"]}, {"types": ["string", "null"]}, {"types": ["string"]}
    )  # type: ignore[untyped-decorator]
    def _func_with_key(self, template: str | None, key: str | None, value: str) -> str:
        """Return a JSON object as text with a value added to it; without a key, the value alone.

        Source: AWS CloudFormation User Guide, aws-properties-secretsmanager-secret-generatesecretstring.
        """
        if not key:
            return value
        said = json.loads(template or "{}")
        return json.dumps({**(said if isinstance(said, dict) else {}), key: value})


_OPTIONS = jmespath.Options(custom_functions=_Functions())


@cache
def compiled(text: str) -> Expression:
    """Compile an expression. Raises `jmespath.exceptions.ParseError` for one that is none."""
    return jmespath.compile(text)


def evaluated(expression: Expression, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON
    """Return the value of an expression over `scope`; None when it finds nothing."""
    return expression.search(scope, options=_OPTIONS)
