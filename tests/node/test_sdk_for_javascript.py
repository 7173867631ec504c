"""The SDK for JavaScript against the sandbox: it is refused, and let in, as by AWS."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from local_aws import LocalAws

SCRIPT = Path(__file__).with_name("walk_through.mjs")
MAY_ASSUME = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
}


def test_the_sdk_is_denied_then_gives_a_code_and_is_allowed(sandbox: LocalAws, node_modules: Path) -> None:
    key = sandbox.user("dev", json.dumps(MAY_ASSUME))
    serial = sandbox.device("dev")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"AWS": f"arn:aws:iam::{sandbox.account}:root"},
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        },
    }
    role = sandbox.client("iam").create_role(RoleName="ops", AssumeRolePolicyDocument=json.dumps(trust))
    run = subprocess.run(
        ["node", str(SCRIPT), role["Role"]["Arn"], serial],
        env={
            "PATH": os.environ["PATH"],
            "NODE_MODULES": str(node_modules),
            "AWS_ENDPOINT_URL": sandbox.endpoint_url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        },
        input=sandbox.fresh_code(serial),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    denied, used, arn = run.stdout.splitlines()
    assert denied.startswith(f"AccessDenied: User: arn:aws:iam::{sandbox.account}:user/dev is not authorized")
    assert used == "AccessDenied: MultiFactorAuthentication failed with invalid MFA one time pass code. "
    assert arn == f"arn:aws:sts::{sandbox.account}:assumed-role/ops/node"
