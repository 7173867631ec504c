"""Every refusal that AWS words in its own way, in each protocol, over real HTTP."""

from __future__ import annotations

import concurrent.futures
import json
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from local_aws import Key, LocalAws, local_aws
from refusal import refusal

WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
UNABLE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
HALF = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


@pytest.fixture
def user(sandbox: LocalAws) -> Key:
    return sandbox.user("testuser", EVERYTHING)


@pytest.fixture
def serial(sandbox: LocalAws, user: Key) -> str:
    return sandbox.device("testuser")


# --- codes ------------------------------------------------------------------------------------------


def test_a_wrong_code_and_a_used_one(sandbox: LocalAws, user: Key, serial: str) -> None:
    sts = sandbox.client("sts", user)
    code = sandbox.fresh_code(serial)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert refusal(sts.get_session_token, SerialNumber=serial, TokenCode=wrong) == (
        "AccessDenied",
        403,
        WRONG_CODE,
    )
    sts.get_session_token(SerialNumber=serial, TokenCode=code)
    assert refusal(sts.get_session_token, SerialNumber=serial, TokenCode=code)[2] == WRONG_CODE


def test_a_device_of_somebody_else_is_not_validated(sandbox: LocalAws, user: Key, serial: str) -> None:
    other = sandbox.user("other", EVERYTHING)
    call = sandbox.client("sts", other).get_session_token
    expected = ("AccessDenied", 403, UNABLE)
    assert refusal(call, SerialNumber=serial, TokenCode=sandbox.fresh_code(serial)) == expected
    nobody = f"arn:aws:iam::{sandbox.account}:mfa/nobody"
    assert refusal(call, SerialNumber=nobody, TokenCode="123456") == expected


def test_one_half_is_not_enough(sandbox: LocalAws, user: Key, serial: str) -> None:
    call = sandbox.client("sts", user).get_session_token
    assert refusal(call, SerialNumber=serial) == ("AccessDenied", 403, HALF)
    assert refusal(call, TokenCode="123456") == ("AccessDenied", 403, HALF)


def test_nine_checks_in_three_minutes_and_no_tenth(sandbox: LocalAws, user: Key, serial: str) -> None:
    sandbox.begin_window_of_checks()
    call = sandbox.client("sts", user).get_session_token
    code = sandbox.phone(serial)
    wrong = f"{(int(code) + 7) % 1_000_000:06d}"
    answers = [refusal(call, SerialNumber=serial, TokenCode=wrong)[2] for _ in range(8)]
    assert set(answers) == {WRONG_CODE}
    call(SerialNumber=serial, TokenCode=code)
    assert refusal(call, SerialNumber=serial, TokenCode=sandbox.next_code(serial))[2] == UNABLE
    sandbox.move_clock(180)
    call(SerialNumber=serial, TokenCode=sandbox.phone(serial))


def test_codes_within_two_steps_each_once_and_out_of_order(sandbox: LocalAws, user: Key, serial: str) -> None:
    sandbox.move_clock(600)
    call = sandbox.client("sts", user).get_session_token
    codes = []
    for _ in range(6):
        codes.append(sandbox.phone(serial))
        sandbox.move_clock(30)
    sandbox.move_clock(-30)
    oldest, third, second, first = codes[2], codes[3], codes[4], codes[5]
    assert refusal(call, SerialNumber=serial, TokenCode=oldest)[2] == WRONG_CODE
    for code in (first, third, second):
        call(SerialNumber=serial, TokenCode=code)
    for code in (first, third, second):
        assert refusal(call, SerialNumber=serial, TokenCode=code)[2] == WRONG_CODE


def test_sixteen_threads_race_one_code_and_one_wins(sandbox: LocalAws, user: Key, serial: str) -> None:
    # The budget of nine would hide the others: seven of the sixteen never get their code looked at.
    now = sandbox.inner.clock.now()
    sandbox.inner.clock.set(now + timedelta(seconds=180 - now.timestamp() % 180 + 1))
    code = sandbox.phone(serial)
    clients = [sandbox.client("sts", user) for _ in range(16)]
    start = threading.Barrier(16)

    def race(index: int) -> str:
        start.wait()
        try:
            clients[index].get_session_token(SerialNumber=serial, TokenCode=code)
        except clients[index].exceptions.ClientError as error:
            return str(error.response["Error"]["Message"])
        return "won"

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = sorted(pool.map(race, range(16)))
    assert answers == sorted(["won", *[WRONG_CODE] * 8, *[UNABLE] * 7])


def test_a_bad_pair_enrols_nothing(sandbox: LocalAws, user: Key) -> None:
    iam = sandbox.client("iam", user)
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    code = sandbox.phone(serial)
    pair = {"AuthenticationCode1": code, "AuthenticationCode2": code}
    asked = {"UserName": "testuser", "SerialNumber": serial, **pair}
    assert refusal(iam.enable_mfa_device, **asked) == (
        "InvalidAuthenticationCode",
        403,
        "Authentication code for device is not valid.",
    )


def test_the_pair_of_an_enrolment_is_not_used_up(sandbox: LocalAws, user: Key) -> None:
    iam, sts = sandbox.client("iam", user), sandbox.client("sts", user)
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    first = sandbox.phone(serial)
    second = sandbox.fresh_code(serial)
    iam.enable_mfa_device(
        UserName="testuser", SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=second
    )
    sts.get_session_token(SerialNumber=serial, TokenCode=first)
    sts.get_session_token(SerialNumber=serial, TokenCode=second)


def test_a_second_device_needs_a_session_with_mfa(sandbox: LocalAws, user: Key, serial: str) -> None:
    iam = sandbox.client("iam", user)
    text = (
        "To complete this action, please ensure that you are authenticated with an MFA device "
        "that is enabled for this user."
    )
    asked = {"UserName": "testuser", "SerialNumber": serial}
    assert refusal(iam.deactivate_mfa_device, **asked) == ("AccessDenied", 403, text)
    sandbox.client("iam", sandbox.session(user, serial)).deactivate_mfa_device(**asked)
    assert iam.list_mfa_devices()["MFADevices"] == []


def test_deleting_a_device_in_use_or_its_user_is_a_conflict(
    sandbox: LocalAws, user: Key, serial: str
) -> None:
    iam = sandbox.client("iam")
    assert refusal(iam.delete_virtual_mfa_device, SerialNumber=serial)[:2] == ("DeleteConflict", 409)
    iam.delete_user_policy(UserName="testuser", PolicyName="inline")
    assert refusal(iam.delete_user, UserName="testuser") == (
        "DeleteConflict",
        409,
        "Cannot delete entity, must delete MFA device first.",
    )


def test_a_cancelled_enrolment_leaves_a_device_behind(sandbox: LocalAws, user: Key) -> None:
    iam = sandbox.client("iam", user)
    iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")
    assert refusal(iam.create_virtual_mfa_device, VirtualMFADeviceName="phone")[:2] == (
        "EntityAlreadyExists",
        409,
    )


def test_sts_sees_a_new_device_after_a_while(tmp_path: Path) -> None:
    with local_aws(tmp_path / "sandbox", propagation_delay_seconds=10) as slow:
        key = slow.user("testuser")
        serial = slow.device("testuser")
        call = slow.client("sts", key).get_session_token
        assert refusal(call, SerialNumber=serial, TokenCode=slow.phone(serial))[2] == UNABLE
        slow.move_clock(11)
        call(SerialNumber=serial, TokenCode=slow.phone(serial))


# --- sessions ---------------------------------------------------------------------------------------


def test_a_session_cannot_make_a_session(sandbox: LocalAws, user: Key, serial: str) -> None:
    expected = ("AccessDenied", 403, "Cannot call GetSessionToken with session credentials")
    for session in (sandbox.session(user), sandbox.session(user, serial)):
        assert refusal(sandbox.client("sts", session).get_session_token) == expected


def test_a_session_without_mfa_has_no_iam(sandbox: LocalAws, user: Key) -> None:
    iam = sandbox.client("iam", sandbox.session(user))
    expected = ("InvalidClientTokenId", 403, "The security token included in the request is invalid")
    assert refusal(iam.list_users) == expected
    assert refusal(iam.list_mfa_devices) == expected


def test_a_session_outlives_its_device(sandbox: LocalAws, user: Key, serial: str) -> None:
    session = sandbox.session(user, serial)
    sandbox.client("iam").deactivate_mfa_device(UserName="testuser", SerialNumber=serial)
    sandbox.client("iam").delete_virtual_mfa_device(SerialNumber=serial)
    assert sandbox.client("iam", session).list_users()["Users"]


def test_an_expired_session_in_each_protocol(sandbox: LocalAws, user: Key, serial: str) -> None:
    session = sandbox.session(user, serial, duration_seconds=900)
    sandbox.move_clock(901)
    text = "The security token included in the request is expired"
    client = sandbox.client
    assert refusal(client("iam", session).list_users) == ("ExpiredToken", 403, text)
    assert refusal(client("sts", session).get_caller_identity) == ("ExpiredToken", 403, text)
    assert refusal(client("ec2", session).describe_regions) == ("RequestExpired", 400, "Request has expired.")
    assert refusal(client("dynamodb", session).list_tables) == ("ExpiredTokenException", 400, text)
    assert refusal(client("lambda", session).list_functions) == ("ExpiredTokenException", 403, text)
    assert refusal(client("s3", session).list_buckets) == (
        "ExpiredToken",
        400,
        "The provided token has expired.",
    )


# --- denials ----------------------------------------------------------------------------------------


def test_a_denial_in_each_protocol(sandbox: LocalAws) -> None:
    key = sandbox.user("nobody")
    who = f"User: arn:aws:iam::{sandbox.account}:user/nobody is not authorized to perform: "

    not_authorized = "You are not authorized to perform this operation."
    table = f"arn:aws:dynamodb:us-east-1:{sandbox.account}:table/t"

    def because(action: str) -> str:
        return f"because no identity-based policy allows the {action} action"

    client = sandbox.client
    assert refusal(client("iam", key).list_users) == (
        "AccessDenied",
        403,
        f"{who}iam:ListUsers on resource: arn:aws:iam::{sandbox.account}:user/ {because('iam:ListUsers')}",
    )
    assert refusal(client("iam", key).get_user) == (
        "AccessDenied",
        403,
        f"{who}iam:GetUser on resource: user nobody {because('iam:GetUser')}",
    )
    assert refusal(client("ec2", key).describe_instances) == (
        "UnauthorizedOperation",
        403,
        f"{not_authorized} {who}ec2:DescribeInstances {because('ec2:DescribeInstances')}",
    )
    assert refusal(client("dynamodb", key).get_item, TableName="t", Key={"k": {"S": "1"}}) == (
        "AccessDeniedException",
        400,
        f"{who}dynamodb:GetItem on resource: {table} {because('dynamodb:GetItem')}",
    )
    assert refusal(client("lambda", key).list_functions) == (
        "AccessDeniedException",
        403,
        f"{who}lambda:ListFunctions on resource: * {because('lambda:ListFunctions')}",
    )
    assert refusal(client("s3", key).list_buckets) == (
        "AccessDenied",
        403,
        f"{who}s3:ListAllMyBuckets {because('s3:ListAllMyBuckets')}",
    )
    assert refusal(client("s3", key).get_object, Bucket="books", Key="a/b") == (
        "AccessDenied",
        403,
        f'{who}s3:GetObject on resource: "arn:aws:s3:::books/a/b" {because("s3:GetObject")}',
    )


def test_an_explicit_deny_says_so_in_each_protocol(sandbox: LocalAws) -> None:
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    key = sandbox.user("denied", json.dumps(deny))
    ending = "with an explicit deny in an identity-based policy"
    for service, operation in (
        ("iam", "list_users"),
        ("ec2", "describe_regions"),
        ("dynamodb", "list_tables"),
        ("lambda", "list_functions"),
        ("s3", "list_buckets"),
    ):
        assert refusal(getattr(sandbox.client(service, key), operation))[2].endswith(ending)


def test_a_boundary_that_is_silent_is_named(sandbox: LocalAws) -> None:
    iam = sandbox.client("iam")
    only_s3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    arn = iam.create_policy(PolicyName="b", PolicyDocument=json.dumps(only_s3))["Policy"]["Arn"]
    key = sandbox.user("bounded", EVERYTHING)
    sandbox.client("ec2", key).describe_regions()
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=arn)
    text = refusal(sandbox.client("ec2", key).describe_regions)[2]
    assert text.endswith("because no permissions boundary allows the ec2:DescribeRegions action")
    shown = iam.get_user(UserName="bounded")["User"]["PermissionsBoundary"]
    assert shown["PermissionsBoundaryArn"] == arn
    iam.delete_user_permissions_boundary(UserName="bounded")
    sandbox.client("ec2", key).describe_regions()


def test_a_session_policy_that_is_silent_is_named(sandbox: LocalAws, user: Key) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{sandbox.account}:user/testuser"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam = sandbox.client("iam")
    arn = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="all", PolicyDocument=EVERYTHING)
    only_s3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    answer = sandbox.client("sts", user).assume_role(
        RoleArn=arn, RoleSessionName="s1", Policy=json.dumps(only_s3)
    )
    session = Key.of(answer["Credentials"])
    sandbox.client("s3", session).list_buckets()
    text = refusal(sandbox.client("ec2", session).describe_regions)[2]
    assert text.endswith("because no session policy allows the ec2:DescribeRegions action")
    assert f"User: arn:aws:sts::{sandbox.account}:assumed-role/r/s1 is not" in text


# --- callers ----------------------------------------------------------------------------------------


def test_a_deleted_or_inactive_key_is_nobodys(sandbox: LocalAws, user: Key) -> None:
    iam = sandbox.client("iam")
    iam.update_access_key(UserName="testuser", AccessKeyId=user.access_key_id, Status="Inactive")
    expected = ("InvalidClientTokenId", 403, "The security token included in the request is invalid.")
    assert refusal(sandbox.client("sts", user).get_caller_identity) == expected
    iam.delete_access_key(UserName="testuser", AccessKeyId=user.access_key_id)
    assert refusal(sandbox.client("sts", user).get_caller_identity) == expected
    assert refusal(sandbox.client("ec2", user).describe_regions)[:2] == ("AuthFailure", 401)
    assert refusal(sandbox.client("s3", user).list_buckets)[:2] == ("InvalidAccessKeyId", 403)
    assert refusal(sandbox.client("dynamodb", user).list_tables)[0] == "UnrecognizedClientException"


def test_a_wrong_secret_does_not_sign(sandbox: LocalAws, user: Key) -> None:
    wrong = Key(access_key_id=user.access_key_id, secret_access_key="not-the-secret")
    assert refusal(sandbox.client("sts", wrong).get_caller_identity)[:2] == ("SignatureDoesNotMatch", 403)
    assert refusal(sandbox.client("s3", wrong).list_buckets)[:2] == ("SignatureDoesNotMatch", 403)
    assert refusal(sandbox.client("ec2", wrong).describe_regions)[0] == "AuthFailure"


def test_root_cannot_assume_roles(sandbox: LocalAws) -> None:
    call = sandbox.client("sts").assume_role
    assert refusal(call, RoleArn=f"arn:aws:iam::{sandbox.account}:role/r", RoleSessionName="s2") == (
        "AccessDenied",
        403,
        "Roles may not be assumed by root accounts.",
    )
