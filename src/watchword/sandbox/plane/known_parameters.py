"""Refuses what a REST call says in a place where the operation has no such parameter.

moto asks for a parameter by name, wherever it stands: a `LayerName` in the body goes before the one in the
path, which was the one that was authorised.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from botocore.model import StructureShape

from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.operation import Operation
from watchword.sandbox.wire.request import WireRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The names that an operation has in the query string and in the body; None: there any name may stand."""

    query: frozenset[str] | None
    body: frozenset[str] | None


def refuse_unknown(request: WireRequest, operation: Operation) -> None:
    """Raise SandboxRefusal for a name in the query string or the JSON body that does not belong there."""
    places = _places(operation.service, operation.name)
    if places.query is not None:
        _only({name for name, _ in request.query if not name.lower().startswith("x-amz-")}, places.query)
    if places.body is not None and request.body:
        try:
            content = json.loads(request.body)
        except ValueError:
            return  # whoever reads it says so
        if isinstance(content, dict):
            _only(set(content), places.body)


def _only(found: set[str], known: frozenset[str]) -> None:
    unknown = sorted(found - known)
    if unknown:
        raise SandboxRefusal(f"the operation has no parameter `{unknown[0][:64]}` in that place")


@cache
def _places(service: str, name: str) -> Places:
    model = catalog.operation_model(service, name)
    shape = model.input_shape
    members = {} if shape is None else shape.members
    query = {key.partition("=")[0] for key in model.http["requestUri"].partition("?")[2].split("&") if key}
    body = set()
    for member_name, member in members.items():
        wire = member.serialization.get("name", member_name)
        match member.serialization.get("location"):
            case "querystring" if member.type_name == "map":
                return Places(query=None, body=None)
            case "querystring":
                query.add(wire)
            case None:
                body.add(wire)
            case _:
                pass
    payload = None if shape is None else shape.serialization.get("payload")
    if payload is None:
        return Places(query=frozenset(query), body=frozenset(body))
    content = members[payload]
    if not isinstance(content, StructureShape):
        return Places(query=frozenset(query), body=None)
    inner = (member.serialization.get("name", key) for key, member in content.members.items())
    return Places(query=frozenset(query), body=frozenset(inner))
