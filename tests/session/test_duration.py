from __future__ import annotations

import pytest

from watchword.session.duration import for_identity, parse_duration
from watchword.session.errors import BadDuration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4h", 14_400),
        ("900s", 900),
        ("900", 900),
        ("15m", 900),
        ("36h", 129_600),
        ("1h30m", 5400),
        (" 2H ", 7200),
    ],
)
def test_durations_are_read(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "4x", "1.5h", "-1h", "899s", "129601", "36h1s", "0", "٤h", "1m1h"])
def test_what_aws_does_not_give_is_refused(text: str) -> None:
    with pytest.raises(BadDuration):
        parse_duration(text)


def test_root_gets_an_hour_and_the_reason() -> None:
    assert for_identity(14_400, is_root=True).seconds == 3600
    assert for_identity(14_400, is_root=True).reason
    assert for_identity(3600, is_root=True).reason is None
    assert for_identity(129_600, is_root=False).seconds == 129_600
