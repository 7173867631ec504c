"""How AWS checks codes at STS: every row of the facts, by moving the clock."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from sandbox.identity.small_world import ACCOUNT, STEP, World
from watchword.sandbox.identity.device import NewDevice
from watchword.sandbox.identity.directory import User
from watchword.sandbox.identity.owner import Owner
from watchword.sandbox.wire.error import AwsError

WRONG = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
NOT_VALIDATED = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  "
    "Please verify your MFA serial number is valid and associated with this user."
)


@pytest.fixture
def user(world: World) -> User:
    return world.add_user("anna")


@pytest.fixture
def device(world: World, user: User) -> NewDevice:
    return world.enrolled(user)


def answer(world: World, user: User, device: NewDevice, code: str) -> str:
    """Return `ok`, or the text of the refusal."""
    try:
        world.devices.check_code(device.serial_number, code, user_id=user.user_id)
    except AwsError as refused:
        return refused.message if (refused.code, refused.status) == ("AccessDenied", 403) else str(refused)
    return "ok"


@pytest.mark.parametrize(
    ("offset", "expected"),
    [
        (-3, WRONG),
        (-2, "ok"),
        (-1, "ok"),
        (0, "ok"),
        (1, "ok"),
        (2, "ok"),
        (3, WRONG),
        (-10, WRONG),
        (10, WRONG),
    ],
)
def test_a_code_serves_within_two_steps_of_now(
    world: World, user: User, device: NewDevice, offset: int, expected: str
) -> None:
    assert answer(world, user, device, world.code(device, offset)) == expected


def test_a_code_serves_once(world: World, user: User, device: NewDevice) -> None:
    code = world.code(device)
    assert answer(world, user, device, code) == "ok"
    assert answer(world, user, device, code) == WRONG


def test_a_used_code_stays_used_in_the_next_step(world: World, user: User, device: NewDevice) -> None:
    code = world.code(device)
    assert answer(world, user, device, code) == "ok"
    world.clock.move(STEP)
    assert answer(world, user, device, code) == WRONG


def test_a_used_code_stays_used_when_the_clock_is_moved_back(
    world: World, user: User, device: NewDevice
) -> None:
    code = world.code(device)
    assert answer(world, user, device, code) == "ok"
    world.clock.move(timedelta(hours=1))
    assert answer(world, user, device, world.code(device)) == "ok"
    world.clock.move(timedelta(hours=-1))
    assert answer(world, user, device, code) == WRONG


def test_unused_earlier_codes_may_come_after_later_ones(world: World, user: User, device: NewDevice) -> None:
    answers = [answer(world, user, device, world.code(device, offset)) for offset in (2, -2, 1, -1, 0, 2, -2)]
    assert answers == ["ok"] * 5 + [WRONG] * 2


def test_the_window_does_not_follow_the_last_code_used(world: World, user: User, device: NewDevice) -> None:
    assert answer(world, user, device, world.code(device, 2)) == "ok"
    assert answer(world, user, device, world.code(device, 3)) == WRONG
    assert answer(world, user, device, world.code(device, -2)) == "ok"


def test_enrolment_does_not_use_up_its_codes(world: World, user: User, device: NewDevice) -> None:
    assert answer(world, user, device, world.code(device, -1)) == "ok"
    assert answer(world, user, device, world.code(device, 0)) == "ok"


def test_resynchronising_neither_uses_up_nor_releases_codes(
    world: World, user: User, device: NewDevice
) -> None:
    assert answer(world, user, device, world.code(device, 1)) == "ok"
    world.clock.move(2 * STEP)
    world.resync(Owner.of(user), device, offset=0)
    assert answer(world, user, device, world.code(device, -1)) == WRONG
    assert answer(world, user, device, world.code(device, 0)) == "ok"


@pytest.mark.parametrize("right_ones", [0, 1, 3])
def test_nine_checks_a_window_right_and_wrong_alike(
    world: World, user: User, device: NewDevice, right_ones: int
) -> None:
    for offset in range(right_ones):
        assert answer(world, user, device, world.code(device, offset)) == "ok"
    wrong = [answer(world, user, device, world.wrong_code(device)) for _ in range(9 - right_ones)]
    assert set(wrong) == {WRONG}
    assert answer(world, user, device, world.code(device, -1)) == NOT_VALIDATED
    assert answer(world, user, device, world.wrong_code(device)) == NOT_VALIDATED


def test_reused_codes_spend_the_budget_too(world: World, user: User, device: NewDevice) -> None:
    answers = [answer(world, user, device, world.code(device)) for _ in range(10)]
    assert answers == ["ok"] + [WRONG] * 8 + [NOT_VALIDATED]


def test_a_code_refused_for_want_of_budget_is_not_used_up(
    world: World, user: User, device: NewDevice
) -> None:
    world.clock.move(timedelta(seconds=170))  # the last step of the window
    spend(world, user, device, 9)
    code = world.code(device)
    assert answer(world, user, device, code) == NOT_VALIDATED
    world.clock.move(timedelta(seconds=10))
    assert answer(world, user, device, code) == "ok"


def spend(world: World, user: User, device: NewDevice, count: int) -> None:
    for _ in range(count):
        assert answer(world, user, device, world.wrong_code(device)) == WRONG


def test_the_budget_comes_back_at_the_next_three_minutes_of_utc(
    world: World, user: User, device: NewDevice
) -> None:
    spend(world, user, device, 9)
    world.clock.move(timedelta(seconds=174))  # 20:02:59
    assert answer(world, user, device, world.code(device)) == NOT_VALIDATED
    world.clock.move(timedelta(seconds=1))  # 20:03:00
    assert answer(world, user, device, world.code(device)) == "ok"


def test_the_budget_does_not_count_from_the_last_check(world: World, user: User, device: NewDevice) -> None:
    world.clock.move(timedelta(seconds=170))
    spend(world, user, device, 9)
    world.clock.move(timedelta(seconds=6))
    assert answer(world, user, device, world.code(device)) == "ok"


def test_each_device_has_its_own_budget(world: World, user: User, device: NewDevice) -> None:
    sibling = world.enrolled(user, "second")
    spend(world, user, device, 9)
    assert answer(world, user, device, world.code(device)) == NOT_VALIDATED
    assert answer(world, user, sibling, world.code(sibling)) == "ok"


def test_a_new_seed_at_the_same_arn_has_no_new_budget_but_unused_codes(
    world: World, user: User, device: NewDevice
) -> None:
    assert answer(world, user, device, world.code(device)) == "ok"
    spend(world, user, device, 8)
    world.devices.deactivate(Owner.of(user), device.serial_number)
    world.devices.delete(device.serial_number)
    replacement = world.enrolled(user)
    assert replacement.serial_number == device.serial_number
    assert answer(world, user, replacement, world.code(replacement)) == NOT_VALIDATED
    world.clock.move(timedelta(minutes=3))
    assert answer(world, user, replacement, world.code(device, 0)) == WRONG
    assert answer(world, user, replacement, world.code(replacement, 0)) == "ok"


def test_somebody_elses_device_does_not_serve_and_cannot_be_locked_from_outside(
    world: World, user: User, device: NewDevice
) -> None:
    stranger = world.add_user("boris")
    for _ in range(20):
        assert answer(world, stranger, device, world.code(device)) == NOT_VALIDATED
    assert answer(world, user, device, world.code(device)) == "ok"


def test_a_serial_number_that_nobody_has_cannot_be_validated(
    world: World, user: User, device: NewDevice
) -> None:
    with pytest.raises(AwsError) as refused:
        world.devices.check_code(f"arn:aws:iam::{ACCOUNT}:mfa/other", "123456", user_id=user.user_id)
    assert refused.value.message == NOT_VALIDATED


def test_a_device_that_is_not_enabled_cannot_be_validated(world: World, user: User) -> None:
    device = world.devices.create_virtual(account=ACCOUNT, name="drawer")
    assert answer(world, user, device, world.code(device)) == NOT_VALIDATED


def test_a_deactivated_device_cannot_be_validated(world: World, user: User, device: NewDevice) -> None:
    world.devices.deactivate(Owner.of(user), device.serial_number)
    assert answer(world, user, device, world.code(device)) == NOT_VALIDATED


def test_sts_may_see_a_new_device_later(world: World, user: User) -> None:
    world.devices.propagation_delay = timedelta(seconds=10)
    device = world.enrolled(user)
    code = world.code(device)
    assert answer(world, user, device, code) == NOT_VALIDATED
    world.clock.move(timedelta(seconds=9.9))
    assert answer(world, user, device, code) == NOT_VALIDATED
    world.clock.move(timedelta(seconds=0.1))
    assert answer(world, user, device, code) == "ok"


def test_checks_that_come_too_early_are_counted(world: World, user: User) -> None:
    world.devices.propagation_delay = timedelta(seconds=10)
    device = world.enrolled(user)
    for _ in range(3):
        assert answer(world, user, device, world.code(device)) == NOT_VALIDATED
    world.clock.move(timedelta(seconds=10))
    spend(world, user, device, 6)
    assert answer(world, user, device, world.code(device)) == NOT_VALIDATED


def race(world: World, user: User, device: NewDevice, code: str) -> list[str]:
    """Return what sixteen threads are answered who send the same code at the same moment."""
    answers: list[str] = []
    start = threading.Barrier(16)

    def run() -> None:
        start.wait()
        answers.append(answer(world, user, device, code))

    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


class SlowSet(set[int]):
    """A set that lets other threads run between the question and the answer."""

    def __contains__(self, step: object) -> bool:
        there = super().__contains__(step)
        time.sleep(0.001)
        return there


def test_sixteen_threads_race_one_code_and_one_wins(world: World, user: User, device: NewDevice) -> None:
    world.devices._devices[device.serial_number].used_steps = SlowSet()
    answers = race(world, user, device, world.code(device))
    assert sorted(answers) == sorted(["ok"] + [WRONG] * 8 + [NOT_VALIDATED] * 7)
