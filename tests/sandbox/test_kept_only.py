"""What is let in because it only keeps or reads something, and what is refused because more would happen."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws import LocalAws
from refusal import refusal

UNSUPPORTED = "SandboxUnsupported"


def allowing(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


@pytest.fixture
def bucket(sandbox: LocalAws) -> str:
    sandbox.client("s3").create_bucket(Bucket="kept")
    return "kept"


INVENTORY: dict[str, Any] = {
    "Id": "all",
    "IsEnabled": True,
    "IncludedObjectVersions": "Current",
    "Schedule": {"Frequency": "Daily"},
    "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::elsewhere", "Format": "CSV"}},
}


def test_an_inventory_is_configured_but_never_written(sandbox: LocalAws, bucket: str) -> None:
    asked = {"Bucket": bucket, "Id": "all", "InventoryConfiguration": INVENTORY}
    s3 = sandbox.client("s3", sandbox.user("a", allowing("s3:PutInventoryConfiguration")))
    s3.put_bucket_inventory_configuration(**asked)
    other = sandbox.client("s3", sandbox.user("b", allowing("s3:GetInventoryConfiguration")))
    assert "s3:PutInventoryConfiguration" in refusal(other.put_bucket_inventory_configuration, **asked)[2]
    found = other.list_bucket_inventory_configurations(Bucket=bucket)["InventoryConfigurationList"]
    assert [each["Id"] for each in found] == ["all"]


def test_a_selection_is_a_read(sandbox: LocalAws, bucket: str) -> None:
    sandbox.client("s3").put_object(Bucket=bucket, Key="a.json", Body=b'{"a": 1}\n')
    asked = {
        "Bucket": bucket,
        "Key": "a.json",
        "Expression": "SELECT * FROM S3Object",
        "ExpressionType": "SQL",
        "InputSerialization": {"JSON": {"Type": "LINES"}},
        "OutputSerialization": {"JSON": {}},
    }
    without = sandbox.client("s3", sandbox.user("a", allowing("s3:ListBucket")))
    assert "s3:GetObject" in refusal(without.select_object_content, **asked)[2]
    s3 = sandbox.client("s3", sandbox.user("b", allowing("s3:GetObject")))
    records = [
        each["Records"]["Payload"]
        for each in s3.select_object_content(**asked)["Payload"]
        if "Records" in each
    ]
    assert json.loads(b"".join(records)) == {"a": 1}


def test_what_would_be_delivered_stays_refused(sandbox: LocalAws, bucket: str) -> None:
    s3 = sandbox.client("s3")
    queue = {"QueueArn": f"arn:aws:sqs:us-east-1:{sandbox.account}:q", "Events": ["s3:ObjectCreated:*"]}
    configuration = {"QueueConfigurations": [queue]}
    for operation, asked in (
        (s3.put_bucket_notification_configuration, {"NotificationConfiguration": configuration}),
        (s3.put_bucket_logging, {"BucketLoggingStatus": {}}),
        (s3.put_bucket_acl, {"ACL": "private"}),
    ):
        assert refusal(operation, Bucket=bucket, **asked)[0] == UNSUPPORTED


def test_a_stream_may_be_switched_on(sandbox: LocalAws) -> None:
    dynamodb = sandbox.client("dynamodb")
    table = {
        "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    made = dynamodb.create_table(TableName="streamed", StreamSpecification=stream, **table)
    assert made["TableDescription"]["LatestStreamArn"].endswith(made["TableDescription"]["LatestStreamLabel"])
    text = 'SELECT * FROM "streamed"'
    assert refusal(dynamodb.execute_statement, Statement=text)[0] == UNSUPPORTED


def test_commands_are_not_said_to_have_run(sandbox: LocalAws) -> None:
    ssm = sandbox.client("ssm")
    asked = {"DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-0123456789abcdef0"]}
    code, _, text = refusal(ssm.send_command, **asked)
    assert (code, "nothing would be run on the instances" in text) == (UNSUPPORTED, True)
