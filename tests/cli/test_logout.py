from __future__ import annotations

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
