"""How AWS checks the pair of codes at EnableMFADevice and ResyncMFADevice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sandbox.identity.small_world import ACCOUNT, STEP, World
from watchword.sandbox.identity.device import NewDevice
from watchword.sandbox.identity.directory import User
from watchword.sandbox.identity.owner import Owner
from watchword.sandbox.wire.error import AwsError


@pytest.fixture
def user(world: World) -> User:
    return world.add_user("anna")


@pytest.fixture
def device(world: World) -> NewDevice:
    return world.devices.create_virtual(account=ACCOUNT, name="phone")


def accepted(world: World, owner: Owner, device: NewDevice, offset: int) -> bool:
    """Return whether a pair whose second code is `offset` steps from now synchronises the device."""
    try:
        if world.devices.get(device.serial_number).user_id is None:
            world.enable(owner, device, offset=offset)
        else:
            world.resync(owner, device, offset=offset)
    except AwsError as refused:
        if str(refused) != "InvalidAuthenticationCode (403): Authentication code for device is not valid.":
            raise
        return False
    return True


def works_at_sts(world: World, user: User, device: NewDevice, offset: int) -> bool:
    try:
        world.devices.check_code(device.serial_number, world.code(device, offset), user_id=user.user_id)
    except AwsError:
        return False
    return True


@pytest.mark.parametrize(
    ("offset", "fits"), [(-999, False), (-998, True), (0, True), (1000, True), (1001, False)]
)
def test_the_second_code_lies_from_998_steps_behind_to_1000_ahead(
    world: World, user: User, device: NewDevice, offset: int, fits: bool
) -> None:
    assert accepted(world, Owner.of(user), device, offset) is fits


def test_the_codes_must_follow_each_other(world: World, user: User, device: NewDevice) -> None:
    owner, serial = Owner.of(user), device.serial_number
    for first, second in [(0, 0), (0, -1), (-2, 0), (-1, 1)]:
        with pytest.raises(AwsError, match="InvalidAuthenticationCode"):
            world.devices.enable(owner, serial, world.code(device, first), world.code(device, second))
    assert world.devices.of_user(user.user_id) == ()


def test_a_pair_sets_the_devices_clock(world: World, user: User, device: NewDevice) -> None:
    assert accepted(world, Owner.of(user), device, 10)
    assert not works_at_sts(world, user, device, 7)
    assert works_at_sts(world, user, device, 8)
    assert works_at_sts(world, user, device, 12)
    assert not works_at_sts(world, user, device, 13)
    assert not works_at_sts(world, user, device, 0)


def test_a_corrected_clock_runs_on(world: World, user: User, device: NewDevice) -> None:
    assert accepted(world, Owner.of(user), device, -20)
    world.clock.move(timedelta(hours=5))
    assert works_at_sts(world, user, device, -20)
    assert not works_at_sts(world, user, device, 0)


def test_each_search_starts_from_the_corrected_clock(world: World, user: User, device: NewDevice) -> None:
    owner = Owner.of(user)
    assert accepted(world, owner, device, 600)
    assert accepted(world, owner, device, 1200)
    assert accepted(world, owner, device, 1800)
    assert not accepted(world, owner, device, 2801)
    assert accepted(world, owner, device, 2800)


def test_deactivating_keeps_the_correction(world: World, user: User, device: NewDevice) -> None:
    owner = Owner.of(user)
    assert accepted(world, owner, device, 900)
    world.devices.deactivate(owner, device.serial_number)
    assert accepted(world, owner, device, 1804)


def test_both_codes_are_newer_than_the_last_pairs_second(world: World, user: User, device: NewDevice) -> None:
    owner = Owner.of(user)
    assert accepted(world, owner, device, 0)
    assert not accepted(world, owner, device, 0)
    assert not accepted(world, owner, device, -5)
    assert not accepted(world, owner, device, 1), "its first code is the last pair's second"
    assert accepted(world, owner, device, 2)


def test_deactivating_does_not_let_a_pair_come_again(world: World, user: User, device: NewDevice) -> None:
    owner = Owner.of(user)
    assert accepted(world, owner, device, 0)
    world.devices.deactivate(owner, device.serial_number)
    assert not accepted(world, owner, device, 0)
    assert not accepted(world, Owner.of(world.add_user("boris")), device, 0)
    world.clock.move(2 * STEP)
    assert accepted(world, owner, device, 0)


def test_codes_used_at_sts_still_make_a_pair(world: World, user: User, device: NewDevice) -> None:
    owner = Owner.of(user)
    assert accepted(world, owner, device, 0)
    assert works_at_sts(world, user, device, 1)
    assert works_at_sts(world, user, device, 2)
    assert accepted(world, owner, device, 2)


def test_a_pair_spends_no_checks(world: World, user: User, device: NewDevice) -> None:
    owner = Owner.of(user)
    for _ in range(20):
        assert not accepted(world, owner, device, 2000)
    assert accepted(world, owner, device, 0)
    assert works_at_sts(world, user, device, 1)


def test_a_new_seed_begins_with_a_clock_that_is_right(world: World, user: User, device: NewDevice) -> None:
    owner = Owner.of(user)
    assert accepted(world, owner, device, 1000)
    world.devices.deactivate(owner, device.serial_number)
    world.devices.delete(device.serial_number)
    replacement = world.devices.create_virtual(account=ACCOUNT, name="phone")
    assert accepted(world, owner, replacement, 0)
    assert works_at_sts(world, user, replacement, 0)
