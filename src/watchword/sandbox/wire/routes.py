"""Which operation a method and a path call, for the services that speak REST.

Source: "HTTP bindings", Smithy 2.0, clause "Path conflicts": a literal segment comes before a label, a label
before a greedy one. For S3, which tells operations apart by sub-resources (`?versioning`), required query
parameters (`?uploadId=…`) and required headers (`x-amz-copy-source`): S3 API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from botocore.model import OperationModel

from watchword.sandbox.wire import catalog
from watchword.sandbox.wire.request import WireRequest

MAX_SEGMENTS = 64

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")
# These live on hosts of their own, and their paths would be taken for a bucket, or for all of them.
_ON_OTHER_HOSTS = frozenset({("s3", "ListDirectoryBuckets"), ("s3", "WriteGetObjectResponse")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation's template.

    `labels` name its labels in order; `constants` are query parameters that must be there, with the value
    that they must have (empty: any). `required` parameters and `headers` must be there too. `accepted` are
    all the query parameters and headers (lower-case) that the operation reads.
    """

    service: str
    operation: str
    labels: tuple[str, ...]
    constants: Mapping[str, str]
    required: frozenset[str]
    headers: frozenset[str]
    accepted: frozenset[str]
    deprecated: bool

    def fits(self, request: WireRequest, query: Mapping[str, str]) -> bool:
        """Whether the request has everything that this route asks for beside its path."""
        return (
            all(name in query and value in ("", query[name]) for name, value in self.constants.items())
            and self.required.issubset(query)
            and all(request.header(name) is not None for name in self.headers)
        )

    @property
    def weight(self) -> int:
        """How much the route asks for: among routes that fit, the one that asks for most is meant."""
        return 2 * (len(self.constants) + len(self.required) + len(self.headers)) - self.deprecated


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    label: _Node | None = None
    greedy: _Node | None = None
    routes: dict[str, list[Route]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The routes of some services. `marks` are the parameters and headers that tell operations apart."""

    root: _Node
    marks: frozenset[str]

    def matches(
        self, method: str, segments: Sequence[str]
    ) -> Iterator[tuple[Sequence[Route], tuple[str, ...]]]:
        """Yield the routes of each template that fits the path, most specific first, with the labels."""
        for node, labels in _walk(self.root, segments, 0, ()):
            if method in node.routes:
                yield node.routes[method], labels


@cache
def routes_of(services: tuple[str, ...]) -> Routes:
    """Index the routes of the services, by botocore's names, that share a signing name."""
    root, marks = _Node(), set[str]()
    for service in services:
        for name in catalog.operation_names(service):
            if (service, name) in _ON_OTHER_HOSTS:
                continue
            model = catalog.operation_model(service, name)
            path, _, query = model.http["requestUri"].partition("?")
            route = _route(service, model, path, query)
            marks.update(route.constants, route.required, route.headers)
            _leaf(root, path).routes.setdefault(model.http["method"], []).append(route)
    return Routes(root=root, marks=frozenset(marks))


def split_path(path: str) -> list[str]:
    """Split a path into segments; a slash at its end makes no difference."""
    trimmed = path.removeprefix("/").removesuffix("/")
    return trimmed.split("/") if trimmed else []


def _walk(
    node: _Node, segments: Sequence[str], at: int, labels: tuple[str, ...]
) -> Iterator[tuple[_Node, tuple[str, ...]]]:
    if at == len(segments):
        yield node, labels
        return
    segment = segments[at]
    if segment in node.literals:
        yield from _walk(node.literals[segment], segments, at + 1, labels)
    if node.label is not None and segment:
        yield from _walk(node.label, segments, at + 1, (*labels, segment))
    if node.greedy is not None:
        for end in range(len(segments), at, -1):
            yield from _walk(node.greedy, segments, end, (*labels, "/".join(segments[at:end])))


def _leaf(node: _Node, path: str) -> _Node:
    for segment in split_path(path):
        label = _LABEL.fullmatch(segment)
        if label is None:
            node = node.literals.setdefault(segment, _Node())
        elif label[2]:
            node.greedy = node.greedy or _Node()
            node = node.greedy
        else:
            node.label = node.label or _Node()
            node = node.label
    return node


def _route(service: str, model: OperationModel, path: str, query: str) -> Route:
    members = model.input_shape.members if model.input_shape else {}
    needed = model.input_shape.required_members if model.input_shape else ()
    accepted: dict[str, set[str]] = {"querystring": set(), "header": set()}
    required: dict[str, set[str]] = {"querystring": set(), "header": set()}
    for member, shape in members.items():
        location = shape.serialization.get("location")
        if location in accepted:
            name = shape.serialization.get("name", member)
            name = name.lower() if location == "header" else name
            accepted[location].add(name)
            if member in needed:
                required[location].add(name)
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    return Route(
        service=service,
        operation=model.name,
        labels=tuple(name for name, _ in _LABEL.findall(path)),
        constants={name: value for name, _, value in pairs},
        required=frozenset(required["querystring"]),
        # Only S3 tells operations apart by headers; elsewhere a missing one is for the service to mind.
        headers=frozenset(required["header"]) if service == "s3" else frozenset(),
        accepted=frozenset(accepted["querystring"] | accepted["header"]),
        # S3 has operations twice, in an old shape and a new. Elsewhere it is whole services that are old.
        deprecated=bool(model.deprecated) and service == "s3",
    )
