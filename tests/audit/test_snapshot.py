"""A whole account, read over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from audit.between import THROTTLED, between
from audit.reading import ODD, Altered, aws, people, profile, read, run, server
from local_aws import LocalAws
from watchword.account.read import read_snapshot
from watchword.account.snapshot import ROOT_USER
from watchword.audit.snapshot import Wanted
from watchword.aws import Refusal

__all__ = ["aws", "server"]  # fixtures


def test_no_more_than_eight_calls_are_made_at_the_same_time(aws: LocalAws) -> None:
    for number in range(12):
        aws.client("iam").create_user(UserName=f"user{number}")
    with between(aws.endpoint_url) as middle:
        read(aws, url=middle.url)
    assert 2 <= middle.most_at_once <= 8


def test_throttled_calls_are_made_again(aws: LocalAws) -> None:
    aws.client("iam").create_user(UserName="alice")
    with between(aws.endpoint_url) as middle:
        middle.hook = lambda operation, count: (
            (400, THROTTLED) if operation in {"ListMFADevices", "GetAccountSummary"} and count == 1 else None
        )
        taken = read(aws, url=middle.url)
    assert middle.calls["GetAccountSummary"] == 2
    assert [one.code for one in taken.unread] == ["NotAsked"]


def test_throttling_that_does_not_stop_ends_it(aws: LocalAws) -> None:
    with between(aws.endpoint_url) as middle:
        middle.hook = lambda operation, _count: (400, THROTTLED) if operation == "GetAccountSummary" else None
        with pytest.raises(Refusal) as caught:
            read(aws, url=middle.url, attempts=1)
    assert caught.value.code == "Throttling"


def test_a_report_that_is_never_made_is_said_to_be_missing(aws: LocalAws) -> None:
    def never(operation: str, params: dict[str, Any]) -> dict[str, Any]:
        if operation == "GetCredentialReport":
            raise Refusal(
                "not yet",
                code="ReportInProgress",
                aws_message="",
                status=404,
                operation="iam:GetCredentialReport",
                server_time=None,
            )
        return params

    taken = read(aws, calls=Altered(aws=aws, asked=never))
    assert taken.credential_report is None
    said = next(one for one in taken.unread if one.what == "credential_report")
    assert said.code == "ReportInProgress"


def test_a_user_who_is_deleted_meanwhile_is_said(aws: LocalAws) -> None:
    aws.client("iam").create_user(UserName="alice")
    aws.client("iam").create_user(UserName="bob")

    def deleting(operation: str, answer: dict[str, Any]) -> dict[str, Any]:
        if operation == "GetAccountAuthorizationDetails":
            aws.client("iam").delete_user(UserName="alice")
        return answer

    taken = read(aws, calls=Altered(aws=aws, answered=deleting))
    assert ("mfa_devices", "alice", "NoSuchEntity") in {(one.what, one.of, one.code) for one in taken.unread}
    assert taken.is_read("access_keys", "bob")
    assert not taken.is_read("access_keys", "alice")


def test_a_key_alone_that_may_not_read_the_account_is_refused_with_the_reason(
    aws: LocalAws, tmp_path: Path
) -> None:
    key = aws.user("alice", ODD)
    somebody = profile(aws, tmp_path, "alice", key)
    # Nobody knows whether there is a device, and nobody can be asked for a code.
    assert run(aws, tmp_path, more=somebody).returncode == 6
    done = run(aws, tmp_path, "--key-alone", more=somebody)
    assert done.returncode == 5, done.stderr
    assert "iam:GetAccountAuthorizationDetails" in done.stderr
    assert "hint: " in done.stderr
    assert done.stdout == ""
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("snapshot")] == []


def test_what_may_not_be_read_is_said_and_the_rest_is_there(aws: LocalAws, tmp_path: Path) -> None:
    people(aws)
    statement = {"Effect": "Allow", "Action": "iam:GetAccountAuthorizationDetails", "Resource": "*"}
    key = aws.user("auditor", {"Version": "2012-10-17", "Statement": [statement]})
    somebody = profile(aws, tmp_path, "auditor", key)
    done = run(aws, tmp_path, "--key-alone", "-o", "a.json", "--output", "json", more=somebody)
    assert done.returncode == 0, done.stderr
    assert "not read: iam:ListAccessKeys (AccessDenied). Open: who has an access key" in done.stderr
    value = json.loads(done.stdout)
    assert value["schema"] == "watchword/snapshot-summary/v1"
    assert value["counts"]["access_keys"] is None
    taken = read_snapshot((tmp_path / "a.json").read_bytes(), name="a.json")
    assert taken.access_keys is None
    assert not taken.is_read("login_profiles", "alice")
    assert {one.what for one in taken.unread} == {
        "access_keys",
        "account_summary",
        "alias",
        "credential_report",
        "login_profiles",
        "mfa_devices",
        "password_policy",
        "resource_policies",
        "role_sessions",
        "unassigned_devices",
    }


def test_a_snapshot_on_stdout_is_the_file_and_nothing_else(aws: LocalAws, tmp_path: Path) -> None:
    done = run(aws, tmp_path, "root", "-o", "-")
    assert done.returncode == 0, done.stderr
    assert read_snapshot(done.stdout.encode(), name="-").account_id == aws.account
    assert not list(tmp_path.glob("*.json"))


def test_policies_of_resources_are_read_where_they_are(aws: LocalAws) -> None:
    policy = _letting(aws, "s3:GetObject", "arn:aws:s3:::papers/*")
    for name in ("papers", "bare"):
        aws.client("s3").create_bucket(Bucket=name)
    aws.client("s3").put_bucket_policy(Bucket="papers", Policy=policy)
    sqs = aws.client("sqs", region="eu-west-1")
    url = sqs.create_queue(QueueName="jobs")["QueueUrl"]
    sqs.set_queue_attributes(
        QueueUrl=url,
        Attributes={"Policy": _letting(aws, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{aws.account}:jobs")},
    )
    aws.client("sqs", region="ap-south-1").create_queue(QueueName="elsewhere")
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    topic = aws.client("sns").create_topic(Name="news")["TopicArn"]
    secrets = aws.client("secretsmanager")
    secret = secrets.create_secret(Name="word", SecretString="x")["ARN"]
    secrets.put_resource_policy(
        SecretId=secret, ResourcePolicy=_letting(aws, "secretsmanager:GetSecretValue", "*")
    )
    taken = read(aws, wanted=Wanted(resources=True, regions=("us-east-1", "eu-west-1")))
    found = {one.arn: one for one in taken.resource_policies or ()}
    assert set(found) >= {
        "arn:aws:s3:::papers",
        f"arn:aws:sqs:eu-west-1:{aws.account}:jobs",
        key,
        topic,
        secret,
    }
    assert "arn:aws:s3:::bare" not in found
    assert found["arn:aws:s3:::papers"].document == policy
    assert found[key].service == "kms"
    assert [one.leaves_open for one in taken.unread] == []


def test_regions_that_may_not_be_listed_leave_the_profiles_own(aws: LocalAws) -> None:
    statement = {
        "Effect": "Allow",
        "Action": ["iam:*", "organizations:*", "sqs:*", "sns:*", "s3:*", "kms:*", "secretsmanager:*"],
        "Resource": "*",
    }
    key = aws.user("auditor", {"Version": "2012-10-17", "Statement": [statement]})
    aws.client("sqs").create_queue(QueueName="jobs")
    taken = read(aws, key, wanted=Wanted(resources=True))
    unread = {(one.what, one.of, one.code) for one in taken.unread}
    assert unread == {
        ("resource_policies", None, "UnauthorizedOperation"),
        ("resource_policies", "lambda us-east-1", "AccessDeniedException"),
    }


def test_policies_of_an_organization_are_read_level_by_level(aws: LocalAws) -> None:
    client = aws.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"):
        client.enable_policy_type(RootId=root, PolicyType=kind)
    scp = _made(client, "SERVICE_CONTROL_POLICY", _denying())
    client.attach_policy(PolicyId=scp, TargetId=root)
    taken = read(aws)
    organization = taken.organization
    assert organization is not None
    assert organization.management_account == aws.account
    assert organization.policy_types == ("RESOURCE_CONTROL_POLICY", "SERVICE_CONTROL_POLICY")
    levels = organization.path or ()
    assert [(level.kind, len(level.scps), len(level.rcps)) for level in levels] == [
        ("root", 2, 1),
        ("account", 1, 1),
    ]
    assert next(one for one in levels[0].scps if one.id == scp).document == _denying()


def test_a_member_account_knows_its_organization_and_not_its_policies(aws: LocalAws) -> None:
    client = aws.client("organizations")
    client.create_organization(FeatureSet="ALL")
    member = aws.add_account("111122223333", name="member", member=True).root
    taken = read(aws, member)
    organization = taken.organization
    assert organization is not None
    assert not organization.is_none
    assert organization.path is None
    assert [(one.what, one.of, one.code) for one in taken.unread if one.what == "organization"] == [
        ("organization", organization.id, "AccessDeniedException")
    ]


def test_the_management_account_reads_what_limits_a_member(aws: LocalAws) -> None:
    client = aws.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    team = client.create_organizational_unit(ParentId=root, Name="team")["OrganizationalUnit"]["Id"]
    member = aws.add_account("111122223333", name="member", member=True).root
    client.move_account(AccountId="111122223333", SourceParentId=root, DestinationParentId=team)
    client.attach_policy(PolicyId=_made(client, "SERVICE_CONTROL_POLICY", _denying()), TargetId=team)
    taken = read(aws, member, wanted=Wanted(organization_as=Altered(aws=aws)))
    assert taken.organization is not None
    levels = taken.organization.path or ()
    assert [(level.kind, level.name) for level in levels] == [
        ("root", "Root"),
        ("ou", "team"),
        ("account", "member"),
    ]
    assert [policy.name for policy in levels[1].scps] == ["FullAWSAccess", "p"]
    assert levels[1].rcps == ()
    assert taken.is_read("organization")


def test_an_organization_that_the_account_is_not_in_is_not_taken_for_its_own(aws: LocalAws) -> None:
    aws.client("organizations").create_organization(FeatureSet="ALL")
    other = aws.add_account("111122223333").root
    taken = read(aws, other, wanted=Wanted(organization_as=Altered(aws=aws)))
    assert taken.organization is None
    assert [one.code for one in taken.unread if one.what == "organization"] == ["AccountNotFoundException"]


def _letting(aws: LocalAws, action: str, resource: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": aws.account},
        "Action": action,
        "Resource": resource,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _denying() -> str:
    return '{"Version": "2012-10-17",\n "Statement": {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}}'


def _made(
    client: Any,  # noqa: ANN401 boto3's own
    kind: str,
    content: str,
) -> str:
    made = client.create_policy(Type=kind, Name="p", Description="", Content=content)
    return str(made["Policy"]["PolicySummary"]["Id"])


def test_aws_own_policy_for_auditors_lets_everything_be_read(aws: LocalAws) -> None:
    people(aws)
    aws.client("organizations").create_organization(FeatureSet="ALL")
    aws.client("s3").create_bucket(Bucket="papers")
    aws.client("sqs").create_queue(QueueName="jobs")
    aws.client("kms").create_key()
    aws.client("sns").create_topic(Name="news")
    aws.client("secretsmanager").create_secret(Name="word", SecretString="x")
    aws._add_device(kind="virtual", name="root", user=None, account=aws.account)
    key = aws.user("auditor", "arn:aws:iam::aws:policy/SecurityAudit")
    taken = read(aws, key, wanted=Wanted(resources=True, regions=("us-east-1",)))
    assert taken.unread == ()
    assert (ROOT_USER, "virtual") in {(one.user, one.kind) for one in taken.mfa_devices or ()}
