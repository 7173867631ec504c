"""The rules of a template: what must be true of its parameters before anything is made.

Source: AWS CloudFormation User Guide, rules-section-structure and intrinsic-function-reference-rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from watchword.sandbox.cloudformation.functions import Functions, called
from watchword.sandbox.cloudformation.refusals import format_error, rule_failed, template_error
from watchword.sandbox.cloudformation.template import Template
from watchword.sandbox.wire.error import SandboxRefusal

_NOT_HERE = frozenset({"Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll"})


def check_rules(template: Template, functions: Functions) -> None:
    """Raise AwsError for the first assertion that does not hold, or for a rule that is none."""
    of_parameters = replace(functions, resources=frozenset(), mappings={}, conditions={})
    for name, rule in template.section("Rules").items():
        if not isinstance(rule, Mapping) or not isinstance(rule.get("Assertions"), list):
            raise format_error(f"[/Rules/{name}] Every Rules object must contain Assertions.")
        if "RuleCondition" in rule and not _holds(rule["RuleCondition"], of_parameters):
            continue
        for assertion in rule["Assertions"]:
            if not isinstance(assertion, Mapping) or "Assert" not in assertion:
                raise format_error(f"[/Rules/{name}/Assertions] Every assertion must contain Assert.")
            if not _holds(assertion["Assert"], of_parameters):
                raise rule_failed(str(name), str(assertion.get("AssertDescription", "")))


def _holds(said: object, functions: Functions) -> bool:
    function = called(said)
    if function is not None and function[0] in _NOT_HERE:
        raise SandboxRefusal(f"`{function[0]}` in a rule is refused: it is not there yet")
    match function:
        case ("Fn::And", list(parts)) if 2 <= len(parts) <= 10:
            return all(_holds(part, functions) for part in parts)
        case ("Fn::Or", list(parts)) if 2 <= len(parts) <= 10:
            return any(_holds(part, functions) for part in parts)
        case ("Fn::Not", [part]):
            return not _holds(part, functions)
        case ("Fn::Equals", [left, right]):
            return _text(left, functions) == _text(right, functions)
        case ("Fn::Contains", [items, item]):
            return _text(item, functions) in _texts(items, functions)
        case ("Fn::EachMemberIn", [items, others]):
            return set(_texts(items, functions)) <= set(_texts(others, functions))
        case ("Fn::EachMemberEquals", [items, item]):
            return set(_texts(items, functions)) <= {_text(item, functions)}
    raise template_error("an assertion must be a function of rules with the arguments that it takes.")


def _texts(said: object, functions: Functions) -> list[str]:
    value = functions.value(said)
    if not isinstance(value, list):
        raise template_error("a function of rules requires a list of strings.")
    return [_as_text(each) for each in value]


def _text(said: object, functions: Functions) -> str:
    return _as_text(functions.value(said))


def _as_text(value: Any) -> str:  # noqa: ANN401 - whatever YAML can say
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise template_error("a function of rules requires strings.")
