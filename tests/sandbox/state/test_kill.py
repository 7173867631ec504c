"""Killed at any moment, under people who write: what was acknowledged is there, and all of it fits together.

`WATCHWORD_KILLS` is how often; `make nightly` kills some hundred times.
"""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.state.kept_sandbox import KeptSandbox, Nursery, a_kept_sandbox
from sandbox.state.writer import STEP_SECONDS, Writer, body_of
from watchword.sandbox.key import Key

KILLS = int(os.environ.get("WATCHWORD_KILLS", "20"))
MOST_CHANGES_A_LIFE = 12


def test_after_twenty_kills_everything_acknowledged_is_there_and_fits_together(nursery: Nursery) -> None:
    chance = random.Random(6)  # noqa: S311 - a moment, not a secret
    with a_kept_sandbox(nursery, "killed") as kept:
        kept.start()
        writer = prepared(kept)
        for _ in range(KILLS):
            with writer.at_work():
                writer.wait_for_changes(chance.randint(1, MOST_CHANGES_A_LIFE))
                time.sleep(chance.uniform(0, 0.02))  # in the middle of something
                kept.kill()
            kept.start()
            a_used_code_stays_used(kept, writer)
        assert min(len(writer.seen.users), len(writer.seen.objects)) > KILLS, "it has hardly written anything"
        everything_is_there(kept, writer)
        kept.stop()
        kept.start()
        everything_is_there(kept, writer)


def prepared(kept: KeptSandbox) -> Writer:
    iam = kept.client("iam")
    iam.create_user(UserName="alice")
    alice = Key.of(iam.create_access_key(UserName="alice")["AccessKey"])
    serial_number = kept.enrol("alice")
    kept.client("s3").create_bucket(Bucket="bucket")
    queue_url = kept.client("sqs").create_queue(QueueName="queue")["QueueUrl"]
    kept.client("dynamodb").create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return Writer(kept, serial_number, alice, queue_url)


def a_used_code_stays_used(kept: KeptSandbox, writer: Writer) -> None:
    """Once for each code, since a device has nine checks in three minutes."""
    if not writer.seen.codes or writer.seen.codes[-1] == writer.tried_again:
        return
    writer.tried_again = writer.seen.codes[-1]
    sts = kept.client("sts", writer.alice)
    with pytest.raises(ClientError, match="MultiFactorAuthentication failed"):
        sts.get_session_token(SerialNumber=writer.serial_number, TokenCode=writer.seen.codes[-1])


def everything_is_there(kept: KeptSandbox, writer: Writer) -> None:
    seen, iam, s3 = writer.seen, kept.client("iam"), kept.client("s3")
    users = {user["UserName"] for user in pages(iam, "list_users", "Users")} - {"alice"}
    assert seen.users <= users <= seen.begun
    for name in sorted(users)[-20:]:
        assert iam.list_user_tags(UserName=name)["Tags"] == [{"Key": "name", "Value": name}]
    roles = {role["RoleName"] for role in pages(iam, "list_roles", "Roles")}
    assert seen.roles <= roles <= seen.begun
    devices = {each["SerialNumber"] for each in pages(iam, "list_virtual_mfa_devices", "VirtualMFADevices")}
    assert seen.devices <= devices
    # moto has a copy of every device for its reports: both were written together.
    assert iam.get_account_summary()["SummaryMap"]["MFADevices"] == len(devices)
    for session in seen.sessions:
        assert kept.client("sts", session).get_caller_identity()["Arn"].endswith(":user/alice")
    objects = {each["Key"] for each in pages(s3, "list_objects_v2", "Contents")}
    assert seen.objects <= objects <= seen.begun
    for name in objects:
        assert s3.get_object(Bucket="bucket", Key=name)["Body"].read() == body_of(name)
    items = pages(kept.client("dynamodb"), "scan", "Items")
    assert all(item["id"] == item["copy"] for item in items)
    assert seen.items <= {item["id"]["S"] for item in items} <= seen.begun
    asked = {"QueueUrl": writer.queue_url, "AttributeNames": ["ApproximateNumberOfMessages"]}
    count = int(kept.client("sqs").get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])
    assert len(seen.messages) <= count <= len(seen.begun)
    assert kept.ask("clock")["offset_seconds"] >= STEP_SECONDS * seen.clock_moves


def pages(client: Any, operation: str, element: str) -> list[Any]:  # noqa: ANN401
    asked = {"list_objects_v2": {"Bucket": "bucket"}, "scan": {"TableName": "table"}}.get(operation, {})
    return [each for page in client.get_paginator(operation).paginate(**asked) for each in page[element]]
