"""What an action, a resource and a principal may look like; each check says what was expected."""

from __future__ import annotations

import re
from typing import Final

_ACTION: Final = re.compile(r"[a-zA-Z0-9.-]++:[\x21-\x39\x3b-\x7e]++|\*(?::\*)?")
_VENDOR: Final = re.compile(r"[a-zA-Z0-9.-]+")
_NAME: Final = re.compile(r"[\x21-\x7e]+")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")
_UNIQUE_ID: Final = re.compile(r"[A-Z0-9]{16,128}")
_ARN_SERVICE: Final = 2

WILD_SERVICE: Final = "an ARN that names its service without wildcards"
WILD_PRINCIPAL: Final = "a principal without wildcards: names match whole"
WILD_NAME: Final = "the whole name of a principal: only `AWS` takes a wildcard"


def action_problem(action: str) -> str | None:
    """Return what was expected of an action, or None when it is one. Unknown actions are accepted.

    Source: the refusals of PutUserPolicy: `Actions/Conditions must be prefaced by a vendor`,
    `Actions/Condition can contain only one colon`, `Action vendors … must not contain wildcards`.
    """
    if _ACTION.fullmatch(action):
        return None
    vendor, colon, name = action.partition(":")
    if not colon or not name:
        return "an action as `service:Name`"
    if ":" in name:
        return "an action with one `:`"
    if not _VENDOR.fullmatch(vendor):
        return "an action whose service has no wildcard or other sign"
    if not _NAME.fullmatch(name):
        return "an action whose name has visible ASCII signs only"
    return None


def resource_problem(resource: str) -> str | None:
    """Return what was expected of a resource, or None when it is one.

    Source: the refusals of PutUserPolicy: `Resource … must be in ARN format or "*"`, `Resource vendor
    must be fully qualified and cannot contain regexes`.
    """
    if resource and not resource.strip("*"):
        return None
    parts = resource.split(":", 5)
    if parts[0] != "arn" or len(parts) <= _ARN_SERVICE:
        return 'an ARN or `"*"`'
    if len(parts) == _ARN_SERVICE + 1:
        return "an ARN with a resource after its service"
    if not parts[_ARN_SERVICE] or "*" in parts[_ARN_SERVICE] or "?" in parts[_ARN_SERVICE]:
        return WILD_SERVICE
    return None


def principal_problem(principal: str) -> str | None:
    """Return what was expected of a principal under `AWS`, or None when it is one.

    Source: IAM User Guide, reference_policies_elements_principal.
    """
    if principal == "*" or _ACCOUNT.fullmatch(principal) or _UNIQUE_ID.fullmatch(principal):
        return None
    parts = principal.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or parts[2] not in {"iam", "sts"}:
        return 'an account, an ARN of IAM or STS, or `"*"`'
    if "*" in principal or "?" in principal:
        return WILD_PRINCIPAL
    return None


def service_problem(principal: str) -> str | None:
    """Return what was expected of a principal under another type than `AWS`, or None when it is one.

    Source: IAM User Guide, reference_policies_elements_principal: only `AWS` takes `"*"`, and no name
    holds a wildcard.
    """
    if "*" in principal or "?" in principal:
        return WILD_NAME
    return None
