"""Several accounts in one sandbox: each has its own, and what crosses is allowed by both sides."""

from __future__ import annotations

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from sandbox.several_accounts import OTHER, allow, assumed, aws, document, server, trusting
from watchword.sandbox.door import DoorClosed

__all__ = ["aws", "server"]  # fixtures

EVERYTHING = allow("*")
CODE_AT_THE_DOOR = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


@pytest.fixture
def other(aws: LocalAws) -> Key:
    """The key of the root of another account."""
    return aws.add_account(OTHER, name="other").root


# --- each has its own ---------------------------------------------------------------------------------


def test_credentials_of_each_account_say_so(aws: LocalAws, other: Key) -> None:
    there = aws.client("sts", other).get_caller_identity()
    assert (there["Account"], there["Arn"]) == (OTHER, f"arn:aws:iam::{OTHER}:root")
    assert aws.client("sts").get_caller_identity()["Account"] == aws.account
    user = aws.user("ann", EVERYTHING, account=OTHER)
    assert aws.client("sts", user).get_caller_identity()["Arn"] == f"arn:aws:iam::{OTHER}:user/ann"


def test_users_of_one_name_are_two_people(aws: LocalAws, other: Key) -> None:
    here, there = aws.user("ann", allow("iam:ListUsers")), aws.user("ann", allow("sqs:*"), account=OTHER)
    assert [user["Arn"] for user in aws.client("iam", here).list_users()["Users"]] == [
        f"arn:aws:iam::{aws.account}:user/ann"
    ]
    aws.client("sqs", there).list_queues()
    assert f"iam::{OTHER}:user/ " in refusal(aws.client("iam", there).list_users)[2]
    assert "sqs:ListQueues" in refusal(aws.client("sqs", here).list_queues)[2]


def test_a_queue_of_one_name_is_two_queues(aws: LocalAws, other: Key) -> None:
    here, there = aws.client("sqs"), aws.client("sqs", other)
    for sqs in (here, there):
        sqs.create_queue(QueueName="jobs")
    there.send_message(QueueUrl=there.get_queue_url(QueueName="jobs")["QueueUrl"], MessageBody="there")
    assert "Messages" not in here.receive_message(QueueUrl=here.get_queue_url(QueueName="jobs")["QueueUrl"])


def test_aws_own_policies_are_in_every_account(aws: LocalAws, other: Key) -> None:
    user = aws.user("ann", "arn:aws:iam::aws:policy/ReadOnlyAccess", account=OTHER)
    assert aws.client("iam", user).list_users()["Users"][0]["UserName"] == "ann"
    assert refusal(aws.client("iam", user).delete_user, UserName="ann")[0] == "AccessDenied"


def test_devices_stay_in_their_account(aws: LocalAws, other: Key) -> None:
    there = aws.user("ann", EVERYTHING, account=OTHER)
    serial = aws.device("ann", account=OTHER)
    assert serial == f"arn:aws:iam::{OTHER}:mfa/ann"
    assert aws.client("iam").list_virtual_mfa_devices()["VirtualMFADevices"] == []
    assert len(aws.client("iam", other).list_virtual_mfa_devices()["VirtualMFADevices"]) == 1
    aws.client("iam", aws.session(there, serial)).list_users()
    here = aws.user("ann", EVERYTHING)
    code = aws.fresh_code(serial)
    text = refusal(aws.client("sts", here).get_session_token, SerialNumber=serial, TokenCode=code)[2]
    assert "unable to validate MFA code" in text


def test_a_device_of_another_account_cannot_be_enabled(aws: LocalAws, other: Key) -> None:
    device = aws.client("iam", other).create_virtual_mfa_device(VirtualMFADeviceName="phone")
    serial = device["VirtualMFADevice"]["SerialNumber"]
    here = aws.user("ann", EVERYTHING)
    codes = {"AuthenticationCode1": aws.phone(serial), "AuthenticationCode2": aws.next_code(serial)}
    wanted = refusal(aws.client("iam", here).enable_mfa_device, UserName="ann", SerialNumber=serial, **codes)
    assert wanted[0] == "NoSuchEntity"


def test_an_account_is_there_once(aws: LocalAws, other: Key) -> None:
    with pytest.raises(DoorClosed, match="is there already"):
        aws.add_account(OTHER)
    with pytest.raises(DoorClosed, match="not an account number"):
        aws.add_account("12")
    assert {account.id for account in aws.inner.accounts.all()} == {aws.account, OTHER}


# --- a role of another account ------------------------------------------------------------------------


def role_there(aws: LocalAws, other: Key, trust: str) -> str:
    """Make a role in the other account that may list its queues, and return its ARN."""
    iam = aws.client("iam", other)
    arn: str = iam.create_role(RoleName="lister", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    iam.put_role_policy(RoleName="lister", PolicyName="own", PolicyDocument=allow("sqs:*"))
    return arn


def test_a_role_of_another_account_needs_both_sides(aws: LocalAws, other: Key) -> None:
    user = aws.user("ann")
    role = role_there(aws, other, trusting("arn:aws:iam::444455556666:root"))
    sts = aws.client("sts", user)

    def assume() -> tuple[str, int, str]:
        return refusal(sts.assume_role, RoleArn=role, RoleSessionName="test")

    aws.client("iam").put_user_policy(
        UserName="ann", PolicyName="p", PolicyDocument=allow("sts:AssumeRole", role)
    )
    assert f"sts:AssumeRole on resource: {role}" in assume()[2]
    aws.client("iam", other).update_assume_role_policy(
        RoleName="lister", PolicyDocument=trusting(f"arn:aws:iam::{aws.account}:user/ann")
    )
    session = assumed(aws, user, role)
    assert (
        aws.client("sts", session).get_caller_identity()["Arn"]
        == f"arn:aws:sts::{OTHER}:assumed-role/lister/test"
    )
    aws.client("sqs", session).create_queue(QueueName="there")
    assert len(aws.client("sqs", other).list_queues()["QueueUrls"]) == 1
    aws.client("iam").delete_user_policy(UserName="ann", PolicyName="p")
    assert assume()[0] == "AccessDenied"  # naming the user is enough in one account only


def test_a_code_opens_a_role_of_another_account(aws: LocalAws, other: Key) -> None:
    user = aws.user("ann", allow("sts:AssumeRole"))
    serial = aws.device("ann")
    role = role_there(aws, other, trusting(f"arn:aws:iam::{aws.account}:root", **CODE_AT_THE_DOOR))
    call = aws.client("sts", user).assume_role
    assert refusal(call, RoleArn=role, RoleSessionName="test")[0] == "AccessDenied"
    session = assumed(aws, user, role, SerialNumber=serial, TokenCode=aws.fresh_code(serial))
    aws.client("sqs", session).list_queues()


def test_a_trusted_user_of_another_account_who_is_made_anew_is_somebody_else(
    aws: LocalAws, other: Key
) -> None:
    aws.user("ann", allow("sts:AssumeRole"))
    role = role_there(aws, other, trusting(f"arn:aws:iam::{aws.account}:user/ann"))
    iam = aws.client("iam")
    key = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"][0]["AccessKeyId"]
    iam.delete_access_key(UserName="ann", AccessKeyId=key)
    iam.delete_user_policy(UserName="ann", PolicyName="inline")
    iam.delete_user(UserName="ann")
    again = aws.user("ann", allow("sts:AssumeRole"))
    assert refusal(aws.client("sts", again).assume_role, RoleArn=role, RoleSessionName="test")[0] == (
        "AccessDenied"
    )


def test_a_trusted_user_must_be_there_in_an_account_of_the_sandbox(aws: LocalAws, other: Key) -> None:
    nobody = f"arn:aws:iam::{OTHER}:user/nobody"
    create = aws.client("iam").create_role
    expected = ("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{nobody}"')
    assert refusal(create, RoleName="a", AssumeRolePolicyDocument=trusting(nobody)) == expected
    elsewhere = trusting("arn:aws:iam::444455556666:user/somebody")
    create(RoleName="b", AssumeRolePolicyDocument=elsewhere)  # of other accounts nothing is known


# --- resources of another account -----------------------------------------------------------------------


def test_a_bucket_of_another_account_needs_both_sides(aws: LocalAws, other: Key) -> None:
    ann = aws.user("ann", allow("s3:*"))
    bob = aws.user("bob")
    there, here = aws.client("s3", other), aws.client("s3", ann)
    there.create_bucket(Bucket="theirs")
    put = {"Bucket": "theirs", "Key": "letter", "Body": b"dear"}
    assert (
        "because no resource-based policy allows the s3:PutObject action"
        in refusal(here.put_object, **put)[2]
    )
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::theirs", "arn:aws:s3:::theirs/*"],
    }
    there.put_bucket_policy(Bucket="theirs", Policy=document(statement))
    here.put_object(**put)
    assert there.get_object(Bucket="theirs", Key="letter")["Body"].read() == b"dear"
    assert here.get_object(Bucket="theirs", Key="letter")["Body"].read() == b"dear"
    assert here.list_buckets()["Buckets"] == []
    assert "no identity-based policy allows" in refusal(aws.client("s3", bob).put_object, **put)[2]


def test_a_bucket_of_another_account_is_told_by_its_owner(aws: LocalAws, other: Key) -> None:
    there = aws.client("s3", other)
    there.create_bucket(Bucket="theirs")
    ann = aws.user("ann", allow("s3:*"))
    # Who creates a bucket asks for their own, whoever has one of that name.
    assert refusal(aws.client("s3", ann).create_bucket, Bucket="theirs")[0] == "BucketAlreadyExists"
    open_to_all = {"Effect": "Allow", "Principal": {"AWS": aws.account}, "Action": "s3:*"}
    there.put_bucket_policy(
        Bucket="theirs",
        Policy=document({**open_to_all, "Resource": ["arn:aws:s3:::theirs", "arn:aws:s3:::theirs/*"]}),
    )
    listed = aws.client("s3", ann).list_objects_v2
    assert refusal(listed, Bucket="theirs", ExpectedBucketOwner=aws.account)[0] == "AccessDenied"
    listed(Bucket="theirs", ExpectedBucketOwner=OTHER)


def test_a_queue_of_another_account_is_found_by_its_url(aws: LocalAws, other: Key) -> None:
    ann = aws.user("ann", allow("sqs:*"))
    there, here = aws.client("sqs", other), aws.client("sqs", ann)
    url = there.create_queue(QueueName="jobs")["QueueUrl"]
    own = here.create_queue(QueueName="jobs")["QueueUrl"]
    assert "no resource-based policy" in refusal(here.send_message, QueueUrl=url, MessageBody="hi")[2]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{aws.account}:user/ann"},
        "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:us-east-1:{OTHER}:jobs",
    }
    there.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(statement)})
    here.send_message(QueueUrl=url, MessageBody="hi")
    assert refusal(here.receive_message, QueueUrl=url)[0] == "AccessDenied"
    assert "Messages" not in here.receive_message(QueueUrl=own)
    assert there.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hi"


def test_a_key_of_another_account_is_used_by_its_arn(aws: LocalAws, other: Key) -> None:
    ann = aws.user("ann", allow("kms:*"))
    there, here = aws.client("kms", other), aws.client("kms", ann)
    arn = there.create_key()["KeyMetadata"]["Arn"]
    assert "no resource-based policy" in refusal(here.encrypt, KeyId=arn, Plaintext=b"x")[2]
    own = {"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "kms:*", "Resource": "*"}
    guest = {
        "Effect": "Allow",
        "Principal": {"AWS": aws.account},
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Resource": "*",
    }
    there.put_key_policy(KeyId=arn, PolicyName="default", Policy=document(own, guest))
    secret = here.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=secret)["Plaintext"] == b"x"
    assert here.decrypt(CiphertextBlob=secret)["Plaintext"] == b"x"
    assert refusal(here.generate_data_key, KeyId=arn, KeySpec="AES_256")[0] == "AccessDeniedException"


def test_a_topic_of_another_account_is_published_to_by_its_arn(aws: LocalAws, other: Key) -> None:
    ann = aws.user("ann", allow("sns:*"))
    there = aws.client("sns", other)
    arn = there.create_topic(Name="news")["TopicArn"]
    publish = aws.client("sns", ann).publish
    assert "no resource-based policy" in refusal(publish, TopicArn=arn, Message="x")[2]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": aws.account},
        "Action": "sns:Publish",
        "Resource": arn,
    }
    there.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=document(statement))
    assert publish(TopicArn=arn, Message="x")["MessageId"]


def test_a_table_of_another_account_is_not_taken_for_ones_own(aws: LocalAws, other: Key) -> None:
    ann = aws.user("ann", allow("dynamodb:*"))
    made = {
        "TableName": "t",
        "KeySchema": [{"AttributeName": "i", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "i", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    arn = aws.client("dynamodb", other).create_table(**made)["TableDescription"]["TableArn"]
    here = aws.client("dynamodb", ann)
    here.create_table(**made)
    here.get_item(TableName="t", Key={"i": {"S": "1"}})
    text = refusal(here.get_item, TableName=arn, Key={"i": {"S": "1"}})[2]
    assert f"on resource: {arn} because no resource-based policy allows" in text


def test_root_of_another_account_is_a_stranger(aws: LocalAws, other: Key) -> None:
    url = aws.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    assert refusal(aws.client("sqs", other).purge_queue, QueueUrl=url)[0] == "AccessDenied"
    aws.client("s3").create_bucket(Bucket="ours")
    assert refusal(aws.client("s3", other).delete_bucket, Bucket="ours")[0] == "AccessDenied"


def test_an_account_that_is_not_there_is_named(aws: LocalAws) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"].replace(aws.account, "999999999999")
    code, _, text = refusal(sqs.send_message, QueueUrl=url, MessageBody="x")
    assert (code, text) == (
        "SandboxUnsupported",
        "watchword sandbox: the account 999999999999 is not in this sandbox",
    )
    assert aws.log[-1].outcome == "refused"


def test_a_session_may_be_limited_by_a_policy_of_aws_that_nobody_asked_about(aws: LocalAws) -> None:
    trust = trusting(f"arn:aws:iam::{aws.account}:root")
    arn = aws.client("iam").create_role(RoleName="admin", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    aws.client("iam").put_role_policy(RoleName="admin", PolicyName="all", PolicyDocument=EVERYTHING)
    user = aws.user("ann", allow("sts:AssumeRole"))
    reading = {"arn": "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}
    iam = aws.client("iam", assumed(aws, user, arn, PolicyArns=[reading]))
    iam.list_users()
    assert "no session policy allows" in refusal(iam.create_user, UserName="bob")[2]


def reaching_out(aws: LocalAws) -> list[tuple[str, str, dict[str, object]]]:
    """Return calls that name something of the other account where no decision is made about it."""
    there = f"us-east-1:{OTHER}"
    item = {"Keys": [{"i": {"S": "1"}}]}
    topic = aws.client("sns").create_topic(Name="news")["TopicArn"]
    subscription = {"Protocol": "sqs", "Endpoint": f"arn:aws:sqs:{there}:jobs"}
    source = f"arn:aws:rds:{there}:cluster-snapshot:s"
    copy = {"SourceDBClusterSnapshotIdentifier": source, "TargetDBClusterSnapshotIdentifier": "t"}
    destination = f"arn:aws:logs:{there}:log-group:group"
    delivery = {"filterName": "f", "filterPattern": "", "destinationArn": destination}
    return [
        ("dynamodb", "batch_get_item", {"RequestItems": {f"arn:aws:dynamodb:{there}:table/t": item}}),
        ("sns", "subscribe", {"TopicArn": topic, **subscription}),
        ("rds", "copy_db_cluster_snapshot", copy),
        ("logs", "put_subscription_filter", {"logGroupName": "group", **delivery}),
        ("ssm", "get_parameter", {"Name": f"arn:aws:ssm:{there}:parameter/p"}),
        ("lambda", "get_function", {"FunctionName": f"{OTHER}:function:f"}),
        ("account", "get_alternate_contact", {"AccountId": OTHER, "AlternateContactType": "BILLING"}),
    ]


def test_what_names_another_account_without_being_decided_is_refused_even_to_root(
    aws: LocalAws, other: Key
) -> None:
    aws.client("sqs", other).create_queue(QueueName="jobs")
    for service, call, params in reaching_out(aws):
        code, _, text = refusal(getattr(aws.client(service), call), **params)
        assert (code, text.partition(":")[0]) == ("SandboxUnsupported", "watchword sandbox"), (service, text)
