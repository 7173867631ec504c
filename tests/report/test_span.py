from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from watchword.report.span import ending, local_time, span


@pytest.fixture(autouse=True)
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3599, "1 h"),
        (3540, "59 min"),
        (3600, "1 h"),
        (14_399, "4 h"),
        (14_340, "3 h 59 min"),
        (86_399, "1 d"),
        (86_400, "1 d"),
        (129_600, "1 d 12 h"),
    ],
)
def test_spans_are_said_in_two_units(seconds: int, text: str) -> None:
    assert span(seconds) == text


def test_today_needs_no_date() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert local_time(datetime(2026, 3, 1, 16, 5, tzinfo=UTC), now) == "17:05"


def test_another_day_in_local_time_is_named() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert local_time(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), now) == "Mon 2 Mar 00:30"


def test_an_end_is_told_with_what_is_left() -> None:
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert ending(datetime(2026, 3, 1, 16, 5, tzinfo=UTC), now) == "17:05 (4 h 5 min left)"
    assert ending(datetime(2026, 3, 1, 11, tzinfo=UTC), now) == "12:00 (0 s left)"
