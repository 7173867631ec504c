"""Bucket policies: what S3 refuses to store, whom they name, and what is public."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from sandbox.policy_texts import ACCOUNT, OTHER, allow, other_account, policy, sandbox_in, user_arn

BUCKET = "guarded"
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with sandbox_in(tmp_path_factory.mktemp("buckets")) as running:
        s3 = running.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="k", Body=b"x")
        running.user("reader")
        yield running


def statement(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    named = {"AWS": user_arn("reader")}
    return {**allow("s3:GetObject", resource=OBJECTS, Principal=named), **changes}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "Policies must be valid JSON and the first byte must be '{'"),
        ("{}", "Missing required field Statement"),
        ('{"a":' * 3000 + "1" + "}" * 3000, "Policies must be valid JSON and the first byte must be '{'"),
        (
            policy({"Effect": "Allow", "Action": "s3:*", "Resource": OBJECTS}),
            "Missing required field Principal",
        ),
        (policy(statement(Effect="Maybe")), "Invalid policy syntax."),
        (policy(statement(Action=None)), "Invalid policy syntax."),
        (policy(statement(Action="ec2:RunInstances")), "Policy has invalid action"),
        (policy(statement(Action="s3:ReadObject")), "Policy has invalid action"),
        (policy(statement(Resource="*")), "Policy has invalid resource"),
        (policy(statement(Resource="arn:aws:s3:::other/*")), "Policy has invalid resource"),
        (
            policy(statement(Action="s3:ListBucket")),
            "Action does not apply to any resource(s) in statement",
        ),
        (
            policy(statement(Resource=f"arn:aws:s3:::{BUCKET}")),
            "Action does not apply to any resource(s) in statement",
        ),
        (
            policy(statement(Condition={"StringEquals": {"s3:VersionStatus": "x"}})),
            "Policy has an invalid condition key",
        ),
        (policy(statement(Principal={"AWS": user_arn("nobody")})), "Invalid principal in policy"),
        (policy(statement(Principal={"AWS": "AIDAQQQQQQQQQQQQQQQQQ"})), "Invalid principal in policy"),
        (policy(statement(Principal={"AWS": "bob"})), "Invalid policy syntax."),
        (
            policy(statement(Sid="x" * 21_000)),
            "Normalized policy document exceeds the maximum allowed size of 20480 bytes",
        ),
    ],
)
def test_what_s3_does_not_store(account: LocalAws, text: str, message: str) -> None:
    s3 = account.client("s3")
    assert refusal(s3.put_bucket_policy, Bucket=BUCKET, Policy=text) == ("MalformedPolicy", 400, message)
    assert refusal(s3.get_bucket_policy, Bucket=BUCKET)[0] == "NoSuchBucketPolicy"


def test_what_nobody_knows_of_s3_is_refused_by_name(account: LocalAws) -> None:
    s3 = account.client("s3")
    text = policy(statement(Resource=f"arn:aws:s3:::{BUCKET}*"))
    code, _, message = refusal(s3.put_bucket_policy, Bucket=BUCKET, Policy=text)
    assert code == "SandboxUnsupported"
    assert "name the bucket without wildcards" in message


def test_a_policy_is_put_read_and_deleted_by_those_who_may(account: LocalAws) -> None:
    s3 = account.client("s3")
    text = policy(statement())
    writer = account.user("writer", policy(allow("s3:PutBucketPolicy", resource=f"arn:aws:s3:::{BUCKET}")))
    mine = account.client("s3", writer)
    mine.put_bucket_policy(Bucket=BUCKET, Policy=text)
    assert refusal(mine.get_bucket_policy, Bucket=BUCKET)[:2] == ("AccessDenied", 403)
    assert refusal(mine.delete_bucket_policy, Bucket=BUCKET)[:2] == ("AccessDenied", 403)
    assert json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"]) == json.loads(text)
    assert s3.get_bucket_policy_status(Bucket=BUCKET)["PolicyStatus"] == {"IsPublic": False}
    s3.delete_bucket_policy(Bucket=BUCKET)
    s3.delete_bucket_policy(Bucket=BUCKET)
    assert refusal(s3.get_bucket_policy, Bucket=BUCKET) == (
        "NoSuchBucketPolicy", 404, "The bucket policy does not exist"
    )  # fmt: skip


def test_who_comes_after_a_deleted_user_of_the_same_name_is_not_named(account: LocalAws) -> None:
    s3, iam = account.client("s3"), account.client("iam")
    first = account.user("carol")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(statement(Principal={"AWS": user_arn("carol")})))
    assert account.client("s3", first).get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"x"
    unique_id = iam.get_user(UserName="carol")["User"]["UserId"]
    iam.delete_access_key(UserName="carol", AccessKeyId=first.access_key_id)
    iam.delete_user(UserName="carol")
    second = account.user("carol")
    assert refusal(account.client("s3", second).get_object, Bucket=BUCKET, Key="k")[0] == "AccessDenied"
    stored = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    assert stored["Statement"][0]["Principal"] == {"AWS": unique_id}
    s3.delete_bucket_policy(Bucket=BUCKET)


def test_a_user_who_gets_another_name_stays_named(account: LocalAws) -> None:
    s3, iam = account.client("s3"), account.client("iam")
    key = account.user("dave")
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(statement(Principal={"AWS": user_arn("dave")})))
    iam.update_user(UserName="dave", NewUserName="david")
    assert account.client("s3", key).get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"x"
    stored = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    assert stored["Statement"][0]["Principal"] == {"AWS": user_arn("david")}
    unique_id = iam.get_user(UserName="david")["User"]["UserId"]
    iam.delete_access_key(UserName="david", AccessKeyId=key.access_key_id)
    iam.delete_user(UserName="david")
    account.user("david")
    stored = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    assert stored["Statement"][0]["Principal"] == {"AWS": unique_id}
    s3.delete_bucket_policy(Bucket=BUCKET)


def test_a_new_bucket_has_no_public_access_and_no_acls(account: LocalAws) -> None:
    s3 = account.client("s3")
    block = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    controls = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]
    assert controls == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}


def test_a_public_policy_is_refused_until_that_is_switched_off(account: LocalAws) -> None:
    s3 = account.client("s3")
    text = policy(statement(Principal="*"))
    code, status, message = refusal(s3.put_bucket_policy, Bucket=BUCKET, Policy=text)
    assert (code, status) == ("AccessDenied", 403)
    assert message == (
        f'User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: s3:PutBucketPolicy on resource: '
        f'"arn:aws:s3:::{BUCKET}" because public policies are prevented by the BlockPublicPolicy setting in '
        "S3 Block Public Access."
    )  # fmt: skip
    block = {"BlockPublicPolicy": False, "RestrictPublicBuckets": True}
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=block)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=text)
    assert s3.get_bucket_policy_status(Bucket=BUCKET)["PolicyStatus"] == {"IsPublic": True}
    s3.delete_bucket_policy(Bucket=BUCKET)


def test_a_public_bucket_that_is_restricted_lets_in_nobody_from_outside(account: LocalAws) -> None:
    s3, root = account.client("s3"), other_account(account)
    iam = account.client("iam", root)
    iam.create_user(UserName="guest")
    guest = Key.of(iam.create_access_key(UserName="guest")["AccessKey"])
    iam.put_user_policy(UserName="guest", PolicyName="p", PolicyDocument=policy(allow("s3:*")))
    s3.delete_public_access_block(Bucket=BUCKET)
    named = statement(Sid="guest", Principal={"AWS": user_arn("guest", OTHER)})
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(statement(Principal="*"), named))
    theirs = account.client("s3", guest)
    assert theirs.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"x"
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    assert refusal(theirs.get_object, Bucket=BUCKET, Key="k")[0] == "AccessDenied"
    mine = account.client("s3", account.user("local"))
    assert mine.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"x"
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(named))
    assert theirs.get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"x"


def test_acls_are_still_refused(account: LocalAws) -> None:
    s3 = account.client("s3")
    assert refusal(s3.put_bucket_acl, Bucket=BUCKET, ACL="public-read")[0] == "SandboxUnsupported"
    assert refusal(s3.put_object_acl, Bucket=BUCKET, Key="k", ACL="private")[0] == "SandboxUnsupported"
