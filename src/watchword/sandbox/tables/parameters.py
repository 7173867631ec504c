"""The parameters of an operation in botocore's model: where they stand, and which every call has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

_DEEPEST = 6
_ROLE = re.compile(r"(?i)(role|rolearn|rolename|iaminstanceprofile|instanceprofile(arn|name)?)$")
_SCALARS = frozenset({"string", "integer", "long", "boolean", "float", "double"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. `path` is as `authorise.resource` reads it (`NetworkInterfaces[].SubnetId`).

    `name` is the last name in the path; `required` says that every call has it.
    """

    path: str
    name: str
    type_name: str
    required: bool

    @property
    def is_scalar(self) -> bool:
        """Whether it is one value."""
        return self.type_name in _SCALARS and "[]" not in self.path

    @property
    def is_role(self) -> bool:
        """Whether it names a role that somebody else will use."""
        return _ROLE.search(self.name) is not None


def parameters_of(model: OperationModel) -> tuple[Parameter, ...]:
    """Return all parameters of an operation, at any depth; a list of texts has the path `Names[]`."""
    shape = model.input_shape
    return () if shape is None else tuple(_members(shape, "", required=True, seen=()))


def _members(shape: Shape, path: str, *, required: bool, seen: tuple[str, ...]) -> Iterator[Parameter]:
    if not isinstance(shape, StructureShape) or shape.name in seen or len(seen) > _DEEPEST:
        return
    for name, member in shape.members.items():
        must = required and name in shape.required_members
        yield from _member(name, member, f"{path}.{name}" if path else name, must, (*seen, shape.name))


def _member(name: str, shape: Shape, path: str, required: bool, seen: tuple[str, ...]) -> Iterator[Parameter]:
    while isinstance(shape, ListShape):
        shape, path = shape.member, f"{path}[]"
    if isinstance(shape, MapShape):
        return
    yield Parameter(path=path, name=name, type_name=shape.type_name, required=required)
    yield from _members(shape, path, required=required, seen=seen)
