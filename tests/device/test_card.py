from __future__ import annotations

import re

from device.half_blocks import picture
from watchword.device.card import Card, Size, compose, fits
from watchword.device.provisioning import provision
from watchword.device.qr import QrCode, draw

ORDINARY = Size(columns=80, lines=24)


def largest_code() -> QrCode:
    return draw(provision(user_name="n" * 64, account="123456789012", seed="A2" * 32).pieces())


def plain(line: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", line)


def test_the_largest_code_fits_an_ordinary_terminal_and_no_smaller_one() -> None:
    code = largest_code()
    assert fits(code, ORDINARY)
    assert fits(code, Size(columns=77, lines=24))
    assert not fits(code, Size(columns=76, lines=24))
    assert not fits(code, Size(columns=80, lines=23))


def test_code_and_words_stay_within_80_columns_and_leave_two_lines() -> None:
    lines = compose(Card(code=largest_code(), words=("word " * 200,)), ORDINARY)
    assert len(lines) == 22
    assert max(len(plain(line)) for line in lines) <= 80


def test_the_words_beside_do_not_spoil_the_code() -> None:
    code = largest_code()
    lines = compose(Card(code=code, words=("scan this", "", "then type")), ORDINARY)
    painted = [line[: line.index("\x1b[0m") + 4] for line in lines]
    assert picture(painted, background=0) == picture(code.lines(at_most=22), background=0)
    assert plain(lines[1]).endswith("scan this")


def test_where_the_code_does_not_fit_only_the_words_are_shown() -> None:
    lines = compose(Card(code=largest_code(), words=("scan the picture", "")), Size(columns=40, lines=10))
    assert lines == ["scan the picture", ""]


def test_words_never_push_the_prompt_off_a_small_terminal() -> None:
    assert len(compose(Card(code=None, words=("line",) * 30), Size(columns=40, lines=10))) == 8
