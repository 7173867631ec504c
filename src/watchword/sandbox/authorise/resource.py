"""The ARNs that a request is about, built from its parameters by the reviewed templates of `bindings`."""

from __future__ import annotations

import functools
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

from watchword.sandbox.authorise import ec2_names, monitoring_names, rds_names, service_names
from watchword.sandbox.authorise.own_name import OWN_NAMES
from watchword.sandbox.authorise.scope import Scope, Unidentified, WholeArn

_PLACEHOLDER = re.compile(r"\$\{([^}|]+?(?:\{\})?(?:\[[^]]*\][^}|]*)?)(?:\|([a-z0-9_]+))?\}")
# `Name[]` are all elements, `Name[+Id]` those that have an `Id`, `Name[-Id]` those without; `Name{}`: keys.
_STEPS = re.compile(r"\[[^]]*\]|\{\}|[^.\[{]+")


def expand(template: str, scope: Scope) -> tuple[str, ...]:
    """Fill in a template; a placeholder that stands for several values gives several texts.

    Raises Unidentified when a value is missing or cannot be a part of an ARN.
    """
    texts = [""]
    placeholders, end = _taken_apart(template)
    for literal, path, filter_name in placeholders:
        if filter_name in OWN_NAMES:
            values = _own_names(path, filter_name, [text + literal for text in texts], scope)
        else:
            values = _values(path, filter_name, scope)
        whole = tuple(value for value in values if isinstance(value, WholeArn))
        if whole:
            if len(whole) != len(values):
                raise Unidentified("names and ARNs are mixed")
            return tuple(str(value) for value in whole)
        texts = [f"{text}{literal}{value}" for text in texts for value in values]
    return tuple(text + end for text in texts)


@functools.cache
def _taken_apart(template: str) -> tuple[tuple[tuple[str, str, str], ...], str]:
    """Return what stands before each placeholder, its path and its filter, and what ends the template."""
    found, position = [], 0
    for match in _PLACEHOLDER.finditer(template):
        found.append((template[position : match.start()], match[1], match[2] or "text"))
        position = match.end()
    return tuple(found), template[position:]


def present(path: str, params: Mapping[str, Any]) -> bool:
    """Tell whether the parameter at `path` was given, in any element if `path` runs through a list.

    `Name=value` asks whether it has that value.
    """
    name, _, wanted = path.partition("=")
    values = _walk(name, params)
    if wanted:
        return wanted in values
    return any(value not in (None, "", [], {}, False) for value in values)


def scalar(path: str, params: Mapping[str, Any]) -> str | None:
    """Return the one value at `path` as condition keys have it, or None."""
    values = [_as_text(value) for value in _walk(path, params) if value is not None]
    return values[0] if len(values) == 1 else None


def _values(path: str, filter_name: str, scope: Scope) -> tuple[str, ...]:
    match path:
        case "Partition":
            return (scope.partition,)
        case "Region":
            return (scope.operation.region,)
        case "Account":
            return (scope.account,)
        case "CallerUserName":
            found: list[object] = [scope.caller_user_name] if scope.caller_user_name else []
        case "Implied":
            found = [""]  # no parameter says it: its filter finds what the service takes
        case _:
            found = [value for value in _walk(path, scope.params) if value is not None]
    function = FILTERS[filter_name]
    if not found:
        return (function("", scope),) if filter_name in _OPTIONAL else _missing(path)
    return tuple(function(_as_text(value), scope) for value in found)


def _own_names(path: str, filter_name: str, prefixes: list[str], scope: Scope) -> tuple[str, ...]:
    """Return names that may be given as ARNs, too: what stands before the placeholder is the ARN's head."""
    found = [value for value in _walk(path, scope.params) if value is not None]
    if not found:
        return _missing(path)
    kind = OWN_NAMES[filter_name]
    names = [kind.read(_as_text(value), prefix) for value in found for prefix in prefixes]
    if len(prefixes) != 1 or None in names:
        raise Unidentified(f"{path} is not a plain name, or its ARN, of this account and region")
    return tuple(name for name in names if name is not None)


def _missing(path: str) -> tuple[str, ...]:
    raise Unidentified(f"the parameter {path} is missing")


def _walk(path: str, value: object) -> list[object]:
    found = [value]
    for step in _steps(path):
        found = [deeper for each in found for deeper in _step(step, each)]
    return found


@functools.cache
def _steps(path: str) -> tuple[str, ...]:
    return tuple(_STEPS.findall(path))


def _step(step: str, value: object) -> list[object]:
    if step.startswith("["):
        return [each for each in value if _is_meant(step, each)] if isinstance(value, list | tuple) else []
    if step == "{}":
        return list(value) if isinstance(value, Mapping) else []
    if isinstance(value, Mapping) and step in value:
        return [value[step]]
    return []


def _is_meant(step: str, element: object) -> bool:
    sign, name = step[1:2], step[2:-1]
    if not sign:
        return True
    there = isinstance(element, Mapping) and element.get(name) not in (None, "")
    return there if sign == "+" else not there


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    return str(value)


def _text(value: str, _scope: Scope) -> str:
    if not value:
        raise Unidentified("a name is empty")
    return value


def _arn(value: str, _scope: Scope) -> str:
    if not re.match(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.", value):
        raise Unidentified("an ARN is expected")
    return WholeArn(value)


def _role_arn(value: str, scope: Scope) -> str:
    if not re.fullmatch(rf"arn:{scope.partition}:iam::\d{{12}}:role/[A-Za-z0-9_+=,.@/-]+", value):
        raise Unidentified("the ARN of a role is expected")
    return WholeArn(value)


def _own(kind: str) -> Callable[[str, Scope], str]:
    """Return a filter for a name, or the ARN of a `kind` of this account and region, which gives the name."""
    service = kind.partition(":")[0]

    def name_of(value: str, scope: Scope) -> str:
        home = f"arn:{scope.partition}:{service}:{scope.operation.region}:{scope.account}:"
        name = value.removeprefix(home + kind.partition(":")[2])
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
            raise Unidentified("the name, or its ARN, is not one of this account and region")
        return name

    return name_of


def _path(value: str, _scope: Scope) -> str:
    return value or "/"


def _named(kind: str) -> Callable[[str, Scope], str]:
    def with_path(value: str, scope: Scope) -> str:
        name = _text(value, scope)
        return (scope.lookup.path_of(kind, name) or "/") + name

    return with_path


def _path_of(kind: str) -> Callable[[str, Scope], str]:
    def path(value: str, scope: Scope) -> str:
        return scope.lookup.path_of(kind, _text(value, scope)) or "/"

    return path


def _key_owner(value: str, scope: Scope) -> str:
    owner = scope.lookup.key_owner(value)
    if owner is None:
        raise Unidentified("nobody has this access key")
    return (scope.lookup.path_of("user", owner) or "/") + owner


def _queue_url(value: str, scope: Scope) -> str:
    match = re.fullmatch(r"(?:https?://[^/]+)?/?(\d{12})/([A-Za-z0-9_.-]+)", value)
    if match is None or match[1] != scope.account:
        raise Unidentified("the queue URL is not one of this account")
    return match[2]


def _parameter(value: str, scope: Scope) -> str:
    home = f"arn:{scope.partition}:ssm:{scope.operation.region}:{scope.account}:parameter/"
    name = value.removeprefix(home).removeprefix("/")
    if name.startswith("aws/") or not re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", name):
        raise Unidentified(
            "only plain names are covered: no public parameters, references, selectors, or slashes at the end"
        )
    return name


def _without_scheme(value: str, scope: Scope) -> str:
    return _text(value.partition("://")[2], scope)


def _secret(value: str, scope: Scope) -> str:
    arn = scope.lookup.secret_arn(scope.operation.region, value)
    if arn is None:
        raise Unidentified("there is no such secret")
    return WholeArn(arn)


def _kms_key(value: str, scope: Scope) -> str:
    arn = scope.lookup.kms_key_arn(scope.operation.region, value)
    if arn is None:
        raise Unidentified("there is no such key")
    return WholeArn(arn)


def _alias(value: str, scope: Scope) -> str:
    if not value.startswith("alias/"):
        raise Unidentified("the name of an alias begins with alias/")
    return _text(value.removeprefix("alias/"), scope)


_PLAIN_COPY_SOURCE = re.compile(r"/?[A-Za-z0-9._-]+/[A-Za-z0-9._~/%-]+")


def _copy_source(value: str, _scope: Scope) -> str:
    # `?`, `#` and the like have meanings of their own to whoever takes this for a URL, as moto does.
    if not _PLAIN_COPY_SOURCE.fullmatch(value):
        raise Unidentified("a source is the latest version of an object, percent-encoded")
    return unquote(value.removeprefix("/"))


def _untagged_copy_source(value: str, scope: Scope) -> str:
    source = _copy_source(value, scope)
    bucket, _, key = source.partition("/")
    if scope.lookup.object_is_tagged(bucket, key):
        raise Unidentified("the source has tags, which need permissions of their own")
    return source


_OPTIONAL = frozenset({"path", *service_names.OPTIONAL})

FILTERS: dict[str, Callable[[str, Scope], str]] = {
    **service_names.FILTERS,
    "text": _text,
    "arn": _arn,
    "role_arn": _role_arn,
    **ec2_names.FILTERS,
    **rds_names.FILTERS,
    **monitoring_names.FILTERS,
    "table": _own("dynamodb:table/"),
    "function": _own("lambda:function:"),
    "path": _path,
    "user": _named("user"),
    "group": _named("group"),
    "role": _named("role"),
    "instance_profile": _named("instance-profile"),
    "server_certificate": _named("server-certificate"),
    "user_path": _path_of("user"),
    "group_path": _path_of("group"),
    "server_certificate_path": _path_of("server-certificate"),
    "key_owner": _key_owner,
    "queue_url": _queue_url,
    "parameter": _parameter,
    "without_scheme": _without_scheme,
    "alias": _alias,
    "copy_source": _copy_source,
    "untagged_copy_source": _untagged_copy_source,
    "secret": _secret,
    "kms_key": _kms_key,
}
