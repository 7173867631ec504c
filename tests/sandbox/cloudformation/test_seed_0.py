"""The lesson of a walk-through on forced MFA, with the real `aws` command.

A long-term key passes a Deny with `Bool` when it calls by itself. What CloudFormation calls on its behalf
does not: there the key is present, and `false`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local_aws import Key, LocalAws, local_aws
from sandbox.cloudformation.deployer import allow, deny, policy

BIN = Path(sys.executable).parent
BALANCER = """
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Subnets: !Ref Subnets, Name: env-dev-alb}
"""
TARGETS = """
Parameters:
  Vpc: {Type: "AWS::EC2::VPC::Id"}
  Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
Resources:
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties: {VpcId: !Ref Vpc, Port: 80, Protocol: HTTP, TargetType: ip}
"""
# As the walk-through has it.
EXCEPT_ENROLMENT = [
    "iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:GetUser", "iam:ListMFADevices",
    "iam:ListVirtualMFADevices", "iam:ResyncMFADevice", "sts:GetSessionToken",
]  # fmt: skip
Aws = Callable[..., "subprocess.CompletedProcess[str]"]


def forced(operator: str) -> str:
    condition = {operator: {"aws:MultiFactorAuthPresent": "false"}}
    refused = {**deny("*", Condition=condition), "NotAction": EXCEPT_ENROLMENT}
    del refused["Action"]
    return policy(allow("*"), refused)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(Path(tmp_path_factory.mktemp("seed")) / "sandbox") as sandbox:
        yield sandbox


@pytest.fixture
def aws(running: LocalAws, tmp_path: Path) -> Aws:
    def run(key: Key, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **running.environment,
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "AWS_ACCESS_KEY_ID": key.access_key_id,
            "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
            "AWS_REGION": "us-east-1",
            **({} if key.session_token is None else {"AWS_SESSION_TOKEN": key.session_token}),
        }
        return subprocess.run(
            [str(BIN / "aws"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=tmp_path,
        )

    (tmp_path / "targets.yaml").write_text(TARGETS)
    (tmp_path / "balancer.yaml").write_text(TARGETS + BALANCER)
    return run


@pytest.fixture(scope="module")
def network(running: LocalAws) -> str:
    """The parameters of the stacks: the default VPC and two subnets of it."""
    ec2 = running.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = ",".join(each["SubnetId"] for each in ec2.describe_subnets()["Subnets"][:2])
    return json.dumps(
        [
            {"ParameterKey": "Vpc", "ParameterValue": vpc},
            {"ParameterKey": "Subnets", "ParameterValue": subnets},
        ]
    )


def stack(
    running: LocalAws, aws: Aws, key: Key, verb: str, name: str, file: str, parameters: str
) -> tuple[str, str]:
    """Create or update a stack as somebody, and return what root is told: the status, and all reasons."""
    asked = ("--stack-name", name, "--template-body", f"file://{file}", "--parameters", parameters)
    answer = aws(key, "cloudformation", f"{verb}-stack", *asked)
    assert answer.returncode == 0, answer.stderr
    root = running.client("cloudformation")
    events = root.describe_stack_events(StackName=name)["StackEvents"]
    reasons = "\n".join(event.get("ResourceStatusReason", "") for event in events)
    return root.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"], reasons


def signed_in(running: LocalAws, aws: Aws, key: Key, user: str) -> Key:
    """Return the session that the walk-through puts into its environment: GetSessionToken with a code."""
    serial = running.device(user)
    code = ("--serial-number", serial, "--token-code", running.fresh_code(serial))
    return Key.of(json.loads(aws(key, "sts", "get-session-token", *code).stdout)["Credentials"])


def test_with_bool_a_key_reads_but_its_stack_is_rolled_back(
    running: LocalAws, aws: Aws, network: str
) -> None:
    running.client("s3").create_bucket(Bucket="seen")
    key = running.user("jack-test", forced("Bool"))
    assert "seen" in aws(key, "s3", "ls").stdout
    assert "TargetGroups" in aws(key, "elbv2", "describe-target-groups").stdout

    status, reasons = stack(running, aws, key, "create", "new", "balancer.yaml", network)
    assert status == "ROLLBACK_COMPLETE"
    assert "user/jack-test is not authorized to perform: elasticloadbalancing:" in reasons
    assert "with an explicit deny in an identity-based policy" in reasons
    decided = next(record for record in reversed(running.log) if record.via is not None)
    assert (decided.mfa, decided.via) == ("false", "cloudformation.amazonaws.com")
    assert decided.action.startswith("elasticloadbalancing:")

    session = signed_in(running, aws, key, "jack-test")
    assert stack(running, aws, session, "create", "old", "targets.yaml", network)[0] == "CREATE_COMPLETE"
    status, reasons = stack(running, aws, key, "update", "old", "balancer.yaml", network)
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert "user/jack-test is not authorized to perform: elasticloadbalancing:CreateLoadBalancer" in reasons
    assert running.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert len(running.client("elbv2").describe_target_groups()["TargetGroups"]) == 1

    assert stack(running, aws, session, "update", "old", "balancer.yaml", network)[0] == "UPDATE_COMPLETE"
    found = running.client("elbv2").describe_load_balancers()["LoadBalancers"]
    assert [each["LoadBalancerName"] for each in found] == ["env-dev-alb"]


def test_with_bool_if_exists_the_first_call_is_refused(running: LocalAws, aws: Aws, network: str) -> None:
    key = running.user("strict", forced("BoolIfExists"))
    for arguments in (
        ("s3", "ls"),
        ("cloudformation", "create-stack", "--stack-name", "never", "--template-body", "file://targets.yaml"),
    ):
        answer = aws(key, *arguments)
        assert answer.returncode != 0
        assert "with an explicit deny" in answer.stderr
    session = signed_in(running, aws, key, "strict")
    assert stack(running, aws, session, "create", "strict", "targets.yaml", network)[0] == "CREATE_COMPLETE"


def test_deploy_makes_a_change_set_and_executes_it(running: LocalAws, aws: Aws, network: str) -> None:
    given = [f"{each['ParameterKey']}={each['ParameterValue']}" for each in json.loads(network)]
    deploy = ("cloudformation", "deploy", "--stack-name", "deployed", "--parameter-overrides", *given)
    first = aws(running.root, *deploy, "--template-file", "targets.yaml")
    assert (first.returncode, "Successfully created" in first.stdout) == (0, True)
    key = running.user("by-key", forced("Bool"))
    time.sleep(1)  # the command names its change set by the second
    answer = aws(key, *deploy, "--template-file", "balancer.yaml")
    assert (answer.returncode != 0, "Failed to create/update the stack" in answer.stderr) == (True, True), (
        answer.stderr
    )
