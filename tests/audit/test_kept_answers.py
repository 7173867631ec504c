"""What was read is kept until the snapshot is whole, and is only used for the same account."""

from __future__ import annotations

import json
import os
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from audit.reading import NOW
from watchword.audit.errors import BeingRead, NotTheSame, UnwritablePlace
from watchword.audit.kept_answers import About, kept_in

HERE = About(account="111122223333", endpoint="aws")
DAY = timedelta(days=1)


def test_answers_are_there_the_next_time(tmp_path: Path) -> None:
    file = tmp_path / "a.partial"
    with kept_in(file, HERE, now=NOW, longest=DAY) as kept:
        kept.keep("one", {"is": {"Users": ["é"]}})
        kept.keep("two", {"none": "NoSuchEntity"})
    with kept_in(file, HERE, now=NOW + timedelta(hours=1), longest=DAY) as again:
        assert (again.found, again.begun_at) == (2, NOW)
        assert again.get("one") == {"is": {"Users": ["é"]}}
        assert again.get("three") is None
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_a_file_that_was_cut_off_anywhere_gives_what_was_whole(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "a.partial"
    with kept_in(file, HERE, now=NOW, longest=DAY) as kept:
        for number in range(3):
            kept.keep(f"key {number}", {"is": {"number": number, "text": "long" * 20}})
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    with kept_in(file, HERE, now=NOW, longest=DAY) as again:
        assert again.found == whole[:-cut].count(b"\n") - 1
        again.keep("more", {"is": {}})
    assert all(json.loads(line) for line in file.read_bytes().splitlines())
    with kept_in(file, HERE, now=NOW, longest=DAY) as last:
        assert last.get("more") == {"is": {}}


def test_a_file_that_was_cut_off_in_its_first_line_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.partial"
    file.write_bytes(b'{"schema":"watchw')
    with kept_in(file, HERE, now=NOW, longest=DAY) as kept:
        assert kept.found == 0


@pytest.mark.parametrize(
    "line",
    [
        b'{"key":"\xff","answer":{}}',
        b'{"key":"deep","answer":{"is":' + b"[" * 5000 + b"]" * 5000 + b"}}",
        b'{"key":"half","answer":{"is":"\\ud800"}}',
        b'{"key":"one","answer":{"is":[1]}}',
        b'{"is":[1]}',
    ],
    ids=["utf-8", "deep", "surrogate", "no answer", "no line"],
)
def test_a_line_that_nobody_can_read_ends_what_was_read(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "a.partial"
    with kept_in(file, HERE, now=NOW, longest=DAY) as kept:
        kept.keep("one", {"is": {}})
    with file.open("ab") as more:
        more.write(line + b"\n")
    with kept_in(file, HERE, now=NOW, longest=DAY) as again:
        assert again.found == 1


def test_a_beginning_without_a_zone_of_time_is_begun_anew(tmp_path: Path) -> None:
    file = tmp_path / "a.partial"
    head = {"schema": "watchword/snapshot-partial/v1", "account": HERE.account, "endpoint": "aws"}
    file.write_text(json.dumps(head | {"begun_at": "2026-01-01T00:00:00"}, separators=(",", ":")) + "\n")
    with kept_in(file, HERE, now=NOW, longest=DAY) as kept:
        assert kept.begun_at == NOW


def test_a_beginning_that_is_yet_to_come_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.partial"
    with kept_in(file, HERE, now=NOW, longest=DAY):
        pass
    earlier = NOW - timedelta(hours=1)
    with pytest.raises(NotTheSame, match="yet to come"), kept_in(file, HERE, now=earlier, longest=DAY):
        pass


def test_a_pipe_in_the_way_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.partial")
    with (
        pytest.raises(UnwritablePlace, match="is not a file"),
        kept_in(tmp_path / "a.partial", HERE, now=NOW, longest=DAY),
    ):
        pass


def test_something_else_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "a.partial"
    file.write_text("my notes\n")
    with pytest.raises(NotTheSame, match="something else"), kept_in(file, HERE, now=NOW, longest=DAY):
        pass
    assert file.read_text() == "my notes\n"


def test_two_at_once_do_not_write_into_one_file(tmp_path: Path) -> None:
    file = tmp_path / "a.partial"
    with kept_in(file, HERE, now=NOW, longest=DAY) as kept:
        kept.keep("one", {"is": {}})
        with pytest.raises(BeingRead), kept_in(file, HERE, now=NOW, longest=DAY, fresh=True):
            pass
        kept.keep("two", {"is": {}})
    with kept_in(file, HERE, now=NOW, longest=DAY) as again:
        assert again.found == 2


@pytest.mark.parametrize(
    ("about", "later", "said"),
    [
        (
            About(account="444455556666", endpoint="aws"),
            0,
            "for account 111122223333, and this is 444455556666",
        ),
        (About(account="111122223333", endpoint="http://127.0.0.1:1"), 0, "for `aws`, and this is `http://"),
        (HERE, 25, "25 h 0 min ago"),
    ],
)
def test_answers_of_another_account_or_another_time_are_refused(
    tmp_path: Path, about: About, later: int, said: str
) -> None:
    file = tmp_path / "a.partial"
    with kept_in(file, HERE, now=NOW, longest=DAY) as kept:
        kept.keep("one", {"is": {}})
    before = file.read_bytes()
    now = NOW + timedelta(hours=later)
    with pytest.raises(NotTheSame, match=said), kept_in(file, about, now=now, longest=DAY):
        pass
    assert file.read_bytes() == before
    with kept_in(file, about, now=now, longest=DAY, fresh=True) as anew:
        assert (anew.found, anew.begun_at) == (0, now)


def test_an_answer_that_comes_too_late_is_written_nowhere(tmp_path: Path) -> None:
    with kept_in(tmp_path / "a.partial", HERE, now=NOW, longest=DAY) as kept:
        pass
    with (tmp_path / "other").open("w") as other:
        kept.keep("late", {"is": {}})
        other.flush()
    assert (tmp_path / "other").read_text() == ""
    assert b"late" not in (tmp_path / "a.partial").read_bytes()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("")
    (tmp_path / "a.partial").symlink_to(tmp_path / "other")
    with (
        pytest.raises(UnwritablePlace),
        kept_in(tmp_path / "a.partial", HERE, now=NOW, longest=DAY),
    ):
        pass


def test_a_file_that_was_open_to_others_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "a.partial"
    file.touch(mode=0o644)
    file.chmod(0o644)
    with kept_in(file, HERE, now=NOW, longest=DAY):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
