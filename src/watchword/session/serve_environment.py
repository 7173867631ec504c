"""What makes a program ask our endpoint for its credentials, and nothing else before it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from watchword.aws import ProfileSettings
from watchword.errors import WatchwordError
from watchword.fastpath.hand_out import HIDDEN_FILES, Variables, users_files, variables_of
from watchword.local.aws_files import config_path, credentials_path, read_aws_file

# The SDKs take what is in these before they ask a container's endpoint.
# Source: "Standardized credential providers", AWS SDKs and Tools Reference Guide.
_BEFORE_THE_ENDPOINT = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
)
_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105 the name of a variable
_TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"  # noqa: S105 as above
_NOTHING = "/dev/null"
_ENDS_THE_SEARCH = frozenset(
    {
        "aws_access_key_id",
        "credential_process",
        "login_session",
        "role_arn",
        "sso_account_id",
        "sso_session",
        "web_identity_token_file",
    }
)


def endpoint_variables(
    *,
    url: str,
    token: str | Path,
    settings: ProfileSettings,
    environment: Mapping[str, str],
    hide_aws_files: bool,
) -> Variables:
    """Return the variables that lead a program to the endpoint at `url`.

    `token` is the token itself, or the file that holds it. The file goes before the token in every SDK that
    knows it. With `hide_aws_files` the program sees none of the user's AWS files.
    """
    brought = {_URI: url} | ({_TOKEN_FILE: str(token)} if isinstance(token, Path) else {})
    if hide_aws_files:
        brought |= dict.fromkeys(HIDDEN_FILES, _NOTHING)
    found = variables_of(
        ("", "", "", ""),
        profile=settings.name,
        region=settings.region,
        settings={**settings.variables, **brought},
        environment=environment,
    )
    values = {name: text for name, text in found.set.items() if name not in _BEFORE_THE_ENDPOINT}
    if hide_aws_files:
        values |= {HIDDEN_FILES[name]: path for name, path in users_files(environment).items()}
    if isinstance(token, str):
        values[_TOKEN] = token
    other = _TOKEN_FILE if isinstance(token, str) else _TOKEN
    return Variables(unset=(*found.unset, *_BEFORE_THE_ENDPOINT, other), set=values)


def default_profile_goes_first(environment: Mapping[str, str]) -> bool:
    """Return whether the AWS files have a profile `default` that programs would take before the endpoint.

    Files that cannot be read count as such: nobody knows what another program makes of them.
    """
    try:
        files = [
            read_aws_file(path)
            for path in (config_path(environment), credentials_path(environment))
            if path.exists()
        ]
        return any(
            (file.get(section, key) or "").strip()
            for file in files
            for section in ("default", "profile default")
            for key in _ENDS_THE_SEARCH
        )
    except (WatchwordError, OSError):
        return True
