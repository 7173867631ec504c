"""A request as a line that one would type: AWS's command line, for the calls of IAM and STS that chains take.

It is there to be read. The values that a caller would make up (a name for a session, a document) are `…`.
"""

from __future__ import annotations

import re
from typing import Final

from watchword.iam import Request

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")
_SPECIAL: Final = {
    "VirtualMFADevice": "virtual-mfa-device",
    "MFADevices": "mfa-devices",
    "MFADevice": "mfa-device",
}
# Permissions that are looked at within other calls, or in the console: no API has an operation of that name.
_NO_CALLS: Final = frozenset(
    f"iam:{name}"
    for name in (
        *("DeleteCloudFrontPublicKey", "GetAccountEmailAddress", "GetAccountName", "GetCloudFrontPublicKey"),
        *("ListCloudFrontPublicKeys", "ListSTSRegionalEndpointsStatus", "PassRole"),
        *("SetSTSRegionalEndpointStatus", "UpdateAccountEmailAddress", "UpdateAccountName"),
        *("UpdateCloudFrontPublicKey", "UploadCloudFrontPublicKey"),
    )
) | frozenset(
    f"sts:{name}"
    for name in (
        *("GetServiceBearerToken", "SetContext", "SetSourceIdentity", "TagGetWebIdentityToken"),
        "TagSession",
    )
)
_PARAMETERS: Final = {"user": "--user-name", "group": "--group-name", "role": "--role-name"}


def command_for(request: Request) -> str | None:
    """Return the line for a request of IAM or STS; None for other services and where AWS has no such call."""
    service, _, name = request.action.partition(":")
    if service not in {"iam", "sts"} or request.action in _NO_CALLS:
        return None
    parts = ["aws", service, _dashed(name)]
    resource = request.resource
    if name == "AssumeRole":
        parts += ["--role-arn", resource, "--role-session-name", "…"]
        return " ".join(parts)
    kind, _, path = resource.split(":", 5)[5].partition("/") if resource.count(":") >= 5 else ("", "", "")
    if kind in _PARAMETERS and path and "*" not in path:
        parts += [_PARAMETERS[kind], path.rpartition("/")[2]]
    elif kind == "policy" and path:
        parts += ["--policy-arn", resource]
    policy = next((value for key, value in request.context.items() if key.lower() == "iam:policyarn"), None)
    if isinstance(policy, str):
        parts += ["--policy-arn", policy]
    return " ".join(parts)


def _dashed(name: str) -> str:
    for written, dashed in _SPECIAL.items():
        if name.endswith(written):
            head = _words(name.removesuffix(written))
            return f"{head}-{dashed}" if head else dashed
    return _words(name)


def _words(name: str) -> str:
    return "-".join(word.lower() for word in _WORD.findall(name))
