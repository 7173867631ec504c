"""What a shell needs so that every AWS tool in it talks to the sandbox, and to nothing else."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from watchword.sandbox.folder import Door, Folder

_PATIENCE_SECONDS = 20
# Whatever would win over the profiles and the endpoint. Source: AWS SDKs and Tools Reference Guide,
# "Settings reference".
_IN_THE_WAY = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
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
# The first versions of the aws command that read AWS_ENDPOINT_URL. Source: its changelogs (July 2023).
_FIRST_WITH_ENDPOINT_URL = {1: (1, 29), 2: (2, 13)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellEnvironment:
    """Variables to set, and those to unset before."""

    set_variables: Mapping[str, str]
    unset: Sequence[str]


def shell_environment(folder: Folder, door: Door, present: Mapping[str, str]) -> ShellEnvironment:
    """Return what to change in an environment that is `present` now."""
    services = sorted(name for name in present if name.startswith("AWS_ENDPOINT_URL_"))
    no_proxy = _with_loopback(present.get("NO_PROXY") or present.get("no_proxy") or "")
    return ShellEnvironment(
        set_variables={
            "AWS_ENDPOINT_URL": door.endpoint_url,
            "AWS_CONFIG_FILE": str(folder.config),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder.credentials),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
            "WATCHWORD_SANDBOX": str(folder.path),
        },
        unset=(*_IN_THE_WAY, *services),
    )


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


def aws_version_line() -> str:
    """Return what the `aws` on the PATH says of its version; empty when there is none."""
    try:
        run = subprocess.run(
            ["aws", "--version"], capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (run.stdout or run.stderr).strip()
