from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from watchword.sandbox.clock import SandboxClock, machine_now

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Machine:
    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        return self.time


def test_an_untouched_clock_shows_the_machines_time() -> None:
    clock = SandboxClock(Machine())
    assert clock.now() == clock.signature_now() == NOON


def test_a_moved_clock_leaves_the_time_of_signatures_alone() -> None:
    clock = SandboxClock(Machine())
    assert clock.move(HOUR) == NOON + HOUR
    assert clock.now() == NOON + HOUR
    assert clock.signature_now() == NOON


def test_skew_moves_the_time_of_signatures_only() -> None:
    clock = SandboxClock(Machine())
    clock.skew = -HOUR
    assert clock.signature_now() == NOON - HOUR
    assert clock.now() == NOON
    assert clock.skew == -HOUR


def test_moves_add_up_and_go_back() -> None:
    clock = SandboxClock(Machine())
    clock.move(3 * HOUR)
    clock.move(-HOUR)
    assert clock.offset == 2 * HOUR


def test_a_moved_clock_runs_on_with_the_machine() -> None:
    machine = Machine()
    clock = SandboxClock(machine)
    clock.move(HOUR)
    machine.time += timedelta(seconds=7)
    assert clock.now() == NOON + HOUR + timedelta(seconds=7)


def test_a_clock_is_set_in_any_time_zone_and_shows_utc() -> None:
    clock = SandboxClock(Machine())
    tokyo = datetime(2026, 1, 2, 0, tzinfo=timezone(timedelta(hours=9)))
    assert clock.set(tokyo) == datetime(2026, 1, 1, 15, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_a_naive_time_cannot_be_set() -> None:
    with pytest.raises(ValueError, match="time zone"):
        SandboxClock(Machine()).set(datetime(2026, 1, 1))  # noqa: DTZ001 -- the mistake under test


@pytest.mark.parametrize("by", [timedelta(days=-40 * 366 - 9000), timedelta(days=8000 * 366)])
def test_a_time_out_of_reach_is_refused_and_changes_nothing(by: timedelta) -> None:
    clock = SandboxClock(Machine())
    with pytest.raises(ValueError, match="1970"):
        clock.move(by)
    with pytest.raises(ValueError, match="1970"):
        clock.skew = by
    assert clock.now() == clock.signature_now() == NOON


def test_reset_goes_back_to_the_machines_time() -> None:
    clock = SandboxClock(Machine())
    clock.move(HOUR)
    clock.skew = HOUR
    clock.reset()
    assert clock.now() == clock.signature_now() == NOON


def test_the_machines_time_is_aware_and_in_utc() -> None:
    assert machine_now().utcoffset() == timedelta(0)
