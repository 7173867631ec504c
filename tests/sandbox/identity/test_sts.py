"""GetSessionToken, GetCallerIdentity and GetAccessKeyInfo."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.identity.small_world import ACCOUNT, START, World
from watchword.iam import CredentialKind
from watchword.sandbox.identity.caller import Caller
from watchword.sandbox.identity.device import NewDevice
from watchword.sandbox.identity.owner import Owner
from watchword.sandbox.wire.error import AwsError, SandboxRefusal

NOT_VALIDATED = (
    "AccessDenied (403): MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)
HALF_GIVEN = (
    "AccessDenied (403): MultiFactorAuthentication failed, "
    "must provide both MFA serial number and one time pass code."
)


@pytest.fixture
def device(world: World) -> NewDevice:
    return world.enrolled(world.add_user("anna"))


@pytest.fixture
def anna(world: World, device: NewDevice) -> Caller:
    return world.user("anna")


def refusal(world: World, operation: str, caller: Caller, **params: object) -> str:
    with pytest.raises(AwsError) as refused:
        world.call(operation, caller, **params)
    return str(refused.value)


def seconds(world: World, caller: Caller, **params: object) -> float:
    lifetime = world.call("GetSessionToken", caller, **params)["Credentials"]["Expiration"] - START
    assert isinstance(lifetime, timedelta)
    return lifetime.total_seconds()


# --- GetSessionToken ------------------------------------------------------------------------------


def test_a_key_and_a_code_become_a_session_with_mfa(world: World, anna: Caller, device: NewDevice) -> None:
    result = world.call(
        "GetSessionToken", anna, SerialNumber=device.serial_number, TokenCode=world.code(device)
    )
    assert sorted(result["Credentials"]) == ["AccessKeyId", "Expiration", "SecretAccessKey", "SessionToken"]
    assert world.holder(result).kind is CredentialKind.SESSION_MFA


def test_a_key_alone_becomes_a_session_without(world: World, anna: Caller) -> None:
    assert world.holder(world.call("GetSessionToken", anna)).kind is CredentialKind.SESSION


def test_a_session_lasts_twelve_hours_if_nothing_is_said_and_up_to_thirty_six(
    world: World, anna: Caller
) -> None:
    assert seconds(world, anna) == 43_200
    assert seconds(world, anna, DurationSeconds=900) == 900
    assert seconds(world, anna, DurationSeconds=129_600) == 129_600


@pytest.mark.parametrize(
    ("duration", "bound"), [(899, "greater than or equal to 900"), (129_601, "less than or equal to 129600")]
)
def test_a_duration_out_of_bounds_is_refused(world: World, anna: Caller, duration: int, bound: str) -> None:
    assert refusal(world, "GetSessionToken", anna, DurationSeconds=duration) == (
        f"ValidationError (400): 1 validation error detected: Value '{duration}' at 'durationSeconds' "
        f"failed to satisfy constraint: Member must have value {bound}"
    )


def test_roots_session_lasts_an_hour_at_most_whatever_is_asked(world: World) -> None:
    root = world.root()
    assert seconds(world, root) == 3600
    assert seconds(world, root, DurationSeconds=43_200) == 3600
    assert seconds(world, root, DurationSeconds=1800) == 1800


def test_a_serial_number_or_a_code_alone_does_not_do(world: World, anna: Caller, device: NewDevice) -> None:
    assert refusal(world, "GetSessionToken", anna, SerialNumber=device.serial_number) == HALF_GIVEN
    assert refusal(world, "GetSessionToken", anna, TokenCode=world.code(device)) == HALF_GIVEN


def test_a_wrong_code_is_refused(world: World, anna: Caller, device: NewDevice) -> None:
    answer = refusal(
        world, "GetSessionToken", anna, SerialNumber=device.serial_number, TokenCode=world.wrong_code(device)
    )
    assert answer == (
        "AccessDenied (403): MultiFactorAuthentication failed with invalid MFA one time pass code. "
    )


@pytest.mark.parametrize("serial", [f"arn:aws:iam::{ACCOUNT}:mfa/other", "GAHT12345678"])
def test_a_serial_number_of_nobody_is_refused(world: World, anna: Caller, serial: str) -> None:
    assert refusal(world, "GetSessionToken", anna, SerialNumber=serial, TokenCode="123456") == NOT_VALIDATED


def test_a_device_of_somebody_else_is_refused(world: World, anna: Caller) -> None:
    other = world.enrolled(world.add_user("boris"), "other")
    answer = refusal(
        world, "GetSessionToken", anna, SerialNumber=other.serial_number, TokenCode=world.code(other)
    )
    assert answer == NOT_VALIDATED


@pytest.mark.parametrize(
    ("code", "problems"),
    [
        ("12345", ["Member must have length greater than or equal to 6"]),
        ("11111111111111", ["Member must have length less than or equal to 6"]),
        (
            "138502\\",
            [
                "Member must have length less than or equal to 6",
                r"Member must satisfy regular expression pattern: [\d]*",
            ],
        ),
        ("١٢٣٤٥٦", [r"Member must satisfy regular expression pattern: [\d]*"]),
    ],
)
def test_a_code_is_six_digits(
    world: World, anna: Caller, device: NewDevice, code: str, problems: list[str]
) -> None:
    answer = refusal(world, "GetSessionToken", anna, SerialNumber=device.serial_number, TokenCode=code)
    clauses = [
        f"Value '{code}' at 'tokenCode' failed to satisfy constraint: {problem}" for problem in problems
    ]
    noun = "error" if len(problems) == 1 else "errors"
    assert (
        answer == f"ValidationError (400): {len(problems)} validation {noun} detected: {'; '.join(clauses)}"
    )


def test_a_malformed_code_spends_no_check(world: World, anna: Caller, device: NewDevice) -> None:
    for _ in range(20):
        refusal(world, "GetSessionToken", anna, SerialNumber=device.serial_number, TokenCode="12345")
    world.call("GetSessionToken", anna, SerialNumber=device.serial_number, TokenCode=world.code(device))


@pytest.mark.parametrize(
    ("serial", "problem"),
    [
        ("12345678", "Member must have length greater than or equal to 9"),
        ("s" * 257, "Member must have length less than or equal to 256"),
        ("no spaces please", r"Member must satisfy regular expression pattern: [\w+=/:,.@-]*"),
    ],
)
def test_a_serial_number_has_9_to_256_characters(
    world: World, anna: Caller, serial: str, problem: str
) -> None:
    assert refusal(world, "GetSessionToken", anna, SerialNumber=serial, TokenCode="123456") == (
        f"ValidationError (400): 1 validation error detected: Value '{serial}' at 'serialNumber' "
        f"failed to satisfy constraint: {problem}"
    )


def test_a_session_gets_no_session(world: World, anna: Caller, device: NewDevice) -> None:
    role = world.add_role("auditor")
    holders = [
        world.holder(world.call("GetSessionToken", anna)),
        world.holder(
            world.call(
                "GetSessionToken", anna, SerialNumber=device.serial_number, TokenCode=world.code(device)
            )
        ),
        world.holder(world.call("AssumeRole", anna, RoleArn=role.arn, RoleSessionName="me")),
        world.holder(world.call("GetSessionToken", world.root())),
    ]
    for holder in holders:
        assert refusal(world, "GetSessionToken", holder) == (
            "AccessDenied (403): Cannot call GetSessionToken with session credentials"
        )


def test_a_session_that_asks_with_a_code_does_not_use_it_up(
    world: World, anna: Caller, device: NewDevice
) -> None:
    session = world.holder(world.call("GetSessionToken", anna))
    code = {"SerialNumber": device.serial_number, "TokenCode": world.code(device)}
    assert "session credentials" in refusal(world, "GetSessionToken", session, **code)
    world.call("GetSessionToken", anna, **code)


def test_sessions_outlive_their_device(world: World, anna: Caller, device: NewDevice) -> None:
    result = world.call(
        "GetSessionToken", anna, SerialNumber=device.serial_number, TokenCode=world.code(device)
    )
    world.devices.deactivate(Owner.of(world.directory.users["anna"]), device.serial_number)
    world.devices.delete(device.serial_number)
    world.clock.move(timedelta(hours=11))
    assert world.holder(result).kind is CredentialKind.SESSION_MFA


# --- who one is -----------------------------------------------------------------------------------


def test_everybody_may_ask_who_they_are(world: World, anna: Caller) -> None:
    role = world.add_role("auditor", path="/audit/")
    auditor = world.holder(world.call("AssumeRole", anna, RoleArn=role.arn, RoleSessionName="me"))
    user = {"UserId": anna.user_id, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/anna"}
    root = {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"}
    assert world.call("GetCallerIdentity", anna) == user
    assert world.call("GetCallerIdentity", world.holder(world.call("GetSessionToken", anna))) == user
    assert world.call("GetCallerIdentity", world.root()) == root
    assert world.call("GetCallerIdentity", world.holder(world.call("GetSessionToken", world.root()))) == root
    assert world.call("GetCallerIdentity", auditor) == {
        "UserId": f"{role.role_id}:me",
        "Account": ACCOUNT,
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/me",
    }


def test_an_access_key_belongs_to_an_account(world: World, anna: Caller) -> None:
    session = world.call("GetSessionToken", anna)["Credentials"]["AccessKeyId"]
    for key in (anna.access_key_id, session):
        assert world.call("GetAccessKeyInfo", anna, AccessKeyId=key) == {"Account": ACCOUNT}
    with pytest.raises(SandboxRefusal, match="own keys only"):
        world.call("GetAccessKeyInfo", anna, AccessKeyId="AKIAIOSFODNN7EXAMPLE")


@pytest.mark.parametrize(
    "operation",
    [
        "AssumeRoleWithSAML",
        "AssumeRoleWithWebIdentity",
        "AssumeRoot",
        "DecodeAuthorizationMessage",
        "GetWebIdentityToken",
        "GetDelegatedAccessToken",
    ],
)
def test_what_is_not_offered_is_refused_by_name(world: World, anna: Caller, operation: str) -> None:
    with pytest.raises(SandboxRefusal, match=f"watchword sandbox: sts:{operation} is not offered"):
        world.call(operation, anna)
