"""What a request calls: which operation of which service, with which parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import OperationModel

from watchword.sandbox.wire import catalog, params_json, params_query, params_rest
from watchword.sandbox.wire.canonical import normalised_path
from watchword.sandbox.wire.error import SandboxRefusal, unreadable_body
from watchword.sandbox.wire.protocol import S3_SIGNING_NAMES, Dialect, Protocol, dialect_for
from watchword.sandbox.wire.request import WireRequest, decoded, parse_query
from watchword.sandbox.wire.routes import MAX_SEGMENTS, Route, routes_of, split_path
from watchword.sandbox.wire.scope import CredentialScope, scope_of
from watchword.sandbox.wire.values import Unreadable, UnreadableBody, WireValue

__all__ = ["Operation", "Protocol", "identify"]

_FORM = "application/x-www-form-urlencoded"
_FORM_BYTES = 4 * 1024 * 1024
_FORM_FIELDS = 20_000
_S3_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
_S3_CONTROL_PREFIX = "/v20180820/"
_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One API call. `params` are nested, in the names that botocore (and boto3) use.

    `service` is botocore's name (`ec2`, `sts`), `signing_name` the one in the credential scope,
    `namespace` the XML namespace of answers, if the service has one. In `params` timestamps stay text or
    numbers as sent, and blobs are bytes. `unsigned_payload` says that AWS lets callers leave the body of
    this operation unsigned.
    """

    service: str
    name: str
    protocol: Protocol
    region: str
    signing_name: str
    api_version: str
    json_version: str = ""
    namespace: str = ""
    query_compatible: bool = False
    unsigned_payload: bool = False
    params: Mapping[str, Any] = field(repr=False)  # may hold codes and secrets

    @property
    def dialect(self) -> Dialect:
        """The words in which this operation's refusals are written."""
        return dialect_for(self.protocol, self.signing_name)


def identify(request: WireRequest) -> Operation:
    """Tell what `request` calls, from its credential scope, its method, path, headers and body.

    Raises SandboxRefusal when it is not exactly one operation that botocore's models know, and AwsError
    when the service would answer that it cannot read the request.
    """
    scope = scope_of(request)
    if scope is None:
        raise SandboxRefusal("the request is not signed, so it does not say which service it is for")
    services = catalog.services_signing_as(scope.service)
    if not services:
        raise SandboxRefusal(f"no service that botocore knows signs as `{scope.service[:64]}`")
    if request.header("smithy-protocol") is not None:
        return _identify_cbor(request, services)
    if request.header("x-amz-target") is not None:
        return _identify_json(request, scope, services)
    fields = _form_fields(request)
    if fields is not None and "Action" in fields:
        return _identify_query(request, scope, services, fields)
    return _identify_rest(request, scope, services)


def _identify_json(request: WireRequest, scope: CredentialScope, services: tuple[str, ...]) -> Operation:
    prefix, _, name = (request.header("x-amz-target") or "").rpartition(".")
    service = _the_one(
        scope,
        name,
        [
            service
            for service in services
            if "json" in catalog.protocols(service)
            and catalog.service(service).metadata.get("targetPrefix") == prefix
            and name in catalog.operation_names(service)
        ],
    )
    _at_root(request)
    if request.method != "POST" or request.header("content-encoding"):
        raise SandboxRefusal(f"a call of `{service}:{name}` that is not a plain POST is not supported")
    model = catalog.operation_model(service, name)
    members = model.input_shape.members if model.input_shape else {}
    return _operation(
        model,
        scope,
        Protocol.JSON,
        lambda: params_json.parameters(params_json.read_json(request.body), members),
    )


def _identify_query(
    request: WireRequest, scope: CredentialScope, services: tuple[str, ...], fields: Mapping[str, str]
) -> Operation:
    name, version = fields["Action"], fields.get("Version", "")
    service = _the_one(
        scope,
        name,
        [
            service
            for service in services
            if not catalog.protocols(service).isdisjoint(("query", "ec2"))
            and catalog.service(service).api_version == version
            and name in catalog.operation_names(service)
        ],
    )
    _at_root(request)
    model = catalog.operation_model(service, name)
    protocol = Protocol.EC2 if "ec2" in catalog.protocols(service) else Protocol.QUERY
    return _operation(
        model,
        scope,
        protocol,
        lambda: params_query.parameters(fields, model.input_shape, ec2=protocol is Protocol.EC2),
    )


def _identify_cbor(request: WireRequest, services: tuple[str, ...]) -> Operation:
    parts = request.raw_path.split("/")
    called = "an operation"
    if len(parts) == 5 and parts[1] == "service" and parts[3] == "operation":
        known = [service for service in services if parts[4] in catalog.operation_names(service)]
        called = f"`{known[0]}:{parts[4]}`" if known else called
    raise SandboxRefusal(f"{called} is called in the protocol `smithy-rpc-v2-cbor`, which is not supported")


def _identify_rest(request: WireRequest, scope: CredentialScope, services: tuple[str, ...]) -> Operation:
    services, segments = _rest_path(request, scope, services)
    if not services:
        raise SandboxRefusal(
            f"`{request.method}` says no operation of a service that signs as `{scope.service}`"
        )
    routes = routes_of(services)
    query = dict(request.query)
    for candidates, texts in routes.matches(request.method, segments):
        fitting = [route for route in candidates if route.fits(request, query)]
        if not fitting:
            continue
        route = _heaviest(fitting, scope.service)
        _nothing_left_over(request, route, routes.marks)
        labels = dict(zip(route.labels, texts, strict=True))
        if services != ("s3",):
            labels = {name: decoded(text) for name, text in labels.items()}
        model = catalog.operation_model(route.service, route.operation)
        protocol = Protocol.REST_XML if "rest-xml" in catalog.protocols(route.service) else Protocol.REST_JSON
        return _operation(
            model,
            scope,
            protocol,
            lambda: params_rest.parameters(request, model, labels, route.constants),  # noqa: B023
        )
    raise SandboxRefusal(
        f"`{request.method} {request.raw_path[:128]}` is no operation of a service "
        f"that signs as `{scope.service}`"
    )


def _rest_path(
    request: WireRequest, scope: CredentialScope, services: tuple[str, ...]
) -> tuple[tuple[str, ...], list[str]]:
    """Return the services to look among, and the path in segments; S3's are a bucket and a key, decoded."""
    rest = tuple(name for name in services if any(p.startswith("rest-") for p in catalog.protocols(name)))
    if scope.service in S3_SIGNING_NAMES and not request.raw_path.startswith(_S3_CONTROL_PREFIX):
        host = (request.header("host") or "").lower()
        if host.rpartition(":")[0] not in _S3_HOSTS and host not in _S3_HOSTS:
            raise SandboxRefusal(
                f"S3 answers at 127.0.0.1 and localhost, with the bucket in the path; not at `{host[:128]}`"
            )
        bucket, _, key = decoded(request.raw_path).removeprefix("/").partition("/")
        if not _BUCKET.fullmatch(bucket) and request.raw_path != "/":
            # An empty bucket before a key is a bucket to one reader and a key to the other.
            raise SandboxRefusal("a path must begin with the name of one bucket")
        return ("s3",), [part for part in (bucket, key) if part]
    if scope.service in S3_SIGNING_NAMES:
        rest = ("s3control",)
    segments = split_path(request.raw_path)
    path = request.raw_path
    if normalised_path(path) != path or len(segments) > MAX_SEGMENTS:
        # The signature covers the normalised path, so nothing but that may be called.
        raise SandboxRefusal("a path with empty, `.` or `..` segments, or with very many, is not supported")
    return rest, segments


def _heaviest(fitting: list[Route], namesake: str) -> Route:
    top = max(route.weight for route in fitting)
    heaviest = [route for route in fitting if route.weight == top]
    if len(heaviest) > 1:
        heaviest = [route for route in heaviest if route.service == namesake] or heaviest
    if len(heaviest) > 1:
        raise SandboxRefusal(f"it cannot be told which of {_listed(heaviest)} is called")
    return heaviest[0]


def _listed(routes: list[Route]) -> str:
    return ", ".join(sorted(f"`{route.service}:{route.operation}`" for route in routes))


def _nothing_left_over(request: WireRequest, route: Route, marks: frozenset[str]) -> None:
    present = {name for name, _ in request.query} | {name.lower() for name, _ in request.headers}
    left = (present & marks) - route.accepted - set(route.constants)
    if left:
        names = ", ".join(f"`{name}`" for name in sorted(left))
        raise SandboxRefusal(f"{names} cannot go with `{route.service}:{route.operation}`")
    constants = [name for name, _ in request.query if name in route.constants]
    if len(constants) != len(set(constants)):
        raise SandboxRefusal("a query parameter that says which operation is called appears twice")


def _form_fields(request: WireRequest) -> Mapping[str, str] | None:
    """Return the fields of a query-protocol call; None when the request is of another protocol."""
    media_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    in_query = tuple(pair for pair in request.query if not pair[0].startswith("X-Amz-"))
    if request.method == "GET":
        pairs = in_query
    elif request.method == "POST" and media_type == _FORM:
        pairs = _form_pairs(request.body) if request.body else ()
        if pairs and in_query and "Action" in dict((*pairs, *in_query)):
            raise SandboxRefusal("parameters in both the query string and the body are not supported")
        pairs = pairs or in_query
    else:
        return None
    fields = dict(pairs)
    if "Action" in fields and len(fields) != len(pairs):
        raise SandboxRefusal("a parameter appears twice")
    return fields


def _form_pairs(body: bytes) -> tuple[tuple[str, str], ...]:
    if len(body) > _FORM_BYTES or body.count(b"&") > _FORM_FIELDS:
        raise SandboxRefusal("the form in the body is too long", status=413)
    try:
        return parse_query(body.decode("ascii"))
    except UnicodeDecodeError:
        raise SandboxRefusal("the form in the body is not percent-encoded") from None


def _at_root(request: WireRequest) -> None:
    if request.raw_path != "/":
        raise SandboxRefusal(f"a call to the path `{request.raw_path[:128]}` instead of `/` is not supported")


def _the_one(scope: CredentialScope, name: str, found: list[str]) -> str:
    # Services that share a signing name and an operation share its endpoint at AWS too (RDS, Neptune and
    # DocumentDB): the one that gave the name to the others answers.
    if len(found) == 1 or scope.service in found[:1]:
        return found[0]
    if not found:
        raise SandboxRefusal(
            f"`{name[:128]}`, in the version that is asked for, is no operation of a service "
            f"that signs as `{scope.service}`"
        )
    raise SandboxRefusal(f"it cannot be told whose `{name}` is called: {', '.join(found)}")


def _operation(
    model: OperationModel,
    scope: CredentialScope,
    protocol: Protocol,
    read: Callable[[], dict[str, WireValue]],
) -> Operation:
    service = model.service_model
    metadata = service.metadata
    try:
        params = read()
    except UnreadableBody:
        raise unreadable_body(dialect_for(protocol, scope.service)) from None
    except Unreadable as problem:
        raise SandboxRefusal(f"in a call of `{service.service_name}:{model.name}`: {problem}") from None
    except RecursionError:
        raise SandboxRefusal(
            f"a call of `{service.service_name}:{model.name}` is nested too deeply"
        ) from None
    return Operation(
        service=service.service_name,
        name=model.name,
        protocol=protocol,
        region=scope.region,
        signing_name=scope.service,
        api_version=metadata["apiVersion"],
        json_version=metadata.get("jsonVersion", ""),
        namespace=metadata.get("xmlNamespace", ""),
        query_compatible="awsQueryCompatible" in metadata,
        unsigned_payload=model.auth_type == "v4-unsigned-body",
        params=params,
    )
