"""Roles in a sandbox, and a session of one as Identity Center hands them out."""

from __future__ import annotations

import json
from typing import Any

from aws.portal_peer import ROLE
from local_aws import Key, LocalAws


def trust(sandbox: LocalAws, condition: dict[str, Any]) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{sandbox.account}:root"},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def may_assume() -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role_session(sandbox: LocalAws) -> Key:
    """Return a session of a role, as Identity Center hands them out."""
    iam = sandbox.client("iam")
    arn = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust(sandbox, {}))["Role"]["Arn"]
    iam.put_role_policy(RoleName=ROLE, PolicyName="inline", PolicyDocument=may_assume())
    user = sandbox.user("portal", may_assume())
    answer = sandbox.client("sts", user).assume_role(RoleArn=arn, RoleSessionName="me")
    return Key.of(answer["Credentials"])


def support(sandbox: LocalAws, condition: dict[str, Any] | None = None) -> str:
    document = trust(sandbox, condition or {})
    role = sandbox.client("iam").create_role(RoleName="Support", AssumeRolePolicyDocument=document)
    return str(role["Role"]["Arn"])
