"""The functions of templates: values of what a template says, for one stack.

Source: AWS CloudFormation User Guide, intrinsic-function-reference and pseudo-parameter-reference.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from watchword.sandbox.cloudformation.refusals import template_error, validation_error
from watchword.sandbox.wire.error import SandboxRefusal

_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]*)\}")
_DYNAMIC: Final = re.compile(r"\{\{\s*resolve:")


class _NoValue:
    """What `AWS::NoValue` leaves: nothing at all."""


NO_VALUE: Final = _NoValue()
PSEUDO: Final = frozenset(
    {
        "AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue", "AWS::Partition", "AWS::Region",
        "AWS::StackId", "AWS::StackName", "AWS::URLSuffix",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Functions:
    """What the functions of one stack's template look things up in.

    `values` are the parameters and pseudo parameters; `conditions` and `mappings` the template's sections.
    `ref` and `attribute` are asked for resources, `exported` for exports of other stacks, `zones` for the
    availability zones of a region: they call services, or raise.
    """

    values: Mapping[str, Any]
    mappings: Mapping[str, Any]
    conditions: Mapping[str, Any]
    resources: frozenset[str]
    ref: Callable[[str], object]
    attribute: Callable[[str, str], object]
    exported: Callable[[str], str]
    zones: Callable[[str], list[str]]
    _asked: list[str] = field(default_factory=list)

    def condition(self, name: object) -> bool:
        """Return whether a condition of the template holds. Raises AwsError when there is none such."""
        if not isinstance(name, str) or name not in self.conditions:
            raise template_error(f"unresolved condition dependency {name} in the template")
        if name in self._asked:
            raise template_error(f"circular dependency in conditions: {name}")
        self._asked.append(name)
        try:
            return self._holds(self.conditions[name])
        finally:
            self._asked.pop()

    def _holds(self, expression: object) -> bool:
        match called(expression):
            case ("Condition", str(name)):
                return self.condition(name)
            case ("Fn::Equals", [left, right]):
                return _as_compared(self.value(left)) == _as_compared(self.value(right))
            case ("Fn::Not", [inner]):
                return not self._holds(inner)
            case ("Fn::And", list(parts)) if 2 <= len(parts) <= 10:
                return all(self._holds(part) for part in parts)
            case ("Fn::Or", list(parts)) if 2 <= len(parts) <= 10:
                return any(self._holds(part) for part in parts)
        raise template_error("every Condition member must be a string, or a function of conditions.")

    def value(self, said: object) -> Any:  # noqa: ANN401 - whatever YAML can say
        """Return the value of something in the template. Raises AwsError where AWS refuses the template."""
        if isinstance(said, list):
            return [each for each in (self.value(item) for item in said) if each is not NO_VALUE]
        if isinstance(said, str):
            if _DYNAMIC.search(said):
                raise SandboxRefusal("dynamic references (`{{resolve:…}}`) are not resolved here")
            return said
        if not isinstance(said, Mapping):
            return said
        function = called(said)
        if function is not None:
            return self._called(*function)
        pairs = ((str(key), self.value(item)) for key, item in said.items())
        return {key: item for key, item in pairs if item is not NO_VALUE}

    def _called(self, name: str, given: Any) -> Any:  # noqa: ANN401, C901 - one line a function
        match name, given:
            case "Ref", str(target):
                return self._ref(target)
            case "Fn::GetAtt", [str(resource), attribute]:
                return self._attribute(resource, str(self.value(attribute)))
            case "Fn::GetAtt", str(both) if "." in both:
                return self._attribute(*both.split(".", 1))
            case "Fn::If", [condition, yes, no]:
                return self.value(yes if self.condition(condition) else no)
            case "Fn::Sub", str(text):
                return self._sub(text, {})
            case "Fn::Sub", [str(text), Mapping() as names]:
                return self._sub(text, {str(key): self.value(item) for key, item in names.items()})
            case "Fn::Join", [str(by), items]:
                return by.join(_text(item) for item in _listed(self.value(items), name))
            case "Fn::Split", [str(by), text]:
                return _text(self.value(text)).split(by)
            case "Fn::Select", [index, items]:
                return _selected(self.value(index), _listed(self.value(items), name))
            case "Fn::FindInMap", [map_name, first, second]:
                return self._found_in_map(*(str(self.value(each)) for each in (map_name, first, second)))
            case "Fn::ImportValue", export:
                return self.exported(_text(self.value(export)))
            case "Fn::GetAZs", region:
                return self.zones(str(self.value(region) or self.values["AWS::Region"]))
            case "Fn::Base64", text:
                return base64.b64encode(_text(self.value(text)).encode()).decode()
            case "Fn::Cidr", [block, count, *bits]:
                return _networks(self.value(block), self.value(count), *(self.value(each) for each in bits))
            case _ if name in {"Fn::And", "Fn::Equals", "Fn::Not", "Fn::Or", "Condition"}:
                return self._holds({name: given})
        if name == "Fn::Transform":
            raise SandboxRefusal("`Fn::Transform` is refused: macros and transforms are not run")
        raise template_error(f"every {name} object must have the arguments that it takes.")

    def _ref(self, name: str) -> Any:  # noqa: ANN401
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.values:
            return self.values[name]
        if name in self.resources:
            return self.ref(name)
        raise _unresolved(name)

    def _attribute(self, resource: str, attribute: str) -> Any:  # noqa: ANN401
        if resource not in self.resources:
            raise template_error(f"instance of Fn::GetAtt references undefined resource {resource}")
        return self.attribute(resource, attribute)

    def _sub(self, text: str, names: Mapping[str, Any]) -> str:
        def substituted(match: re.Match[str]) -> str:
            literal, name = match[1], match[2].strip()
            if literal:
                return f"${{{match[2]}}}"
            if name in names:
                return _text(names[name])
            if "." in name:
                return _text(self._attribute(*name.split(".", 1)))
            return _text(self._ref(name))

        return str(self.value(_VARIABLE.sub(substituted, text)))

    def _found_in_map(self, name: str, first: str, second: str) -> Any:  # noqa: ANN401
        found: object = self.mappings
        for key in (name, first, second):
            # YAML reads account numbers as numbers.
            by_text = (
                {str(each): value for each, value in found.items()} if isinstance(found, Mapping) else {}
            )
            if key not in by_text:
                raise template_error(f"Unable to get mapping for {name}::{first}::{second}")
            found = by_text[key]
        return self.value(found)


def dependencies(said: object, functions: Functions) -> Iterator[str]:  # noqa: C901 - one case a function
    """Yield the logical IDs that a part of a template needs; of a `Fn::If`, the branch that is taken."""
    if isinstance(said, list):
        for item in said:
            yield from dependencies(item, functions)
    if not isinstance(said, Mapping):
        return
    match called(said):
        case ("Ref", str(name)):
            if name not in functions.values and name not in PSEUDO:
                yield name
        case ("Fn::GetAtt", [str(name), *_]):
            yield name
        case ("Fn::GetAtt", str(both)):
            yield both.partition(".")[0]
        case ("Fn::If", [condition, yes, no]):
            yield from dependencies(yes if functions.condition(condition) else no, functions)
        case ("Fn::Sub", given):
            yield from _in_text(given, functions)
        case _:
            for item in said.values():
                yield from dependencies(item, functions)


def _in_text(given: object, functions: Functions) -> Iterator[str]:
    text, names = (given, {}) if isinstance(given, str) else (*given, {})[:2]  # type: ignore[misc]
    for literal, name in _VARIABLE.findall(str(text)):
        target = name.strip().partition(".")[0]
        known = name.strip() in names or target in functions.values or target in PSEUDO
        if not literal and not known:
            yield target
    yield from dependencies(list(names.values()) if isinstance(names, Mapping) else [], functions)


def called(said: object) -> tuple[str, Any] | None:
    """Return the function that a part of a template calls, with what it is given; None when it calls none."""
    if isinstance(said, Mapping) and len(said) == 1:
        name = next(iter(said))
        if isinstance(name, str) and (name in {"Ref", "Condition"} or name.startswith("Fn::")):
            # A property may be called Condition; as a function it names one.
            as_function = name != "Condition" or isinstance(said[name], str)
            return (name, said[name]) if as_function else None
    return None


def _unresolved(name: str) -> Exception:
    return validation_error(
        f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the "
        "template"
    )


def _as_compared(value: object) -> object:
    return _text(value) if isinstance(value, str | int | float | bool) else value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(each) for each in value)
    if isinstance(value, Mapping) or value is None or value is NO_VALUE:
        raise template_error("a string is expected where the template has an object")
    return str(value)


def _listed(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise template_error(f"{name} requires a list of values.")
    return value


def _selected(index: object, items: list[Any]) -> Any:  # noqa: ANN401
    try:
        at = int(str(index))
    except ValueError:
        raise template_error("Fn::Select requires a valid non-null index.") from None
    if not 0 <= at < len(items):
        raise template_error("Fn::Select cannot select nonexistent value at index " + str(at))
    return items[at]


def _networks(block: object, count: object, bits: object = 6) -> list[str]:
    """Source: intrinsic-function-reference-cidr (`cidrBits` is the inverse of the mask; count 1 to 256)."""
    try:
        network = ipaddress.ip_network(str(block), strict=False)
        wanted, prefix = int(str(count)), network.max_prefixlen - int(str(bits))
        found = [str(each) for each in itertools.islice(network.subnets(new_prefix=prefix), min(wanted, 256))]
    except ValueError:
        found, wanted = [], 0
    if found and len(found) == wanted:
        return found
    raise template_error("Fn::Cidr must have valid arguments: a block, a count and the number of bits.")
