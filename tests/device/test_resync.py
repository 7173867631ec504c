"""`watchword device resync` at a terminal, against an AWS that knows each device's clock."""

from __future__ import annotations

import json

import pytest

from device.account import Account
from device.at_terminal import FIRST, SECOND, AtTerminal
from device.changing import EVERYTHING_ABOUT_DEVICES, Owning, administrator, owning
from device.faulty_wire import Fault, faulty_wire
from local_aws import LocalAws

AHEAD_STEPS = 20  # ten minutes, more than STS puts up with


@pytest.fixture
def alice(sandbox: LocalAws, account: Account) -> Owning:
    return owning(sandbox, account)


def pair(aws: LocalAws, serial: str, *, ahead_steps: int = 0) -> tuple[str, str]:
    """Two codes in a row, of a device whose clock is so far ahead."""
    aws.move_clock(30)
    shown = aws.inner.phone.read(serial, count=ahead_steps + 2).codes
    return shown[ahead_steps], shown[ahead_steps + 1]


def types(at: AtTerminal, codes: tuple[str, str]) -> None:
    at.sees(FIRST)
    at.types(codes[0])
    at.sees(SECOND)
    at.types(codes[1])


def test_a_device_that_runs_ahead_is_taken_again(alice: Owning) -> None:
    phone = alice.gets("phone")
    at = alice.runs("resync", "--output", "json")
    types(at, pair(alice.aws, phone, ahead_steps=AHEAD_STEPS))
    assert at.ends() == 0, at.received
    value = json.loads(at.received[at.received.index("{\r\n") :])
    assert (value["action"], value["serial_number"]) == ("resync", phone)
    alice.aws.move_clock(30)
    code = alice.aws.inner.phone.read(phone, count=AHEAD_STEPS + 2).codes[AHEAD_STEPS]
    at = alice.person.runs("login")
    at.sees("code[^\n]*: ")
    at.types(code)
    assert at.ends() == 0, at.received


def test_the_codes_are_not_shown(alice: Owning) -> None:
    phone = alice.gets("phone")
    codes = pair(alice.aws, phone)
    at = alice.runs("resync")
    types(at, codes)
    assert at.ends() == 0
    assert not any(code in at.received for code in codes)


def test_wrong_pairs_and_old_ones_are_explained_and_asked_again(alice: Owning) -> None:
    phone = alice.gets("phone")
    taken = pair(alice.aws, phone)
    at = alice.runs("resync")
    types(at, taken)
    assert at.ends() == 0
    at = alice.runs("resync")
    types(at, taken)  # the very pair that AWS took before
    said = at.sees("type it and the next one")
    assert "Authentication code for device is not valid." in said
    assert "newer" in said
    types(at, ("000000", "111111"))
    types(at, pair(alice.aws, phone, ahead_steps=2))
    assert at.ends() == 0, at.received


def test_three_wrong_pairs_are_enough(alice: Owning) -> None:
    alice.gets("phone")
    at = alice.runs("resync")
    for _ in range(3):
        types(at, ("000000", "111111"))
    assert at.ends() == 1
    assert "AWS refused 3 pairs of codes" in at.received


def test_the_session_stays(alice: Owning) -> None:
    phone = alice.gets("phone")
    alice.signs_in(phone)
    at = alice.runs("resync", "phone")
    types(at, pair(alice.aws, phone))
    assert at.ends() == 0, at.received
    assert alice.asks_nothing("status", "--check").returncode == 0


def test_of_several_those_with_codes_are_offered(alice: Owning) -> None:
    alice.gets("phone")
    token = alice.aws.add_hardware_token(alice.person.name)
    alice.aws.add_security_key(alice.person.name)
    at = alice.runs("resync")
    offered = at.sees("which device.*")
    at.process.send(f"{token}\r")
    types(at, pair(alice.aws, token, ahead_steps=2))
    assert at.ends() == 0, at.received
    assert "yubikey" not in offered + at.received
    assert f"`{token}`" in at.received or token in at.received


@pytest.mark.parametrize("names_it", [True, False])
def test_a_security_key_is_refused_with_the_reason(alice: Owning, names_it: bool) -> None:
    alice.aws.add_security_key(alice.person.name)
    at = alice.runs("resync", *(["yubikey"] if names_it else []))
    assert at.ends() == 1
    assert "`yubikey` is a security key or passkey" in at.received


def test_an_administrator_brings_the_device_of_another_into_step(alice: Owning, account: Account) -> None:
    phone = alice.gets("phone")
    at = administrator(account).runs("device", "resync", "--user", alice.person.name)
    types(at, pair(alice.aws, phone, ahead_steps=AHEAD_STEPS))
    assert at.ends() == 0, at.received


def test_a_policy_that_wants_mfa_gets_a_session_and_the_pair_is_sent_again(alice: Owning) -> None:
    phone, tablet = alice.gets("phone"), alice.gets("tablet")
    alice.may(EVERYTHING_ABOUT_DEVICES | {"Statement": [*EVERYTHING_ABOUT_DEVICES["Statement"], NEEDS_MFA]})
    alice.config(f"mfa_serial = {tablet}\n")
    at = alice.runs("resync", "phone")
    types(at, pair(alice.aws, phone, ahead_steps=AHEAD_STEPS))
    at.sees("AWS denies `iam:ResyncMFADevice` to the key alone")
    at.sees("code[^\n]*: ")
    at.types(alice.aws.fresh_code(tablet))
    assert at.ends() == 0, at.received


NEEDS_MFA = {
    "Sid": "WithMfa",
    "Effect": "Deny",
    "Action": "iam:ResyncMFADevice",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}


def test_one_who_may_not_is_told_which_permission_is_missing(alice: Owning) -> None:
    phone = alice.gets("phone")
    alice.signs_in(phone)
    alice.may(EVERYTHING_ABOUT_DEVICES | {"Statement": [LIST_ALONE]})
    at = alice.runs("resync")
    types(at, pair(alice.aws, phone))
    assert at.ends() == 5
    assert "iam:ResyncMFADevice" in at.received


LIST_ALONE = {"Effect": "Allow", "Action": "iam:List*", "Resource": "*"}


def test_without_a_terminal_nothing_is_sent(alice: Owning) -> None:
    alice.gets("phone")
    done = alice.without_terminal("device", "resync")
    assert done.returncode == 6
    assert "two codes are typed there" in done.stderr


def test_ctrl_c_ends_it(alice: Owning) -> None:
    alice.gets("phone")
    at = alice.runs("resync")
    at.sees(FIRST)
    at.process.sendcontrol("c")
    assert at.ends() == 130


def test_a_lost_network_is_said(alice: Owning) -> None:
    phone = alice.gets("phone")
    with faulty_wire(alice.aws.endpoint_url) as wire:
        wire.befall("ResyncMFADevice", Fault.LOSE_ANSWER)
        at = alice.runs("resync", endpoint_url=wire.url)
        types(at, pair(alice.aws, phone))
        assert at.ends() == 1
    assert "no answer to `iam:ResyncMFADevice`" in at.received
