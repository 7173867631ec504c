from __future__ import annotations

import base64
from datetime import UTC, datetime

import pyotp
import pytest

from watchword.sandbox.identity import codes

# The seed and the times of RFC 6238, Appendix B; six digits are the last six of its eight.
RFC_SEED = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]


@pytest.mark.parametrize(("epoch", "code"), RFC_CODES)
def test_codes_are_those_of_rfc_6238(epoch: int, code: str) -> None:
    now = datetime.fromtimestamp(epoch, UTC)
    assert codes.code_at(RFC_SEED, codes.step_at(now)) == code


def test_a_code_lasts_thirty_seconds_down_to_one() -> None:
    start = datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)
    assert codes.seconds_left(start) == 30
    assert codes.seconds_left(start.replace(second=59, microsecond=999_999)) == 1


def test_a_code_matches_two_steps_either_way_and_no_further() -> None:
    matched = {
        offset: list(codes.matching_steps(RFC_SEED, codes.code_at(RFC_SEED, 5000 + offset), clock_step=5000))
        for offset in range(-4, 5)
    }
    assert {offset for offset, steps in matched.items() if steps} == {-2, -1, 0, 1, 2}
    assert matched[-2] == [4998]


@pytest.mark.parametrize(
    ("offset", "found"), [(-999, False), (-998, True), (0, True), (1000, True), (1001, False)]
)
def test_a_pair_is_looked_for_from_998_behind_to_1000_ahead(offset: int, found: bool) -> None:
    clock_step = 59_638_686
    second = clock_step + offset
    hotp = pyotp.HOTP(RFC_SEED)
    step = codes.find_pair(
        RFC_SEED, hotp.at(second - 1), hotp.at(second), clock_step=clock_step, newer_than=None
    )
    assert step == (second if found else None)


def test_a_clock_near_1970_has_no_steps_before_it() -> None:
    assert codes.find_pair(RFC_SEED, "000000", "000000", clock_step=0, newer_than=None) is None
    assert list(codes.matching_steps(RFC_SEED, codes.code_at(RFC_SEED, 0), clock_step=1)) == [0]


def test_text_that_is_no_code_matches_nothing() -> None:
    assert list(codes.matching_steps(RFC_SEED, "٣٤٥٦٧٨", clock_step=5000)) == []
