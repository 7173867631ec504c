"""Texts for people, and the files they stand in."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchword.aws import Identity
from watchword.device.invite_instructions import Host, Written, file_name, instructions, put
from watchword.device.invite_person import Finding, Password, Person, Standing, Way

HOST = Host(identity=Identity(arn="arn:aws:iam::123456789012:user/root", account="123456789012", user_id=""))


def text(*, full_name: str | None = None, host: Host = HOST, **about: object) -> str:
    finding = Finding(
        user_name="alice",
        standing=Standing.READY,
        checked_at=datetime(2026, 11, 22, tzinfo=UTC),
        **about,  # type: ignore[arg-type] # the fields that a test is about
    )
    return instructions(Person(user_name="alice", line=1, full_name=full_name), finding, host)


@pytest.mark.parametrize(
    ("user_name", "file"),
    [
        ("alice", "alice.md"),
        ("a.b@example.com", "a.b@example.com.md"),
        ("..", "%2E..md"),
        (".profile", "%2Eprofile.md"),
        ("-rf", "%2Drf.md"),
        ("_x", "_x.md"),
        ("=cmd", "%3Dcmd.md"),
    ],
)
def test_a_name_of_a_user_is_safe_as_the_name_of_a_file(user_name: str, file: str) -> None:
    assert file_name(user_name) == file


def test_what_the_list_says_commands_nobody() -> None:
    written = text(full_name="Eve [x](http://evil)\n# Head\x1b[2J " + "long " * 50)
    (line,) = [each for each in written.splitlines() if each.startswith("For Eve")]
    assert r"\[x\](http://evil) \# Head\\u001b\[2J" in line
    assert len(line) < 120


def test_a_person_without_a_known_key_is_told_to_ask_for_one() -> None:
    assert "You need an access key for that; if you have none, ask." in text(active_keys=None)
    assert "You need an access key" not in text(active_keys=1)


def test_a_password_that_must_be_changed_is_said_on_either_way() -> None:
    assert "device first-sign-in alice" in text(active_keys=1, password=Password.MUST_CHANGE)
    assert "asks for a new password first" in text(way=Way.CONSOLE, password=Password.MUST_CHANGE)
    assert "new password" not in text(way=Way.CONSOLE, password=Password.SET)


def test_an_address_that_is_not_known_is_not_given() -> None:
    iso = Identity(arn="arn:aws-iso:iam::123456789012:user/x", account="123456789012", user_id="")
    assert "https://123456789012.signin.aws.amazon.com/console" in text(way=Way.CONSOLE)
    assert "https://" not in text(way=Way.CONSOLE, host=Host(identity=iso))


def test_a_file_is_ours_until_somebody_changes_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "alice.md"
    assert put(path, text()) is Written.NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert put(path, text()) is Written.UNCHANGED
    assert put(path, text(full_name="Alice")) is Written.REWRITTEN
    path.chmod(0o644)
    assert put(path, text()) is Written.REWRITTEN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text(path.read_text() + "PS: the office is closed on Friday\n")
    assert put(path, text(full_name="Alice")) is Written.EDITED
    assert path.read_text().endswith("closed on Friday\n")


def test_a_file_that_was_never_ours_stays(tmp_path: Path) -> None:
    path = tmp_path / "alice.md"
    path.write_text("my notes on Alice\n")
    assert put(path, text()) is Written.EDITED
    assert path.read_text() == "my notes on Alice\n"
