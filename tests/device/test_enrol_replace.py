"""`device enroll --replace`: the new device beside the old, checked, and only then the old one goes."""

from __future__ import annotations

import json

import pytest

from device.account import Account, least_policy
from device.at_terminal import FIRST
from device.changing import Owning, owning
from device.enrolling import enrols, scans_and_types
from device.faulty_wire import Fault, faulty_wire
from local_aws import LocalAws


@pytest.fixture
def alice(sandbox: LocalAws, account: Account) -> Owning:
    return owning(sandbox, account)


def test_the_old_one_is_there_until_the_new_one_is_checked(alice: Owning) -> None:
    old = alice.gets(alice.person.name)
    alice.config(f"mfa_serial = {old}\n")
    with faulty_wire(alice.person.endpoint_url) as wire:
        alice.signs_in(old, endpoint_url=wire.url)
        at = alice.person.runs(
            "device", "enroll", "--replace", "--set-mfa-serial", "--output", "json", endpoint_url=wire.url
        )
        scans_and_types(at, alice.aws)
        assert at.ends() == 0, at.received
        sent = wire.operations
    order = [sent.index(each) for each in ("EnableMFADevice", "GetSessionToken", "DeactivateMFADevice")]
    assert order == sorted(order)
    value = json.loads(at.ordinary_screen()[at.ordinary_screen().index("{\r") :])
    assert (value["replaced"], value["config_changed"]) == (old, True)
    assert alice.has() == alice.exist() == [f"{old}-2"]
    assert alice.person.files_hold(f"mfa_serial = {old}-2\n")
    assert not alice.person.files_hold(f"mfa_serial = {old}\n")


def test_a_check_that_does_not_come_off_leaves_both(alice: Owning) -> None:
    old = alice.gets(alice.person.name)
    with faulty_wire(alice.person.endpoint_url) as wire:
        wire.befall("GetSessionToken", Fault.LOSE_REQUEST)
        alice.signs_in(old, endpoint_url=wire.url)
        at = alice.person.runs("device", "enroll", "--replace", endpoint_url=wire.url)
        scans_and_types(at, alice.aws)
        assert at.ends() == 1
    assert f"`{old}` was not removed: no code of the new device was checked" in at.received
    assert f"{old} is enabled as well" in at.received
    assert alice.has() == [old, f"{old}-2"]


def test_who_may_not_deactivate_keeps_both_and_is_told_why(alice: Owning) -> None:
    old = alice.gets(alice.person.name)
    alice.signs_in(old)
    alice.may(least_policy())
    at = alice.person.runs("device", "enroll", "--replace")
    scans_and_types(at, alice.aws)
    assert at.ends() == 5
    assert f"enabled {old}-2 for {alice.person.name}" in at.received
    assert f"{old} is enabled as well: it could not be replaced" in at.received
    assert "AWS refused `iam:DeactivateMFADevice`" in at.received
    assert alice.has() == [old, f"{old}-2"]


def test_ctrl_c_before_the_codes_leaves_the_old_one_as_it_was(alice: Owning) -> None:
    old = alice.gets(alice.person.name)
    alice.signs_in(old)
    at = alice.person.runs("device", "enroll", "--replace")
    at.sees(FIRST)
    at.process.sendcontrol("c")
    assert at.ends() == 130
    assert alice.has() == alice.exist() == [old]


def test_of_several_the_named_one_goes_and_what_answers_stays(alice: Owning) -> None:
    phone, tablet = alice.gets("phone"), alice.gets("tablet")
    alice.config(f"mfa_serial = {phone}\n")
    alice.signs_in(phone)
    at = enrols(alice.person, alice.aws, "--replace", "--device", "tablet")
    assert "write this line?" not in at.received
    assert sorted(alice.has()) == [phone, alice.person.serial_number]
    assert tablet not in alice.exist()


def test_without_a_device_there_is_nothing_to_replace(alice: Owning) -> None:
    at = alice.person.runs("device", "enroll", "--replace")
    assert at.ends() == 1
    assert f"`{alice.person.name}` has no MFA device" in at.received
    assert alice.exist() == []


def test_with_eight_devices_the_way_out_is_told(alice: Owning) -> None:
    devices = [alice.gets(f"device-{number}") for number in range(8)]
    alice.signs_in(devices[0])
    at = alice.person.runs("device", "enroll", "--replace", "--device", "device-3")
    assert at.ends() == 1
    assert "has 8 devices, the most that AWS allows" in at.received
    assert "watchword device remove" in at.received
    assert alice.exist() == devices
