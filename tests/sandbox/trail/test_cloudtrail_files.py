"""What is called is written as CloudTrail writes it: where an audit looks for it, and without secrets."""

from __future__ import annotations

import gzip
import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws import Key, LocalAws
from no_room import files_no_longer_than
from watchword.sandbox.trail.delivery import Trail
from watchword.sandbox.trail.folder import CannotDeliver

ALLOW_ALL = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
FILE = re.compile(
    r"AWSLogs/(\d{12})/CloudTrail/([a-z0-9-]+)/(\d{4})/(\d\d)/(\d\d)/"
    r"\1_CloudTrail_\2_\3\4\5T\d{4}Z_[A-Za-z0-9]{16}\.json\.gz"
)


@dataclass(frozen=True)
class Written:
    """A sandbox that writes a trail."""

    aws: LocalAws
    folder: Path
    trail: Trail

    def files(self) -> list[Path]:
        self.trail.flush()
        return sorted(path for path in self.folder.rglob("*") if path.is_file())

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        records = [
            record
            for file in self.files()
            for record in json.loads(gzip.decompress(file.read_bytes()))["Records"]
        ]
        return [record for record in records if name in (None, record["eventName"])]

    def event(self, name: str) -> dict[str, Any]:
        (event,) = self.events(name)
        return event


@pytest.fixture
def written(sandbox: LocalAws, tmp_path: Path) -> Iterator[Written]:
    trail = Trail(tmp_path / "trail", now=sandbox.inner.clock.now)
    sandbox.inner.trail = trail
    yield Written(sandbox, tmp_path / "trail", trail)
    trail.close()


def test_the_files_lie_where_cloudtrail_puts_them_and_only_the_owner_reads_them(written: Written) -> None:
    written.aws.client("iam").list_users()
    written.aws.client("sqs", region="eu-west-1").list_queues()
    found = {FILE.fullmatch(str(file.relative_to(written.folder))) for file in written.files()}
    assert {match and match[2] for match in found} == {"us-east-1", "eu-west-1"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in written.files()} == {0o600}


@pytest.mark.parametrize(("has_code", "authenticated"), [(False, "false"), (True, "true")])
def test_a_session_says_whether_it_had_mfa_and_a_key_says_nothing(
    written: Written, has_code: bool, authenticated: str
) -> None:
    key = written.aws.user("alice", ALLOW_ALL)
    serial = written.aws.device("alice")
    session = written.aws.session(key, serial if has_code else None)
    written.aws.client("ec2", key).describe_regions()
    written.aws.client("ec2", session).describe_regions()
    by_key, by_session = written.events("DescribeRegions")
    assert by_key["userIdentity"] == {
        "type": "IAMUser",
        "principalId": by_session["userIdentity"]["principalId"],
        "arn": f"arn:aws:iam::{written.aws.account}:user/alice",
        "accountId": written.aws.account,
        "accessKeyId": key.access_key_id,
        "userName": "alice",
    }
    assert by_session["userIdentity"]["accessKeyId"] == session.access_key_id
    attributes = by_session["userIdentity"]["sessionContext"]["attributes"]
    assert attributes["mfaAuthenticated"] == authenticated
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", attributes["creationDate"])


def test_a_call_of_a_service_says_by_whom_and_never_names_the_long_term_key(written: Written) -> None:
    """A key says nothing of MFA when it calls itself, and `"false"` through a service."""
    key = written.aws.user("alice", ALLOW_ALL)
    queue = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
    session = written.aws.session(key, written.aws.device("alice"))
    for name, who in (("by-key", key), ("by-session", session)):
        written.aws.client("cloudformation", who).create_stack(StackName=name, TemplateBody=queue)
    direct, _ = written.events("CreateStack")
    assert ("invokedBy" in direct["userIdentity"], "sessionContext" in direct["userIdentity"]) == (
        False,
        False,
    )
    by_key, by_session = written.events("CreateQueue")
    for event, authenticated in ((by_key, "false"), (by_session, "true")):
        identity = event["userIdentity"]
        assert (identity["invokedBy"], identity["userName"]) == ("cloudformation.amazonaws.com", "alice")
        assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == authenticated
        assert identity["accessKeyId"].startswith("ASIA")
        assert (event["sourceIPAddress"], event["userAgent"]) == (("cloudformation.amazonaws.com",) * 2)


def test_a_role_session_names_its_role_and_who_assumed_it(written: Written) -> None:
    key, arn = written.aws.user("alice", ALLOW_ALL), _role(written.aws)
    answer = written.aws.client("sts", key).assume_role(RoleArn=arn, RoleSessionName="tuesday")
    written.aws.client("ec2", Key.of(answer["Credentials"])).describe_regions()
    assumed = written.event("AssumeRole")
    assert assumed["requestParameters"] == {"roleArn": arn, "roleSessionName": "tuesday"}
    assert assumed["responseElements"]["credentials"].keys() == {"accessKeyId", "expiration"}
    assert assumed["resources"] == [{"accountId": written.aws.account, "type": "AWS::IAM::Role", "ARN": arn}]
    identity = written.event("DescribeRegions")["userIdentity"]
    assert (identity["type"], identity["arn"].endswith("assumed-role/reader/tuesday")) == (
        "AssumedRole",
        True,
    )
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "reader"
    assert identity["sessionContext"]["attributes"]["mfaAuthenticated"] == "false"


def test_refusals_are_written_with_their_code_and_text(written: Written) -> None:
    key = written.aws.user("alice")
    with pytest.raises(ClientError):
        written.aws.client("iam", key).list_users()
    with pytest.raises(ClientError):
        written.aws.client("ec2", key).describe_regions()
    with pytest.raises(ClientError):
        written.aws.client("sqs").get_queue_url(QueueName="nowhere")
    assert written.event("ListUsers")["errorCode"] == "AccessDenied"
    assert "is not authorized to perform: iam:ListUsers" in written.event("ListUsers")["errorMessage"]
    assert written.event("DescribeRegions")["errorCode"] == "Client.UnauthorizedOperation"
    assert written.event("GetQueueUrl")["errorCode"].endswith("NonExistentQueue")
    assert written.event("ListUsers")["responseElements"] is None


def test_what_the_sandbox_itself_refuses_is_no_event(written: Written) -> None:
    with pytest.raises(ClientError, match="watchword sandbox"):
        written.aws.client("sts").get_delegated_access_token(TradeInToken="x")
    assert written.events() == []


def test_calls_on_objects_and_items_are_data_events(written: Written) -> None:
    s3 = written.aws.client("s3")
    s3.create_bucket(Bucket="ledger")
    s3.put_object(Bucket="ledger", Key="2026", Body=b"figures")
    s3.list_objects_v2(Bucket="ledger")
    kinds = {
        event["eventName"]: (event["eventCategory"], event["managementEvent"], event["readOnly"])
        for event in written.events()
    }
    assert kinds == {
        "CreateBucket": ("Management", True, False),
        "PutObject": ("Data", False, False),
        "ListObjects": ("Data", False, True),
    }
    asked = written.event("PutObject")["requestParameters"]
    assert (asked["bucketName"], asked["key"], "body" in asked) == ("ledger", "2026", False)


def test_no_secret_code_or_seed_is_written(written: Written) -> None:
    iam = written.aws.client("iam")
    key = written.aws.user("alice", ALLOW_ALL)
    serial = written.aws.device("alice")
    code = written.aws.fresh_code(serial)
    answer = written.aws.client("sts", key).get_session_token(SerialNumber=serial, TokenCode=code)
    iam.create_login_profile(UserName="alice", Password="correct-Horse-7")
    written.aws.client("secretsmanager").create_secret(Name="s", SecretString="hunter2-hunter2")
    written.aws.client("ssm").put_parameter(Name="p", Value="hunter3-hunter3", Type="SecureString")
    written.aws.client("secretsmanager").get_secret_value(SecretId="s")
    text = json.dumps(written.events())
    session = answer["Credentials"]
    secrets = ["correct-Horse-7", "hunter2-hunter2", "hunter3-hunter3", f'"{code}"', key.secret_access_key]
    secrets += [session["SecretAccessKey"], session["SessionToken"], written.aws.secret_access_key]
    assert [secret for secret in secrets if secret in text] == []
    assert "HIDDEN_DUE_TO_SECURITY_REASONS" in text
    assert "Base32StringSeed".lower() not in text.lower()
    assert written.event("GetSessionToken")["requestParameters"] == {"serialNumber": serial}


def test_an_event_that_could_not_be_written_is_written_later_and_once(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    written.aws.client("iam").list_users()
    blocked = written.folder / "AWSLogs"
    blocked.write_text("in the way")
    with pytest.raises(OSError, match="AWSLogs"):
        written.trail.flush()
    blocked.unlink()
    assert [event["eventName"] for event in written.events()] == ["ListUsers"]


def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path, sandbox: LocalAws) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotDeliver, match="cannot be written into"):
        Trail(tmp_path / "file" / "trail", now=sandbox.inner.clock.now)


def _role(aws: LocalAws) -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"},
            }
        ],
    }
    iam = aws.client("iam")
    arn: str = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="reader", PolicyName="all", PolicyDocument=ALLOW_ALL)
    return arn


def test_what_has_no_room_waits_and_leaves_nothing_half_written(written: Written) -> None:
    written.aws.client("iam").list_users()
    with files_no_longer_than(30), pytest.raises(OSError, match="too large"):
        written.trail.flush()
    assert [path for path in written.folder.rglob("*") if path.is_file()] == []
    assert written.event("ListUsers")["eventName"] == "ListUsers"
