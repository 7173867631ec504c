"""The shape of a scenario: held against the published schema, every problem said in our words."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from watchword.account.written import Written
from watchword.errors import short
from watchword.sandbox.scenario.errors import ScenarioProblem

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

SCHEMA: Final = "watchword/sandbox-scenario/v1"
_FILE: Final = "scenario.v1.schema.json"
_TYPES: Final = {
    "object": "a mapping of names",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "boolean": "`true` or `false`",
}


def schema_text() -> str:
    """Return the JSON Schema of a scenario, as it is published."""
    return resources.files(__package__).joinpath(_FILE).read_text(encoding="utf-8")


@functools.cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json.loads(schema_text()))


def shape_problems(written: Written) -> list[ScenarioProblem]:
    """Return everything in which a file is not as the schema says, and leave only what is in its value."""
    errors = list(_validator().iter_errors(written.value))
    problems = [problem for error in errors for problem in _problems(error, written)]
    while errors:
        for error in errors:
            _leave_out(error, written)
        errors = list(_validator().iter_errors(written.value))
    return problems


def _leave_out(error: ValidationError, written: Written) -> None:
    """Take what is wrong out of the value, so that the rest can be looked at."""
    if "propertyNames" in error.absolute_schema_path:
        paths = [(*error.absolute_path, error.instance)]
    elif error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        paths = [(*error.absolute_path, name) for name in error.instance if name not in known]
    else:
        paths = [tuple(error.absolute_path)]
    for path in paths:
        # A whole list goes: what follows in it would have another place.
        steps = list(itertools.takewhile(lambda step: isinstance(step, str), path))
        if not steps:
            written.value = {}
            break
        holder: Any = written.value
        for step in steps[:-1]:
            holder = holder.get(step, {})
        holder.pop(steps[-1], None)
    written.value.setdefault("schema", SCHEMA)


def _problems(error: ValidationError, written: Written) -> Iterator[ScenarioProblem]:
    path = tuple(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        yield written.problem((*path, error.instance), _text_of(error), key=True)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(error, written)
    elif error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        or_file = ", or `file`" if missing == "Statement" else ""
        yield written.problem(path, f"expected `{missing}`{or_file}", key=True)
    else:
        yield written.problem(path, _text_of(error))


def _unknown_keys(error: ValidationError, written: Written) -> Iterator[ScenarioProblem]:
    known = error.schema.get("properties", {})
    expected = ", ".join(f"`{name}`" for name in known)
    for name in error.instance:
        if name not in known:
            path = (*error.absolute_path, name)
            yield written.problem(path, f"`{short(name)}` is not known here: expected {expected}", key=True)


def _text_of(error: ValidationError) -> str:
    value = error.validator_value
    texts: Mapping[str, Callable[[], str]] = {
        "type": lambda: _wrong_type(str(value), error.instance),
        "const": lambda: f"expected `{value}`",
        "pattern": lambda: f"`{short(str(error.instance))}` is not allowed: expected {_described(error)}",
        "maxItems": lambda: f"expected at most {value}",
        "maxProperties": lambda: f"expected {value} key, found {len(error.instance)}",
        "minProperties": lambda: f"expected one of {_keys(error)}",
        "minimum": lambda: f"expected {value} or more, found {error.instance}",
        "maximum": lambda: f"expected {value} or less, found {error.instance}",
        "minLength": lambda: "expected some text, found none",
        "maxLength": lambda: f"expected at most {value} characters, found {len(error.instance)}",
        "uniqueItems": lambda: "expected each name once",
    }
    return texts[str(error.validator)]()


def _wrong_type(expected: str, instance: Any) -> str:  # noqa: ANN401 - whatever stands there
    wanted = _TYPES[expected]
    if expected == "string" and isinstance(instance, int):
        return f"expected {wanted}, found `{json.dumps(instance)}`: put it in quotes"
    match instance:
        case None:
            found = "nothing"
        case dict():
            found = "a mapping"
        case list():
            found = "a list"
        case _:
            found = f"`{short(str(instance))}`"
    return f"expected {wanted}, found {found}"


def _described(error: ValidationError) -> str:
    described = error.schema.get("description")
    pattern = f"`{error.validator_value}`"
    return pattern if described is None else f"{pattern} ({described[0].lower()}{described[1:].rstrip('.')})"


def _keys(error: ValidationError) -> str:
    return ", ".join(f"`{name}`" for name in error.schema.get("properties", {}))
