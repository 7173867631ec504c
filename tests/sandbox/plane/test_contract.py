"""What the sandbox rests on in moto's IAM, and where it puts moto right: held here when moto changes."""

from __future__ import annotations

import json
import threading
from urllib.parse import quote

import pytest

from local_aws import Key, LocalAws
from refusal import refusal
from watchword.sandbox.plane.moto_put_right import with_short_arns_widened
from watchword.sandbox.plane.refused import refused_operations

NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
)
EVERYTHING = NOTHING.replace("Deny", "Allow")


def trusting(*arns: str) -> str:
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": list(arns)}, "Action": "sts:AssumeRole"}],
        }
    )


# --- who is who -------------------------------------------------------------------------------------


def test_a_call_without_a_user_name_is_about_the_caller(sandbox: LocalAws) -> None:
    key = sandbox.user("alice", EVERYTHING)
    iam = sandbox.client("iam", key)
    assert iam.get_user()["User"]["UserName"] == "alice"
    assert [each["AccessKeyId"] for each in iam.list_access_keys()["AccessKeyMetadata"]] == [
        key.access_key_id
    ]
    second = iam.create_access_key()["AccessKey"]
    assert second["UserName"] == "alice"
    iam.update_access_key(AccessKeyId=second["AccessKeyId"], Status="Inactive")
    iam.delete_access_key(AccessKeyId=second["AccessKeyId"])
    session = sandbox.session(key, sandbox.device("alice"))
    assert sandbox.client("iam", session).get_user()["User"]["UserName"] == "alice"


def test_root_is_the_user_without_a_name(sandbox: LocalAws) -> None:
    user = sandbox.client("iam").get_user()["User"]
    assert (user["Arn"], user["UserId"]) == (f"arn:aws:iam::{sandbox.account}:root", sandbox.account)
    assert "UserName" not in user
    code, _, text = refusal(sandbox.client("iam").create_access_key)
    assert (code, "for root itself" in text) == ("SandboxUnsupported", True)


def test_a_role_session_must_name_the_user(sandbox: LocalAws) -> None:
    key = sandbox.user("alice")
    iam = sandbox.client("iam")
    role = iam.create_role(
        RoleName="r", AssumeRolePolicyDocument=trusting(f"arn:aws:iam::{sandbox.account}:user/alice")
    )["Role"]
    iam.put_role_policy(RoleName="r", PolicyName="all", PolicyDocument=EVERYTHING)
    answer = sandbox.client("sts", key).assume_role(RoleArn=role["Arn"], RoleSessionName="s1")
    mine = sandbox.client("iam", Key.of(answer["Credentials"]))
    assert refusal(mine.get_user) == (
        "ValidationError",
        400,
        "Must specify userName when calling with non-User credentials",
    )
    assert mine.get_user(UserName="alice")["User"]["UserName"] == "alice"


def test_unique_ids_look_like_awss(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    user = iam.create_user(UserName="alice")["User"]["UserId"]
    group = iam.create_group(GroupName="g")["Group"]["GroupId"]
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting("*"))["Role"]["RoleId"]
    assert [each[:4] for each in (user, group, role)] == ["AIDA", "AGPA", "AROA"]
    assert iam.get_user(UserName="alice")["User"]["UserId"] == user


def test_a_renamed_user_keeps_keys_policies_and_sessions(sandbox: LocalAws) -> None:
    key = sandbox.user("alice", EVERYTHING)
    serial = sandbox.device("alice")
    session = sandbox.session(key, serial)
    sandbox.client("iam").update_user(UserName="alice", NewUserName="alicia", NewPath="/team/")
    arn = f"arn:aws:iam::{sandbox.account}:user/team/alicia"
    assert sandbox.client("sts", key).get_caller_identity()["Arn"] == arn
    assert sandbox.client("iam", session).get_user()["User"]["Arn"] == arn
    assert len(sandbox.client("iam", key).list_access_keys(UserName="alicia")["AccessKeyMetadata"]) == 1


def test_names_are_unique_without_regard_to_case(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    sandbox.user("bob")
    iam = sandbox.client("iam")
    expected = ("EntityAlreadyExists", 409, "User with name ALICE already exists.")
    assert refusal(iam.create_user, UserName="ALICE") == expected
    assert refusal(iam.update_user, UserName="bob", NewUserName="alice")[0] == "EntityAlreadyExists"
    assert iam.get_user(UserName="alice")["User"]["UserName"] == "alice"


# --- what cannot be deleted -----------------------------------------------------------------------------


def test_a_user_is_deleted_only_when_bare(sandbox: LocalAws) -> None:
    key = sandbox.user("alice", EVERYTHING)
    serial = sandbox.device("alice")
    iam = sandbox.client("iam")
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="alice")
    iam.add_user_to_group(GroupName="g", UserName="alice")
    iam.create_login_profile(UserName="alice", Password="Some-long-0ne")
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)

    def obstacle() -> str:
        code, status, text = refusal(iam.delete_user, UserName="alice")
        assert (code, status) == ("DeleteConflict", 409)
        return text.removeprefix("Cannot delete entity, must ").removesuffix(" first.")

    assert obstacle() == "delete policies"
    iam.delete_user_policy(UserName="alice", PolicyName="inline")
    assert obstacle() == "detach all policies"
    iam.detach_user_policy(UserName="alice", PolicyArn=arn)
    assert obstacle() == "remove users from group"
    iam.remove_user_from_group(GroupName="g", UserName="alice")
    assert obstacle() == "delete MFA device"
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=serial)
    assert obstacle() == "delete access keys"
    iam.delete_access_key(UserName="alice", AccessKeyId=key.access_key_id)
    assert obstacle() == "delete login profile"
    iam.delete_login_profile(UserName="alice")
    iam.delete_user(UserName="alice")
    assert iam.list_users()["Users"] == []


def test_a_group_with_members_and_a_policy_in_use_stay(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    iam = sandbox.client("iam")
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="alice")
    assert refusal(iam.delete_group, GroupName="g")[:2] == ("DeleteConflict", 409)
    arn = iam.create_policy(PolicyName="p", PolicyDocument=EVERYTHING)["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="g", PolicyArn=arn)
    assert refusal(iam.delete_policy, PolicyArn=arn)[2] == "Cannot delete a policy attached to entities."
    iam.detach_group_policy(GroupName="g", PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=NOTHING)
    assert refusal(iam.delete_policy, PolicyArn=arn)[2].startswith("This policy has more than one version.")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy(PolicyArn=arn)


# --- policies ----------------------------------------------------------------------------------------------


def test_the_default_version_of_a_policy_decides(sandbox: LocalAws) -> None:
    key = sandbox.user("alice")
    iam = sandbox.client("iam")
    arn = iam.create_policy(PolicyName="p", PolicyDocument=EVERYTHING)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    mine = sandbox.client("iam", key)
    mine.list_users()
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=NOTHING)
    mine.list_users()
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert refusal(mine.list_users)[2].endswith("with an explicit deny in an identity-based policy")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    mine.list_users()


def test_awss_own_policies_are_there_when_they_are_needed(sandbox: LocalAws) -> None:
    assert not sandbox.inner.directory.backend.managed_policies
    iam = sandbox.client("iam")
    policy = iam.get_policy(PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")["Policy"]
    assert policy["PolicyName"] == "IAMFullAccess"
    listed = iam.list_policies(Scope="AWS", MaxItems=1000)
    assert (len(listed["Policies"]), listed["IsTruncated"]) == (1000, True)
    key = sandbox.user("alice")
    iam.attach_user_policy(UserName="alice", PolicyArn="arn:aws:iam::aws:policy/IAMReadOnlyAccess")
    assert sandbox.client("iam", key).list_users()["Users"]
    assert refusal(sandbox.client("iam", key).create_user, UserName="x")[0] == "AccessDenied"


def test_a_boundary_in_create_user_binds_and_must_exist(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    missing = f"arn:aws:iam::{sandbox.account}:policy/none"
    assert refusal(iam.create_user, UserName="alice", PermissionsBoundary=missing)[:2] == (
        "NoSuchEntity",
        404,
    )
    iam.create_user(UserName="alice", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3FullAccess")
    iam.put_user_policy(UserName="alice", PolicyName="all", PolicyDocument=EVERYTHING)
    key = Key.of(iam.create_access_key(UserName="alice")["AccessKey"])
    sandbox.client("s3", key).list_buckets()
    assert "no permissions boundary allows" in refusal(sandbox.client("iam", key).list_users)[2]


def test_a_malformed_policy_is_not_stored(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    sandbox.user("alice")
    for text in ("{", "[]", '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe"}]}'):
        code, status, _ = refusal(iam.put_user_policy, UserName="alice", PolicyName="p", PolicyDocument=text)
        assert (code, status) == ("MalformedPolicyDocument", 400)
    assert refusal(iam.create_role, RoleName="r", AssumeRolePolicyDocument=EVERYTHING)[0] == (
        "MalformedPolicyDocument"
    )


def test_short_arns_are_stored_as_aws_stores_them(sandbox: LocalAws) -> None:
    text = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListRoles","Resource":["arn:aws:iam::*"]}]}'  # noqa: E501
    key = sandbox.user("alice", text)
    assert sandbox.client("iam", key).list_roles()["Roles"] == []
    widened = json.loads(with_short_arns_widened(text))
    assert widened["Statement"][0]["Resource"] == ["*"]
    long = text.replace("arn:aws:iam::*", "arn:aws:iam::1:role/*")
    assert json.loads(with_short_arns_widened(long)) == json.loads(long)


# --- trust -------------------------------------------------------------------------------------------------


def test_a_user_who_was_created_anew_is_not_trusted_any_more(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    iam = sandbox.client("iam")
    arn = f"arn:aws:iam::{sandbox.account}:user/alice"
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trusting(arn))["Role"]["Arn"]
    for key in iam.list_access_keys(UserName="alice")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="alice", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="alice")
    anew = sandbox.user("alice")
    asked = {"RoleArn": role, "RoleSessionName": "s1"}
    assert refusal(sandbox.client("sts", anew).assume_role, **asked)[0] == "AccessDenied"
    iam.update_assume_role_policy(RoleName="r", PolicyDocument=trusting(arn))
    sandbox.client("sts", anew).assume_role(**asked)


def test_a_trusted_principal_must_exist(sandbox: LocalAws) -> None:
    arn = f"arn:aws:iam::{sandbox.account}:user/nobody"
    assert refusal(
        sandbox.client("iam").create_role, RoleName="r", AssumeRolePolicyDocument=trusting(arn)
    ) == ("MalformedPolicyDocument", 400, f'Invalid principal in policy: "AWS":"{arn}"')


# --- the mirror of devices ---------------------------------------------------------------------------------


def test_reports_know_of_devices(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    sandbox.user("bob")
    serial = sandbox.device("alice")
    iam = sandbox.client("iam")
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["MFADevices"], summary["MFADevicesInUse"]) == (1, 1)
    iam.generate_credential_report()
    sandbox.move_clock(1)
    rows = [line.split(",") for line in iam.get_credential_report()["Content"].decode().splitlines()]
    column = rows[0].index("mfa_active")
    assert {row[0]: row[column] for row in rows[1:]} == {
        "<root_account>": "false",
        "alice": "true",
        "bob": "false",
    }
    iam.deactivate_mfa_device(UserName="alice", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["MFADevices"], summary["MFADevicesInUse"]) == (0, 0)


# --- running moto ------------------------------------------------------------------------------------------


def test_keys_of_objects_travel_unchanged(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="books")
    for key in ("a+b", "a b", "ü/%2F", "x" * 300, "a?b&c=d"):
        s3.put_object(Bucket="books", Key=key, Body=quote(key).encode(), Metadata={"my-note": "1"})
        got = s3.get_object(Bucket="books", Key=key)
        assert (got["Body"].read(), got["Metadata"]) == (quote(key).encode(), {"my-note": "1"})
    assert len(s3.list_objects_v2(Bucket="books")["Contents"]) == 5
    s3.delete_objects(Bucket="books", Delete={"Objects": [{"Key": "a+b"}, {"Key": "a b"}]})
    assert len(s3.list_objects_v2(Bucket="books")["Contents"]) == 3


def test_a_copy_needs_both_ends_and_copies_no_tags_unasked(sandbox: LocalAws) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="books")
    s3.put_object(Bucket="books", Key="in/a b", Body=b"text")
    s3.put_object(Bucket="books", Key="in/tagged", Body=b"text", Tagging="a=b")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::books/*"},
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::books/in/*"},
        ],
    }
    mine = sandbox.client("s3", sandbox.user("alice", json.dumps(policy)))
    mine.copy_object(Bucket="books", Key="out", CopySource={"Bucket": "books", "Key": "in/a b"})
    assert s3.get_object(Bucket="books", Key="out")["Body"].read() == b"text"
    back = {"Bucket": "books", "Key": "again", "CopySource": {"Bucket": "books", "Key": "out"}}
    assert refusal(mine.copy_object, **back)[0] == "AccessDenied"
    tagged = {"Bucket": "books", "Key": "out2", "CopySource": {"Bucket": "books", "Key": "in/tagged"}}
    assert refusal(mine.copy_object, **tagged)[0] == "SandboxUnsupported"
    mine.copy_object(**tagged, TaggingDirective="REPLACE")


def test_services_of_each_protocol_run(sandbox: LocalAws) -> None:
    url = sandbox.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    sandbox.client("sqs").send_message(QueueUrl=url, MessageBody="hello")
    assert sandbox.client("sqs").receive_message(QueueUrl=url)["Messages"][0]["Body"] == "hello"
    topic = sandbox.client("sns").create_topic(Name="t")["TopicArn"]
    assert sandbox.client("sns").publish(TopicArn=topic, Message="m")["MessageId"]
    ssm = sandbox.client("ssm")
    ssm.put_parameter(Name="/a/b", Value="v", Type="String")
    assert ssm.get_parameter(Name="/a/b")["Parameter"]["Value"] == "v"
    kms = sandbox.client("kms")
    key = kms.create_key()["KeyMetadata"]
    kms.create_alias(AliasName="alias/one", TargetKeyId=key["KeyId"])
    sealed = kms.encrypt(KeyId="alias/one", Plaintext=b"text")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed, KeyId=key["Arn"])["Plaintext"] == b"text"
    assert sandbox.client("lambda").list_functions()["Functions"] == []
    assert sandbox.client("cloudwatch").list_metrics()["Metrics"] == []
    vpc = sandbox.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    sandbox.client("ec2").delete_vpc(VpcId=vpc)


def test_a_service_or_operation_that_moto_lacks_is_a_sandbox_refusal(sandbox: LocalAws) -> None:
    sandbox.user("alice")
    code, _, text = refusal(
        sandbox.client("iam").create_service_specific_credential,
        UserName="alice",
        ServiceName="codecommit.amazonaws.com",
    )
    assert (code, text.startswith("watchword sandbox: ")) == ("SandboxUnsupported", True)


def test_many_threads_create_one_user_each_and_one_name_once(sandbox: LocalAws) -> None:
    outcomes: list[str] = []

    def create(name: str) -> None:
        iam = sandbox.client("iam")
        try:
            iam.create_user(UserName=name)
            outcomes.append("made")
        except iam.exceptions.EntityAlreadyExistsException:
            outcomes.append("refused")

    threads = [threading.Thread(target=create, args=(f"user{number // 2}",)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["made"] * 6 + ["refused"] * 6


@pytest.mark.parametrize("entry", refused_operations(), ids=lambda entry: f"{entry.service}-{entry.reason}")
def test_every_refusal_names_operations_that_exist(entry: object) -> None:
    from fnmatch import fnmatchcase

    import botocore.session

    from watchword.sandbox.plane.refused import RefusedOperations

    assert isinstance(entry, RefusedOperations)
    names = botocore.session.get_session().get_service_model(entry.service).operation_names
    for pattern in entry.operations:
        assert any(fnmatchcase(name, pattern) for name in names), f"{entry.service}: {pattern}"
