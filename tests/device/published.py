"""Policies that people copy: those of the seeds, and AWS's own samples as they stand in its documentation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ACCOUNT = "123456789012"
_SEEDS = Path(__file__).parents[1] / "cases" / "policies"
_OWN_USER = "arn:aws:iam::*:user/${aws:username}"
ALLOW_ALL = {
    "Version": "2012-10-17",
    "Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"},
}


def seed(name: str, *, repaired: bool = True) -> str:
    """The text of a seed's policy, with this account's number if repaired."""
    text = (_SEEDS / f"seed-{name}.json").read_text()
    return text.replace("111122223333", ACCOUNT) if repaired else text


def _allow(sid: str, actions: list[str], resource: str = _OWN_USER, **more: Any) -> dict[str, Any]:  # noqa: ANN401 JSON
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Action": [f"iam:{each}" for each in actions],
        "Resource": resource,
        **more,
    }


def _deny_all_but(sid: str, actions: list[str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Deny",
        "NotAction": actions,
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)


_ENROLLING = ["CreateVirtualMFADevice", "EnableMFADevice"]
_LOOKING = ["ListMFADevices", "ListVirtualMFADevices", "ResyncMFADevice"]

# reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only
MFA_ONLY = _policy(
    _allow("AllowViewAccountInfo", ["ListVirtualMFADevices"], "*"),
    _allow("AllowManageOwnVirtualMFADevice", ["CreateVirtualMFADevice"], "arn:aws:iam::*:mfa/*"),
    _allow(
        "AllowManageOwnUserMFA",
        [
            "DeactivateMFADevice",
            "EnableMFADevice",
            "GetUser",
            "GetMFADevice",
            "ListMFADevices",
            "ResyncMFADevice",
        ],
    ),
    _deny_all_but(
        "DenyAllExceptListedIfNoMFA",
        [f"iam:{each}" for each in [*_ENROLLING, "GetUser", *_LOOKING]] + ["sts:GetSessionToken"],
    ),
)

# reference_policies_examples_aws_my-sec-creds-self-manage, without what it allows of keys and certificates
CREDENTIALS = _policy(
    _allow("AllowViewAccountInfo", ["GetAccountPasswordPolicy", "ListVirtualMFADevices"], "*"),
    _allow("AllowManageOwnPasswords", ["ChangePassword", "GetUser"]),
    _allow("AllowManageOwnVirtualMFADevice", ["CreateVirtualMFADevice"], "arn:aws:iam::*:mfa/*"),
    _allow(
        "AllowManageOwnUserMFA",
        ["DeactivateMFADevice", "EnableMFADevice", "GetMFADevice", "ListMFADevices", "ResyncMFADevice"],
    ),
    _deny_all_but(
        "DenyAllExceptListedIfNoMFA",
        [f"iam:{each}" for each in [*_ENROLLING, "GetUser", "GetMFADevice", *_LOOKING]]
        + ["sts:GetSessionToken"],
    ),
)

# The edition before: a device named like the user only, and its removal allowed, but not without MFA
OLD_MFA_ONLY = MFA_ONLY.replace("arn:aws:iam::*:mfa/*", "arn:aws:iam::*:mfa/${aws:username}").replace(
    '"iam:CreateVirtualMFADevice"', '"iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"', 1
)

# reference_policies_examples_iam_mfa-selfmanage
BY_COMMAND_LINE = _policy(
    _allow("AllowListActions", ["ListUsers", "ListVirtualMFADevices"], "*"),
    _allow("AllowUserToCreateVirtualMFADevice", ["CreateVirtualMFADevice"], "arn:aws:iam::*:mfa/*"),
    _allow(
        "AllowUserToManageTheirOwnMFA",
        ["EnableMFADevice", "GetMFADevice", "ListMFADevices", "ResyncMFADevice"],
    ),
    _allow(
        "AllowUserToDeactivateTheirOwnMFAOnlyWhenUsingMFA",
        ["DeactivateMFADevice"],
        Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    ),
    _deny_all_but(
        "BlockMostAccessUnlessSignedInWithMFA",
        [f"iam:{each}" for each in [*_ENROLLING, "ListUsers", *_LOOKING]],
    ),
)

# What each of them is published as: the policies of groups, by name.
PUBLISHED: dict[str, dict[str, str]] = {
    "seed-0": {"ForceMFA": seed("0-force-mfa"), "Everything": json.dumps(ALLOW_ALL)},
    "seed-0-shorter-list": {
        "ForceMFA": seed("0-force-mfa-shorter-list"),
        "Everything": json.dumps(ALLOW_ALL),
    },
    "seed-4": {
        "ManageMFA": seed("4-ManageMFA-corrected"),
        "ForceMFA": seed("4-ForceMFA"),
        "ReadOnly": seed("4-ReadOnly"),
    },
    "aws-mfa-only": {"SelfManageMFA": MFA_ONLY},
    "aws-credentials": {"SelfManage": CREDENTIALS},
    "aws-by-command-line": {"SelfManageMFA": BY_COMMAND_LINE},
}
