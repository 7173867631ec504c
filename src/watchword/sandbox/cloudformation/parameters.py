"""The parameters of a template: what was given, what stands in for it, and what does not do.

Source: AWS CloudFormation User Guide, parameters-section-structure and
cloudformation-supplied-parameter-types.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from watchword.sandbox.cloudformation.refusals import format_error, validation_error
from watchword.sandbox.cloudformation.template import Template

_FROM_STORE: Final = "AWS::SSM::Parameter::Value<"
_HIDDEN: Final = "****"
_PLAIN: Final = frozenset({"String", "Number", "CommaDelimitedList", "List<Number>"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The parameters of one stack: `given` as text, by name; `values` as the template's functions see them.

    `resolved` are the texts that were read in the Parameter Store for those of such a type.
    """

    given: Mapping[str, str]
    values: Mapping[str, Any]
    resolved: Mapping[str, str]


def resolve_parameters(
    template: Template,
    given: Sequence[Mapping[str, Any]],
    *,
    previous: Mapping[str, str],
    stored: Callable[[Sequence[str]], Mapping[str, str]],
) -> Parameters:
    """Return the parameters of a call. `given` is its `Parameters`; `previous` are those of the stack.

    `stored` reads names of the Parameter Store. Raises AwsError (ValidationError).
    """
    declared = template.section("Parameters")
    asked = _asked(given, previous)
    unknown = [key for key in asked if key not in declared]
    if unknown:
        raise validation_error(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    asked = {**_defaults(declared), **asked}
    missing = [name for name in declared if name not in asked]
    if missing:
        raise validation_error(f"Parameters: [{', '.join(missing)}] must have values")
    for name, declaration in declared.items():
        _check(name, declaration, asked[name])
    kept = {name: asked[name] for name in declared}
    wanted = {name: text for name, text in kept.items() if declared[name]["Type"].startswith(_FROM_STORE)}
    read = stored(tuple(wanted.values())) if wanted else {}
    resolved = {name: read[text] for name, text in wanted.items()}
    values = {name: _value(declared[name]["Type"], resolved.get(name, text)) for name, text in kept.items()}
    return Parameters(given=kept, values=values, resolved=resolved)


def _asked(given: Sequence[Mapping[str, Any]], previous: Mapping[str, str]) -> dict[str, str]:
    asked: dict[str, str] = {}
    for each in given:
        key = str(each.get("ParameterKey", ""))
        if each.get("UsePreviousValue"):
            if each.get("ParameterValue"):
                raise validation_error(
                    f"Invalid input for parameter key {key}. Cannot specify usePreviousValue as true and non "
                    "empty value for a parameter"
                )
            if key in previous:
                asked[key] = previous[key]
        elif "ParameterValue" in each:
            asked[key] = str(each["ParameterValue"])
    return asked


def _defaults(declared: Mapping[str, Any]) -> dict[str, str]:
    for name, declaration in declared.items():
        if not isinstance(declaration, Mapping) or not isinstance(declaration.get("Type"), str):
            raise format_error(f"Every Parameters object must contain a Type member. ({name})")
    return {name: _as_text(said["Default"]) for name, said in declared.items() if "Default" in said}


def hidden(template: Template, parameters: Parameters) -> tuple[str, ...]:
    """Return the values that the template wants no echo of."""
    return tuple(text for name, text in parameters.given.items() if text and _is_hidden(template, name))


def _is_hidden(template: Template, name: str) -> bool:
    said = template.section("Parameters").get(name, {})
    return str(said.get("NoEcho", "")).lower() == "true"


def shown(template: Template, parameters: Parameters) -> list[dict[str, str]]:
    """Return the `Parameters` of DescribeStacks: hidden where the template wants no echo."""
    found = []
    for name, text in parameters.given.items():
        told = _HIDDEN if _is_hidden(template, name) else text
        entry = {"ParameterKey": name, "ParameterValue": told}
        if name in parameters.resolved:
            entry["ResolvedValue"] = parameters.resolved[name]
        found.append(entry)
    return found


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _value(kind: str, text: str) -> object:
    inner = kind.removeprefix(_FROM_STORE).removesuffix(">") if kind.startswith(_FROM_STORE) else kind
    if inner == "CommaDelimitedList" or inner.startswith("List<"):
        return [part.strip() for part in text.split(",")] if text else []
    return text


def _check(name: str, declaration: Mapping[str, Any], text: str) -> None:
    kind = declaration["Type"]
    if kind not in _PLAIN and not kind.startswith(("AWS::", "List<AWS::")):
        raise format_error(f"Unrecognized parameter type: {kind}")
    allowed = declaration.get("AllowedValues")
    parts = text.split(",") if kind in {"CommaDelimitedList", "List<Number>"} else [text]
    if allowed is not None and not {part.strip() for part in parts} <= {_as_text(each) for each in allowed}:
        one_of = ", ".join(_as_text(each) for each in allowed)
        raise validation_error(
            (
                declaration.get("ConstraintDescription")
                and f"Parameter {name} failed to satisfy constraint: {declaration['ConstraintDescription']}"
            )
            or f"Parameter '{name}' must be one of AllowedValues [{one_of}]"
        )
    if kind in {"Number", "List<Number>"}:
        for part in parts:
            _check_number(name, declaration, part.strip())
        return
    pattern = declaration.get("AllowedPattern")
    if pattern is not None and not _matches(str(pattern), text):
        raise _unmet(name, declaration, f"must match pattern {pattern}")
    if len(text) < int(declaration.get("MinLength", 0)):
        raise _unmet(name, declaration, f"must contain at least {declaration['MinLength']} characters")
    if "MaxLength" in declaration and len(text) > int(declaration["MaxLength"]):
        raise _unmet(name, declaration, f"must contain at most {declaration['MaxLength']} characters")


def _check_number(name: str, declaration: Mapping[str, Any], text: str) -> None:
    try:
        number = float(text)
    except ValueError:
        raise validation_error(f"Parameter '{name}' must be a number.") from None
    if "MinValue" in declaration and number < float(declaration["MinValue"]):
        raise _unmet(name, declaration, f"must be a number not less than {declaration['MinValue']}")
    if "MaxValue" in declaration and number > float(declaration["MaxValue"]):
        raise _unmet(name, declaration, f"must be a number not greater than {declaration['MaxValue']}")


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        raise format_error(f"the pattern {pattern} is no regular expression") from None


def _unmet(name: str, declaration: Mapping[str, Any], problem: str) -> Exception:
    told = declaration.get("ConstraintDescription")
    if told:
        return validation_error(f"Parameter {name} failed to satisfy constraint: {told}")
    return validation_error(f"Parameter '{name}' {problem}")
