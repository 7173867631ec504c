"""DeleteObjects: what may be deleted is, and of each other object it is said why not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_aws import LocalAws
from refusal import refusal


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


@pytest.fixture
def bucket(sandbox: LocalAws) -> str:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="items")
    for key in ("mine/1", "mine/&<2>", "theirs/1", "theirs/2"):
        s3.put_object(Bucket="items", Key=key, Body=b"x")
    return "items"


def keys_of(sandbox: LocalAws, bucket: str) -> list[str]:
    return [each["Key"] for each in sandbox.client("s3").list_objects_v2(Bucket=bucket).get("Contents", ())]


def test_what_may_be_deleted_is_deleted_and_the_rest_is_refused(sandbox: LocalAws, bucket: str) -> None:
    key = sandbox.user("deleter", policy(allow("s3:DeleteObject", resource="arn:aws:s3:::items/mine/*")))
    asked = [{"Key": name} for name in ("mine/1", "theirs/1", "mine/&<2>", "theirs/2")]
    answer = sandbox.client("s3", key).delete_objects(Bucket=bucket, Delete={"Objects": asked})
    assert [each["Key"] for each in answer["Deleted"]] == ["mine/1", "mine/&<2>"]
    assert [(each["Key"], each["Code"]) for each in answer["Errors"]] == [
        ("theirs/1", "AccessDenied"),
        ("theirs/2", "AccessDenied"),
    ]
    assert answer["Errors"][0]["Message"] == (
        f"User: arn:aws:iam::{sandbox.account}:user/deleter is not authorized to perform: s3:DeleteObject on "
        'resource: "arn:aws:s3:::items/theirs/1" because no identity-based policy allows the s3:DeleteObject '
        "action"
    )
    assert keys_of(sandbox, bucket) == ["theirs/1", "theirs/2"]


def test_where_nothing_may_be_deleted_nothing_is(sandbox: LocalAws, bucket: str) -> None:
    key = sandbox.user("nobody", policy(allow("s3:ListBucket")))
    client = sandbox.client("s3", key)
    answer = client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "mine/1"}], "Quiet": True})
    assert "Deleted" not in answer
    assert [each["Key"] for each in answer["Errors"]] == ["mine/1"]
    assert len(keys_of(sandbox, bucket)) == 4


def test_a_version_and_the_object_need_different_permissions(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="versions")
    s3.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="versions", Key="k", Body=b"x")["VersionId"]
    key = sandbox.user("deleter", policy(allow("s3:DeleteObject")))
    asked = [{"Key": "k", "VersionId": version}, {"Key": "k"}]
    answer = sandbox.client("s3", key).delete_objects(Bucket="versions", Delete={"Objects": asked})
    (error,) = answer["Errors"]
    assert (error["Key"], error["VersionId"]) == ("k", version)
    assert "s3:DeleteObjectVersion" in error["Message"]
    (deleted,) = answer["Deleted"]
    assert deleted["DeleteMarker"] is True
    assert s3.get_object(Bucket="versions", Key="k", VersionId=version)["Body"].read() == b"x"


def test_an_item_that_cannot_be_decided_refuses_the_whole_call(sandbox: LocalAws, bucket: str) -> None:
    unknown = {"NumericLessThan": {"s3:signatureAge": "600000"}}
    key = sandbox.user("u", policy({**allow("s3:DeleteObject"), "Condition": unknown}))
    asked = {"Objects": [{"Key": "mine/1"}, {"Key": "theirs/1"}]}
    assert refusal(sandbox.client("s3", key).delete_objects, Bucket=bucket, Delete=asked)[0] == (
        "SandboxUnsupported"
    )
    assert len(keys_of(sandbox, bucket)) == 4
