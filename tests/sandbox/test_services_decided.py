"""EC2, load balancers, databases, logs and metrics over HTTP: decided on the very resource touched."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_aws import Key, LocalAws, local_aws
from refusal import refusal
from signed import call

REGION = "us-east-1"
ACCOUNT = "123456789012"
IMAGE = "ami-12c6146b"  # one of those that are there: to list them all takes a second


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    path: Path = tmp_path_factory.mktemp("aws")
    with local_aws(path) as running:
        yield running


def allow(
    *actions: str, resource: str | list[str] = "*", condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    found = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return found if condition is None else {**found, "Condition": condition}


def deny(*actions: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": actions, "Resource": resource}


def user(aws: LocalAws, name: str, *statements: dict[str, Any]) -> Key:
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return aws.user(name, document if statements else None)


def arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


# --- EC2 ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def instance(aws: LocalAws) -> str:
    found: str = aws.client("ec2").run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1)["Instances"][0][
        "InstanceId"
    ]
    return found


def test_an_instance_is_started_only_by_those_allowed_all_that_it_is_made_of(aws: LocalAws) -> None:
    small = {"StringEquals": {"ec2:InstanceType": "t3.micro"}}
    around = [arn("ec2", f"{kind}/*") for kind in ("volume", "network-interface", "subnet", "security-group")]
    run = "ec2:RunInstances"
    starter = user(
        aws,
        "starter",
        allow(run, resource=[*around, f"arn:aws:ec2:{REGION}::image/*"]),
        allow(run, resource=arn("ec2", "instance/*"), condition=small),
    )
    ec2 = aws.client("ec2", starter)
    one = {"ImageId": IMAGE, "MinCount": 1, "MaxCount": 1}
    assert ec2.run_instances(InstanceType="t3.micro", **one)["Instances"]
    assert refusal(ec2.run_instances, InstanceType="m5.large", **one)[0] == "UnauthorizedOperation"
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "red"}]}]
    text = refusal(ec2.run_instances, InstanceType="t3.micro", TagSpecifications=tags, **one)[2]
    assert "perform: ec2:CreateTags on resource: " + arn("ec2", "instance/*") in text


def test_a_role_is_passed_to_an_instance_only_by_those_who_may(aws: LocalAws) -> None:
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(RoleName="admin", AssumeRolePolicyDocument=document)
    iam.create_instance_profile(InstanceProfileName="admin")
    iam.add_role_to_instance_profile(InstanceProfileName="admin", RoleName="admin")
    ec2 = aws.client("ec2", user(aws, "no-passer", allow("ec2:*")))
    asked = {"ImageId": IMAGE, "MinCount": 1, "MaxCount": 1}
    for profile in ({"Name": "admin"}, {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/admin"}):
        text = refusal(ec2.run_instances, IamInstanceProfile=profile, **asked)[2]
        assert f"perform: iam:PassRole on resource: arn:aws:iam::{ACCOUNT}:role/admin" in text


def test_an_instance_is_stopped_only_by_those_allowed_it(aws: LocalAws, instance: str) -> None:
    own = user(aws, "own-instance", allow("ec2:StopInstances", resource=arn("ec2", f"instance/{instance}")))
    other = user(aws, "other-instance", allow("ec2:StopInstances", resource=arn("ec2", "instance/i-0")))
    assert (
        refusal(aws.client("ec2", other).stop_instances, InstanceIds=[instance])[0] == "UnauthorizedOperation"
    )
    assert (
        refusal(aws.client("ec2", own).stop_instances, InstanceIds=[instance, "i-0"])[0]
        == "UnauthorizedOperation"
    )
    assert aws.client("ec2", own).stop_instances(InstanceIds=[instance])["StoppingInstances"]


@pytest.mark.parametrize("attribute", ["groupSet", "iamInstanceProfile", "imageId", "id"])
def test_an_attribute_that_names_something_else_is_not_set_by_its_name(
    aws: LocalAws, instance: str, attribute: str
) -> None:
    ec2 = aws.client("ec2")
    asked = {"InstanceId": instance, "Attribute": attribute, "Value": "ami-12345678"}
    before = ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    assert refusal(ec2.modify_instance_attribute, **asked)[0] == "SandboxUnsupported"
    assert ec2.describe_instances(InstanceIds=[instance])["Reservations"] == before
    ec2.modify_instance_attribute(**{**asked, "Attribute": "disableApiTermination", "Value": "false"})


def test_a_dry_run_tells_what_would_come_of_it(aws: LocalAws, instance: str) -> None:
    may = user(aws, "dry", allow("ec2:TerminateInstances", "ec2:DeleteFpgaImage"))
    may_not = user(aws, "drier")
    terminate = {"InstanceIds": [instance], "DryRun": True}
    code, status, text = refusal(aws.client("ec2", may).terminate_instances, **terminate)
    assert (code, status) == ("DryRunOperation", 412)
    assert text == "Request would have succeeded, but DryRun flag is set."
    assert (
        refusal(aws.client("ec2", may).delete_fpga_image, FpgaImageId="afi-1", DryRun=True)[0]
        == "DryRunOperation"
    )
    assert refusal(aws.client("ec2", may_not).terminate_instances, **terminate)[:2] == (
        "UnauthorizedOperation",
        403,
    )
    state = aws.client("ec2").describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0][
        "State"
    ]
    assert state["Name"] != "terminated"


def test_a_group_is_the_same_by_name_and_by_id(aws: LocalAws) -> None:
    root = aws.client("ec2")
    vault = root.create_security_group(GroupName="vault", Description="-")["GroupId"]
    keeper = user(
        aws,
        "keeper",
        allow("ec2:*"),
        deny("ec2:*SecurityGroup*", resource=arn("ec2", f"security-group/{vault}")),
    )
    ec2 = aws.client("ec2", keeper)
    open_to_all = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    for named in ({"GroupId": vault}, {"GroupId": "vault"}, {"GroupName": "vault"}, {"GroupName": vault}):
        assert (
            refusal(ec2.authorize_security_group_ingress, **named, **open_to_all)[0]
            == "UnauthorizedOperation"
        )
        assert refusal(ec2.delete_security_group, **named)[0] == "UnauthorizedOperation"
    assert not root.describe_security_groups(GroupIds=[vault])["SecurityGroups"][0]["IpPermissions"]


def test_an_address_a_template_and_a_key_pair_are_found_behind_their_other_names(aws: LocalAws) -> None:
    root = aws.client("ec2")
    address = root.allocate_address(Domain="vpc")
    template = root.create_launch_template(
        LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.micro"}
    )
    pair = root.create_key_pair(KeyName="mine")
    locked = [
        arn("ec2", f"elastic-ip/{address['AllocationId']}"),
        arn("ec2", f"launch-template/{template['LaunchTemplate']['LaunchTemplateId']}"),
        arn("ec2", "key-pair/mine"),
    ]
    ec2 = aws.client(
        "ec2", user(aws, "locked", allow("ec2:*"), *(deny("ec2:*", resource=each) for each in locked))
    )
    assert refusal(ec2.release_address, PublicIp=address["PublicIp"])[0] == "UnauthorizedOperation"
    assert refusal(ec2.delete_launch_template, LaunchTemplateName="web")[0] == "UnauthorizedOperation"
    assert refusal(ec2.delete_key_pair, KeyPairId=pair["KeyPairId"])[0] == "UnauthorizedOperation"
    assert refusal(ec2.delete_tags, Resources=[pair["KeyPairId"]])[0] == "UnauthorizedOperation"
    root.delete_key_pair(KeyName="mine")


def test_a_network_is_built_and_taken_down_by_those_allowed_it(aws: LocalAws) -> None:
    kinds = ("vpc", "subnet", "internet-gateway", "route-table")
    builder = user(aws, "builder", allow("ec2:*", resource=[arn("ec2", f"{kind}/*") for kind in kinds]))
    ec2 = aws.client("ec2", builder)
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    ec2.disassociate_route_table(AssociationId=association)
    assert refusal(ec2.create_volume, AvailabilityZone="us-east-1a", Size=1)[0] == "UnauthorizedOperation"
    assert refusal(ec2.describe_vpcs)[0] == "UnauthorizedOperation"  # it has no resource but `*`
    ec2.delete_route_table(RouteTableId=table)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


# --- load balancers -------------------------------------------------------------------------------


def test_a_load_balancer_its_groups_and_listeners_are_decided_one_by_one(aws: LocalAws) -> None:
    root = aws.client("ec2")
    subnets = [each["SubnetId"] for each in root.describe_subnets()["Subnets"][:2]]
    vpc = root.describe_vpcs()["Vpcs"][0]["VpcId"]
    elb = "elasticloadbalancing"
    team = user(
        aws,
        "team",
        allow(
            f"{elb}:*", resource=[arn(elb, f"{kind}/team-*") for kind in ("loadbalancer/app", "targetgroup")]
        ),
        allow(f"{elb}:*", resource=arn(elb, "listener/app/team-*")),
        allow(f"{elb}:Describe*"),
    )
    client = aws.client("elbv2", team)
    balancer = client.create_load_balancer(Name="team-web", Subnets=subnets)["LoadBalancers"][0][
        "LoadBalancerArn"
    ]
    group = client.create_target_group(Name="team-web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][
        0
    ]
    forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
    listener = client.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=forward,
        Tags=[{"Key": "a", "Value": "b"}],
    )["Listeners"][0]["ListenerArn"]
    text = refusal(client.create_load_balancer, Name="other", Subnets=subnets)[2]
    assert f"{elb}:CreateLoadBalancer on resource: {arn(elb, 'loadbalancer/app/other/*')}" in text
    assert (
        refusal(client.delete_load_balancer, LoadBalancerArn=group["TargetGroupArn"])[0]
        == "SandboxUnsupported"
    )
    client.delete_listener(ListenerArn=listener)
    client.delete_load_balancer(LoadBalancerArn=balancer)
    client.delete_target_group(TargetGroupArn=group["TargetGroupArn"])


# --- databases ------------------------------------------------------------------------------------


def database(name: str) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": name,
        "Engine": "mysql",
        "EngineVersion": "8.0.35",
        "DBInstanceClass": "db.t3.micro",
        "MasterUsername": "root",
        "MasterUserPassword": "not a secret",
        "AllocatedStorage": 10,
    }


def test_a_database_is_decided_by_its_name_in_lower_case(aws: LocalAws) -> None:
    groups = [arn("rds", f"{kind}:default*") for kind in ("og", "pg", "subgrp")]
    dba = user(
        aws,
        "dba",
        allow("rds:*", resource=[arn("rds", "db:test*"), *groups]),
        allow("rds:DescribeDBInstances"),
    )
    rds = aws.client("rds", dba)
    rds.create_db_instance(**database("Test1"))
    assert refusal(rds.create_db_instance, **database("production"))[0] == "AccessDenied"
    aws.client("rds").create_db_instance(**database("production"))
    guard = user(aws, "guard", allow("rds:*"), deny("rds:*", resource=arn("rds", "db:production")))
    for name in ("production", "PRODUCTION", arn("rds", "db:production")):
        code = refusal(
            aws.client("rds", guard).delete_db_instance, DBInstanceIdentifier=name, SkipFinalSnapshot=True
        )[0]
        assert code == "AccessDenied"
    tagged = {"ResourceName": arn("rds", "db:production"), "Tags": [{"Key": "a", "Value": "b"}]}
    assert refusal(aws.client("rds", guard).add_tags_to_resource, **tagged)[0] == "AccessDenied"
    elsewhere = {**tagged, "ResourceName": "arn:aws:rds:eu-west-1:123456789012:db:production"}
    assert refusal(aws.client("rds", guard).add_tags_to_resource, **elsewhere)[0] == "SandboxUnsupported"
    rds.delete_db_instance(DBInstanceIdentifier="test1", SkipFinalSnapshot=True)


def test_a_database_needs_the_groups_that_it_takes_by_itself(aws: LocalAws) -> None:
    alone = user(aws, "alone", allow("rds:*", resource=arn("rds", "db:*")))
    text = refusal(aws.client("rds", alone).create_db_instance, **database("x"))[2]
    assert f"on resource: {arn('rds', 'og:default:mysql-8-0')}" in text


# --- logs and metrics -----------------------------------------------------------------------------


def test_a_log_group_is_the_same_by_name_and_by_arn(aws: LocalAws) -> None:
    group = arn("logs", "log-group:/app/web")
    writer = user(
        aws,
        "writer",
        allow("logs:*", resource=[f"{group}:*", group]),
        allow("logs:DescribeLogGroups", resource=arn("logs", "log-group:*")),
    )
    logs = aws.client("logs", writer)
    logs.create_log_group(logGroupName="/app/web", tags={"team": "red"})
    logs.create_log_stream(logGroupName="/app/web", logStreamName="one")
    event = {"timestamp": int(time.time() * 1000), "message": "hello"}
    logs.put_log_events(logGroupName="/app/web", logStreamName="one", logEvents=[event])
    logs.describe_log_groups()
    for named in ({"logGroupName": "/app/web"}, {"logGroupIdentifier": group}):
        logs.describe_log_streams(**named)
    assert refusal(logs.create_log_group, logGroupName="/app/other")[0] == "AccessDeniedException"
    blind = user(aws, "blind", allow("logs:*"), deny("logs:*", resource=f"{group}:*"))
    for named in (
        {"logGroupName": "/app/web"},
        {"logGroupIdentifier": group},
        {"logGroupIdentifier": f"{group}:*"},
    ):
        assert refusal(aws.client("logs", blind).filter_log_events, **named)[0] == "AccessDeniedException"
    logs.delete_log_group(logGroupName="/app/web")


def test_an_alarm_and_a_dashboard_are_decided_by_name(aws: LocalAws) -> None:
    watcher = user(
        aws,
        "watcher",
        allow(
            "cloudwatch:*", resource=[arn("cloudwatch", "alarm:web*"), "arn:aws:cloudwatch::*:dashboard/web"]
        ),
    )
    client = aws.client("cloudwatch", watcher)
    alarm = {
        "Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
        "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    client.put_metric_alarm(AlarmName="web errors", **alarm)
    assert refusal(client.put_metric_alarm, AlarmName="db errors", **alarm)[0] == "AccessDenied"
    text = refusal(client.describe_alarms)[2]
    assert f"on resource: {arn('cloudwatch', 'alarm:*')}" in text
    assert client.describe_alarms(AlarmNames=["web errors"])["MetricAlarms"]
    client.put_dashboard(DashboardName="web", DashboardBody='{"widgets": []}')
    assert refusal(client.delete_dashboards, DashboardNames=["web", "db"])[0] == "AccessDenied"
    client.delete_alarms(AlarmNames=["web errors"])


# --- what is not there, and what nothing tells ----------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "what", ["analytics", "metrics", "intelligent-tiering", "metadataConfiguration", "abac"]
)
def test_what_the_plane_does_not_have_is_not_taken_for_something_else(
    aws: LocalAws, method: str, what: str
) -> None:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="mine")
    answer = call(aws, aws.root, "s3", method, f"/mine?{what}&id=x" if what != "abac" else "/mine?abac")
    assert (answer.status, "SandboxUnsupported" in answer.text) == (400, True)
    assert s3.list_objects_v2(Bucket="mine")["KeyCount"] == 0


def test_a_deny_shows_where_there_is_nothing_behind_the_call(aws: LocalAws) -> None:
    nobody = aws.client("ec2", user(aws, "nobody"))
    assert refusal(nobody.describe_fpga_images)[0] == "UnauthorizedOperation"
    assert refusal(aws.client("ec2").describe_fpga_images)[0] == "SandboxUnsupported"


def test_tags_may_be_left_to_what_creates(aws: LocalAws) -> None:
    created = {"StringEquals": {"ec2:CreateAction": "CreateVpc"}}
    tagger = user(aws, "tagger", allow("ec2:CreateVpc"), allow("ec2:CreateTags", condition=created))
    ec2 = aws.client("ec2", tagger)
    tags = [{"Key": "team", "Value": "red"}]
    made = ec2.create_vpc(CidrBlock="10.8.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}])
    code = refusal(ec2.create_tags, Resources=[made["Vpc"]["VpcId"]], Tags=tags)[0]
    assert code == "UnauthorizedOperation"  # a direct call has no ec2:CreateAction


def test_a_key_of_instances_is_absent_on_all_else_that_is_started(aws: LocalAws) -> None:
    wanted = {"StringEquals": {"ec2:InstanceType": "t3.micro"}}
    ec2 = aws.client("ec2", user(aws, "type-on-star", allow("ec2:RunInstances", condition=wanted)))
    text = refusal(ec2.run_instances, ImageId=IMAGE, InstanceType="t3.micro", MinCount=1, MaxCount=1)[2]
    assert f"perform: ec2:RunInstances on resource: arn:aws:ec2:{REGION}::image/{IMAGE}" in text


def test_a_count_beyond_all_quotas_is_refused_at_once(aws: LocalAws) -> None:
    asked = {"AvailabilityZone": "us-east-1a", "InstanceType": "m5.large", "Quantity": 10**8}
    code, _, text = refusal(aws.client("ec2").allocate_hosts, **asked)
    assert (code, "Quantity above 1000" in text) == ("SandboxUnsupported", True)


def test_a_second_load_balancer_of_a_name_is_not_made(aws: LocalAws) -> None:
    ec2, elbv2 = aws.client("ec2"), aws.client("elbv2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    elbv2.create_load_balancer(Name="one-of-a-name", Subnets=subnets)
    code, _, text = refusal(elbv2.create_load_balancer, Name="one-of-a-name", Subnets=subnets)
    assert (code, "DuplicateLoadBalancerName" in text) == ("SandboxUnsupported", True)
    found = elbv2.describe_load_balancers()["LoadBalancers"]
    assert [each["LoadBalancerName"] for each in found].count("one-of-a-name") == 1
