"""IAM's answers about people: the credential report, last uses, the account's summary and its details."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from local_aws import Key, LocalAws
from refusal import refusal

EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
)
FILTER_REFUSED = (
    "1 validation error detected: Value at 'filter' failed to satisfy constraint: Member must satisfy "
    "constraint: [Member must satisfy enum value set: "
    "[LocalManagedPolicy, User, AWSManagedPolicy, Role, Group]]"
)
Row = dict[str, str]


def report(aws: LocalAws, key: Key | None = None) -> dict[str, Row]:
    """Have a new report made, and return its rows by user."""
    iam = aws.client("iam", key)
    aws.move_clock(timedelta(hours=5))
    assert iam.generate_credential_report()["State"] == "STARTED"
    aws.move_clock(2)
    text = iam.get_credential_report()["Content"].decode()
    return {row["user"]: row for row in csv.DictReader(io.StringIO(text))}


def written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def stop_clock(sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only `move_clock` move the time: a slow machine must not end a second."""
    stopped = datetime.now(UTC)
    monkeypatch.setattr(sandbox.inner.clock, "_machine", lambda: stopped)


# --- the credential report: its life -----------------------------------------------------------------------


def test_a_report_is_started_made_complete_and_old(
    sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_clock(sandbox, monkeypatch)
    iam = sandbox.client("iam")
    assert refusal(iam.get_credential_report) == ("ReportNotPresent", 410, "Unknown")
    started = iam.generate_credential_report()
    assert (started["State"], started["Description"]) == (
        "STARTED",
        "No report exists. Starting a new report generation task",
    )
    assert refusal(iam.get_credential_report) == ("ReportInProgress", 404, "Unknown")
    assert iam.generate_credential_report()["State"] == "INPROGRESS"
    sandbox.move_clock(1)
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    first = iam.get_credential_report()
    assert first["ReportFormat"] == "text/csv"
    assert first["GeneratedTime"] <= sandbox.inner.clock.now()
    sandbox.user("alice")
    sandbox.move_clock(timedelta(hours=3, minutes=59))
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    assert iam.get_credential_report()["Content"] == first["Content"]
    sandbox.move_clock(timedelta(minutes=2))
    assert refusal(iam.get_credential_report)[:2] == ("ReportExpired", 410)
    assert iam.generate_credential_report()["State"] == "STARTED"
    sandbox.move_clock(1)
    assert b"\nalice," in iam.get_credential_report()["Content"]


def test_a_report_looks_as_awss_does(sandbox: LocalAws) -> None:
    """22 columns, lines ended by a line feed but the last, root first, users without regard to case."""
    iam = sandbox.client("iam")
    for name in ("bob", "Alice", "carol"):
        iam.create_user(UserName=name)
    iam.generate_credential_report()
    sandbox.move_clock(1)
    text = iam.get_credential_report()["Content"].decode()
    assert text.splitlines()[0] == (
        "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
        "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
        "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
        "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
        "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,"
        "cert_2_active,cert_2_last_rotated"
    )
    assert not text.endswith("\n")
    assert "\r" not in text
    assert [line.split(",")[0] for line in text.split("\n")[1:]] == [
        "<root_account>",
        "Alice",
        "bob",
        "carol",
    ]
    bare = "false,N/A,N/A,N/A,false,false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
    assert text.split("\n")[3].split(",", 3)[3] == bare


def test_roots_row_has_what_only_root_has(sandbox: LocalAws) -> None:
    row = report(sandbox)["<root_account>"]
    assert (row["arn"], row["password_enabled"], row["password_next_rotation"]) == (
        f"arn:aws:iam::{sandbox.account}:root",
        "false",
        "not_supported",
    )
    assert (row["access_key_1_active"], row["access_key_1_last_used_service"]) == ("true", "iam")
    assert (row["mfa_active"], row["access_key_2_active"]) == ("false", "false")


# --- the credential report: what it says -------------------------------------------------------------------


def test_passwords_are_told_with_their_changes(sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_clock(sandbox, monkeypatch)
    iam = sandbox.client("iam")
    sandbox.user("alice")
    made_at = sandbox.inner.clock.now()
    iam.create_login_profile(UserName="alice", Password="correct horse 1!A")
    row = report(sandbox)["alice"]
    assert (row["password_enabled"], row["password_last_used"]) == ("true", "no_information")
    assert (row["password_last_changed"], row["password_next_rotation"]) == (written(made_at), "N/A")
    iam.update_account_password_policy(MaxPasswordAge=30)
    sandbox.move_clock(timedelta(days=1))
    changed_at = sandbox.inner.clock.now()
    iam.update_login_profile(UserName="alice", Password="battery staple 2!B")
    row = report(sandbox)["alice"]
    assert row["password_last_changed"] == written(changed_at)
    assert row["password_next_rotation"] == written(changed_at + timedelta(days=30))
    iam.delete_login_profile(UserName="alice")
    row = report(sandbox)["alice"]
    assert (row["password_enabled"], row["password_last_used"], row["password_last_changed"]) == (
        "false",
        "N/A",
        "N/A",
    )


def test_devices_of_every_kind_count_as_mfa(sandbox: LocalAws) -> None:
    for name in ("alice", "bob", "carol", "dora"):
        sandbox.user(name)
    sandbox.device("alice")
    sandbox.add_security_key("bob")
    sandbox.add_hardware_token("carol")
    rows = report(sandbox)
    active = {name: row["mfa_active"] for name, row in rows.items()}
    assert active == {
        "<root_account>": "false",
        "alice": "true",
        "bob": "true",
        "carol": "true",
        "dora": "false",
    }


def test_keys_are_told_by_their_ids_with_their_ages(
    sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_clock(sandbox, monkeypatch)
    iam = sandbox.client("iam")
    first = sandbox.user("alice")
    sandbox.move_clock(timedelta(days=100))
    second = Key.of(iam.create_access_key(UserName="alice")["AccessKey"])
    rotated_at = sandbox.inner.clock.now()
    iam.update_access_key(UserName="alice", AccessKeyId=second.access_key_id, Status="Inactive")
    row = report(sandbox)["alice"]
    at = 1 if second.access_key_id < first.access_key_id else 2
    assert row[f"access_key_{at}_active"] == "false"
    assert row[f"access_key_{at}_last_rotated"] == written(rotated_at)
    other = 3 - at
    assert row[f"access_key_{other}_active"] == "true"
    assert row[f"access_key_{other}_last_rotated"] < row[f"access_key_{at}_last_rotated"]
    assert row[f"access_key_{other}_last_used_date"] == "N/A"


# --- last uses ---------------------------------------------------------------------------------------------


def last_used(aws: LocalAws, key: Key) -> dict[str, Any]:
    answer = aws.client("iam").get_access_key_last_used(AccessKeyId=key.access_key_id)
    found: dict[str, Any] = answer["AccessKeyLastUsed"]
    return found


def test_a_key_was_used_when_it_signed_a_call_allowed_or_not(sandbox: LocalAws) -> None:
    alice = sandbox.user("alice")
    assert last_used(sandbox, alice) == {"ServiceName": "N/A", "Region": "N/A"}
    at = sandbox.inner.clock.now()
    with pytest.raises(ClientError, match="not authorized"):
        sandbox.client("ec2", alice, region="eu-west-1").describe_regions()
    used = last_used(sandbox, alice)
    assert (used["ServiceName"], used["Region"]) == ("ec2", "eu-west-1")
    assert at.replace(microsecond=0) <= used["LastUsedDate"] <= sandbox.inner.clock.now()
    answer = sandbox.client("iam").get_access_key_last_used(AccessKeyId=alice.access_key_id)
    assert answer["UserName"] == "alice"


def test_of_the_uses_within_a_quarter_of_an_hour_the_first_is_kept(sandbox: LocalAws) -> None:
    alice = sandbox.user("alice", EVERYTHING)
    sandbox.client("sts", alice).get_caller_identity()
    sandbox.move_clock(timedelta(minutes=14))
    sandbox.client("s3", alice).list_buckets()
    assert last_used(sandbox, alice)["ServiceName"] == "sts"
    sandbox.move_clock(timedelta(minutes=2))
    sandbox.client("s3", alice).list_buckets()
    used = last_used(sandbox, alice)
    assert (used["ServiceName"], used["Region"]) == ("s3", "N/A")
    row = report(sandbox)["alice"]
    assert (row["access_key_1_last_used_service"], row["access_key_1_last_used_region"]) == ("s3", "N/A")
    assert row["access_key_1_last_used_date"] == written(used["LastUsedDate"])


def test_a_wrong_signature_is_no_use(sandbox: LocalAws) -> None:
    alice = sandbox.user("alice")
    forged = Key(access_key_id=alice.access_key_id, secret_access_key="x" * 40)
    with pytest.raises(ClientError, match="signature"):
        sandbox.client("sts", forged).get_caller_identity()
    assert last_used(sandbox, alice)["ServiceName"] == "N/A"


def test_a_key_that_nobody_has_was_not_used(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    assert refusal(iam.get_access_key_last_used, AccessKeyId="AKIAAAAAAAAAAAAAAAAA")[0] in {
        "NoSuchEntity",
        "SandboxUnsupported",
    }


def assumed(aws: LocalAws, name: str = "deploy") -> Key:
    key = aws.user(f"{name}er", EVERYTHING)
    iam = aws.client("iam")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": aws.account}}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=EVERYTHING)
    answer = aws.client("sts", key).assume_role(RoleArn=role["Arn"], RoleSessionName="one")
    return Key.of(answer["Credentials"])


def test_a_role_was_used_when_its_session_called(sandbox: LocalAws) -> None:
    session = assumed(sandbox)
    iam = sandbox.client("iam")
    assert iam.get_role(RoleName="deploy")["Role"]["RoleLastUsed"] == {}
    at = sandbox.inner.clock.now()
    sandbox.client("sqs", session, region="eu-north-1").list_queues()
    used = iam.get_role(RoleName="deploy")["Role"]["RoleLastUsed"]
    assert used["Region"] == "eu-north-1"
    assert at.replace(microsecond=0) <= used["LastUsedDate"] <= sandbox.inner.clock.now()
    (detail,) = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    assert detail["RoleLastUsed"] == used
    assert "RoleLastUsed" not in iam.list_roles()["Roles"][0]
    sandbox.move_clock(timedelta(days=401))
    assert iam.get_role(RoleName="deploy")["Role"]["RoleLastUsed"] == {}


def test_a_role_made_anew_was_not_used(sandbox: LocalAws) -> None:
    session = assumed(sandbox)
    sandbox.client("s3", session).list_buckets()
    iam = sandbox.client("iam")
    trust = iam.get_role(RoleName="deploy")["Role"]["AssumeRolePolicyDocument"]
    iam.delete_role_policy(RoleName="deploy", PolicyName="all")
    iam.delete_role(RoleName="deploy")
    iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=json.dumps(trust))
    assert iam.get_role(RoleName="deploy")["Role"]["RoleLastUsed"] == {}


# --- the account's summary ---------------------------------------------------------------------------------


def test_the_summary_has_every_key_of_awss(sandbox: LocalAws) -> None:
    """Source: API_GetAccountSummary; the keys as observed on AWS."""
    iam = sandbox.client("iam")
    sandbox.user("alice")
    sandbox.device("alice")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="spare")
    own = iam.create_policy(PolicyName="Own", PolicyDocument=EVERYTHING)["Policy"]["Arn"]
    iam.create_policy(PolicyName="Unused", PolicyDocument=EVERYTHING)
    iam.attach_user_policy(UserName="alice", PolicyArn=own)
    iam.put_user_permissions_boundary(
        UserName="alice", PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess"
    )
    summary = iam.get_account_summary()["SummaryMap"]
    assert len(summary) == 34
    shape = iam.meta.service_model.shape_for("summaryKeyType")
    assert set(summary) == set(shape.enum)
    counts = {key: summary[key] for key in ("Users", "Policies", "PolicyVersionsInUse", "MFADevices")}
    assert counts == {"Users": 1, "Policies": 2, "PolicyVersionsInUse": 2, "MFADevices": 2}
    assert (summary["MFADevicesInUse"], summary["AccountMFAEnabled"]) == (1, 0)
    assert (summary["AccountAccessKeysPresent"], summary["AccountPasswordPresent"]) == (1, 0)


# --- the account's details ---------------------------------------------------------------------------------


def populate(aws: LocalAws) -> None:
    iam = aws.client("iam")
    own = iam.create_policy(PolicyName="Own", Path="/team/", PolicyDocument=EVERYTHING)["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=own, PolicyDocument=EVERYTHING, SetAsDefault=True)
    iam.create_group(GroupName="admins")
    iam.attach_group_policy(GroupName="admins", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.create_user(UserName="alice", Path="/team/", Tags=[{"Key": "team", "Value": "space + slash/"}])
    iam.create_user(UserName="bob")
    iam.put_user_policy(UserName="alice", PolicyName="in", PolicyDocument=EVERYTHING)
    iam.add_user_to_group(GroupName="admins", UserName="alice")
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=own)
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=document, PermissionsBoundary=own)
    iam.attach_role_policy(RoleName="web", PolicyArn=own)
    iam.create_instance_profile(InstanceProfileName="web", Tags=[{"Key": "k", "Value": "v"}])
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")


def test_the_details_hold_all_that_everybody_has(sandbox: LocalAws) -> None:
    populate(sandbox)
    found = sandbox.client("iam").get_account_authorization_details()
    alice, bob = found["UserDetailList"]
    assert (alice["UserName"], alice["GroupList"], alice["Path"]) == ("alice", ["admins"], "/team/")
    assert alice["UserPolicyList"] == [{"PolicyName": "in", "PolicyDocument": json.loads(EVERYTHING)}]
    assert alice["Tags"] == [{"Key": "team", "Value": "space + slash/"}]
    own = f"arn:aws:iam::{sandbox.account}:policy/team/Own"
    assert alice["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": own,
    }
    assert "UserPolicyList" not in bob
    assert (bob["GroupList"], bob["AttachedManagedPolicies"], bob["Tags"]) == ([], [], [])
    (group,) = found["GroupDetailList"]
    assert (group["GroupPolicyList"], group["AttachedManagedPolicies"][0]["PolicyName"]) == (
        [],
        "AdministratorAccess",
    )
    (role,) = found["RoleDetailList"]
    (profile,) = role["InstanceProfileList"]
    assert (role["RoleLastUsed"], role["RolePolicyList"], role["Tags"]) == ({}, [], [])
    assert set(profile["Roles"][0]) == {
        "Path",
        "RoleName",
        "RoleId",
        "Arn",
        "CreateDate",
        "AssumeRolePolicyDocument",
    }
    assert "Tags" not in profile
    assert profile["Arn"] == f"arn:aws:iam::{sandbox.account}:instance-profile/web"


def test_policies_come_with_their_versions_and_uses(sandbox: LocalAws) -> None:
    populate(sandbox)
    iam = sandbox.client("iam")
    local, aws_own = (
        iam.get_account_authorization_details(Filter=[kind])["Policies"]
        for kind in ("LocalManagedPolicy", "AWSManagedPolicy")
    )
    (own,) = local
    assert [(v["VersionId"], v["IsDefaultVersion"]) for v in own["PolicyVersionList"]] == [
        ("v2", True),
        ("v1", False),
    ]
    assert (own["AttachmentCount"], own["PermissionsBoundaryUsageCount"]) == (1, 2)
    assert (own["DefaultVersionId"], own["IsAttachable"], "Description" in own) == ("v2", True, False)
    assert [policy["PolicyName"] for policy in aws_own] == ["AdministratorAccess"]


def test_documents_travel_url_encoded(sandbox: LocalAws) -> None:
    populate(sandbox)
    iam = sandbox.client("iam")
    bodies: list[bytes] = []
    iam.meta.events.register(
        "before-parse.iam", lambda response_dict, **_: bodies.append(response_dict["body"])
    )
    iam.get_account_authorization_details(Filter=["User"])
    assert quote(EVERYTHING, safe="").encode() in bodies[0]


def test_a_page_holds_users_then_roles_then_groups_then_policies(sandbox: LocalAws) -> None:
    populate(sandbox)
    iam = sandbox.client("iam")
    pages = list(
        iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2})
    )
    lists = ("UserDetailList", "RoleDetailList", "GroupDetailList", "Policies")
    assert [tuple(len(page[name]) for name in lists) for page in pages] == [
        (2, 0, 0, 0),
        (0, 1, 1, 0),
        (0, 0, 0, 2),
    ]


def test_a_filter_or_marker_that_does_not_fit_is_refused_in_awss_words(sandbox: LocalAws) -> None:
    populate(sandbox)
    details = sandbox.client("iam").get_account_authorization_details
    assert refusal(details, Filter=["user"]) == (
        "ValidationError",
        400,
        FILTER_REFUSED,
    )
    first = details(Filter=["User"], MaxItems=1)
    other = {"Filter": ["User", "Role"], "Marker": first["Marker"]}
    text = "Marker and Filter do not match"
    assert refusal(details, **other) == ("ValidationError", 400, text)
    assert refusal(details, Filter=["User"], Marker="none") == ("ValidationError", 400, text)


# --- other accounts ----------------------------------------------------------------------------------------


def test_every_account_answers_for_itself_under_its_scps(sandbox: LocalAws) -> None:
    organizations = sandbox.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    made = sandbox.inner.add_account("222222222222", member=True)
    root = Key(access_key_id=made.access_key_id, secret_access_key=made.secret_access_key)
    member = sandbox.client("iam", root)
    member.create_user(UserName="erin")
    member.put_user_policy(UserName="erin", PolicyName="all", PolicyDocument=EVERYTHING)
    assert set(report(sandbox, root)) == {"<root_account>", "erin"}
    assert member.get_account_summary()["SummaryMap"]["Users"] == 1
    erin = "arn:aws:iam::222222222222:user/erin"
    asked = {"PolicySourceArn": erin, "ActionNames": ["s3:CreateBucket"]}
    (before,) = member.simulate_principal_policy(**asked)["EvaluationResults"]
    assert before["EvalDecision"] == "allowed"
    deny = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}}
    (root_of,) = organizations.list_roots()["Roots"]
    if not any(kind["Type"] == "SERVICE_CONTROL_POLICY" for kind in root_of["PolicyTypes"]):
        organizations.enable_policy_type(RootId=root_of["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    scp = organizations.create_policy(
        Name="no-s3", Description="-", Type="SERVICE_CONTROL_POLICY", Content=json.dumps(deny)
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=scp, TargetId="222222222222")
    (after,) = member.simulate_principal_policy(**asked)["EvaluationResults"]
    assert (after["EvalDecision"], after["OrganizationsDecisionDetail"]) == (
        "explicitDeny",
        {"AllowedByOrganizations": False},
    )
    left_out = [{"PolicyType": "scp"}]
    (without,) = member.simulate_principal_policy(**asked, PolicyExclusionList=left_out)["EvaluationResults"]
    assert (without["EvalDecision"], "OrganizationsDecisionDetail" in without) == ("allowed", False)
