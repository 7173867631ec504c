"""What was authorised is what is done: no second name, form or side effect of a call gets round a policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from signed import call
from watchword.sandbox.plane.environ import environ_of
from watchword.sandbox.wire.error import SandboxRefusal
from watchword.sandbox.wire.operation import Operation, Protocol
from watchword.sandbox.wire.request import WireRequest

TABLE: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def deny(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Deny", "Action": actions, "Resource": resource}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.mark.parametrize("path", ["//vault/x", "/%2Fvault/x", "//vault/x?tagging", "/;/vault/x", "//"])
def test_a_key_does_not_pose_as_a_bucket(sandbox: LocalAws, path: str) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="vault")
    s3.put_object(Bucket="vault", Key="x", Body=b"secret")
    key = sandbox.user("lister", policy(allow("s3:*Bucket*", "s3:ListAllMyBuckets")))
    for method in ("GET", "PUT", "DELETE"):
        assert call(sandbox, key, "s3", method, path).status in (400, 403)
    assert [found["Key"] for found in s3.list_objects_v2(Bucket="vault")["Contents"]] == ["x"]


@pytest.mark.parametrize(
    ("target", "query"),
    [
        ("/2015-03-31/functions/mine%2Fconfiguration", ()),
        ("/2015-03-31/functions/mine", (("Action", "DeleteFunction"),)),
    ],
)
def test_moto_is_not_handed_what_it_reads_as_another_operation(
    target: str, query: tuple[tuple[str, str], ...]
) -> None:
    operation = Operation(
        service="lambda",
        name="GetFunction",
        protocol=Protocol.REST_JSON,
        region="us-east-1",
        signing_name="lambda",
        api_version="2015-03-31",
        params={},
    )
    request = WireRequest(method="GET", raw_path=target, query=query)
    with pytest.raises(SandboxRefusal):
        environ_of(request, operation, access_key_id="AKIA", account="123456789012", host="127.0.0.1:1")


@pytest.fixture
def reader(sandbox: LocalAws) -> Key:
    """Allowed all tables and parameters, but for two."""
    tables = f"arn:aws:dynamodb:us-east-1:{sandbox.account}:table/"
    parameters = f"arn:aws:ssm:us-east-1:{sandbox.account}:parameter/"
    return sandbox.user(
        "reader",
        policy(
            allow("dynamodb:*", resource=f"{tables}*"),
            deny("dynamodb:*", resource=f"{tables}vault"),
            allow("ssm:*", resource=f"{parameters}*"),
            deny("ssm:*", resource=f"{parameters}vault"),
        ),
    )


def test_a_table_named_by_its_arn_is_that_table(sandbox: LocalAws, reader: Key) -> None:
    root, client = sandbox.client("dynamodb"), sandbox.client("dynamodb", reader)
    root.create_table(TableName="vault", **TABLE)
    root.put_item(TableName="vault", Item={"k": {"S": "secret"}})
    key = {"k": {"S": "secret"}}
    arn = f"arn:aws:dynamodb:us-east-1:{sandbox.account}:table/vault"
    for name in ("vault", arn):
        calls = (
            (client.get_item, {"TableName": name, "Key": key}),
            (client.batch_get_item, {"RequestItems": {name: {"Keys": [key]}}}),
            (client.batch_write_item, {"RequestItems": {name: [{"DeleteRequest": {"Key": key}}]}}),
            (client.transact_get_items, {"TransactItems": [{"Get": {"TableName": name, "Key": key}}]}),
            (client.scan, {"TableName": name}),
        )
        for operation, parameters in calls:
            assert refusal(operation, **parameters)[0] == "AccessDeniedException"
    assert root.get_item(TableName=arn, Key=key)["Item"] == key


def test_an_arn_of_elsewhere_is_not_decided_for_here(sandbox: LocalAws, reader: Key) -> None:
    client = sandbox.client("dynamodb", reader)
    elsewhere = f"arn:aws:dynamodb:eu-west-1:{sandbox.account}:table/mine"
    code, _, text = refusal(client.get_item, TableName=elsewhere, Key={"k": {"S": "a"}})
    assert (code, "not one of this account and region" in text) == ("SandboxUnsupported", True)


def test_a_parameter_named_by_its_arn_is_that_parameter(sandbox: LocalAws, reader: Key) -> None:
    root, client = sandbox.client("ssm"), sandbox.client("ssm", reader)
    root.put_parameter(Name="vault", Value="secret", Type="SecureString")
    arn = f"arn:aws:ssm:us-east-1:{sandbox.account}:parameter/vault"
    for name in ("vault", "/vault", arn):
        assert refusal(client.get_parameter, Name=name)[0] == "AccessDeniedException"
        assert refusal(client.get_parameters, Names=[name])[0] == "AccessDeniedException"
    for name in (f"{arn}:1", "vault:1", arn.replace("us-east-1", "eu-west-1")):
        assert refusal(client.get_parameter, Name=name)[0] == "SandboxUnsupported"
        assert refusal(client.get_parameters, Names=[name])[0] == "SandboxUnsupported"
    assert root.get_parameter(Name=arn)["Parameter"]["Name"] == "vault"


# --- what a call does beside its own action ---------------------------------------------------------


def test_tags_in_a_call_that_creates_need_their_own_permission(sandbox: LocalAws) -> None:
    key = sandbox.user(
        "creator", policy(allow("iam:Create*", "sqs:Create*", "sns:Create*", "dynamodb:Create*"))
    )
    tags = [{"Key": "team", "Value": "red"}]
    iam = sandbox.client("iam", key)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": sandbox.account}}
    calls: tuple[tuple[Any, str, dict[str, Any]], ...] = (
        (iam.create_user, "iam:TagUser", {"UserName": "a"}),
        (iam.create_role, "iam:TagRole", {"RoleName": "a", "AssumeRolePolicyDocument": policy(trust)}),
        (iam.create_policy, "iam:TagPolicy", {"PolicyName": "a", "PolicyDocument": policy(allow("a:b"))}),
        (iam.create_virtual_mfa_device, "iam:TagMFADevice", {"VirtualMFADeviceName": "a"}),
        (iam.create_instance_profile, "iam:TagInstanceProfile", {"InstanceProfileName": "a"}),
        (sandbox.client("sns", key).create_topic, "SNS:TagResource", {"Name": "a"}),
        (sandbox.client("dynamodb", key).create_table, "dynamodb:TagResource", {"TableName": "abc", **TABLE}),
    )
    for create, action, parameters in calls:
        assert f"perform: {action} " in refusal(create, Tags=tags, **parameters)[2]
        create(**parameters)
    create_queue = sandbox.client("sqs", key).create_queue
    assert "perform: sqs:tagqueue " in refusal(create_queue, QueueName="a", tags={"a": "b"})[2].lower()


def test_a_locked_object_needs_the_permission_to_bypass(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    version = s3.put_object(
        Bucket="locked",
        Key="k",
        ObjectLockMode="GOVERNANCE",
        ObjectLockRetainUntilDate="2090-01-01T00:00:00Z",
    )["VersionId"]
    key = sandbox.user("deleter", policy(allow("s3:DeleteObjectVersion", "s3:CreateBucket")))
    client = sandbox.client("s3", key)
    asked = {"Bucket": "locked", "Key": "k", "VersionId": version}
    assert (
        "s3:BypassGovernanceRetention"
        in refusal(client.delete_object, BypassGovernanceRetention=True, **asked)[2]
    )
    assert "Lock" in refusal(client.create_bucket, Bucket="more", ObjectLockEnabledForBucket=True)[2]
    assert "Owner" in refusal(client.create_bucket, Bucket="more", ObjectOwnership="ObjectWriter")[2]
    client.create_bucket(Bucket="more")


def test_the_owner_that_a_caller_expects_is_checked(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="mine")
    s3.list_objects_v2(Bucket="mine", ExpectedBucketOwner=sandbox.account)
    asked = {"Bucket": "mine", "ExpectedBucketOwner": "999999999999"}
    assert refusal(s3.list_objects_v2, **asked)[:2] == ("AccessDenied", 403)


def test_a_code_that_nobody_checks_is_refused(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="mine")
    for asked in ({"MFADelete": "Enabled", "Status": "Enabled"}, {"Status": "Enabled"}):
        parameters = {"Bucket": "mine", "VersioningConfiguration": asked, "MFA": "serial 123456"}
        assert refusal(s3.put_bucket_versioning, **parameters)[0] == "SandboxUnsupported"


def test_a_name_does_not_pose_as_a_path(sandbox: LocalAws) -> None:
    teams = f"arn:aws:iam::{sandbox.account}:user/team/*"
    iam = sandbox.client("iam", sandbox.user("lead", policy(allow("iam:*", resource=teams))))
    assert refusal(iam.create_user, UserName="team/x")[0] == "ValidationError"
    assert refusal(iam.create_user, UserName="*", Path="/team/")[0] == "ValidationError"
    assert refusal(iam.create_user, UserName="x", Path="/team/y")[0] == "ValidationError"
    iam.create_user(UserName="x", Path="/team/")
    assert refusal(iam.update_user, UserName="x", NewPath="/team/y")[0] == "ValidationError"


def test_policies_of_aws_cannot_be_changed(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert refusal(iam.create_policy_version, PolicyArn=arn, PolicyDocument=policy(allow("*")))[:2] == (
        "AccessDenied",
        403,
    )
    assert refusal(iam.delete_policy, PolicyArn=arn)[0] == "AccessDenied"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


def test_services_that_reach_into_others_are_refused(sandbox: LocalAws) -> None:
    picture = {"S3Object": {"Bucket": "aaa", "Name": "a"}}
    for call_, asked in (
        (sandbox.client("resourcegroupstaggingapi").get_resources, {}),
        (sandbox.client("config").deliver_config_snapshot, {"deliveryChannelName": "a"}),
        (
            sandbox.client("textract").detect_document_text,
            {"Document": picture},
        ),
    ):
        assert "is refused: " in refusal(call_, **asked)[2]


def test_a_tag_of_the_session_takes_the_place_of_the_roles_in_any_case(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    trust = allow("sts:AssumeRole", "sts:TagSession") | {"Principal": {"AWS": sandbox.account}}
    del trust["Resource"]
    for_red = allow("iam:ListUsers") | {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}}
    role = iam.create_role(
        RoleName="worker",
        AssumeRolePolicyDocument=policy(trust),
        Tags=[{"Key": "Team", "Value": "red"}],
    )["Role"]["Arn"]
    iam.put_role_policy(RoleName="worker", PolicyName="p", PolicyDocument=policy(for_red))
    key = sandbox.user("boss", policy(allow("sts:*")))
    assume = sandbox.client("sts", key).assume_role
    plain = Key.of(assume(RoleArn=role, RoleSessionName="plain")["Credentials"])
    sandbox.client("iam", plain).list_users()
    blue = [{"Key": "team", "Value": "blue"}]
    tagged = Key.of(assume(RoleArn=role, RoleSessionName="tagged", Tags=blue)["Credentials"])
    assert refusal(sandbox.client("iam", tagged).list_users)[0] == "AccessDenied"


def test_an_upload_belongs_to_its_key(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="shared")
    upload = s3.create_multipart_upload(Bucket="shared", Key="theirs")["UploadId"]
    key = sandbox.user("writer", policy(allow("s3:*", resource="arn:aws:s3:::shared/mine")))
    asked = {"Bucket": "shared", "Key": "mine", "UploadId": upload}
    client = sandbox.client("s3", key)
    part = refusal(client.upload_part, PartNumber=1, Body=b"x", **asked)
    assert part[:2] == ("NoSuchUpload", 404)
    parts = {"Parts": [{"PartNumber": 1, "ETag": '"x"'}]}
    assert refusal(client.complete_multipart_upload, MultipartUpload=parts, **asked)[0] == "NoSuchUpload"
    assert refusal(client.list_parts, **asked)[0] == "NoSuchUpload"
    assert refusal(client.abort_multipart_upload, **asked)[0] == "NoSuchUpload"
    s3.upload_part(Bucket="shared", Key="theirs", UploadId=upload, PartNumber=1, Body=b"x")
