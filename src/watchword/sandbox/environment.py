"""What a shell needs so that every AWS tool in it talks to the sandbox, and to nothing else."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watchword.sandbox.folder import Door, Folder

_PATIENCE_SECONDS = 20
# Whatever would win over the profiles and the endpoint. Source: AWS SDKs and Tools Reference Guide,
# "Settings reference".
_CREDENTIALS = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
)
_IN_THE_WAY = (
    *_CREDENTIALS,
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
REGION = "us-east-1"
# What the shell had in these variables before, as JSON, so that there is a way back. Of credentials it
# holds null: a secret is neither printed nor kept.
_BEFORE = "WATCHWORD_SANDBOX_BEFORE"
_SET = (
    "AWS_ENDPOINT_URL",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "NO_PROXY",
    "no_proxy",
    "WATCHWORD_SANDBOX",
)
_SERVICE = re.compile(r"AWS_ENDPOINT_URL_[A-Z0-9_]+")
# The first versions of the aws command that read AWS_ENDPOINT_URL. Source: its changelogs (July 2023).
_FIRST_WITH_ENDPOINT_URL = {1: (1, 29), 2: (2, 13)}

_OWN_ENDPOINTS = ("docdb", "health", "neptune", "rds", "sqs")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellEnvironment:
    """Variables to set, and those to unset before."""

    set_variables: Mapping[str, str]
    unset: Sequence[str]


def shell_environment(folder: Folder, door: Door, present: Mapping[str, str]) -> ShellEnvironment:
    """Return what to change in an environment that is `present` now."""
    services = sorted(name for name in present if name.startswith("AWS_ENDPOINT_URL_"))
    no_proxy = _with_loopback(present.get("NO_PROXY") or present.get("no_proxy") or "")
    values = (
        door.endpoint_url,
        str(folder.config),
        str(folder.credentials),
        REGION,
        REGION,
        "true",
        no_proxy,
        no_proxy,
        str(folder.path),
    )
    to_set = dict(zip(_SET, values, strict=True))
    to_unset = (*_IN_THE_WAY, *services)
    before = present.get(_BEFORE) or _remembered(present, (*to_set, *to_unset))
    return ShellEnvironment(set_variables={**to_set, _BEFORE: before}, unset=to_unset)


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """What takes a shell out of a sandbox. `lost` names the credentials that it had before."""

    set_variables: Mapping[str, str]
    unset: Sequence[str]
    lost: Sequence[str]


def way_back(present: Mapping[str, str]) -> WayBack | None:
    """Return what undoes `shell_environment`; None when the environment that is `present` is not in one."""
    before = _before(present.get(_BEFORE, ""))
    if before is None:
        return None
    services = sorted(name for name in present if name.startswith("AWS_ENDPOINT_URL_"))
    return WayBack(
        set_variables={name: value for name, value in before.items() if value is not None},
        unset=(*_SET, *_IN_THE_WAY, *services, _BEFORE),
        lost=tuple(name for name, value in before.items() if value is None),
    )


def points_at(endpoint_url: str, present: Mapping[str, str]) -> bool:
    """Tell whether a shell whose environment is `present` talks to that endpoint."""
    return present.get("AWS_ENDPOINT_URL", "").rstrip("/") == endpoint_url.rstrip("/")


def _remembered(present: Mapping[str, str], names: Sequence[str]) -> str:
    return json.dumps(
        {name: None if name in _CREDENTIALS else present[name] for name in names if name in present}
    )


def _before(text: str) -> dict[str, str | None] | None:
    """Read what `_remembered` wrote; None when it is something else, and so not to be put into a shell."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    known = {*_SET, *_IN_THE_WAY}
    return {
        name: each
        for name, each in value.items()
        if (name in known or _SERVICE.fullmatch(name)) and (each is None or isinstance(each, str))
    }


def _with_loopback(no_proxy: str) -> str:
    hosts = [host for host in no_proxy.split(",") if host]
    return ",".join(hosts if "127.0.0.1" in hosts else [*hosts, "127.0.0.1"])


def version_that_ignores_endpoint(version_line: str) -> str | None:
    """Return the version in what `aws --version` prints, if it is one that ignores AWS_ENDPOINT_URL."""
    match = re.match(r"aws-cli/((\d+)\.(\d+)[\w.]*)", version_line)
    if match is None:
        return None
    first = _FIRST_WITH_ENDPOINT_URL.get(int(match[2]))
    return match[1] if first is not None and (int(match[2]), int(match[3])) < first else None


def commands_that_leave(version_line: str) -> tuple[str, ...]:
    """Return the commands of the `aws` of that version that ignore AWS_ENDPOINT_URL in our region.

    Version 1 sets endpoints of its own for some services, unless --endpoint-url is given.
    Source: awscli/customizations/overridesslcommonname.py (version 1.46; version 2 has no such file).
    """
    return _OWN_ENDPOINTS if version_line.startswith("aws-cli/1.") else ()


def aws_version_line() -> str:
    """Return what the `aws` on the PATH says of its version; empty when there is none."""
    try:
        run = subprocess.run(
            ["aws", "--version"], capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (run.stdout or run.stderr).strip()
