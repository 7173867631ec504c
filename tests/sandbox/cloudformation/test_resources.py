"""Each type of the tables, made in a stack, changed, and deleted again: nothing of it is left."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws import LocalAws
from sandbox.cloudformation.deployer import Deployer, resource
from watchword.sandbox.cloudformation.types import all_types

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    ],
}
ALLOWED = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
LESS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
TAG = [{"Key": "team", "Value": "red"}]
BLUE = [{"Key": "team", "Value": "blue"}, {"Key": "more", "Value": "1"}]


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


def att(name: str, attribute: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


def account_only(service: str, target: object, *, action: str = "*") -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": ref("AWS::AccountId")},
                "Action": f"{service}:{action}",
                "Resource": target,
            }
        ],
    }


OF_REPOSITORY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": ref("AWS::AccountId")}, "Action": "ecr:Batch*"}],
}
LIFE = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": 3,
                },
                "action": {"type": "expire"},
            }
        ]
    }
)
RULE = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": "80", "CidrIp": "0.0.0.0/0"}
IMAGE = "ami-12c6146b"  # one of those that there are from the start
# What is in a stack, and then which properties of it change in an update.
STACKS: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {
    "network": (
        {
            "Net": resource(
                "AWS::EC2::VPC", {"CidrBlock": "10.0.0.0/16", "EnableDnsSupport": "true", "Tags": TAG}
            ),
            "Left": resource(
                "AWS::EC2::Subnet",
                {
                    "VpcId": ref("Net"),
                    "CidrBlock": {"Fn::Select": [0, {"Fn::Cidr": [att("Net", "CidrBlock"), 2, 8]}]},
                    "AvailabilityZone": {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
                },
            ),
            "Right": resource(
                "AWS::EC2::Subnet",
                {
                    "VpcId": ref("Net"),
                    "CidrBlock": {"Fn::Select": [1, {"Fn::Cidr": [att("Net", "CidrBlock"), 2, 8]}]},
                    "AvailabilityZone": {"Fn::Select": [1, {"Fn::GetAZs": ""}]},
                    "Tags": TAG,
                },
            ),
            "Gate": resource("AWS::EC2::InternetGateway", {"Tags": TAG}),
            "Joined": resource(
                "AWS::EC2::VPCGatewayAttachment", {"VpcId": ref("Net"), "InternetGatewayId": ref("Gate")}
            ),
            "Table": resource("AWS::EC2::RouteTable", {"VpcId": ref("Net"), "Tags": TAG}),
            "Out": resource(
                "AWS::EC2::Route",
                {
                    "RouteTableId": ref("Table"),
                    "DestinationCidrBlock": "0.0.0.0/0",
                    "GatewayId": ref("Gate"),
                },
                DependsOn="Joined",
            ),
            "OfLeft": resource(
                "AWS::EC2::SubnetRouteTableAssociation",
                {"RouteTableId": ref("Table"), "SubnetId": ref("Left")},
            ),
            "Web": resource(
                "AWS::EC2::SecurityGroup",
                {
                    "GroupDescription": "web",
                    "VpcId": ref("Net"),
                    "SecurityGroupIngress": [RULE],
                    "SecurityGroupEgress": [{**RULE, "Description": "out"}],
                    "Tags": TAG,
                },
            ),
            "WebToo": resource(
                "AWS::EC2::SecurityGroupIngress", {**RULE, "ToPort": 81, "GroupId": att("Web", "GroupId")}
            ),
            "WebOut": resource(
                "AWS::EC2::SecurityGroupEgress", {**RULE, "ToPort": 82, "GroupId": att("Web", "GroupId")}
            ),
            "Machine": resource(
                "AWS::EC2::Instance",
                {
                    "ImageId": IMAGE,
                    "InstanceType": "t3.micro",
                    "SubnetId": ref("Left"),
                    "SecurityGroupIds": [att("Web", "GroupId")],
                    "Tags": TAG,
                },
            ),
            "Address": resource("AWS::EC2::EIP", {"Domain": "vpc", "Tags": TAG}),
            "Nat": resource(
                "AWS::EC2::NatGateway",
                {"SubnetId": ref("Left"), "AllocationId": att("Address", "AllocationId"), "Tags": TAG},
            ),
            "Balancer": resource(
                "AWS::ElasticLoadBalancingV2::LoadBalancer",
                {
                    "Subnets": [ref("Left"), ref("Right")],
                    "SecurityGroups": [att("Web", "GroupId")],
                    "LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": 30}],
                },
            ),
            "Targets": resource(
                "AWS::ElasticLoadBalancingV2::TargetGroup",
                {
                    "VpcId": ref("Net"),
                    "Port": "80",
                    "Protocol": "HTTP",
                    "TargetType": "ip",
                    "Targets": [{"Id": "10.0.0.9"}],
                },
            ),
            "Listener": resource(
                "AWS::ElasticLoadBalancingV2::Listener",
                {
                    "LoadBalancerArn": ref("Balancer"),
                    "Port": 80,
                    "Protocol": "HTTP",
                    "DefaultActions": [{"Type": "forward", "TargetGroupArn": ref("Targets")}],
                },
            ),
            "Rule": resource(
                "AWS::ElasticLoadBalancingV2::ListenerRule",
                {
                    "ListenerArn": ref("Listener"),
                    "Priority": 5,
                    "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}],
                    "Actions": [{"Type": "forward", "TargetGroupArn": ref("Targets")}],
                },
            ),
        },
        {
            "Net": {"EnableDnsHostnames": True, "Tags": BLUE},
            "Left": {"MapPublicIpOnLaunch": True},
            "Web": {"SecurityGroupIngress": [{**RULE, "ToPort": 90}], "Tags": BLUE},
            "Gate": {"Tags": BLUE},
            "Address": {"Tags": BLUE},
            "Machine": {"InstanceType": "t3.small", "Tags": BLUE},
            "Nat": {"Tags": BLUE},
            "Table": {"Tags": BLUE},
            "Balancer": {
                "Tags": TAG,
                "LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": 9}],
            },
            "Targets": {"HealthCheckPath": "/up", "Targets": [{"Id": "10.0.0.8"}]},
            "Listener": {"Port": 8080},
            "Rule": {"Conditions": [{"Field": "path-pattern", "Values": ["/b"]}]},
        },
    ),
    "people": (
        {
            "Role": resource(
                "AWS::IAM::Role",
                {
                    "AssumeRolePolicyDocument": TRUST,
                    "Policies": [{"PolicyName": "one", "PolicyDocument": ALLOWED}],
                    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
                    "Tags": TAG,
                },
            ),
            "Function": resource(
                "AWS::Lambda::Function",
                {
                    "Runtime": "python3.12",
                    "Handler": "index.handle",
                    "Role": att("Role", "Arn"),
                    "Code": {"ZipFile": "def handle(event, context): pass"},
                    "Tags": TAG,
                },
            ),
            "Called": resource(
                "AWS::Lambda::Permission",
                {
                    "FunctionName": att("Function", "Arn"),
                    "Action": "lambda:InvokeFunction",
                    "Principal": "s3.amazonaws.com",
                    "SourceAccount": ref("AWS::AccountId"),
                },
            ),
            "Profile": resource("AWS::IAM::InstanceProfile", {"Roles": [ref("Role")]}),
            "Team": resource(
                "AWS::IAM::Group", {"Policies": [{"PolicyName": "one", "PolicyDocument": ALLOWED}]}
            ),
            "Person": resource("AWS::IAM::User", {"Groups": [ref("Team")], "Tags": TAG}),
            "Other": resource("AWS::IAM::User"),
            "Joins": resource(
                "AWS::IAM::UserToGroupAddition", {"GroupName": ref("Team"), "Users": [ref("Other")]}
            ),
            "Managed": resource(
                "AWS::IAM::ManagedPolicy",
                {"PolicyDocument": ALLOWED, "Roles": [ref("Role")], "Users": [ref("Person")]},
            ),
            "Inline": resource(
                "AWS::IAM::Policy",
                {
                    "PolicyName": "two",
                    "PolicyDocument": ALLOWED,
                    "Roles": [ref("Role")],
                    "Groups": [ref("Team")],
                },
            ),
        },
        {
            "Role": {
                "Policies": [{"PolicyName": "three", "PolicyDocument": LESS}],
                "ManagedPolicyArns": [],
                "MaxSessionDuration": 7200,
                "Tags": BLUE,
            },
            "Function": {
                "MemorySize": "256",
                "Code": {"ZipFile": "def handle(event, context): return 1"},
                "Tags": BLUE,
            },
            "Team": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"], "Policies": []},
            "Person": {"Groups": [], "Policies": [{"PolicyName": "p", "PolicyDocument": LESS}], "Tags": BLUE},
            "Joins": {"Users": [ref("Other"), ref("Person")]},
            "Managed": {"PolicyDocument": LESS, "Users": []},
            "Inline": {"PolicyDocument": LESS, "PolicyName": "four", "Groups": []},
        },
    ),
    "stores": (
        {
            "Bucket": resource(
                "AWS::S3::Bucket",
                {
                    "VersioningConfiguration": {"Status": "Enabled"},
                    "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "IgnorePublicAcls": "true"},
                    "BucketEncryption": {
                        "ServerSideEncryptionConfiguration": [
                            {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                        ]
                    },
                    "LifecycleConfiguration": {
                        "Rules": [{"Id": "a", "Status": "Enabled", "ExpirationInDays": "3"}]
                    },
                    "Tags": TAG,
                },
            ),
            "Mail": resource("AWS::SQS::Queue", {"VisibilityTimeout": 5, "Tags": TAG}),
            "Dead": resource("AWS::SQS::Queue"),
            "News": resource("AWS::SNS::Topic", {"DisplayName": "n", "Tags": TAG}),
            "Reader": resource(
                "AWS::SNS::Subscription",
                {"TopicArn": ref("News"), "Protocol": "sqs", "Endpoint": att("Mail", "Arn")},
            ),
            "Images": resource(
                "AWS::ECR::Repository",
                {
                    "ImageTagMutability": "IMMUTABLE",
                    "RepositoryPolicyText": OF_REPOSITORY,
                    "LifecyclePolicy": {"LifecyclePolicyText": LIFE},
                    "Tags": TAG,
                },
            ),
            "Items": resource(
                "AWS::DynamoDB::Table",
                {
                    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
                    "BillingMode": "PAY_PER_REQUEST",
                    "TimeToLiveSpecification": {"AttributeName": "t", "Enabled": True},
                    "Tags": TAG,
                },
            ),
            "Note": resource(
                "AWS::SSM::Parameter", {"Type": "String", "Value": "a", "Tags": {"team": "red"}}
            ),
            "Word": resource(
                "AWS::SecretsManager::Secret",
                {
                    "GenerateSecretString": {
                        "SecretStringTemplate": '{"user": "me"}',
                        "GenerateStringKey": "password",
                        "PasswordLength": "20",
                    },
                    "Tags": TAG,
                },
            ),
            "Log": resource("AWS::Logs::LogGroup", {"RetentionInDays": 7}),
            "Key": resource("AWS::KMS::Key", {"Description": "k", "EnableKeyRotation": "true"}),
            "Handle": resource("AWS::CloudFormation::WaitConditionHandle"),
            "Meta": resource("AWS::CDK::Metadata", {"Analytics": "v2"}),
        },
        {
            "Bucket": {
                "VersioningConfiguration": {"Status": "Suspended"},
                "BucketEncryption": None,
                "LifecycleConfiguration": None,
                "CorsConfiguration": {
                    "CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": 5}]
                },
                "Tags": None,
            },
            "Mail": {
                "VisibilityTimeout": 6,
                "Tags": BLUE,
                "RedrivePolicy": {"deadLetterTargetArn": att("Dead", "Arn"), "maxReceiveCount": 3},
            },
            "News": {"DisplayName": "m", "Tags": BLUE},
            "Reader": {"RawMessageDelivery": True},
            "Images": {
                "ImageTagMutability": None,
                "ImageScanningConfiguration": {"ScanOnPush": "true"},
                "RepositoryPolicyText": None,
                "LifecyclePolicy": None,
                "EmptyOnDelete": True,
                "Tags": BLUE,
            },
            "Items": {
                "BillingMode": "PROVISIONED",
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": "1"},
                "Tags": BLUE,
            },
            "Note": {"Value": "b", "Tags": {"team": "blue"}},
            "Word": {"Description": "d", "Tags": BLUE},
            "Log": {"RetentionInDays": None},
            "Key": {"Description": "l", "EnableKeyRotation": False, "Tags": BLUE},
        },
    ),
}
# What other layers store: their own pages say when they are there.
ELSEWHERE = {
    "AWS::KMS::Alias",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}


def changed(resources: dict[str, Any], changes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(resources))
    for name, properties in changes.items():
        merged = {**found[name]["Properties"], **properties}
        found[name]["Properties"] = {key: value for key, value in merged.items() if value is not None}
    return found


@pytest.mark.parametrize("name", STACKS)
def test_resources_are_made_changed_and_deleted(shared: LocalAws, name: str) -> None:
    resources, changes = STACKS[name]
    root = Deployer(sandbox=shared, key=shared.root)
    caps = {"Capabilities": ["CAPABILITY_IAM"]}
    assert root.create(name, json.dumps({"Resources": resources}), **caps) == "CREATE_COMPLETE", root.events(
        name
    )
    before = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed(shared, name)}
    assert set(before) == set(resources)
    body = json.dumps({"Resources": changed(resources, changes)})
    assert root.update(name, body, **caps) == "UPDATE_COMPLETE", root.events(name)[-12:]
    now = {each["LogicalResourceId"]: each for each in listed(shared, name)}
    assert {key: each["PhysicalResourceId"] for key, each in now.items()} == before
    updated = {key for key, each in now.items() if each["ResourceStatus"] == "UPDATE_COMPLETE"}
    assert updated == set(changes)
    # And back again, by the same steps.
    back = json.dumps({"Resources": resources})
    assert root.update(name, back, **caps) == "UPDATE_COMPLETE", root.events(name)[-12:]
    assert root.delete(name) == "DELETE_COMPLETE", root.events(name)[-12:]


@pytest.mark.parametrize("name", STACKS)
def test_an_update_that_fails_at_its_end_takes_every_change_back(shared: LocalAws, name: str) -> None:
    resources, changes = STACKS[name]
    root, stack = Deployer(sandbox=shared, key=shared.root), f"{name}-back"
    caps = {"Capabilities": ["CAPABILITY_IAM"]}
    assert root.create(stack, json.dumps({"Resources": resources}), **caps) == "CREATE_COMPLETE"
    before = as_it_is(shared)
    odd = resource("AWS::Nothing::AtAll", DependsOn=list(resources))
    body = json.dumps({"Resources": {**changed(resources, changes), "Odd": odd}})
    assert root.update(stack, body, **caps) == "UPDATE_ROLLBACK_COMPLETE", root.events(stack)[-12:]
    assert as_it_is(shared) == before
    same = shared.client("cloudformation")
    change_set = same.create_change_set(
        StackName=stack, ChangeSetName="same", TemplateBody=json.dumps({"Resources": resources}), **caps
    )
    told = same.describe_change_set(ChangeSetName=change_set["Id"])
    assert (told["Status"], told["Changes"]) == ("FAILED", [])
    assert root.delete(stack) == "DELETE_COMPLETE", root.events(stack)[-12:]


def as_it_is(sandbox: LocalAws) -> dict[str, Any]:
    """Return what the services themselves tell of everything that a stack changes."""
    iam = sandbox.client("iam").get_account_authorization_details(
        Filter=["User", "Role", "Group", "LocalManagedPolicy"]
    )
    documents = [
        [version["Document"] for version in each["PolicyVersionList"] if version["IsDefaultVersion"]]
        for each in iam.pop("Policies")
    ]
    s3 = sandbox.client("s3")
    buckets = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    logs = sandbox.client("logs").describe_log_groups()["logGroups"]
    queues = sandbox.client("sqs").list_queues().get("QueueUrls", [])
    ec2, balancers = sandbox.client("ec2"), sandbox.client("elbv2")
    told = {
        "iam": [iam["UserDetailList"], iam["RoleDetailList"], iam["GroupDetailList"], documents],
        "s3": [s3.get_bucket_versioning(Bucket=name).get("Status") for name in buckets],
        "logs": [(each["logGroupName"], each.get("retentionInDays")) for each in logs],
        "sqs": [
            sandbox.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
            for url in queues
        ],
        "ec2": [ec2.describe_vpcs()["Vpcs"], ec2.describe_security_groups()["SecurityGroups"]],
        "elb": [balancers.describe_target_groups()["TargetGroups"], balancers.describe_load_balancers()],
    }
    plain: dict[str, Any] = json.loads(json.dumps(told, default=str, sort_keys=True))
    told_again: dict[str, Any] = without(plain, {"ResponseMetadata", "CreateDate", "UpdateDate", "State"})
    return told_again


def without(told: Any, names: set[str]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(told, dict):
        return {key: without(value, names) for key, value in told.items() if key not in names}
    if isinstance(told, list):
        return sorted((without(value, names) for value in told), key=json.dumps)
    return told


def listed(sandbox: LocalAws, name: str) -> list[dict[str, Any]]:
    client = sandbox.client("cloudformation")
    found: list[dict[str, Any]] = client.list_stack_resources(StackName=name)["StackResourceSummaries"]
    return found


def test_every_type_is_tried() -> None:
    tried = {each["Type"] for resources, _ in STACKS.values() for each in resources.values()}
    assert set(all_types()) - ELSEWHERE == tried


def test_policies_of_resources_are_made_in_stacks_too(shared: LocalAws) -> None:
    root = Deployer(sandbox=shared, key=shared.root)
    resources = {
        "Bucket": resource("AWS::S3::Bucket"),
        "OfBucket": resource(
            "AWS::S3::BucketPolicy",
            {"Bucket": ref("Bucket"), "PolicyDocument": account_only("s3", [att("Bucket", "Arn")])},
        ),
        "Queue": resource("AWS::SQS::Queue"),
        "OfQueue": resource(
            "AWS::SQS::QueuePolicy",
            {"Queues": [ref("Queue")], "PolicyDocument": account_only("sqs", att("Queue", "Arn"))},
        ),
        "Topic": resource("AWS::SNS::Topic", {"TopicName": "with-a-policy"}),
        "Key": resource("AWS::KMS::Key", {"KeyPolicy": account_only("kms", "*")}),
        "Alias": resource("AWS::KMS::Alias", {"AliasName": "alias/of-a-stack", "TargetKeyId": ref("Key")}),
    }
    assert root.create("policies", json.dumps({"Resources": resources})) == "CREATE_COMPLETE", root.events(
        "policies"
    )
    arn = f"arn:aws:sns:us-east-1:{shared.account}:with-a-policy"
    topic = shared.client("sns")
    made_with = topic.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    of_topic = resource(
        "AWS::SNS::TopicPolicy",
        {"Topics": [ref("Topic")], "PolicyDocument": account_only("sns", ref("Topic"), action="Publish")},
    )
    more = json.dumps({"Resources": {**resources, "OfTopic": of_topic}})
    assert root.update("policies", more) == "UPDATE_COMPLETE", root.events("policies")[-8:]
    assert topic.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"] != made_with
    assert root.update("policies", json.dumps({"Resources": resources})) == "UPDATE_COMPLETE"
    assert json.loads(topic.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]) == json.loads(
        made_with
    )
    bucket = next(each for each in listed(shared, "policies") if each["LogicalResourceId"] == "Bucket")
    text = shared.client("s3").get_bucket_policy(Bucket=bucket["PhysicalResourceId"])["Policy"]
    assert json.loads(text)["Statement"][0]["Action"] == "s3:*"
    assert root.delete("policies") == "DELETE_COMPLETE", root.events("policies")[-8:]
