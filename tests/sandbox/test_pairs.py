"""Pairs of codes, clock corrections and the budget, over real HTTP with boto3; codes computed apart."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from local_aws import Key, LocalAws
from refusal import refusal

STEP_SECONDS = 30
INVALID_PAIR = ("InvalidAuthenticationCode", 403, "Authentication code for device is not valid.")
WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
UNABLE = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)


class Device:
    """A device of `testuser` whose seed is known, and which root manages."""

    def __init__(self, sandbox: LocalAws) -> None:
        self.sandbox, self.iam = sandbox, sandbox.client("iam")
        made = self.iam.create_virtual_mfa_device(VirtualMFADeviceName="testuser")["VirtualMFADevice"]
        self.serial = made["SerialNumber"]
        self.totp = pyotp.TOTP(made["Base32StringSeed"].decode())

    def code(self, steps: int = 0) -> str:
        """The code of the step so many steps from the sandbox's present one."""
        return self.totp.at(int(self.sandbox.inner.clock.now().timestamp()) + steps * STEP_SECONDS)

    def pair(self, second: int) -> dict[str, str]:
        """Two codes in a row, the second that of the step so many steps from now."""
        codes = {
            "AuthenticationCode1": self.code(second - 1),
            "AuthenticationCode2": self.code(second),
        }
        return {"UserName": "testuser", "SerialNumber": self.serial, **codes}


@pytest.fixture
def key(sandbox: LocalAws) -> Key:
    return sandbox.user("testuser")


@pytest.fixture
def device(sandbox: LocalAws, key: Key) -> Device:
    # In the middle of a step, and of a three-minute window: what a test takes for now stays now.
    now = sandbox.inner.clock.now()
    sandbox.inner.clock.set(now + timedelta(seconds=180 - now.timestamp() % 180 + 5))
    return Device(sandbox)


@pytest.mark.parametrize(("second", "accepted"), [(-999, False), (-998, True), (1000, True), (1001, False)])
def test_the_second_code_lies_from_998_steps_behind_to_1000_ahead(
    device: Device, second: int, accepted: bool
) -> None:
    if accepted:
        device.iam.enable_mfa_device(**device.pair(second))
    else:
        assert refusal(device.iam.enable_mfa_device, **device.pair(second)) == INVALID_PAIR


def test_codes_that_are_not_in_a_row_enrol_nothing(device: Device) -> None:
    pair = {**device.pair(0), "AuthenticationCode1": device.code(-2)}
    assert refusal(device.iam.enable_mfa_device, **pair) == INVALID_PAIR


def test_a_pair_sets_the_clock_of_the_device(sandbox: LocalAws, key: Key, device: Device) -> None:
    device.iam.enable_mfa_device(**device.pair(100))
    call = sandbox.client("sts", key).get_session_token
    assert refusal(call, SerialNumber=device.serial, TokenCode=device.code())[2] == WRONG_CODE
    call(SerialNumber=device.serial, TokenCode=device.code(100))


def test_a_resynchronisation_needs_a_pair_newer_than_the_last(
    sandbox: LocalAws, key: Key, device: Device
) -> None:
    device.iam.enable_mfa_device(**device.pair(0))
    for second in (-5, 0, 1):
        assert refusal(device.iam.resync_mfa_device, **device.pair(second)) == INVALID_PAIR
    device.iam.resync_mfa_device(**device.pair(2))
    sandbox.client("sts", key).get_session_token(SerialNumber=device.serial, TokenCode=device.code(2))


def test_a_new_seed_does_not_reset_the_budget(sandbox: LocalAws, key: Key, device: Device) -> None:
    sandbox.begin_window_of_checks()
    device.iam.enable_mfa_device(**device.pair(0))
    call = sandbox.client("sts", key).get_session_token
    wrong = f"{(int(device.code()) + 7) % 1_000_000:06d}"
    for _ in range(9):
        assert refusal(call, SerialNumber=device.serial, TokenCode=wrong)[2] == WRONG_CODE
    device.iam.deactivate_mfa_device(UserName="testuser", SerialNumber=device.serial)
    device.iam.delete_virtual_mfa_device(SerialNumber=device.serial)
    again = Device(sandbox)
    assert again.serial == device.serial
    again.iam.enable_mfa_device(**again.pair(0))
    assert refusal(call, SerialNumber=again.serial, TokenCode=again.code())[2] == UNABLE
    sandbox.move_clock(180)
    call(SerialNumber=again.serial, TokenCode=again.code())
