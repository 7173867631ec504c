from __future__ import annotations

import json
import os
from pathlib import Path

from session.account import Account
from session.people import Somebody


def test_the_session_is_forgotten(person: Somebody, account: Account) -> None:
    person.login(account.code())
    result = person.run("logout")
    assert result.returncode == 0
    assert "signed out of profile `work`" in result.stderr
    assert "copies that were handed out stay good until" in result.stderr
    assert result.stdout == ""
    assert person.sessions() == []
    assert person.run("exec", "--", "true").returncode == 6


def test_without_a_session_it_says_so(person: Somebody) -> None:
    result = person.run("logout")
    assert result.returncode == 0
    assert "there was no session for profile `work`" in result.stderr


def test_all_forgets_damaged_files_too(person: Somebody, account: Account) -> None:
    person.login(account.code())
    (person.cache / "sessions" / "x.session").write_text("garbage")
    result = person.run("logout", "--all")
    assert result.returncode == 0
    assert person.sessions() == []


def test_what_this_shell_still_holds_is_named(person: Somebody) -> None:
    held = {"WATCHWORD_PROFILE": "work", "AWS_ACCESS_KEY_ID": "ASIAX", "AWS_SESSION_TOKEN": "secret-token"}
    result = person.run("logout", **held)
    assert "still set in this shell: AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN, WATCHWORD_PROFILE" in result.stderr
    assert "secret-token" not in result.stderr


def test_other_peoples_variables_are_left_alone(person: Somebody) -> None:
    result = person.run("logout", "--shell", "bash", AWS_ACCESS_KEY_ID="AKIAX", AWS_SECRET_ACCESS_KEY="x")
    assert result.stdout == ""


def test_a_profile_and_all_is_one_too_many(person: Somebody) -> None:
    assert person.run("logout", "work", "--all").returncode == 2


def test_what_an_earlier_key_or_device_left_is_forgotten_too(person: Somebody, account: Account) -> None:
    person.login(account.code())
    credentials = person.home / "aws" / "credentials"
    credentials.write_text(credentials.read_text().replace(account.key.access_key_id, "AKIAROTATED"))
    result = person.run("logout", "work")
    assert "signed out of profile `work`" in result.stderr
    assert person.sessions() == []


def test_a_profile_that_is_gone_can_be_signed_out(person: Somebody, account: Account) -> None:
    person.login(account.code())
    for name in ("config", "credentials"):
        (person.home / "aws" / name).write_text("")
    other = person.run("logout", "other")
    assert other.returncode == 0
    assert "no session for profile `other`; there is no profile `other`" in other.stderr
    assert len(person.sessions()) == 1
    assert "signed out of profile `work`" in person.run("logout", "work").stderr
    assert person.sessions() == []


def test_another_endpoints_session_stays(person: Somebody, account: Account) -> None:
    person.login(account.code())
    result = person.run("logout", "work", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "there was no session for profile `work`" in result.stderr
    assert len(person.sessions()) == 1


def test_what_a_killed_login_left_is_removed_but_nothing_of_a_living_one(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    dead, living = (Path(f"{person.sessions()[0]}.{number}.new") for number in (99_999_999, os.getpid()))
    for path in (dead, living):
        path.write_text("secret")
    person.run("logout", "--all")
    assert (dead.exists(), living.exists()) == (False, True)


def test_a_shell_lets_go_of_a_session_whose_profile_is_gone(person: Somebody, account: Account) -> None:
    """As after `watchword sandbox down`: no files, no endpoint, and the shell still holds the session."""
    person.login(account.code())
    lines = person.run("env", "work", "--shell", "bash").stdout
    assert "AWS_SESSION_TOKEN" in lines
    for name in ("config", "credentials"):
        (person.home / "aws" / name).unlink()
    out = 'eval "$(watchword logout --shell bash)" && env | grep -c "AWS_SESSION_TOKEN\\|WATCHWORD_"'
    for _ in ("with a session to forget", "with none"):
        result = person.shell(["bash", "-c", f"{lines}\n{out}"], AWS_ENDPOINT_URL="http://127.0.0.1:9")
        assert result.stdout == "0\n", result.stderr
        assert person.sessions() == []


def test_every_language_takes_the_session_out(person: Somebody) -> None:
    held = {"WATCHWORD_PROFILE": "work", "AWS_SESSION_TOKEN": "x", "WATCHWORD_AWS_PROFILE": "mine"}
    del person.environment["AWS_PROFILE"]
    lines = {
        shell: person.run("logout", "--shell", shell, **held).stdout.splitlines()
        for shell in ("bash", "fish", "powershell", "cmd", "nushell")
    }
    assert lines["bash"][0] == "unset AWS_SESSION_TOKEN"
    assert lines["bash"][-1] == "export AWS_PROFILE=mine"
    assert "set -e AWS_SESSION_TOKEN" in lines["fish"]
    assert (
        "Remove-Item -LiteralPath Env:AWS_SESSION_TOKEN -ErrorAction SilentlyContinue" in lines["powershell"]
    )
    assert 'set "AWS_SESSION_TOKEN="' in lines["cmd"]
    assert "hide-env --ignore-errors AWS_SESSION_TOKEN" in lines["nushell"]
    value = json.loads(person.run("logout", "--shell", "json", **held).stdout)
    assert value["unset"] == ["AWS_SESSION_TOKEN", "WATCHWORD_PROFILE", "WATCHWORD_AWS_PROFILE"]
    assert value["set"] == {"AWS_PROFILE": "mine"}
    assert person.run("logout", "--shell", "dotenv").returncode == 2


def test_the_sessions_of_roles_are_forgotten_too(person: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    person.login(account.code())
    arn = f"arn:aws:iam::{account.sandbox.account}:role/Support"
    assert person.run("login", "--role", arn).returncode == 0
    assert len(person.sessions()) == 2
    assert person.run("logout").returncode == 0
    assert person.sessions() == []


def test_the_way_out_is_told_in_the_shells_own_language(person: Somebody) -> None:
    held = {"WATCHWORD_PROFILE": "work", "AWS_SESSION_TOKEN": "x"}
    shown = person.run("logout", SHELL="/usr/bin/fish", **held).stderr
    assert "hint: `watchword logout --shell fish | source` takes them out" in shown
