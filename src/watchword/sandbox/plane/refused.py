"""What the sandbox refuses to run, whoever may call it: the reviewed list in `refused.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.operation import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOperations:
    """Operations of a service, by name or pattern, and why they are refused."""

    service: str
    operations: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedParameter:
    """Parameters that may only have an `allowed` value, except in `except_services`."""

    names: tuple[str, ...]
    allowed: tuple[str, ...]
    except_services: tuple[str, ...]
    reason: str


def refuse_unsafe(operation: Operation) -> None:
    """Raise SandboxRefusal, with the reason, for what the sandbox does not run."""
    for entry in refused_operations():
        if entry.service == operation.service and any(
            fnmatchcase(operation.name, pattern) for pattern in entry.operations
        ):
            raise SandboxRefusal(f"{operation.service}:{operation.name} is refused: {entry.reason}")
    for parameter in refused_parameters():
        if operation.service not in parameter.except_services:
            _check_parameter(operation, parameter)


def _check_parameter(operation: Operation, parameter: RefusedParameter) -> None:
    for name in parameter.names:
        value = _at(name, operation.params)
        if value not in (None, "", [], {}) and str(value) not in parameter.allowed:
            raise SandboxRefusal(
                f"{operation.service}:{operation.name} with {name} is refused: {parameter.reason}"
            )


def _at(name: str, params: Mapping[str, Any]) -> object:
    """Return the value of `Name`, of `Outer.Inner`, or of `Name=value` when it has that value."""
    path, _, wanted = name.partition("=")
    value: object = params
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if not wanted or value == wanted else None


@cache
def refused_operations() -> tuple[RefusedOperations, ...]:
    """Return the list of refused operations."""
    return tuple(
        RefusedOperations(
            service=entry["service"], operations=tuple(entry["operations"]), reason=entry["reason"]
        )
        for entry in _table()["refuse"]
    )


@cache
def refused_parameters() -> tuple[RefusedParameter, ...]:
    """Return the list of refused parameters."""
    return tuple(
        RefusedParameter(
            names=tuple(entry["names"]),
            allowed=tuple(entry.get("allowed", ())),
            except_services=tuple(entry["except_services"]),
            reason=entry["reason"],
        )
        for entry in _table()["parameter"]
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("refused.toml").read_text(encoding="utf-8"))
