"""A template: read from YAML or JSON without running anything of it, and held against the form of templates.

Source: AWS CloudFormation User Guide, template-formats and template-anatomy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import yaml

from watchword.sandbox.cloudformation.refusals import format_error, validation_error
from watchword.sandbox.wire.error import SandboxRefusal

MOST_CHARACTERS: Final = 51_200
MOST_CHARACTERS_FROM_S3: Final = 1_000_000
_SECTIONS: Final = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Hooks",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
        "Transform",
    }
)
_NOT_RUN: Final = {
    "Transform": "macros and transforms are not run",
    "Hooks": "hooks are not run",
}
_OF_A_RESOURCE: Final = frozenset(
    {
        "Condition",
        "CreationPolicy",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    }
)
_WAITS: Final = ("CreationPolicy", "UpdatePolicy")
_POLICIES: Final = frozenset({"Delete", "Retain", "Snapshot", "RetainExceptOnCreate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that has the form of one. `text` is as it was given, `body` what it says."""

    text: str
    body: Mapping[str, Any]

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """The resources by logical ID, in the order of the template."""
        return self.section("Resources")

    @property
    def description(self) -> str | None:
        """What the template says of itself."""
        found = self.body.get("Description")
        return None if found is None else str(found)

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a section that maps names; empty when it is not there."""
        found = self.body.get(name)
        return found if isinstance(found, Mapping) else {}


def read_template(text: str, *, most: int = MOST_CHARACTERS) -> Template:
    """Read a template of at most `most` characters.

    Raises AwsError (ValidationError) when it is none, and SandboxRefusal for what the sandbox does not run.
    """
    if not 1 <= len(text) <= most:
        raise validation_error(
            f"1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
            f"Member must have length less than or equal to {most}"
            if text
            else "Either Template URL or Template Body must be specified."
        )
    try:
        body = _as_json(text) if text.lstrip().startswith("{") else _as_yaml(text)
    except RecursionError:
        raise format_error("the template is nested too deeply") from None
    if not isinstance(body, Mapping):
        raise format_error("unsupported structure.")
    _check_sections(body)
    for name, resource in body["Resources"].items():
        _check_resource(str(name), resource)
    return Template(text=text, body=body)


def _check_sections(body: Mapping[str, Any]) -> None:
    unknown = [str(name) for name in body if name not in _SECTIONS]
    if unknown:
        raise validation_error(f"Invalid template property or properties [{', '.join(unknown)}]")
    for name in ("Conditions", "Mappings", "Outputs", "Parameters", "Resources", "Rules"):
        if name in body and not isinstance(body[name], Mapping):
            raise format_error(f"{name} must be an object.")
    if not body.get("Resources"):
        raise format_error("At least one Resources member must be defined.")
    for name, reason in _NOT_RUN.items():
        if body.get(name):
            raise SandboxRefusal(f"`{name}` in a template is refused: {reason}")


def _check_resource(name: str, resource: object) -> None:
    if not (name.isascii() and name.isalnum()):
        raise format_error(f"Resource name {name} is non alphanumeric.")
    if not isinstance(resource, Mapping):
        raise format_error("[/Resources] resource definition is malformed")
    unknown = [str(key) for key in resource if key not in _OF_A_RESOURCE]
    if unknown:
        raise validation_error(f"Invalid template resource property '{unknown[0]}'")
    if not isinstance(resource.get("Type"), str):
        raise format_error(f"[/Resources/{name}] Every Resources object must contain a Type member.")
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        wanted = resource.get(policy)
        if wanted is not None and wanted not in _POLICIES:
            raise format_error(f"Unrecognized {policy} {wanted} for resource {name}")
    for waits in _WAITS:
        if resource.get(waits):
            raise SandboxRefusal(f"{waits} of `{name}` is refused: nothing sends signals here")


# --- the two ways to write one --------------------------------------------------------------------


def _as_json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        at = (
            f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise format_error(f"JSON not well-formed.{at}") from None


def _as_yaml(text: str) -> object:
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a safe loader, with CloudFormation's tags
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise format_error(f"YAML not well-formed.{at}") from None
    except yaml.YAMLError:
        raise format_error("YAML not well-formed.") from None
    except ValueError as error:
        raise format_error(str(error)) from None


class _Loader(yaml.SafeLoader):
    """YAML as CloudFormation reads it: no aliases, no merges, no dates, and short forms of functions.

    Source: template-formats ("AWS CloudFormation supports the YAML Version 1.1 specification with a few
    exceptions").
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise ValueError("YAML aliases are not allowed in CloudFormation templates")
        return super().compose_node(parent, index)


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge"}
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_SHORT_FORMS: Final = frozenset(
    {
        "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap",
        "GetAZs", "GetAtt", "If", "ImportValue", "Join", "Not", "Or", "RefAll", "Select", "Split", "Sub",
        "Transform", "ValueOf", "ValueOfAll",
    }
)  # fmt: skip


def _short_form(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type] # there is no fourth kind
    if name in {"Ref", "Condition"}:
        return {name: value}
    if name not in _SHORT_FORMS:
        raise ValueError(f"!{name[:64]} is no function")
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _short_form)
