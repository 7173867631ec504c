"""Where the user's AWS files are, as the SDK for Python finds them."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from watchword.fastpath.hand_out import users_files
from watchword.local.aws_files.errors import SEE, NoPlaceForAwsFile

_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{([^}]*)\})", re.ASCII)


def config_path(environment: Mapping[str, str]) -> Path:
    """Return where the config file is: AWS_CONFIG_FILE, or `~/.aws/config`.

    Raises NoPlaceForAwsFile. Source: "Location of the shared config and credentials files", AWS SDKs and
    Tools Reference Guide.
    """
    return _place(environment, "AWS_CONFIG_FILE", "~/.aws/config")


def credentials_path(environment: Mapping[str, str]) -> Path:
    """Return where the credentials file is: AWS_SHARED_CREDENTIALS_FILE, or `~/.aws/credentials`.

    Raises NoPlaceForAwsFile. Source: as `config_path`.
    """
    return _place(environment, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")


def _place(environment: Mapping[str, str], variable: str, otherwise: str) -> Path:
    named = users_files(environment).get(variable, otherwise)
    if not named:
        raise NoPlaceForAwsFile(
            f"{variable} is set to nothing, so AWS programs read no such file",
            hint=f"unset {variable}, or let it name a file",
            see=SEE,
        )
    # Variables first, then the home, as botocore does it.
    text = _VARIABLE.sub(lambda found: _value(environment, found), named)
    if text == "~" or text.startswith("~/"):
        return _home(environment) / text[2:]
    return Path(os.path.expanduser(text))  # noqa: PTH111 `~somebody` without an account stays as it is


def _value(environment: Mapping[str, str], found: re.Match[str]) -> str:
    return environment.get(found.group(1) or found.group(2) or "", found.group())


def _home(environment: Mapping[str, str]) -> Path:
    if named := environment.get("HOME"):
        return Path(named)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        raise NoPlaceForAwsFile("cannot tell where this user's home is", hint="set HOME", see=SEE) from None
