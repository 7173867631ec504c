"""Which actions on which resources calls of EC2, load balancers, databases, logs, metrics and stacks are."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.authorise.small_account import needed, questions
from watchword.sandbox.wire.error import SandboxRefusal

EU = "eu-west-1:123456789012"
EC2 = f"arn:aws:ec2:{EU}"
RDS = f"arn:aws:rds:{EU}"
LOGS = f"arn:aws:logs:{EU}"
ELB = f"arn:aws:elasticloadbalancing:{EU}"
ALARMS = f"arn:aws:cloudwatch:{EU}"
RUN = {"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1}


def on(action: str, *resources: str) -> list[tuple[str, str]]:
    return [(action, resource) for resource in resources]


@pytest.mark.parametrize(
    ("service", "name", "params", "expected"),
    [
        (
            "ec2",
            "RunInstances",
            RUN,
            on(
                "ec2:RunInstances",
                "arn:aws:ec2:eu-west-1::image/ami-1",
                f"{EC2}:instance/*",
                f"{EC2}:volume/*",
                f"{EC2}:network-interface/*",
                f"{EC2}:subnet/subnet-default",
                f"{EC2}:security-group/sg-default",
            ),
        ),
        (
            "ec2",
            "RunInstances",
            {
                **RUN,
                "SubnetId": "subnet-1",
                "SecurityGroups": ["web"],
                "KeyName": "my key",
                "IamInstanceProfile": {"Name": "web"},
                "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}],
            },
            [
                *on(
                    "ec2:RunInstances",
                    "arn:aws:ec2:eu-west-1::image/ami-1",
                    f"{EC2}:instance/*",
                    f"{EC2}:volume/*",
                    f"{EC2}:network-interface/*",
                    f"{EC2}:subnet/subnet-1",
                    f"{EC2}:security-group/sg-web",
                    f"{EC2}:key-pair/my key",
                ),
                ("iam:PassRole", "arn:aws:iam::123456789012:role/web"),
                ("ec2:CreateTags", f"{EC2}:instance/*"),
            ],
        ),
        (
            "ec2",
            "CreateVpc",
            {"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]},
            [("ec2:CreateVpc", f"{EC2}:vpc/*"), ("ec2:CreateTags", f"{EC2}:vpc/*")],
        ),
        (
            "ec2",
            "AuthorizeSecurityGroupIngress",
            {"GroupName": "web"},
            on("ec2:AuthorizeSecurityGroupIngress", f"{EC2}:security-group/sg-web"),
        ),
        (
            "ec2",
            "CreateTags",
            {"Resources": ["i-1", "ami-1", "key-1"], "Tags": [{"Key": "a", "Value": "b"}]},
            on(
                "ec2:CreateTags",
                f"{EC2}:instance/i-1",
                "arn:aws:ec2:eu-west-1::image/ami-1",
                f"{EC2}:key-pair/mine",
            ),
        ),
        (
            "ec2",
            "ReleaseAddress",
            {"PublicIp": "1.2.3.4"},
            on("ec2:ReleaseAddress", f"{EC2}:elastic-ip/eipalloc-1"),
        ),
        (
            "ec2",
            "CopySnapshot",
            {"SourceRegion": "eu-west-1", "SourceSnapshotId": "snap-1"},
            on(
                "ec2:CopySnapshot",
                "arn:aws:ec2:eu-west-1::snapshot/*",
                "arn:aws:ec2:eu-west-1::snapshot/snap-1",
            ),
        ),
        (
            "ec2",
            "DeleteLaunchTemplate",
            {"LaunchTemplateName": "web"},
            on("ec2:DeleteLaunchTemplate", f"{EC2}:launch-template/lt-1"),
        ),
        (
            "ec2",
            "AttachVolume",
            {"VolumeId": "vol-1", "InstanceId": "i-1", "Device": "/dev/sdf"},
            on("ec2:AttachVolume", f"{EC2}:instance/i-1", f"{EC2}:volume/vol-1"),
        ),
        (
            "elbv2",
            "CreateTargetGroup",
            {"Name": "web"},
            on("elasticloadbalancing:CreateTargetGroup", f"{ELB}:targetgroup/web/*"),
        ),
        (
            "elbv2",
            "CreateLoadBalancer",
            {"Name": "web", "Type": "network", "Tags": [{"Key": "a"}]},
            [
                ("elasticloadbalancing:CreateLoadBalancer", f"{ELB}:loadbalancer/net/web/*"),
                ("elasticloadbalancing:AddTags", f"{ELB}:loadbalancer/net/web/*"),
            ],
        ),
        (
            "elbv2",
            "CreateListener",
            {"LoadBalancerArn": f"{ELB}:loadbalancer/app/web/1", "Tags": [{"Key": "a"}]},
            [
                ("elasticloadbalancing:CreateListener", f"{ELB}:loadbalancer/app/web/1"),
                ("elasticloadbalancing:AddTags", f"{ELB}:listener/app/web/1/*"),
            ],
        ),
        (
            "rds",
            "CreateDBInstance",
            {
                "DBInstanceIdentifier": "Web",
                "Engine": "mysql",
                "Tags": [{"Key": "a"}],
                "MonitoringRoleArn": "arn:aws:iam::123456789012:role/m",
            },
            [
                ("rds:CreateDBInstance", f"{RDS}:db:web"),
                ("iam:PassRole", "arn:aws:iam::123456789012:role/m"),
                ("rds:CreateDBInstance", f"{RDS}:og:default:mysql-8-0"),
                ("rds:CreateDBInstance", f"{RDS}:pg:default.mysql8.0"),
                ("rds:CreateDBInstance", f"{RDS}:subgrp:default"),
                ("rds:AddTagsToResource", f"{RDS}:db:web"),
            ],
        ),
        ("rds", "DescribeDBInstances", {}, on("rds:DescribeDBInstances", f"{RDS}:db:*")),
        (
            "rds",
            "DescribeDBInstances",
            {"DBInstanceIdentifier": f"{RDS}:db:web"},
            on("rds:DescribeDBInstances", f"{RDS}:db:web"),
        ),
        (
            "rds",
            "DeleteDBInstance",
            {"DBInstanceIdentifier": "WEB"},
            on("rds:DeleteDBInstance", f"{RDS}:db:web"),
        ),
        (
            "logs",
            "CreateLogGroup",
            {"logGroupName": "/a/b"},
            on("logs:CreateLogGroup", f"{LOGS}:log-group:/a/b:log-stream:"),
        ),
        (
            "logs",
            "FilterLogEvents",
            {"logGroupIdentifier": f"{LOGS}:log-group:/a/b:*"},
            on("logs:FilterLogEvents", f"{LOGS}:log-group:/a/b:log-stream:"),
        ),
        (
            "logs",
            "PutLogEvents",
            {"logGroupName": "g", "logStreamName": "s/[1]"},
            on("logs:PutLogEvents", f"{LOGS}:log-group:g:log-stream:s/[1]"),
        ),
        (
            "logs",
            "GetQueryResults",
            {"queryId": "q"},
            on("logs:GetQueryResults", f"{LOGS}:log-group:group:log-stream:"),
        ),
        ("cloudwatch", "DescribeAlarms", {}, on("cloudwatch:DescribeAlarms", f"{ALARMS}:alarm:*")),
        (
            "cloudwatch",
            "DeleteAlarms",
            {"AlarmNames": ["a b", "c"]},
            on("cloudwatch:DeleteAlarms", f"{ALARMS}:alarm:a b", f"{ALARMS}:alarm:c"),
        ),
        (
            "cloudwatch",
            "PutDashboard",
            {"DashboardName": "d"},
            on("cloudwatch:PutDashboard", "arn:aws:cloudwatch::123456789012:dashboard/d"),
        ),
    ],
)
def test_a_call_is_this(
    service: str, name: str, params: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert needed(service, name, params) == expected


@pytest.mark.parametrize(
    ("service", "name", "params"),
    [
        ("ec2", "RunInstances", {**RUN, "LaunchTemplate": {"LaunchTemplateName": "web"}}),
        ("ec2", "RunInstances", {**RUN, "IamInstanceProfile": {"Name": "nobody's"}}),
        ("ec2", "DeleteSecurityGroup", {"GroupId": "a name"}),
        ("ec2", "DeleteVpc", {"VpcId": "*"}),
        ("ec2", "DeleteVpc", {"VpcId": "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1"}),
        ("ec2", "CreateTags", {"Resources": ["what-1"]}),
        ("ec2", "CreateFleet", {}),
        ("elbv2", "DeleteLoadBalancer", {"LoadBalancerArn": f"{ELB}:targetgroup/web/1"}),
        (
            "elbv2",
            "DeleteLoadBalancer",
            {"LoadBalancerArn": f"{ELB.replace('123456789012', '999999999999')}:loadbalancer/app/x/1"},
        ),
        ("rds", "AddTagsToResource", {"ResourceName": "arn:aws:rds:us-east-1:123456789012:db:web"}),
        ("rds", "DeleteDBInstance", {"DBInstanceIdentifier": "db:web"}),
        (
            "rds",
            "CreateDBInstance",
            {"DBInstanceIdentifier": "x", "Engine": "mysql", "ManageMasterUserPassword": True},
        ),
        ("rds", "CreateDBInstance", {"DBInstanceIdentifier": "x", "Engine": "unheard-of"}),
        ("logs", "DeleteLogGroup", {"logGroupName": "*"}),
        ("logs", "FilterLogEvents", {}),
        ("cloudwatch", "DeleteAlarms", {"AlarmNames": ["*"]}),
        ("cloudwatch", "TagResource", {"ResourceARN": f"{LOGS}:log-group:g"}),
    ],
)
def test_a_call_that_cannot_be_told_is_refused(service: str, name: str, params: dict[str, Any]) -> None:
    with pytest.raises(SandboxRefusal, match=f"{service}:{name}"):
        needed(service, name, params)


def test_a_new_instance_says_what_it_is_to_be() -> None:
    asked = {
        each.resource: each.context
        for each in questions("ec2", "RunInstances", {**RUN, "InstanceType": "t3.micro"})
    }
    assert asked[f"{EC2}:instance/*"] == {"ec2:InstanceType": "t3.micro"}
    assert asked[f"{EC2}:volume/*"] == {}


def test_tags_of_what_is_created_say_what_creates_it() -> None:
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
    _, question = questions("ec2", "CreateVpc", {"TagSpecifications": tags})
    assert question.context == {"ec2:CreateAction": "CreateVpc"}
