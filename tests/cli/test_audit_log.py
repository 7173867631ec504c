from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which

import pytest

from session.people import Somebody, somebody
from watchword.fastpath.session_file import written
from watchword.local.audit_log import Value, audit_folder, record

PAGE = Path(__file__).parents[2] / "docs" / "getting-in" / "audit-log.md"
NOW = datetime.now(UTC)
USER = "arn:aws:iam::123456789012:user/people/alice"


@pytest.fixture
def alice(tmp_path: Path) -> Somebody:
    """Somebody who has no account: the log is read on this machine alone."""
    return somebody(tmp_path / "alice", "http://127.0.0.1:9", "AKIAX", "secret")


def got_in(alice: Somebody, ago: timedelta, **more: Value) -> str:
    """Add an entry; return its access key id."""
    at = NOW - ago
    key = f"ASIA{int(at.timestamp())}"
    event: dict[str, Value] = {
        "time": written(at),
        "profile": "work",
        "who": USER,
        "serial_number": "arn:aws:iam::123456789012:mfa/phone",
        "duration_seconds": 14_400,
        "expires_at": written(at + timedelta(hours=4)),
        "access_key_id": key,
        "how": "code",
    }
    record(event | more, alice.environment)
    return key


def test_it_says_who_with_which_device_how_long_and_how(alice: Somebody) -> None:
    key = got_in(alice, timedelta(hours=1))
    shown = alice.run("audit-log")
    assert shown.returncode == 0
    title, row = shown.stdout.splitlines()
    at = NOW - timedelta(hours=1)
    assert title.split("  ")[0].strip() == "when"
    assert row.startswith(f"{at:%Y-%m-%d %H:%M}  work     alice in 123456789012  phone   4 h  ")
    assert row.endswith(f"code  {key}")
    assert f"{at + timedelta(hours=4):%H:%M}" in row


def test_a_role_is_named_with_the_role_session_its_session(alice: Somebody) -> None:
    got_in(alice, timedelta(hours=2))
    got_in(
        alice,
        timedelta(hours=1),
        role_arn="arn:aws:iam::210987654321:role/ops/Support",
        role_session_name="alice",
        how="chained",
    )
    first, second = alice.run("audit-log").stdout.splitlines()[1:]
    assert "Support as alice" in second
    assert "Support" not in first


def test_data_is_what_the_log_says(alice: Somebody) -> None:
    got_in(alice, timedelta(hours=1), role_session_name="alice")
    (line,) = next(audit_folder(alice.environment).iterdir()).read_text().splitlines()
    value = json.loads(alice.run("audit-log", "--output", "json").stdout)
    assert value["schema"] == "watchword/audit-log/v1"
    assert value["entries"] == [{k: v for k, v in json.loads(line).items() if k != "schema"}]
    assert value["damaged"] == []


def test_the_last_twenty_are_shown_and_how_many_are_not(alice: Somebody) -> None:
    for minutes in range(25, 0, -1):
        got_in(alice, timedelta(minutes=minutes))
    shown = alice.run("audit-log")
    assert len(shown.stdout.splitlines()) == 21
    assert "note: 5 earlier entries; `--last N` or `--since SPAN` shows them" in shown.stderr
    few = alice.run("audit-log", "--last", "2")
    assert len(few.stdout.splitlines()) == 3
    assert few.stderr == ""


def test_since_a_span_ago(alice: Somebody) -> None:
    old = got_in(alice, timedelta(days=40))
    week = got_in(alice, timedelta(days=6))
    new = got_in(alice, timedelta(minutes=5))

    def keys(*arguments: str) -> list[str]:
        value = json.loads(alice.run("audit-log", "--output", "json", *arguments).stdout)
        return [entry["access_key_id"] for entry in value["entries"]]

    assert keys("--since", "1w") == [week, new]
    assert keys("--since", "90m") == [new]
    assert keys("--since", "99999w") == [old, week, new]
    assert keys("--since", "7d", "--last", "1") == [new]


@pytest.mark.parametrize("span", ["7", "soon", "-1d", "1y", "\u0661d"])
def test_what_is_no_span_is_said(alice: Somebody, span: str) -> None:
    result = alice.run("audit-log", f"--since={span}")
    assert result.returncode == 2
    assert f"error: `{span}` is not a span of time" in result.stderr


def test_nobody_got_in_yet(alice: Somebody) -> None:
    result = alice.run("audit-log")
    assert (result.returncode, result.stdout) == (0, "")
    assert result.stderr == "nobody got in yet, as far as this log goes\n"


def test_damaged_lines_are_told_and_left_out(alice: Somebody) -> None:
    got_in(alice, timedelta(hours=2))
    (file,) = audit_folder(alice.environment).iterdir()
    with file.open("a") as log:
        log.write("garbage\n" * 5)
    got_in(alice, timedelta(hours=1))
    result = alice.run("audit-log")
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) == 3
    assert f"warning: a damaged line was left out: {file}:2" in result.stderr
    assert "warning: and 2 more" in result.stderr
    value = json.loads(alice.run("audit-log", "--output", "json").stdout)
    assert [place["line"] for place in value["damaged"]] == [2, 3, 4, 5, 6]


def test_odd_values_are_shown_and_command_nothing(alice: Somebody) -> None:
    got_in(
        alice, timedelta(hours=1), profile="\x1b[31m\n", who="?", duration_seconds="soon", expires_at="soon"
    )
    shown = alice.run("audit-log")
    assert shown.returncode == 0
    assert "\\u001b[31m\\u000a  ?    phone   code" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_a_log_that_others_may_read_is_refused(alice: Somebody) -> None:
    got_in(alice, timedelta(hours=1))
    (file,) = audit_folder(alice.environment).iterdir()
    file.chmod(0o644)
    result = alice.run("audit-log")
    assert result.returncode == 1
    assert f"hint: chmod 600 {file}" in result.stderr


def jq(number: int, folder: Path) -> list[list[str]]:
    """Run a jq line of the page on `log.json` and `trail.json`; return its fields."""
    lines = [
        block for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL) if "jq -r" in block
    ]
    command = lines[number][lines[number].index("jq -r") :]
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


@pytest.mark.skipif(which("jq") is None, reason="the page joins with jq")
def test_the_page_joins_the_log_to_cloudtrail(alice: Somebody, tmp_path: Path) -> None:
    session = got_in(alice, timedelta(hours=2))
    role = got_in(alice, timedelta(hours=1), role_arn="arn:x:role/Support", role_session_name="alice")
    (tmp_path / "log.json").write_text(alice.run("audit-log", "--output", "json").stdout)
    records = [
        event("ListUsers", session, source="iam"),
        event("AssumeRole", session, opens=role, role_session="alice"),
        event("GetObject", role, source="s3"),
        event("GetSessionToken", "AKIAX", opens="ASIAOTHER"),
        event("AssumeRole", "ASIAOTHER", opens="ASIANEXT", role_session="mallory"),
        event("AssumeRole", "ASIAOTHER", opens=None),
        {"eventTime": "t", "eventName": "Decrypt", "userIdentity": {"type": "AWSService"}},
    ]
    (tmp_path / "trail.json").write_text(json.dumps({"Records": records}))
    assert [row[2:] for row in jq(0, tmp_path)] == [
        ["ListUsers", "work", "-"],
        ["AssumeRole", "work", "-"],
        ["GetObject", "work", "alice"],
    ]
    assert [[row[1], row[4]] for row in jq(1, tmp_path)] == [
        ["GetSessionToken", "-"],
        ["AssumeRole", "mallory"],
    ]


def event(
    name: str, key: str, *, source: str = "sts", opens: str | None = None, role_session: str | None = None
) -> dict[str, object]:
    """Return an event as CloudTrail writes it; `opens` is the id of the access key that the call made."""
    return {
        "eventTime": "2026-03-01T12:00:00Z",
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "sourceIPAddress": "192.0.2.1",
        "userIdentity": {"type": "IAMUser", "arn": USER, "accessKeyId": key},
        "requestParameters": {"roleSessionName": role_session} if role_session else None,
        "responseElements": {"credentials": {"accessKeyId": opens}} if opens else None,
    }
