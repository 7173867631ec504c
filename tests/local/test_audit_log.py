from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchword.local.audit_log import (
    FIELDS,
    SCHEMA,
    UnsafeAuditLog,
    Value,
    audit_folder,
    entries,
    record,
    refuse_unsafe_log,
)

EVENT: dict[str, Value] = {
    "time": "2026-03-01T12:00:00Z",
    "profile": "work",
    "who": "arn:aws:iam::123456789012:user/u",
    "duration_seconds": 14_400,
    "how": "code",
    "role_arn": None,
}


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


def file_of(home: dict[str, str], month: str = "2026-03") -> Path:
    return audit_folder(home) / f"{month}.jsonl"


def test_an_event_becomes_a_line_and_what_is_not_there_is_left_out(home: dict[str, str]) -> None:
    record(EVENT, home)
    said = {name: value for name, value in EVENT.items() if value is not None}
    assert json.loads(file_of(home).read_text()) == {"schema": SCHEMA} | said


def test_the_time_is_now_when_nobody_says_it(home: dict[str, str]) -> None:
    record({"profile": "work"}, home)
    (entry,) = entries(home)
    assert entry.event
    assert abs((datetime.now(UTC) - datetime.fromisoformat(entry.event["time"])).total_seconds()) < 60


def test_only_this_user_can_read_it(home: dict[str, str]) -> None:
    before = os.umask(0)
    try:
        record(EVENT, home)
    finally:
        os.umask(before)
    assert file_of(home).stat().st_mode & 0o777 == 0o600
    assert file_of(home).parent.stat().st_mode & 0o777 == 0o700


def test_a_file_a_month(home: dict[str, str]) -> None:
    record(EVENT, home)
    record(EVENT | {"time": "2026-04-01T00:00:00Z"}, home)
    assert sorted(path.name for path in audit_folder(home).iterdir()) == ["2026-03.jsonl", "2026-04.jsonl"]
    assert [entry.file.stem for entry in entries(home)] == ["2026-03", "2026-04"]
    assert [entry.file.stem for entry in entries(home, since=datetime(2026, 4, 2, tzinfo=UTC))] == ["2026-04"]


def test_lines_are_added_and_what_is_there_stays(home: dict[str, str]) -> None:
    record(EVENT, home)
    before, inode = file_of(home).read_bytes(), file_of(home).stat().st_ino
    record(EVENT, home)
    assert file_of(home).read_bytes() == before * 2
    assert file_of(home).stat().st_ino == inode


def test_fifty_writers_at_once_write_whole_lines(home: dict[str, str]) -> None:
    script = (
        "import os, sys\n"
        "from watchword.local.audit_log import record\n"
        "for n in range(20):\n"
        "    record({'time': '2026-03-01T12:00:00Z', 'profile': sys.argv[1] * 900, 'duration_seconds': n})\n"
    )
    writers = [
        subprocess.Popen([sys.executable, "-S", "-c", script, chr(33 + n)], env=home | {"PYTHONPATH": "src"})
        for n in range(50)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 50
    read = [entry.event for entry in entries(home)]
    assert len(read) == 1000
    written = {(str(event["profile"])[0], event["duration_seconds"]) for event in read if event}
    assert len(written) == 1000


@pytest.mark.parametrize("name", ["secret_access_key", "session_token", "code", "token_code", "seed"])
def test_what_is_not_a_field_of_the_log_is_not_taken(home: dict[str, str], name: str) -> None:
    assert name not in FIELDS
    with pytest.raises(ValueError, match=name) as caught:
        record(EVENT | {name: "the-secret"}, home)
    assert "the-secret" not in str(caught.value)
    assert not file_of(home).exists()


@pytest.mark.parametrize("text", ["x" * 10_000, "\U0001f600" * 10_000, "\udcff" * 10_000, "\n\r\x1b[31m\x00"])
def test_whatever_a_name_is_the_line_is_one_line_of_at_most_4_kib(home: dict[str, str], text: str) -> None:
    record({name: text for name in FIELDS if name != "time"} | {"time": EVENT["time"]}, home)
    line = file_of(home).read_bytes()
    assert len(line) <= 4096
    assert line.count(b"\n") == 1
    (entry,) = entries(home)
    assert entry.event
    assert str(entry.event["profile"])[:8] == text[:8]


def test_the_password_of_an_endpoint_is_left_out(home: dict[str, str]) -> None:
    record(EVENT | {"endpoint": "https://alice:the-secret@sts.example:8443/x"}, home)
    assert "the-secret" not in file_of(home).read_text()
    (entry,) = entries(home)
    assert entry.event
    assert entry.event["endpoint"] == "https://sts.example:8443/x"


def test_a_role_of_the_greatest_length_is_kept_whole(home: dict[str, str]) -> None:
    role = f"arn:aws-us-gov:iam::123456789012:role/{'p' * 510}/{'r' * 64}"
    record(EVENT | {"role_arn": role}, home)
    (entry,) = entries(home)
    assert entry.event
    assert entry.event["role_arn"] == role


@pytest.mark.parametrize(
    "damage",
    [b"garbage", b"[]", b"{}", b"\xff\xfe", b"[" * 60_000, b'{"schema": "x", "time": "2026-03-01T12:00:00Z"}',
     b'{"schema": "watchword/audit/v1", "time": "soon"}', b'{"schema": "watchword/audit/v1", "time": 1}'],
)  # fmt: skip
def test_a_damaged_line_is_told_with_its_place_and_the_others_are_read(
    home: dict[str, str], damage: bytes
) -> None:
    record(EVENT, home)
    with file_of(home).open("ab") as file:
        file.write(damage + b"\n\n")
    record(EVENT, home)
    assert [(entry.line, entry.event is None) for entry in entries(home)] == [
        (1, False),
        (2, True),
        (4, False),
    ]


def test_half_a_line_does_not_swallow_the_next(home: dict[str, str]) -> None:
    record(EVENT, home)
    with file_of(home).open("ab") as file:
        file.write(b'{"schema": "watchwo')
    record(EVENT, home)
    assert [entry.event is None for entry in entries(home)] == [False, True, False]


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def dangling_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nowhere"))


def hard_link(path: Path) -> None:
    path.with_name("other").hardlink_to(path)


def fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def others_may_read(path: Path) -> None:
    path.chmod(0o644)


def others_may_enter(path: Path) -> None:
    path.parent.chmod(0o755)


def linked_folder(path: Path) -> None:
    link(path.parent)


def dangling_folder(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()
    path.parent.symlink_to(path.parent.with_name("nowhere"))


@pytest.mark.parametrize(
    "harm",
    [link, dangling_link, hard_link, fifo, others_may_read, others_may_enter, linked_folder, dangling_folder],
)
def test_a_log_that_is_not_this_users_alone_is_refused(home: dict[str, str], harm: object) -> None:
    now = datetime.now(UTC)
    event = EVENT | {"time": f"{now:%Y-%m-%dT%H:%M:%SZ}"}
    record(event, home)
    assert callable(harm)
    harm(file_of(home, f"{now:%Y-%m}"))
    with pytest.raises(UnsafeAuditLog):
        refuse_unsafe_log(home)
    with pytest.raises(UnsafeAuditLog):
        record(event, home)


def test_somebody_elses_log_is_refused(home: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    record(EVENT, home)
    monkeypatch.setattr("os.geteuid", lambda: 12_345)
    with pytest.raises(UnsafeAuditLog, match="belongs to another user"):
        record(EVENT, home)


def test_a_log_that_cannot_be_written_is_said_and_nobody_is_kept_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "state").write_text("a file")
    home = {"XDG_STATE_HOME": str(tmp_path / "state")}
    refuse_unsafe_log(home)
    record(EVENT, home)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("warning: the audit log could not be written: cannot make the folder")
    assert said.err.endswith("not a directory\n")


def test_a_full_disk_is_said(capfd: pytest.CaptureFixture[str], home: dict[str, str]) -> None:
    record(EVENT, home)
    script = (
        "import resource, signal\n"
        "from watchword.local.audit_log import record\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({file_of(home).stat().st_size + 10},) * 2)\n"
        f"record({EVENT!r})\n"
        f"record({EVENT!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", script], env=home, check=False)
    assert done.returncode == 0
    said = capfd.readouterr().err.splitlines()
    assert len(said) == 2
    assert all(line.startswith("warning: the audit log could not be written: ") for line in said)
    record(EVENT, home)
    assert [entry.event is None for entry in entries(home)] == [False, True, False]


def test_it_is_under_xdg_state_home_else_in_the_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert audit_folder({"XDG_STATE_HOME": "/s", "HOME": "/h"}) == Path("/s/watchword/audit")
    assert audit_folder({"XDG_STATE_HOME": "s", "HOME": "/h"}) == Path("/h/.local/state/watchword/audit")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert audit_folder({"HOME": "/h"}) == Path("/h/Library/Application Support/watchword/audit")
