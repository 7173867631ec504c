"""The rules by which an operation's actions and resources are told from AWS's own data.

They are conservative: what they cannot tell exactly they leave out, with the reason, for a person to review.
They are written down in docs/decisions/0031-generated-tables.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from watchword.sandbox.tables.names import Names, TypeNames, names_of
from watchword.sandbox.tables.parameters import Parameter, parameters_of
from watchword.sandbox.tables.reference import ReferenceAction, ResourceType, key_types, reference_of
from watchword.sandbox.tables.services import prefix_of_service
from watchword.sandbox.wire import catalog

_REQUEST_TAG, _RESOURCE_TAG = "aws:requesttag/${tagkey}", "aws:resourcetag/${tagkey}"
_SIMPLE_KEYS = frozenset({"String", "Numeric", "Bool"})


class _Untold(Exception):
    """The rules do not tell what an operation needs. The text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the rules tell of a service: entries by operation, and reasons for those that they do not tell."""

    prefix: str
    operations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    undecided: dict[str, str] = field(default_factory=dict)
    uncovered: dict[str, list[str]] = field(default_factory=dict)


def generate(service: str) -> Table:
    """Return the generated table of a service (botocore's name)."""
    prefix, names = prefix_of_service(service), names_of(service)
    table = Table(prefix=prefix)
    for operation in sorted(catalog.operation_names(service)):
        action = reference_of(prefix).get(operation.lower())
        if action is None:
            table.undecided[operation] = "AWS's service reference has no action of this name"
            continue
        parameters = parameters_of(catalog.operation_model(service, operation))
        rules = _Rules(prefix, operation, action, parameters, names)
        try:
            table.operations[operation] = list(rules.entries())
        except _Untold as why:
            table.undecided[operation] = str(why)
            continue
        if rules.passed_unseen():
            table.uncovered[operation] = rules.passed_unseen()
    return table


class _Rules:
    """The rules, for one operation."""

    def __init__(
        self,
        prefix: str,
        operation: str,
        action: ReferenceAction,
        parameters: tuple[Parameter, ...],
        names: Names,
    ) -> None:
        self._prefix = prefix
        self._operation = operation
        self._action = action
        self._parameters = parameters
        self._names = names

    def entries(self) -> Iterator[dict[str, Any]]:
        """Return what must be allowed. Raises _Untold."""
        required = [role.path for role in self._roles() if role.required]
        if required:
            raise _Untold(f"it passes the role in {required[0]}, and is not reviewed yet")
        yield from self._main()
        yield from self._passed()
        yield from self._created_tags()

    def passed_unseen(self) -> list[str]:
        """Return the parameters that name a role of which it is not known who gets it."""
        return sorted({role.path for role in self._roles()})

    def _roles(self) -> list[Parameter]:
        return [each for each in self._parameters if each.is_role and each.name not in self._names.passes]

    def _main(self) -> Iterator[dict[str, Any]]:
        base: dict[str, Any] = {}
        if self._action.name != self._operation:
            base["action"] = f"{self._prefix}:{self._action.name}"
        if not self._action.types:
            yield {**base, "resource": "*"}
            return
        asked: dict[str, dict[str, Any]] = {}
        for resource_type in self._action.types:
            for entry in self._of_type(resource_type):
                asked.setdefault(entry["resource"], {**base, **entry})
        if all("when" in entry for entry in asked.values()):
            raise _Untold("no parameter that every call has names a resource of its types")
        self._refuse_two_readings(asked)
        yield from asked.values()

    def _refuse_two_readings(self, templates: Iterable[str]) -> None:
        """Refuse one parameter that may name either of two types: AWS asks for one of them, not for both."""
        paths = [path for template in templates for path in re.findall(r"\$\{([^}|]+)\|", template)]
        twice = {path for path in paths if paths.count(path) > 1}
        if twice:
            raise _Untold(f"{', '.join(sorted(twice))} may name resources of several types")

    def _of_type(self, resource_type: ResourceType) -> Iterator[dict[str, Any]]:
        if self._is_created(resource_type):
            yield {"resource": _starred(resource_type), **self._keys(resource_type)}
            return
        reviewed = self._names.types.get(resource_type.key, TypeNames())
        naming = [each for each in self._parameters if self._names_it(each, resource_type, reviewed)]
        required = resource_type.required and resource_type.key not in self._names.named_only
        if required and not any(each.required for each in naming):
            raise _Untold(f"no parameter that every call has names the {resource_type.key}")
        if not naming and resource_type.key not in self._names.without.get(self._operation, ()):
            raise _Untold(f"no parameter names the {resource_type.key} that it may be about")
        for parameter in naming:
            entry = {"resource": _template(resource_type, parameter, reviewed, self._names.filter)}
            yield entry if parameter.required else {**entry, "when": parameter.path}

    def _is_created(self, resource_type: ResourceType) -> bool:
        """Tell whether the operation makes the resource: a request may tag it, and it has no tags yet."""
        if resource_type.key in self._names.creates.get(self._operation, ()):
            return True
        keys = resource_type.condition_keys
        created = self._names.created_is_star and _REQUEST_TAG in keys and _RESOURCE_TAG not in keys
        if created and not resource_type.required:
            raise _Untold(f"it may create a {resource_type.key}, and is not reviewed yet")
        return created

    def _names_it(self, parameter: Parameter, resource_type: ResourceType, reviewed: TypeNames) -> bool:
        if parameter.type_name != "string":
            return False
        if reviewed.parameters:
            return parameter.name in reviewed.parameters
        if len(resource_type.names) != 1:
            return False
        name = resource_type.names[0].lower()
        return parameter.name.lower() in (name, f"{name}s", f"{name}arn")

    def _keys(self, resource_type: ResourceType) -> dict[str, Any]:
        """Return which parameters carry condition keys of a resource that is being created."""
        types = key_types(self._prefix)
        scalars = {each.path.lower(): each.path for each in self._parameters if each.is_scalar}
        found: dict[str, str] = {}
        for key in sorted(resource_type.condition_keys | self._action.condition_keys):
            named = self._names.keys.get(key, key.partition(":")[2]).lower()
            if types.get(key) in _SIMPLE_KEYS and key.startswith(f"{self._prefix}:") and named in scalars:
                found[key] = scalars[named]
        return {"keys": found} if found else {}

    def _passed(self) -> Iterator[dict[str, Any]]:
        for parameter in self._parameters:
            if parameter.is_role and parameter.name in self._names.passes:
                yield {
                    "action": "iam:PassRole",
                    "resource": f"${{{parameter.path}|role_arn}}",
                    **({} if parameter.required else {"when": parameter.path}),
                    "context": {"iam:PassedToService": self._names.passes[parameter.name]},
                }

    def _created_tags(self) -> Iterator[dict[str, Any]]:
        """EC2: tags of what is created need CreateTags on it.

        Source: EC2 User Guide, supported-iam-actions-tagging.
        """
        if self._prefix == "ec2" and any(
            each.path == "TagSpecifications[].ResourceType" for each in self._parameters
        ):
            yield {
                "action": "ec2:CreateTags",
                "resource": "${TagSpecifications[].ResourceType|ec2_created}",
                "when": "TagSpecifications[].Tags",
                "context": {"ec2:CreateAction": "${Operation}"},
            }


def _starred(resource_type: ResourceType) -> str:
    head = resource_type.arn
    for name in resource_type.names:
        head = head.replace(f"${{{name}}}", "*")
    return head


def _template(resource_type: ResourceType, parameter: Parameter, reviewed: TypeNames, usual: str) -> str:
    arn = reviewed.arn or resource_type.arn
    for name in resource_type.names:
        arn = arn.replace(f"${{{name}}}", "${}")
    if arn.count("${}") != 1:
        raise _Untold(f"the ARN of a {resource_type.key} has several names in it")
    return arn.replace("${}", f"${{{parameter.path}|{reviewed.filter or usual}}}")
