from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchword.session.used_codes import UsedCodes, seconds_left_in_step, seconds_left_in_window

NOW = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "codes.json"


def test_a_code_that_was_sent_is_spent_for_every_process(path: Path) -> None:
    UsedCodes(path).send("123456", NOW)
    assert UsedCodes(path).is_spent("123456", NOW + timedelta(seconds=300))
    assert not UsedCodes(path).is_spent("123457", NOW)


def test_after_ten_minutes_the_same_digits_are_another_code(path: Path) -> None:
    UsedCodes(path).send("123456", NOW)
    assert not UsedCodes(path).is_spent("123456", NOW + timedelta(seconds=601))


def test_a_clock_that_was_set_back_does_not_keep_a_code_for_ever(path: Path) -> None:
    UsedCodes(path).send("123456", NOW)
    assert not UsedCodes(path).is_spent("123456", NOW - timedelta(days=1))


def test_the_file_holds_no_code_and_is_private(path: Path) -> None:
    UsedCodes(path).send("123456", NOW)
    assert "123456" not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_code_that_never_left_is_neither_spent_nor_counted(path: Path) -> None:
    used = UsedCodes(path)
    used.send("123456", NOW)
    used.not_spent("123456", NOW, checked=False)
    assert not used.is_spent("123456", NOW)
    assert used.checks_in_window(NOW) == 0


def test_a_code_that_was_not_looked_at_counts_but_is_not_spent(path: Path) -> None:
    used = UsedCodes(path)
    used.send("123456", NOW)
    used.not_spent("123456", NOW, checked=True)
    assert not used.is_spent("123456", NOW)
    assert used.checks_in_window(NOW) == 1


def test_checks_are_counted_in_windows_of_three_minutes(path: Path) -> None:
    used = UsedCodes(path)
    used.send("111111", NOW - timedelta(seconds=11))  # 11:59:59, the window before
    used.send("222222", NOW)
    assert used.checks_in_window(NOW) == 1
    assert used.checks_in_window(NOW + timedelta(minutes=3)) == 0


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "null",
        "{}",
        '{"salt": 1, "sent": [1]}',
        '{"salt": "", "sent": [{"x": 1}]}',
        '{"salt": "", "sent": [{"digest": 1, "at_seconds": "soon", "spent": 1}]}',
        "[" * 60_000,
    ],
)
def test_a_damaged_memory_is_an_empty_one(path: Path, garbage: str) -> None:
    UsedCodes(path).send("123456", NOW)
    path.write_text(garbage)
    assert not UsedCodes(path).is_spent("123456", NOW)


@pytest.mark.parametrize(("second", "left"), [(0, 30), (1, 29), (29, 1), (30, 30), (59.5, 1)])
def test_time_left_in_a_step(second: float, left: int) -> None:
    assert seconds_left_in_step(NOW.replace(second=0) + timedelta(seconds=second)) == left


def test_time_left_in_a_window() -> None:
    assert seconds_left_in_window(NOW) == 170


def test_a_code_that_is_sent_again_because_nobody_looked_at_it_is_counted_each_time(path: Path) -> None:
    used = UsedCodes(path)
    for _ in range(2):
        used.send("123456", NOW)
        used.not_spent("123456", NOW, checked=True)
    assert not used.is_spent("123456", NOW)
    assert used.checks_in_window(NOW) == 2
    used.send("123456", NOW)
    used.not_spent("123456", NOW, checked=False)
    assert used.checks_in_window(NOW) == 2
