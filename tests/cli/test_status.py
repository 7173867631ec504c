from __future__ import annotations

import json
import re

from session.account import Account
from session.people import AT, PROMPT, Somebody, end


def test_it_says_who_with_which_device_until_when(person: Somebody, account: Account) -> None:
    person.login(account.code())
    result = person.run("status")
    assert result.returncode == 0
    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[0] == "work"
    assert lines[1].endswith(account.arn)
    assert lines[2] == "MFA       yes, with `testuser`"
    assert lines[3].startswith("session   live until ")
    assert lines[3].endswith("(4 h left)")
    assert result.stderr == ""


def test_no_session_is_4(person: Somebody) -> None:
    result = person.run("status")
    assert (result.returncode, result.stdout) == (4, "no session\n")
    assert result.stderr == "hint: `watchword login` opens one\n"
    result = person.run("status", "work")
    assert (result.returncode, result.stderr) == (4, "hint: `watchword login work` opens one\n")


def test_an_expired_one_is_said_to_be(person: Somebody, account: Account) -> None:
    person.login(account.code())
    path = person.sessions()[0]
    first, second = path.read_text().splitlines()
    path.write_text(
        json.dumps(json.loads(first) | {"Expiration": "2020-01-01T00:00:00Z"}) + "\n" + second + "\n"
    )
    result = person.run("status", "work")
    assert result.returncode == 4
    assert "expired at Wed 1 Jan 00:00" in result.stdout


def test_as_data_it_has_no_secrets(person: Somebody, account: Account) -> None:
    person.login(account.code())
    text = person.run("status", "--output", "json").stdout
    value = json.loads(text)
    assert value["schema"] == "watchword/status/v1"
    assert value["sessions"][0]["state"] == "live"
    assert value["sessions"][0]["long_term_access_key_id"] == account.key.access_key_id
    for secret in json.loads(person.sessions()[0].read_text().splitlines()[0]).values():
        assert str(secret) not in text or len(str(secret)) < 30


def test_check_finds_what_the_clock_cannot_know(person: Somebody, account: Account) -> None:
    person.login(account.code())
    assert person.run("status", "--check").returncode == 0
    account.end_sessions()
    assert person.run("status").returncode == 0
    result = person.run("status", "--check")
    assert result.returncode == 4
    assert "refused by AWS although it should live until" in result.stdout
    assert "AWS refused the session of `work` (ExpiredToken); it is forgotten here" in result.stderr
    terminal = person.at_terminal("login")
    terminal.expect(PROMPT)
    terminal.sendline(account.later_code())
    end(terminal, 0)


def test_check_says_when_it_cannot_ask(person: Somebody, account: Account) -> None:
    person.login(account.code())
    result = person.run("status", "--check", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert "was made at another endpoint" in result.stdout
    assert len(person.sessions()) == 1


def test_color_only_when_wanted(person: Somebody, account: Account) -> None:
    person.login(account.code())
    assert "\x1b[" not in person.run("status").stdout
    assert "\x1b[32mlive" in person.run("status", CLICOLOR_FORCE="1").stdout
    assert "\x1b[" not in person.run("status", CLICOLOR_FORCE="1", NO_COLOR="1").stdout
    assert "\x1b[32mlive" in person.run("status", "--color", "always", NO_COLOR="1").stdout
    assert "\x1b[32mlive" in person.run("--color", "always", "status").stdout


def test_one_that_cannot_be_checked_hides_no_other_and_is_a_failure(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    path = person.sessions()[0]
    first, second = path.read_text().splitlines()
    gone = json.dumps(json.loads(second) | {"profile": "gone"})
    path.with_name("0.session").write_text(f"{first}\n{gone}\n")
    path.with_name("0.session").chmod(0o600)
    result = person.run("status", "--check")
    assert result.returncode == 1
    assert "not checked: the session of profile `gone`: there is no profile `gone`" in result.stdout
    assert "\nwork\n" in result.stdout
    account.end_sessions()
    assert "refused by AWS" in person.run("status", "--check").stdout


def test_the_sessions_of_roles_stand_beneath_theirs(person: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    person.login(account.code())
    arn = f"arn:aws:iam::{account.sandbox.account}:role/Support"
    assert person.run("login", "--role", arn).returncode == 0
    for arguments in ((), ("work",)):
        lines = person.run("status", *arguments).stdout.splitlines()
        assert [line for line in lines if line.strip().startswith("work")] == ["work", "    work/Support"]
        assert any(line.startswith("      role") and arn in line for line in lines)
    value = json.loads(person.run("status", "--output", "json").stdout)
    user, role = value["sessions"]
    assert (user["role"], user["beneath"]) == (None, 0)
    assert (role["role"]["arn"], role["beneath"], role["how"]) == (arn, 1, "chained")


def test_check_asks_about_the_sessions_of_roles_too(person: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    person.login(account.code())
    arn = f"arn:aws:iam::{account.sandbox.account}:role/Support"
    assert person.run("login", "--role", arn).returncode == 0
    assert person.run("status", "--check").returncode == 0
    account.end_sessions()
    result = person.run("status", "--check")
    assert result.returncode == 4
    assert "AWS refused the session of `work/Support`" in result.stderr
    assert result.stdout.count("refused by AWS although it should live until") == 2
    assert person.sessions() == []


def test_watch_counts_down_on_a_screen_of_its_own_until_ctrl_c(person: Somebody, account: Account) -> None:
    person.login(account.code())
    terminal = person.at_terminal("status", "--watch", TERM="xterm", NO_COLOR="1")
    terminal.expect_exact("\x1b[?1049h")
    terminal.expect(r"live until " + AT + r" \((3:5\d:\d\d) left\)")
    assert isinstance(terminal.match, re.Match)
    first = terminal.match.group(1)
    terminal.expect(r"live until " + AT + r" \((?!" + first + r")(3:5\d:\d\d) left\)")
    terminal.sendintr()
    terminal.expect_exact("\x1b[?1049l")
    terminal.expect("live until " + AT)  # what it was at the end stays
    end(terminal, 130)


def test_watch_shows_a_login_elsewhere(person: Somebody, account: Account) -> None:
    terminal = person.at_terminal("status", "--watch", TERM="xterm", NO_COLOR="1")
    terminal.expect("no session")
    person.login(account.code())
    terminal.expect("live until")
    terminal.sendintr()
    end(terminal, 130)


def test_watch_is_for_terminals(person: Somebody) -> None:
    result = person.run("status", "--watch")
    assert (result.returncode, result.stdout) == (2, "")
    assert "`--watch` shows text on a terminal" in result.stderr
    assert "`--watch` shows text" in end(person.at_terminal("status", "--watch"), 2)  # TERM=dumb
