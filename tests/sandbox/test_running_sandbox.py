"""The sandbox that everybody may use in their own tests: `watchword.sandbox`."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

import watchword.sandbox
from watchword.sandbox import (
    Key,
    LocalAws,
    NobodyOfThatName,
    NoDevice,
    SandboxInUse,
    ScenarioInvalid,
    ScenarioRefused,
    sandbox,
)

LIST_WITH_MFA = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "s3:ListAllMyBuckets",
        "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    },
}
SCENARIO = """\
schema: watchword/sandbox-scenario/v1
policies:
  ListWithMfa: {file: list.json}
  Limits:
    Version: 2012-10-17
    Statement: [{Effect: Allow, Action: "*", Resource: "*"}]
groups:
  developers:
    policies: [ListWithMfa]
    inline:
      Own:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Action: "iam:GetUser", Resource: "*"}]
users:
  alice:
    path: /people/
    groups: [developers]
    policies: [arn:aws:iam::aws:policy/IAMUserChangePassword]
    boundary: Limits
    tags: {team: blue}
    password: correct horse 9 Battery
    password_reset_required: true
    access_keys: 2
    devices:
      - virtual: alice-phone
      - security_key: yubikey
      - hardware_token: GAHT00000001
  bob: {access_keys: 0}
roles:
  Support:
    max_session_seconds: 7200
    tags: {tier: two}
    boundary: Limits
    trust:
      Version: 2012-10-17
      Statement:
        - Effect: Allow
          Principal:
            AWS: [arn:aws:iam::123456789012:user/people/alice, arn:aws:iam::222222222222:role/Deploy]
          Action: sts:AssumeRole
root:
  devices: [{virtual: root-phone}]
organization:
  units:
    workloads: {}
    live: {parent: workloads, scps: [NoStorage]}
service_control_policies:
  NoStorage:
    Version: 2012-10-17
    Statement: [{Effect: Deny, Action: "s3:*", Resource: "*"}]
accounts:
  production:
    id: "222222222222"
    unit: live
    users:
      ops: {policies: [arn:aws:iam::aws:policy/AdministratorAccess], devices: [{virtual: ops}]}
    roles:
      Deploy:
        trust:
          Version: 2012-10-17
          Statement:
            - Effect: Allow
              Principal: {AWS: "arn:aws:iam::123456789012:role/Support"}
              Action: sts:AssumeRole
"""


@pytest.fixture(scope="module")
def running() -> Iterator[LocalAws]:
    with sandbox() as aws:
        yield aws


@pytest.fixture
def aws(running: LocalAws) -> LocalAws:
    running.reset()
    return running


def code_of(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def test_everything_that_is_public_is_there() -> None:
    for name in watchword.sandbox.__all__:
        assert getattr(watchword.sandbox, name) is not None, name
    with pytest.raises(AttributeError, match="nothing"):
        watchword.sandbox.nothing  # noqa: B018 - that it raises is the point


def test_a_test_can_say_why_something_was_refused_and_what_a_code_changes(aws: LocalAws) -> None:
    alice = aws.user("alice", LIST_WITH_MFA)
    aws.device("alice")
    with pytest.raises(ClientError) as refused:
        aws.client("s3", alice).list_buckets()
    assert code_of(refused) == "AccessDenied"
    decision = aws.log.refused("s3:ListAllMyBuckets")[-1]
    assert (decision.mfa, decision.outcome) == ("absent", "implicitDeny")
    assert "aws:MultiFactorAuthPresent is absent" in (decision.reason or "")
    aws.client("s3", aws.sign_in(alice)).list_buckets()
    assert [each.mfa for each in aws.log.allowed("s3:ListAllMyBuckets", principal="alice")] == ["true"]
    assert aws.log.of(principal="nobody") == []


def test_a_fresh_code_is_always_good_however_many_are_asked_for(aws: LocalAws) -> None:
    alice = aws.user("alice")
    aws.device("alice")
    sessions = {aws.sign_in(alice).access_key_id for _ in range(12)}
    assert len(sessions) == 12
    used = aws.phone("alice").code()
    assert aws.phone("alice").code() != used
    assert aws.clock.offset >= timedelta(minutes=6)


def test_a_code_that_somebody_else_has_used_is_not_given_as_fresh(aws: LocalAws) -> None:
    alice = aws.user("alice")
    serial = aws.device("alice")
    shown = aws.phone("alice").shown_code()
    aws.client("sts", alice).get_session_token(SerialNumber=serial, TokenCode=shown)
    assert aws.phone("alice").code() != shown


def test_pairs_enable_and_resynchronise_as_often_as_wanted(aws: LocalAws) -> None:
    iam = aws.client("iam")
    aws.user("alice")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="own")["VirtualMFADevice"]["SerialNumber"]
    for operation in (iam.enable_mfa_device, iam.resync_mfa_device, iam.resync_mfa_device):
        first, second = aws.phone(serial).pair()
        operation(
            UserName="alice", SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=second
        )


def test_who_has_no_device_or_no_key_is_told_so(aws: LocalAws) -> None:
    aws.user("alice")
    with pytest.raises(NoDevice, match="`alice` has no device that shows codes"):
        aws.phone("alice")
    aws.add_security_key("alice")
    with pytest.raises(NoDevice):
        aws.phone("alice")
    with pytest.raises(NobodyOfThatName) as caught:
        aws.key("bob")
    assert caught.value.hint == "there are `alice`"


def test_time_is_moved_and_a_session_is_over(aws: LocalAws) -> None:
    alice = aws.user("alice")
    aws.device("alice")
    session = aws.sign_in(alice, duration_seconds=900)
    aws.move_clock(901)
    with pytest.raises(ClientError) as refused:
        aws.client("s3", session).list_buckets()
    assert code_of(refused) == "ExpiredToken"
    assert aws.clock.set(datetime(2030, 1, 31, tzinfo=UTC)).year == 2030


def test_code_that_makes_its_own_clients_is_who_it_is_told_to_be(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = aws.user("alice")
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", object())
    before, default = dict(os.environ), boto3.DEFAULT_SESSION
    with aws.acting_as(alice):
        assert boto3.client("sts").get_caller_identity()["Arn"].endswith(":user/alice")
        with aws.acting_as(aws.root):
            assert boto3.client("sts").get_caller_identity()["Arn"].endswith(":root")
        assert boto3.client("sts").get_caller_identity()["Arn"].endswith(":user/alice")
    assert dict(os.environ) == before
    assert boto3.DEFAULT_SESSION is default


def test_a_program_of_its_own_gets_a_whole_environment(
    aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")
    alice = aws.user("alice")
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    told = subprocess.run(
        [sys.executable, "-c", program],
        env=aws.environment | alice.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert told.stdout == f"arn:aws:iam::{aws.account}:user/alice\n"


def test_a_boto3_session_of_somebody_calls_the_sandbox_alone(aws: LocalAws) -> None:
    session = aws.session(aws.user("alice", LIST_WITH_MFA))
    assert session.client("sts").get_caller_identity()["Arn"].endswith(":user/alice")
    assert session.resource("s3").meta.client.meta.endpoint_url == aws.endpoint_url


def test_secrets_are_not_printed(aws: LocalAws) -> None:
    key = aws.user("alice")
    assert key.secret_access_key not in repr(key)
    assert key == Key(access_key_id=key.access_key_id, secret_access_key=key.secret_access_key)


def test_another_account_has_a_root_users_and_phones_of_its_own(aws: LocalAws) -> None:
    added = aws.add_account("222222222222", name="production")
    ops = aws.user("ops", account="production")
    aws.user("ops")
    aws.device("ops", account="222222222222")
    assert aws.client("sts", added.root).get_caller_identity()["Arn"] == "arn:aws:iam::222222222222:root"
    session = aws.sign_in(ops)
    assert aws.client("sts", session).get_caller_identity()["Arn"] == "arn:aws:iam::222222222222:user/ops"
    with pytest.raises(NoDevice):
        aws.phone("ops")


def test_its_files_are_for_their_owner_alone(aws: LocalAws) -> None:
    files = list(aws.folder.path.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(aws.folder.path.stat().st_mode) == 0o700


def test_there_is_one_sandbox_at_a_time_in_a_process(running: LocalAws) -> None:
    with pytest.raises(SandboxInUse), sandbox():
        pass


# --- reset --------------------------------------------------------------------------------------------


def test_a_reset_leaves_nothing_but_root_and_the_address(aws: LocalAws) -> None:
    endpoint_url, root = aws.endpoint_url, aws.root
    alice = aws.user("alice", [LIST_WITH_MFA, "arn:aws:iam::aws:policy/ReadOnlyAccess"])
    aws.device("alice")
    session = aws.sign_in(alice)
    aws.client("s3").create_bucket(Bucket="kept")
    aws.client("s3").put_object(Bucket="kept", Key="object", Body=b"x")
    aws.add_account("222222222222", member=True)
    aws.move_clock(3600)
    aws.folder.add_profile("alice", endpoint_url=endpoint_url, access_key_id="-", secret_access_key="-")
    aws.reset()
    assert (aws.endpoint_url, aws.root) == (endpoint_url, root)
    assert aws.log == []
    assert abs(aws.clock.offset) < timedelta(seconds=1)
    iam = aws.client("iam")
    assert iam.list_users()["Users"] == []
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    assert aws.client("s3").list_buckets()["Buckets"] == []
    assert [account.id for account in aws.inner.accounts.all()] == [aws.account]
    assert aws.log[0].number == 1
    assert "alice" not in aws.folder.credentials.read_text() + aws.folder.config.read_text()
    assert len(aws.folder.decisions.read_text().splitlines()) == len(aws.log)
    for key in (alice, session):
        with pytest.raises(ClientError) as refused:
            aws.client("sts", key).get_caller_identity()
        assert code_of(refused) == "InvalidClientTokenId"
    aws.add_account("222222222222", member=True)
    assert aws.client("iam").get_policy(PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")["Policy"]


def test_a_reset_takes_less_than_fifty_milliseconds_with_a_hundred_users_and_buckets(aws: LocalAws) -> None:
    iam, s3 = aws.client("iam"), aws.client("s3")
    for number in range(100):
        iam.create_user(UserName=f"user-{number}")
    for number in range(20):
        s3.create_bucket(Bucket=f"bucket-{number}")
        s3.put_object(Bucket=f"bucket-{number}", Key="object", Body=b"x" * 10_000)
    iam.attach_user_policy(UserName="user-1", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    aws.client("ec2").describe_regions()
    aws.client("sqs").create_queue(QueueName="queue")
    begin = time.thread_time()  # of this thread alone: the machine may have other things to do
    aws.reset()
    assert time.thread_time() - begin < 0.05


def test_a_reset_waits_for_requests_and_lets_none_begin_before_it_has_ended(aws: LocalAws) -> None:
    inner, order = aws.inner, list[str]()
    entered, leave = threading.Event(), threading.Event()

    def request() -> None:
        with inner._turns.together():
            entered.set()
            leave.wait(5)
            order.append("answered")

    def reset() -> None:
        inner.reset()
        order.append("reset")

    def call() -> None:
        aws.client("iam").list_users()
        order.append("late")

    answering, resetting, late = (threading.Thread(target=each) for each in (request, reset, call))
    answering.start()
    assert entered.wait(5)
    resetting.start()
    end = time.monotonic() + 5
    while not inner._turns._alone and time.monotonic() < end:
        time.sleep(0.001)
    assert inner._turns._alone
    late.start()
    leave.set()
    for thread in (answering, resetting, late):
        thread.join(10)
    assert order[0] == "answered"
    assert sorted(order) == ["answered", "late", "reset"]
    assert len(aws.log) == 1  # the late one was decided after the reset


# --- scenarios ------------------------------------------------------------------------------------------


def write(folder: Path, text: str = SCENARIO) -> Path:
    (folder / "list.json").write_text(json.dumps(LIST_WITH_MFA))
    file = folder / "team.yaml"
    file.write_text(text)
    return file


def test_a_scenario_is_there_as_it_is_written(aws: LocalAws, tmp_path: Path) -> None:
    made = aws.apply(write(tmp_path))
    iam = aws.client("iam")
    user = iam.get_user(UserName="alice")["User"]
    assert user["Arn"] == "arn:aws:iam::123456789012:user/people/alice"
    assert user["Tags"] == [{"Key": "team", "Value": "blue"}]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/Limits")
    assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"] is True
    attached = iam.list_attached_user_policies(UserName="alice")["AttachedPolicies"]
    assert [each["PolicyName"] for each in attached] == ["IAMUserChangePassword"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="alice")["Groups"]] == [
        "developers"
    ]
    devices = {each["SerialNumber"] for each in iam.list_mfa_devices(UserName="alice")["MFADevices"]}
    alice = made.home.users["alice"]
    assert devices == {device.serial_number for device in alice.devices}
    assert list(alice.keys) == ["alice", "alice-2"]
    assert made.home.users["bob"].key is None
    role = iam.get_role(RoleName="Support")["Role"]
    assert (role["MaxSessionDuration"], role["Tags"]) == (7200, [{"Key": "tier", "Value": "two"}])
    assert aws.sign_in(aws.root, made.home.root_devices[0].serial_number).session_token


def test_the_people_of_a_scenario_can_do_what_it_says_and_no_more(aws: LocalAws, tmp_path: Path) -> None:
    made = aws.apply(write(tmp_path))
    alice = aws.key("alice")
    with pytest.raises(ClientError) as refused:
        aws.client("s3", alice).list_buckets()
    assert code_of(refused) == "AccessDenied"
    aws.client("s3", aws.sign_in(alice)).list_buckets()
    support = aws.client("sts", alice).assume_role(
        RoleArn="arn:aws:iam::123456789012:role/Support", RoleSessionName="test"
    )
    assert support["Credentials"]["SessionToken"]
    ops = made.account("production").users["ops"].key
    assert ops == aws.key("ops", account="production")
    aws.client("iam", aws.sign_in(aws.key("ops", account="production"))).list_users()
    with pytest.raises(ClientError, match="explicit deny in a service control policy"):
        aws.client("s3", ops).list_buckets()


def test_a_scenario_with_a_mistake_changes_nothing(aws: LocalAws, tmp_path: Path) -> None:
    aws.user("carol")
    with pytest.raises(ScenarioInvalid):
        aws.apply(write(tmp_path, SCENARIO.replace("[developers]", "[nobody]")))
    assert [user["UserName"] for user in aws.client("iam").list_users()["Users"]] == ["carol"]


def test_nothing_is_left_of_a_scenario_that_the_sandbox_refuses(aws: LocalAws, tmp_path: Path) -> None:
    file = write(tmp_path, SCENARIO.replace("policy/AdministratorAccess", "policy/NoSuchPolicy"))
    with pytest.raises(ScenarioRefused, match=r"team.yaml:56:7: AttachUserPolicy was refused: .*NoSuch"):
        aws.apply(file)
    assert aws.client("iam").list_users()["Users"] == []
    assert len(aws.inner.accounts.all()) == 1
