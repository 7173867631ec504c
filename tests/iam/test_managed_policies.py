"""AWS's own managed policies: whatever else they are, they are policies that AWS accepts."""

from __future__ import annotations

import json

from moto.iam.aws_managed_policies import aws_managed_policies_data

from iam.policies import request
from watchword.iam import PolicyKind, PolicySet, compile_policy, evaluate, parse_policy

NEW_USER = "arn:aws:iam::123456789012:user/new"


def test_every_managed_policy_is_read_and_two_of_them_let_one_create_users() -> None:
    allowing = set()
    managed = json.loads(aws_managed_policies_data)
    for name, entry in managed.items():
        policy = parse_policy(json.dumps(entry["Document"]), name=name, kind=PolicyKind.IDENTITY)
        decision = evaluate(
            request("iam:CreateUser", NEW_USER), PolicySet(identity=(compile_policy(policy),))
        )
        if decision.allowed:
            allowing.add(name)
    assert len(managed) > 1000
    assert allowing == {"AdministratorAccess", "IAMFullAccess"}
