"""Sessions on instances, as Session Manager starts them: who may, on what, with which document and MFA."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local_aws import Key, LocalAws
from refusal import refusal

DENIED = "AccessDeniedException"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(*actions: str, resource: str = "*", condition: dict[str, Any] | None = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return {**statement, "Condition": condition} if condition else statement


@pytest.fixture
def instance(sandbox: LocalAws) -> str:
    """Return the id of a running instance."""
    made = sandbox.client("ec2").run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)
    return str(made["Instances"][0]["InstanceId"])


def arn_of(sandbox: LocalAws, instance: str) -> str:
    return f"arn:aws:ec2:us-east-1:{sandbox.account}:instance/{instance}"


def test_without_mfa_no_session_is_started(sandbox: LocalAws, instance: str) -> None:
    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    key = sandbox.user("developer", policy(allow("ssm:StartSession", condition=with_mfa)))
    start = sandbox.client("ssm", key).start_session
    code, status, text = refusal(start, Target=instance)
    assert (code, status) == (DENIED, 400)
    assert text == (
        f"User: arn:aws:iam::{sandbox.account}:user/developer is not authorized to perform: "
        f"ssm:StartSession on resource: {arn_of(sandbox, instance)} "
        "because no identity-based policy allows the ssm:StartSession action"
    )
    without = sandbox.client("ssm", sandbox.session(key))
    assert refusal(without.start_session, Target=instance)[0] == DENIED
    session = sandbox.client("ssm", sandbox.session(key, sandbox.device("developer")))
    started = session.start_session(Target=instance)
    assert started["SessionId"].startswith("developer-0")
    assert started["TokenValue"]
    assert started["StreamUrl"].startswith("wss://127.0.0.1:9/")


def test_a_session_is_listed_resumed_and_ended(sandbox: LocalAws, instance: str) -> None:
    ssm = sandbox.client("ssm", sandbox.user("worker", policy(allow("ssm:*"))))
    session_id = ssm.start_session(Target=instance, Reason="a look")["SessionId"]
    (shown,) = ssm.describe_sessions(State="Active")["Sessions"]
    assert shown["SessionId"] == session_id
    assert shown["Target"] == instance
    assert shown["Owner"] == f"arn:aws:iam::{sandbox.account}:user/worker"
    assert (shown["Reason"], shown["DocumentName"]) == ("a look", "SSM-SessionManagerRunShell")
    resumed = ssm.resume_session(SessionId=session_id)
    assert resumed["SessionId"] == session_id
    assert ssm.terminate_session(SessionId=session_id)["SessionId"] == session_id
    assert refusal(ssm.resume_session, SessionId=session_id)[0] == "DoesNotExistException"
    assert ssm.describe_sessions(State="Active")["Sessions"] == []
    (ended,) = ssm.describe_sessions(State="History")["Sessions"]
    assert ended["Status"] == "Terminated"
    assert ended["EndDate"] >= ended["StartDate"]


def test_sessions_are_filtered_and_paged(sandbox: LocalAws, instance: str) -> None:
    ssm = sandbox.client("ssm")
    ids = []
    for _ in range(3):
        ids.append(ssm.start_session(Target=instance)["SessionId"])
        sandbox.move_clock(60)
    first = ssm.describe_sessions(State="Active", MaxResults=2)
    rest = ssm.describe_sessions(State="Active", MaxResults=2, NextToken=first["NextToken"])
    listed = [each["SessionId"] for each in first["Sessions"] + rest["Sessions"]]
    assert listed == ids[::-1]
    assert "NextToken" not in rest
    wanted = [{"key": "SessionId", "value": ids[1]}]
    assert [
        each["SessionId"] for each in ssm.describe_sessions(State="Active", Filters=wanted)["Sessions"]
    ] == [ids[1]]


def test_users_end_their_own_sessions_only(sandbox: LocalAws, instance: str) -> None:
    own = "arn:aws:ssm:*:*:session/${aws:username}-*"
    people = {
        name: sandbox.client(
            "ssm",
            sandbox.user(
                name,
                policy(
                    allow("ssm:StartSession"),
                    allow("ssm:TerminateSession", "ssm:ResumeSession", resource=own),
                ),
            ),
        )
        for name in ("ann", "bob")
    }
    session_id = people["ann"].start_session(Target=instance)["SessionId"]
    code, _, text = refusal(people["bob"].terminate_session, SessionId=session_id)
    assert code == DENIED
    assert f"on resource: arn:aws:ssm:us-east-1:{sandbox.account}:session/{session_id} because" in text
    assert refusal(people["bob"].resume_session, SessionId=session_id)[0] == DENIED
    people["ann"].resume_session(SessionId=session_id)
    people["ann"].terminate_session(SessionId=session_id)


def test_the_tags_of_a_session_say_whose_it_is(sandbox: LocalAws, instance: str) -> None:
    mine = {"StringLike": {"ssm:resourceTag/aws:ssmmessages:session-id": ["${aws:userid}"]}}
    ann, bob = (
        sandbox.client(
            "ssm",
            sandbox.user(
                name, policy(allow("ssm:StartSession"), allow("ssm:TerminateSession", condition=mine))
            ),
        )
        for name in ("ann", "bob")
    )
    session_id = ann.start_session(Target=instance)["SessionId"]
    assert refusal(bob.terminate_session, SessionId=session_id)[0] == DENIED
    ann.terminate_session(SessionId=session_id)


def test_a_document_that_is_named_must_be_allowed(sandbox: LocalAws, instance: str) -> None:
    node = allow("ssm:StartSession", resource=arn_of(sandbox, instance))
    forward = "AWS-StartPortForwardingSession"
    only_node = sandbox.client("ssm", sandbox.user("a", policy(node)))
    only_node.start_session(Target=instance)
    code, _, text = refusal(only_node.start_session, Target=instance, DocumentName=forward)
    assert (code, f"on resource: arn:aws:ssm:us-east-1::document/{forward} " in text) == (DENIED, True)
    both = allow("ssm:StartSession", resource=f"arn:aws:ssm:*:*:document/{forward}")
    allowed = sandbox.client("ssm", sandbox.user("b", policy(node, both)))
    allowed.start_session(Target=instance, DocumentName=forward, Parameters={"portNumber": ["80"]})
    code, _, text = refusal(sandbox.client("ssm").start_session, Target=instance, DocumentName="AWS-Nothing")
    assert (code, text) == ("InvalidDocument", "Document with name AWS-Nothing does not exist.")


@pytest.mark.parametrize("operator", ["Bool", "BoolIfExists"])
def test_the_document_check_asks_for_the_default_document(
    sandbox: LocalAws, instance: str, operator: str
) -> None:
    checked = {operator: {"ssm:SessionDocumentAccessCheck": "true"}}
    node = allow("ssm:StartSession", resource=arn_of(sandbox, instance), condition=checked)
    shell = f"arn:aws:ssm:us-east-1:{sandbox.account}:document/SSM-SessionManagerRunShell"
    without = sandbox.client("ssm", sandbox.user("a", policy(node)))
    code, _, text = refusal(without.start_session, Target=instance)
    assert (code, f"on resource: {shell} " in text) == (DENIED, True)
    document = allow("ssm:StartSession", resource=shell, condition=checked)
    sandbox.client("ssm", sandbox.user("b", policy(node, document))).start_session(Target=instance)


def test_a_node_that_does_not_run_is_not_connected(sandbox: LocalAws, instance: str) -> None:
    ssm = sandbox.client("ssm")
    assert ssm.get_connection_status(Target=instance)["Status"] == "connected"
    sandbox.client("ec2").stop_instances(InstanceIds=[instance])
    assert ssm.get_connection_status(Target=instance)["Status"] == "notconnected"
    refused = ("TargetNotConnected", 400, f"{instance} is not connected.")
    assert refusal(ssm.start_session, Target=instance) == refused
    other = "mi-0123456789abcdef0"
    assert refusal(ssm.start_session, Target=other) == (
        "TargetNotConnected",
        400,
        f"{other} is not connected.",
    )


@pytest.mark.parametrize("target", ["ecs:cluster_task_runtime", "i-1/../i-2", "i-0123456789abcdef0,i-1", "*"])
def test_what_is_no_node_is_not_decided(sandbox: LocalAws, target: str) -> None:
    assert refusal(sandbox.client("ssm").start_session, Target=target)[0] == "SandboxUnsupported"


def test_a_role_session_is_named_after_itself(sandbox: LocalAws, instance: str) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": sandbox.account}}
    iam = sandbox.client("iam")
    role = iam.create_role(RoleName="ops", AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="ops", PolicyName="p", PolicyDocument=policy(allow("ssm:*")))
    key = sandbox.user("ann", policy(allow("sts:AssumeRole")))
    taken = sandbox.client("sts", key).assume_role(RoleArn=role, RoleSessionName="on-call")
    ssm = sandbox.client("ssm", Key.of(taken["Credentials"]))
    assert ssm.start_session(Target=instance)["SessionId"].startswith("on-call-0")


PLUGIN = """#!/bin/sh
if [ "$1" = --version ]; then echo 1.2.800.0; else echo "$AWS_SSM_START_SESSION_RESPONSE" > handed; fi
"""


def test_the_aws_command_starts_a_session_after_a_code_and_not_before(
    sandbox: LocalAws, instance: str, tmp_path: Path
) -> None:
    """As the walk-through of MFA for programs has it; what the plugin would connect to is nobody."""
    plugin = tmp_path / "session-manager-plugin"
    plugin.write_text(PLUGIN)
    plugin.chmod(0o700)
    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    own = policy(allow("iam:ListMFADevices"), allow("ssm:*", condition=with_mfa))
    key = sandbox.user("developer", own)
    serial = sandbox.device("developer")

    def aws(*arguments: str, key: Key) -> subprocess.CompletedProcess[str]:
        keys = {"AWS_ACCESS_KEY_ID": key.access_key_id, "AWS_SECRET_ACCESS_KEY": key.secret_access_key}
        token = {} if key.session_token is None else {"AWS_SESSION_TOKEN": key.session_token}
        path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
        return subprocess.run(
            [str(Path(sys.executable).parent / "aws"), *arguments, "--output", "json"],
            env={**path, **sandbox.environment, **keys, **token},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=tmp_path,
        )

    start = ("ssm", "start-session", "--target", instance)
    refused = aws(*start, key=key)
    assert refused.returncode != 0
    assert "not authorized to perform: ssm:StartSession" in refused.stderr
    devices = json.loads(aws("iam", "list-mfa-devices", key=key).stdout)["MFADevices"]
    assert [each["SerialNumber"] for each in devices] == [serial]
    code = sandbox.fresh_code(serial)
    asked = ("--duration-seconds", "900", "--serial-number", serial, "--token-code", code)
    session = json.loads(aws("sts", "get-session-token", *asked, key=key).stdout)["Credentials"]
    started = aws(*start, key=Key.of(session))
    assert started.returncode == 0, started.stderr
    handed = json.loads((tmp_path / "handed").read_text())
    assert handed["SessionId"].startswith("developer-0")
    assert handed["StreamUrl"].startswith("wss://127.0.0.1:9/")
