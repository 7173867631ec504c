"""The steps of AWS's published examples on MFA, taken again with boto3.

Source: AWS SDK Code Examples, "Assume an IAM role that requires an MFA token" and "Get a session token that
requires an MFA token" (STS); IAM User Guide, id_credentials_mfa_sample-code,
tutorial_users-self-manage-mfa-and-creds.
"""

from __future__ import annotations

import json
from typing import Any

from device.published import CREDENTIALS
from local_aws import Key, LocalAws
from refusal import refusal

MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": True}}}


def allow(action: str, resource: str, **more: object) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}],
    }


def enrol(aws: LocalAws, user: str) -> str:
    """Make a device, type two codes of it, as the examples ask their readers to; return its serial number."""
    device = aws.client("iam").create_virtual_mfa_device(VirtualMFADeviceName="demo")["VirtualMFADevice"]
    assert device["QRCodePNG"].startswith(b"\x89PNG")
    serial: str = device["SerialNumber"]
    aws.client("iam").enable_mfa_device(
        UserName=user,
        SerialNumber=serial,
        AuthenticationCode1=aws.phone(serial),
        AuthenticationCode2=aws.next_code(serial),
    )
    return serial


def test_a_role_that_requires_a_token(sandbox: LocalAws) -> None:
    key = sandbox.user("demo-user")
    serial = enrol(sandbox, "demo-user")
    iam = sandbox.client("iam")
    user_arn = iam.get_user(UserName="demo-user")["User"]["Arn"]
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": user_arn}, "Action": "sts:AssumeRole", **MFA}],
    }
    role = iam.create_role(RoleName="demo-role", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    policy = iam.create_policy(
        PolicyName="demo-policy", PolicyDocument=json.dumps(allow("s3:ListAllMyBuckets", "arn:aws:s3:::*"))
    )["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="demo-role", PolicyArn=policy)
    iam.put_user_policy(
        UserName="demo-user",
        PolicyName="demo-user-policy",
        PolicyDocument=json.dumps(allow("sts:AssumeRole", role)),
    )
    sts = sandbox.client("sts", key)
    asked = {"RoleArn": role, "RoleSessionName": "demo"}
    assert refusal(sts.assume_role, **asked)[0] == "AccessDenied"
    assert refusal(sandbox.client("s3", key).list_buckets)[0] == "AccessDenied"
    answer = sts.assume_role(**asked, SerialNumber=serial, TokenCode=sandbox.fresh_code(serial))
    assert sandbox.client("s3", Key.of(answer["Credentials"])).list_buckets()["Buckets"] == []


def test_a_session_token_that_requires_a_token(sandbox: LocalAws) -> None:
    key = sandbox.user("demo-user", json.dumps(allow("s3:ListAllMyBuckets", "arn:aws:s3:::*", **MFA)))
    serial = enrol(sandbox, "demo-user")
    assert refusal(sandbox.client("s3", key).list_buckets)[0] == "AccessDenied"
    without = sandbox.session(key)
    assert refusal(sandbox.client("s3", without).list_buckets)[0] == "AccessDenied"
    answer = sandbox.client("sts", key).get_session_token(
        SerialNumber=serial, TokenCode=sandbox.fresh_code(serial)
    )
    session = Key.of(answer["Credentials"])
    sandbox.client("s3").create_bucket(Bucket="demo-bucket")
    assert [b["Name"] for b in sandbox.client("s3", session).list_buckets()["Buckets"]] == ["demo-bucket"]


def test_a_role_assumed_with_a_code_for_one_client(sandbox: LocalAws) -> None:
    """The guide's sample: AssumeRole with SerialNumber and TokenCode, then ListBuckets."""
    key = sandbox.user("sample", json.dumps(allow("sts:AssumeRole", "*")))
    serial = enrol(sandbox, "sample")
    trust = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": sandbox.account},
            "Action": "sts:AssumeRole",
            "Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        },
    }
    iam = sandbox.client("iam")
    role = iam.create_role(RoleName="s3-access", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="s3-access", PolicyName="s3", PolicyDocument=json.dumps(allow("s3:*", "*")))
    sts = sandbox.client("sts", key)
    answer = sts.assume_role(
        RoleArn=role,
        RoleSessionName="AssumeRoleSession1",
        SerialNumber=serial,
        TokenCode=sandbox.fresh_code(serial),
    )
    assert sandbox.client("s3", Key.of(answer["Credentials"])).list_buckets()["Buckets"] == []


def test_the_guides_policy_lets_a_user_enrol_and_wants_mfa_for_the_rest(sandbox: LocalAws) -> None:
    """The tutorial: without MFA one manages one's own device; all else waits for a session with a code."""
    key = sandbox.user("nikki", CREDENTIALS)
    sandbox.client("iam").put_user_policy(
        UserName="nikki", PolicyName="ec2", PolicyDocument=json.dumps(allow("ec2:*", "*"))
    )
    own = sandbox.client("iam", key)
    serial = own.create_virtual_mfa_device(VirtualMFADeviceName="nikki")["VirtualMFADevice"]["SerialNumber"]
    own.enable_mfa_device(
        UserName="nikki",
        SerialNumber=serial,
        AuthenticationCode1=sandbox.phone(serial),
        AuthenticationCode2=sandbox.next_code(serial),
    )
    assert [device["SerialNumber"] for device in own.list_mfa_devices(UserName="nikki")["MFADevices"]] == [
        serial
    ]
    for denied in (key, sandbox.session(key)):
        code, _, text = refusal(sandbox.client("ec2", denied).describe_instances)
        assert (code, "explicit deny" in text) == ("UnauthorizedOperation", True)
    session = sandbox.session(key, serial)
    assert sandbox.client("ec2", session).describe_instances()["Reservations"] == []
