from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.identity.small_world import ACCOUNT, STEP, World
from watchword.sandbox.identity.phone import Phone
from watchword.sandbox.wire.error import AwsError


@pytest.fixture
def phone(world: World) -> Phone:
    return Phone(devices=world.devices, clock=world.clock)


def test_a_phone_shows_the_code_of_now_and_those_that_follow(world: World, phone: Phone) -> None:
    device = world.devices.create_virtual(account=ACCOUNT, name="anna")
    reading = phone.read(device.serial_number, count=4)
    assert reading.codes == tuple(world.code(device, ahead) for ahead in range(4))
    assert (reading.code, reading.next_code) == reading.codes[:2]
    assert reading.seconds_left == 25
    assert reading.code not in repr(reading)


def test_a_phone_follows_the_sandboxs_clock(world: World, phone: Phone) -> None:
    device = world.devices.create_virtual(account=ACCOUNT, name="anna")
    before = phone.read(device.serial_number)
    world.clock.move(STEP)
    assert phone.read(device.serial_number).code == before.next_code
    world.clock.move(timedelta(seconds=24))
    assert phone.read(device.serial_number).seconds_left == 1


def test_two_readings_a_step_apart_enrol_a_device(world: World, phone: Phone) -> None:
    anna = world.add_user("anna")
    device = world.devices.create_virtual(account=ACCOUNT, name="anna")
    first = phone.read(device.serial_number).code
    world.clock.move(STEP)
    second = phone.read(device.serial_number).code
    world.iam(
        "EnableMFADevice",
        world.user("anna"),
        UserName="anna",
        SerialNumber=device.serial_number,
        AuthenticationCode1=first,
        AuthenticationCode2=second,
    )
    world.devices.check_code(
        device.serial_number, phone.read(device.serial_number).code, user_id=anna.user_id
    )


def test_a_device_is_found_by_serial_number_user_or_its_own_name(world: World, phone: Phone) -> None:
    anna = world.add_user("anna")
    enabled = world.enrolled(anna, "private-phone").serial_number
    unfinished = world.devices.create_virtual(account=ACCOUNT, name="anna").serial_number
    assert [found.serial_number for found in phone.find(enabled)] == [enabled]
    by_user = phone.find("anna", user_id=anna.user_id)
    assert [found.serial_number for found in by_user] == [enabled, unfinished]
    assert [found.serial_number for found in phone.find("anna")] == [unfinished]
    assert phone.find("nobody") == ()


def test_a_phone_does_not_show_what_it_has_not_scanned(phone: Phone) -> None:
    with pytest.raises(AwsError, match="NoSuchEntity"):
        phone.read(f"arn:aws:iam::{ACCOUNT}:mfa/missing")
