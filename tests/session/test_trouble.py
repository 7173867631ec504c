"""What happens to sessions in the world: revoked, deleted, read-only homes, other time zones, other logs."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from session.account import USER, Account
from session.in_roles import client, profile, who, with_code
from session.people import WATCHWORD, Somebody, end, somebody


def _lines_of_the_log(person: Somebody) -> list[dict[str, Any]]:
    return list(json.loads(person.run("audit-log", "--output", "json").stdout)["entries"])


def test_revoked_sessions_are_told_from_a_role_that_is_shut_and_a_new_one_gets_in(
    person: Somebody, account: Account
) -> None:
    """As AWS revokes: sessions from before a moment are denied everything, and live on."""
    profile(person, "support", role_arn=account.role("Support", mfa=True))
    person.login(account.code())
    soon = (datetime.now(UTC) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    account.allow(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": soon}},
        },
    )
    ran = person.run("exec", "support", "--", "echo", "ran")
    assert (ran.returncode, ran.stdout) == (5, "")
    assert "one that revokes sessions denies those from before a moment" in ran.stderr
    assert "`watchword login support --force` opens a later one" in ran.stderr
    assert "iam:GetRole" not in ran.stderr
    with_code(person, account.later_code(), "login", "support", "--force")
    assert who(person, account, "support").endswith(f"assumed-role/Support/{USER}")


def test_the_session_of_somebody_who_was_deleted_is_found_out_and_forgotten(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    iam = account.sandbox.client("iam")
    account.take_device()
    iam.delete_user_policy(UserName=USER, PolicyName="inline")
    iam.delete_access_key(UserName=USER, AccessKeyId=account.key.access_key_id)
    iam.delete_user(UserName=USER)
    checked = person.run("status", "--check")
    assert checked.returncode == 4
    assert "refused by AWS although it should live until" in checked.stdout
    assert person.sessions() == []
    assert person.run("exec", "--", "echo", "ran").returncode == 6
    assert "AWS refused `sts:GetCallerIdentity`" in end(person.at_terminal("login"), 5)


@pytest.mark.parametrize(("asked", "seconds"), [("900", 900), ("36h", 129_600)])
def test_a_session_lives_as_long_as_was_asked_for(
    person: Somebody, account: Account, asked: str, seconds: int
) -> None:
    person.login(account.code(), "--duration", asked)
    (line,) = _lines_of_the_log(person)
    # To the second on both ends, and the code is on its way in between.
    assert seconds - 3 <= line["duration_seconds"] <= seconds


def test_the_log_joins_what_was_done_in_a_role_to_who_got_in(person: Somebody, account: Account) -> None:
    """The account's own log names the session as CloudTrail does, and each name stands in one line here."""
    may = {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}
    role = account.role("Support", mfa=True, may=[may])
    profile(person, "support", role_arn=role, role_session_name="shift-7")
    with_code(person, account.code(), "login", "support")
    client(person, account, "iam", "support").list_users()
    (done,) = account.all_calls("iam:ListUsers")
    session_name = str(done.principal).rpartition("/")[2]
    (line,) = [each for each in _lines_of_the_log(person) if each.get("role_session_name") == session_name]
    assert session_name == "shift-7"
    assert (line["who"], line["role_arn"]) == (account.arn, role)
    assert 0 < line["duration_seconds"] <= 3600
    (user,) = [each for each in _lines_of_the_log(person) if not each.get("role_arn")]
    assert line["source_access_key_id"] == user["access_key_id"]
    assert user["serial_number"] == account.serial()


def test_wherever_an_expiry_is_told_it_is_in_local_time_and_as_a_span(
    person: Somebody, account: Account
) -> None:
    there = Somebody(home=person.home, environment=person.environment | {"TZ": "XST-9:30"})
    profile(there, "support", role_arn=account.role("Support"))
    now = datetime.now(UTC) + timedelta(hours=9, minutes=30)
    said = {
        "login": there.login(account.code()),
        "login again": there.run("login").stderr,
        "status": there.run("status").stdout,
        "write": there.run("profile", "write").stdout,
        "list": there.run("profile", "list").stdout,
        "console": there.run("console", "support").stderr,
        "logout": there.run("logout", "work").stderr,
    }
    for where, text in said.items():
        assert re.search(r"\b(3 h 59 min|4 h|59 min|1 h)\b", text), (where, text)
        for moment in re.findall(r"\b(\d\d):(\d\d)\b", text):
            ahead = (int(moment[0]) * 60 + int(moment[1]) - now.hour * 60 - now.minute) % (24 * 60)
            assert ahead <= 4 * 60 + 1, (where, text)
    for where in ("login", "login again", "status", "write", "console", "logout"):
        assert re.search(r"\d\d:\d\d", said[where]), (where, said[where])


@pytest.fixture
def read_only(person: Somebody) -> list[str]:
    """Words before a command that make the home one in which nothing can be written."""
    if os.geteuid():
        person.home.chmod(0o555)
        return []
    script = (
        f'mount --bind -o ro {shlex.quote(str(person.home))} {shlex.quote(str(person.home))} && exec "$@"'
    )
    words = ["unshare", "-m", "sh", "-c", script, "-"]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this root cannot mount")
    return words


def test_in_a_home_that_is_read_only_nobody_is_asked_for_a_code_in_vain(
    person: Somebody, account: Account, read_only: list[str]
) -> None:
    shown = end(person.terminal("env", *read_only, WATCHWORD, "login"), 1)
    assert "error: cannot make the folder" in shown
    assert "read-only file system" in shown or "permission denied" in shown
    assert "Traceback" not in shown
    assert account.calls("sts:GetSessionToken") == []
    assert sorted(path.name for path in person.home.iterdir()) == ["aws"]


def test_in_a_home_that_is_read_only_a_session_serves_and_files_stay(
    person: Somebody, account: Account, read_only: list[str]
) -> None:
    if not read_only:
        person.home.chmod(0o755)
    person.login(account.code())
    if not read_only:
        for path in (person.home, *person.home.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)
    files = {path: path.read_bytes() for path in (person.home / "aws").iterdir()}
    for way in (["exec", "--", "echo", "ran"], ["credential-process"], ["env"], ["status"]):
        ran = person.shell([*read_only, WATCHWORD, *way])
        assert (ran.returncode, ran.stderr) == (0, ""), way
        assert ran.stdout
    written = person.shell([*read_only, WATCHWORD, "profile", "write"])
    assert written.returncode == 1
    assert "was not changed" in written.stderr
    assert "Traceback" not in written.stderr
    assert {path: path.read_bytes() for path in (person.home / "aws").iterdir()} == files


def test_a_code_behind_a_profile_is_refused_with_how_to_give_it(tmp_path: Path) -> None:
    person = somebody(tmp_path / "person", "http://127.0.0.1:9", "AKIAEXAMPLE", "secret")
    for command in ("exec", "env", "console", "credential-process", "serve", "profile write"):
        ran = person.run(*command.split(), "work", "123456")
        assert ran.returncode == 2
        assert "123456" not in ran.stdout + ran.stderr, command
        assert "`--mfa-code -`" in ran.stderr, (command, ran.stderr)
