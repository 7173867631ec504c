"""The walk-throughs of the seeds, with their policies as they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws import Key, LocalAws, local_aws
from refusal import refusal

DESCRIBE_REGIONS = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "ec2:DescribeRegions",
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    ],
}
LIST_AND_DESCRIBE = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["iam:ListMFADevices"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["ec2:Describe*"],
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        },
    ],
}
ROLES_LIST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Stmt1483900802000",
            "Effect": "Allow",
            "Action": ["iam:GetRoles", "iam:GetRolePolicy", "iam:ListRoles"],
            "Resource": ["arn:aws:iam::*"],
        }
    ],
}
SUPERVISOR = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": ["arn:aws:iam::999999999999:user/myuser"]},
            "Action": "sts:AssumeRole",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        }
    ],
}


def test_describe_regions_opens_with_a_code_and_only_with_one(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    key = sandbox.user("testuser")
    arn = iam.create_policy(PolicyName="regions", PolicyDocument=json.dumps(DESCRIBE_REGIONS))["Policy"][
        "Arn"
    ]
    iam.attach_user_policy(UserName="testuser", PolicyArn=arn)
    serial = sandbox.device("testuser")
    text = (
        "You are not authorized to perform this operation. "
        f"User: arn:aws:iam::{sandbox.account}:user/testuser is not authorized to perform: "
        "ec2:DescribeRegions because no identity-based policy allows the ec2:DescribeRegions action"
    )
    expected = ("UnauthorizedOperation", 403, text)
    assert refusal(sandbox.client("ec2", key).describe_regions) == expected
    without_code = sandbox.session(key)
    assert refusal(sandbox.client("ec2", without_code).describe_regions) == expected

    session = sandbox.session(key, serial, duration_seconds=14_400)
    ec2 = sandbox.client("ec2", session)
    assert "eu-west-1" in {region["RegionName"] for region in ec2.describe_regions()["Regions"]}
    sandbox.move_clock(5 * 3600)
    assert refusal(ec2.describe_regions) == ("RequestExpired", 400, "Request has expired.")


def test_the_policy_of_the_group_holds_for_its_members(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    key = sandbox.user("jack")
    iam.create_group(GroupName="engineers")
    iam.put_group_policy(
        GroupName="engineers", PolicyName="mfa", PolicyDocument=json.dumps(LIST_AND_DESCRIBE)
    )
    assert refusal(sandbox.client("iam", key).list_mfa_devices)[0] == "AccessDenied"
    iam.add_user_to_group(GroupName="engineers", UserName="jack")
    assert sandbox.client("iam", key).list_mfa_devices()["MFADevices"] == []
    serial = sandbox.device("jack")
    devices = sandbox.client("iam", key).list_mfa_devices()["MFADevices"]
    assert [device["SerialNumber"] for device in devices] == [serial]
    session = sandbox.session(key, serial)
    assert sandbox.client("ec2", session).describe_instances()["Reservations"] == []
    iam.remove_user_from_group(GroupName="engineers", UserName="jack")
    assert refusal(sandbox.client("ec2", session).describe_instances)[0] == "UnauthorizedOperation"


@pytest.fixture
def seed_account(tmp_path: Path) -> Iterator[LocalAws]:
    """A sandbox whose account has the number that the walk-through uses."""
    with local_aws(tmp_path / "sandbox", account="999999999999") as running:
        yield running


def test_a_role_behind_mfa_is_assumed_with_a_code(seed_account: LocalAws) -> None:
    iam = seed_account.client("iam")
    iam.create_group(GroupName="roles_list")
    iam.put_group_policy(
        GroupName="roles_list", PolicyName="roles_list", PolicyDocument=json.dumps(ROLES_LIST)
    )
    key = seed_account.user("myuser")
    iam.add_user_to_group(UserName="myuser", GroupName="roles_list")
    role = iam.create_role(RoleName="supervise", AssumeRolePolicyDocument=json.dumps(SUPERVISOR))["Role"]
    iam.attach_role_policy(RoleName="supervise", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    serial = seed_account.device("myuser")

    mine = seed_account.client("iam", key)
    assert [listed["Arn"] for listed in mine.list_roles()["Roles"]] == [role["Arn"]]
    stored = iam.get_group_policy(GroupName="roles_list", PolicyName="roles_list")["PolicyDocument"]
    assert "iam:GetRoles" in stored["Statement"][0]["Action"]
    assert refusal(mine.get_role, RoleName="supervise")[0] == "AccessDenied"

    sts = seed_account.client("sts", key)
    asked = {"RoleArn": role["Arn"], "RoleSessionName": "myuser"}
    text = (
        "User: arn:aws:iam::999999999999:user/myuser is not authorized to perform: sts:AssumeRole "
        "on resource: arn:aws:iam::999999999999:role/supervise"
    )
    assert refusal(sts.assume_role, **asked) == ("AccessDenied", 403, text)
    assert refusal(sts.assume_role, **asked, SerialNumber=serial, TokenCode="000000")[::2] == (
        "AccessDenied",
        "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
    )
    answer = sts.assume_role(**asked, SerialNumber=serial, TokenCode=seed_account.fresh_code(serial))
    supervisor = seed_account.client("iam", Key.of(answer["Credentials"]))
    assert supervisor.get_role(RoleName="supervise")["Role"]["RoleName"] == "supervise"
    seed_account.move_clock(3601)
    assert refusal(supervisor.list_users)[::2] == (
        "ExpiredToken",
        "The security token included in the request is expired",
    )


def test_force_mfa_lets_a_user_enrol_and_nothing_else_before(sandbox: LocalAws) -> None:
    force = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Sid": "DenyAllExceptListedIfNoMFA",
                "Effect": "Deny",
                "NotAction": [
                    "iam:CreateVirtualMFADevice",
                    "iam:EnableMFADevice",
                    "iam:ListMFADevices",
                    "sts:GetSessionToken",
                ],
                "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
            },
        ],
    }
    key = sandbox.user("jill", json.dumps(force))
    iam = sandbox.client("iam", key)
    assert refusal(iam.list_users)[2].endswith("with an explicit deny in an identity-based policy")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="jill",
        SerialNumber=serial,
        AuthenticationCode1=sandbox.phone(serial),
        AuthenticationCode2=sandbox.next_code(serial),
    )
    session = sandbox.session(key, serial)
    assert len(sandbox.client("iam", session).list_users()["Users"]) == 1
    assert sandbox.client("s3", session).list_buckets()["Buckets"] == []
