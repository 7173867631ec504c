"""What the sandbox refuses to run, whoever may call it: the reviewed list in `refused.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
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
    """Parameters that may only have an `allowed` value.

    So it is in `services`, or in all of them if there are none, but for `except_services`.
    """

    names: tuple[str, ...]
    allowed: tuple[str, ...]
    except_services: tuple[str, ...]
    reason: str
    services: tuple[str, ...] = ()


def refuse_unsafe(operation: Operation) -> None:
    """Raise SandboxRefusal, with the reason, for what the sandbox does not run."""
    reason = _why_refused(operation.service, operation.name)
    if reason is not None:
        raise SandboxRefusal(f"{operation.service}:{operation.name} is refused: {reason}")
    for path, wanted, parameter in _paths_of(operation.service):
        if path[0] not in operation.params:  # as nearly always: it is asked of every call
            continue
        for value in _values(path, operation.params):
            if value in (None, "", [], {}) or str(value) in parameter.allowed or wanted not in ("", value):
                continue
            raise SandboxRefusal(
                f"{operation.service}:{operation.name} with {'.'.join(path)} is refused: {parameter.reason}"
            )


def _values(path: tuple[str, ...], value: object) -> Iterator[object]:
    """Yield what stands at a path; through a list it leads into each element."""
    if not path:
        yield value
    elif isinstance(value, Mapping):
        if path[0] in value:
            yield from _values(path[1:], value[path[0]])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _values(path, each)


@cache
def _why_refused(service: str, name: str) -> str | None:
    for entry in refused_operations():
        if entry.service == service and any(fnmatchcase(name, pattern) for pattern in entry.operations):
            return entry.reason
    return None


@cache
def _paths_of(service: str) -> tuple[tuple[tuple[str, ...], str, RefusedParameter], ...]:
    """Return the refused parameters of a service: `Name`, `Outer.Inner`, or `Name=value` for that value."""
    return tuple(
        (tuple(name.partition("=")[0].split(".")), name.partition("=")[2], parameter)
        for parameter in refused_parameters()
        if service not in parameter.except_services and service in (parameter.services or (service,))
        for name in parameter.names
    )


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
            except_services=tuple(entry.get("except_services", ())),
            services=tuple(entry.get("services", ())),
            reason=entry["reason"],
        )
        for entry in _table()["parameter"]
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("refused.toml").read_text(encoding="utf-8"))
