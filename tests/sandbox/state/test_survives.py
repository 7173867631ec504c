"""What a sandbox holds is there after a restart, however it ended."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.state.kept_sandbox import KeptSandbox, Nursery, a_kept_sandbox
from watchword.sandbox.key import Key

TABLE = {
    "TableName": "table",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
READS = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}
)
Again = Callable[[], None]
ALL = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},
                "Action": "sts:AssumeRole",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
            }
        ],
    }
)


@pytest.fixture
def kept(nursery: Nursery, request: pytest.FixtureRequest) -> Iterator[KeptSandbox]:
    with a_kept_sandbox(nursery, request.node.name.replace("[", "-").strip("]")) as sandbox:
        sandbox.start()
        yield sandbox


@pytest.fixture
def again(kept: KeptSandbox) -> Again:
    """Kills the sandbox, and starts it again."""

    def kill_and_start() -> None:
        kept.kill()
        kept.start()

    return kill_and_start


def refusal(call: Any, **params: Any) -> str:  # noqa: ANN401
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value)


@pytest.mark.parametrize("end", [KeptSandbox.kill, KeptSandbox.stop])
def test_people_devices_sessions_and_used_codes_are_there_again(
    kept: KeptSandbox, end: Callable[[KeptSandbox], None]
) -> None:
    iam = kept.client("iam")
    iam.create_user(UserName="alice", Tags=[{"Key": "team", "Value": "blue"}])
    alice = Key.of(iam.create_access_key(UserName="alice")["AccessKey"])
    iam.attach_user_policy(UserName="alice", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.put_user_policy(UserName="alice", PolicyName="own", PolicyDocument=READS)
    iam.create_login_profile(UserName="alice", Password="Long-Enough-1", PasswordResetRequired=True)
    iam.create_role(RoleName="admin", AssumeRolePolicyDocument=TRUST)
    serial = kept.enrol("alice")
    kept.move_clock(3600)
    code = kept.code("alice")
    sts = kept.client("sts", alice)
    session = Key.of(sts.get_session_token(SerialNumber=serial, TokenCode=code)["Credentials"])
    in_role = Key.of(
        kept.client("sts", session).assume_role(
            RoleArn="arn:aws:iam::123456789012:role/admin", RoleSessionName="alice"
        )["Credentials"]
    )
    root, clock = kept.root, kept.ask("clock")["offset_seconds"]
    endpoint = kept.folder.open_door().endpoint_url

    end(kept)
    kept.start()

    assert (kept.root, kept.folder.open_door().endpoint_url) == (root, endpoint)
    assert kept.ask("clock")["offset_seconds"] == clock
    for key, name in ((alice, "user/alice"), (session, "user/alice"), (in_role, "admin/alice")):
        assert kept.client("sts", key).get_caller_identity()["Arn"].endswith(name)
    iam = kept.client("iam")
    assert iam.list_user_tags(UserName="alice")["Tags"] == [{"Key": "team", "Value": "blue"}]
    [policy] = iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]
    assert policy["PolicyName"] == "ReadOnlyAccess"
    assert iam.get_policy(PolicyArn=policy["PolicyArn"])["Policy"]["AttachmentCount"] == 1
    assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"] is True
    assert [each["SerialNumber"] for each in iam.list_mfa_devices(UserName="alice")["MFADevices"]] == [serial]
    # The phone still shows the same code: the seed is the same; and it has been used.
    assert code in {kept.code("alice"), kept.code("alice", "next_code")} or kept.code("alice") != code
    sts = kept.client("sts", alice)
    assert "invalid MFA one time pass code" in refusal(
        sts.get_session_token, SerialNumber=serial, TokenCode=code
    )
    sts.get_session_token(SerialNumber=serial, TokenCode=kept.code("alice", "next_code"))


def test_a_trust_policy_means_the_same_user_after_a_restart(kept: KeptSandbox, again: Again) -> None:
    iam = kept.client("iam")
    iam.create_user(UserName="alice")
    iam.create_role(RoleName="admin", AssumeRolePolicyDocument=TRUST)
    iam.delete_user(UserName="alice")
    iam.create_user(UserName="alice")
    iam.put_user_policy(UserName="alice", PolicyName="all", PolicyDocument=ALL)
    alice = Key.of(iam.create_access_key(UserName="alice")["AccessKey"])
    serial = kept.enrol("alice")
    again()
    asked = {"RoleArn": "arn:aws:iam::123456789012:role/admin", "RoleSessionName": "alice"}
    mfa = {"SerialNumber": serial, "TokenCode": kept.code("alice")}
    assert "AccessDenied" in refusal(kept.client("sts", alice).assume_role, **asked, **mfa)


def test_resources_are_there_again(kept: KeptSandbox, again: Again) -> None:
    s3, sqs, table = kept.client("s3"), kept.client("sqs"), kept.client("dynamodb")
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="bucket", Key="a/b", Body=b"first", Metadata={"who": "me"})
    s3.put_object(Bucket="bucket", Key="a/b", Body=b"second" * 100_000)
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    table.create_table(**TABLE)
    table.put_item(TableName="table", Item={"id": {"S": "one"}, "n": {"N": "1"}})
    kms = kept.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    kept.client("ssm").put_parameter(Name="parameter", Value="value", Type="String")
    kept.client("sns").create_topic(Name="topic")
    vpc = kept.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    again()

    s3 = kept.client("s3")
    versions = s3.list_object_versions(Bucket="bucket")["Versions"]
    bodies = [
        s3.get_object(Bucket="bucket", Key="a/b", VersionId=each["VersionId"])["Body"].read()
        for each in versions
    ]
    assert bodies == [b"second" * 100_000, b"first"]
    [message] = kept.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "kept"
    table = kept.client("dynamodb")
    assert table.get_item(TableName="table", Key={"id": {"S": "one"}})["Item"]["n"] == {"N": "1"}
    assert kept.client("kms").decrypt(CiphertextBlob=sealed)["Plaintext"] == b"secret"
    assert kept.client("ssm").get_parameter(Name="parameter")["Parameter"]["Value"] == "value"
    assert len(kept.client("sns").list_topics()["Topics"]) == 1
    assert kept.client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"] == "10.0.0.0/16"
    # And it goes on: what is there can be changed, and that is kept, too.
    s3.delete_bucket_policy(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="c", Body=b"third")
    again()
    assert kept.client("s3").get_object(Bucket="bucket", Key="c")["Body"].read() == b"third"


def test_an_account_added_at_the_door_is_there_again(kept: KeptSandbox, again: Again) -> None:
    made = kept.ask("accounts", id="111122223333", name="other", member=True)
    key = Key(access_key_id=made["access_key_id"], secret_access_key=made["secret_access_key"])
    kept.client("iam", key).create_user(UserName="there")
    again()
    assert kept.client("sts", key).get_caller_identity()["Account"] == "111122223333"
    assert [user["UserName"] for user in kept.client("iam", key).list_users()["Users"]] == ["there"]
    accounts = kept.client("organizations").list_accounts()["Accounts"]
    assert {"111122223333", "123456789012"} == {account["Id"] for account in accounts}


def test_a_reset_is_kept_too(kept: KeptSandbox, again: Again) -> None:
    kept.client("iam").create_user(UserName="gone")
    kept.client("s3").create_bucket(Bucket="gone-bucket")
    kept.ask("reset")
    kept.client("iam").create_user(UserName="here")
    again()
    assert [user["UserName"] for user in kept.client("iam").list_users()["Users"]] == ["here"]
    assert kept.client("s3").list_buckets()["Buckets"] == []


def test_what_a_reader_changed_is_written_within_a_second_or_two(kept: KeptSandbox) -> None:
    iam = kept.client("iam")
    iam.create_user(UserName="alice")
    alice = Key.of(iam.create_access_key(UserName="alice")["AccessKey"])
    kept.client("sts", alice).get_caller_identity()  # a change of no use, which is written at once
    kept.kill()
    kept.start()
    used = kept.client("iam").get_access_key_last_used(AccessKeyId=alice.access_key_id)
    assert used["AccessKeyLastUsed"]["ServiceName"] == "sts"


def test_profiles_stay_with_the_state_and_a_fresh_sandbox_leaves_them(kept: KeptSandbox) -> None:
    with kept.folder.credentials.open("a") as file:
        file.write("[alice]\naws_access_key_id = AKIAALICE\n")
    kept.kill()
    fresh = kept.nursery.fork(f"--dir={kept.folder.path}")
    end = KeptSandbox(kept.nursery, "unused")
    end.folder, end.process_id = kept.folder, fresh
    end.wait()
    assert "alice" not in kept.folder.credentials.read_text()
    end.kill()
    kept.start()
    assert "alice" in kept.folder.credentials.read_text()
    assert Path(kept.state, "credentials").stat().st_mode & 0o777 == 0o600


TEMPLATE = json.dumps(
    {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "of-the-stack"}},
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-the-stack"}},
        },
        "Outputs": {"Url": {"Value": {"Ref": "Queue"}}},
    }
)


def test_a_stack_is_there_again_and_can_be_updated_and_deleted(kept: KeptSandbox, again: Again) -> None:
    stacks = kept.client("cloudformation")
    stacks.create_stack(StackName="stack", TemplateBody=TEMPLATE)
    events = stacks.describe_stack_events(StackName="stack")["StackEvents"]
    again()
    stacks = kept.client("cloudformation")
    [stack] = stacks.describe_stacks(StackName="stack")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["Outputs"][0]["OutputValue"].endswith("/of-the-stack")
    assert stacks.describe_stack_events(StackName="stack")["StackEvents"] == events
    assert kept.client("s3").head_bucket(Bucket="of-the-stack")
    without_queue = json.loads(TEMPLATE)
    del without_queue["Resources"]["Queue"], without_queue["Outputs"]
    stacks.update_stack(StackName="stack", TemplateBody=json.dumps(without_queue))
    again()
    assert "QueueUrls" not in kept.client("sqs").list_queues()
    kept.client("cloudformation").delete_stack(StackName="stack")
    again()
    assert kept.client("s3").list_buckets()["Buckets"] == []


def test_policies_of_resources_and_the_last_use_of_a_key_are_there_again(
    kept: KeptSandbox, again: Again
) -> None:
    iam, s3 = kept.client("iam"), kept.client("s3")
    iam.create_user(UserName="alice")
    alice = Key.of(iam.create_access_key(UserName="alice")["AccessKey"])
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="a", Body=b"x")
    policy = json.loads(READS)
    policy["Statement"][0] |= {
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},
        "Resource": "arn:aws:s3:::bucket/*",
    }
    s3.put_bucket_policy(Bucket="bucket", Policy=json.dumps(policy))
    again()
    assert kept.client("s3", alice).get_object(Bucket="bucket", Key="a")["Body"].read() == b"x"
    again()
    # Whoever takes alice's place is not who was meant.
    iam = kept.client("iam")
    iam.delete_access_key(UserName="alice", AccessKeyId=alice.access_key_id)
    iam.delete_user(UserName="alice")
    iam.create_user(UserName="alice")
    other = Key.of(iam.create_access_key(UserName="alice")["AccessKey"])
    again()
    assert "AccessDenied" in refusal(kept.client("s3", other).get_object, Bucket="bucket", Key="a")


def test_a_receiver_that_waits_for_a_message_lets_the_sender_in(kept: KeptSandbox) -> None:
    import threading

    sqs = kept.client("sqs")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    got: list[Any] = []
    waiting = threading.Thread(
        target=lambda: got.append(kept.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=10))
    )
    waiting.start()
    sqs.send_message(QueueUrl=url, MessageBody="at last")
    waiting.join(timeout=5)
    assert got[0]["Messages"][0]["Body"] == "at last"


def test_what_stopping_writes_anew_is_what_was_kept_before(kept: KeptSandbox, tmp_path: Path) -> None:
    """A change is looked for where it may be; the end looks everywhere, and must find nothing more."""
    iam, s3, sqs = kept.client("iam"), kept.client("s3"), kept.client("sqs")
    iam.create_user(UserName="alice")
    kept.enrol("alice")
    iam.create_role(RoleName="admin", AssumeRolePolicyDocument=TRUST)
    s3.create_bucket(Bucket="bucket")
    for body in (b"first", b"second"):
        s3.put_object(Bucket="bucket", Key="a", Body=body)
    s3.copy_object(Bucket="bucket", Key="b", CopySource="bucket/a")
    s3.delete_object(Bucket="bucket", Key="a")
    url = sqs.create_queue(QueueName="queue")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="text")
    received = sqs.receive_message(QueueUrl=url)["Messages"][0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    kept.client("kms").create_key()
    kept.client("ssm").put_parameter(Name="parameter", Value="value", Type="String")
    vpc = kept.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    kept.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")
    kept.client("organizations").create_organization()
    kept.client("cloudformation").create_stack(StackName="stack", TemplateBody=TEMPLATE)
    for file in kept.state.glob("state.sqlite*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    kept.stop()
    assert values(tmp_path) == values(kept.state)


def values(folder: Path) -> list[tuple[str, bytes]]:
    """Return what is kept, whatever the groups of backends are numbered."""
    with contextlib.closing(sqlite3.connect(folder / "state.sqlite")) as connection:
        return sorted(connection.execute("SELECT store, value FROM row"))
