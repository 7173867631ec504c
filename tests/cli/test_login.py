from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from session.account import Account
from session.people import PROMPT, WATCHWORD, Somebody, end
from session.sts_peer import OTHER_SEED, Peer, serial


def test_a_code_opens_a_session(person: Somebody, account: Account) -> None:
    shown = person.login(account.code())
    assert f"signed in as {account.arn}, live until" in shown
    assert "(4 h left)" in shown
    assert len(account.calls("sts:GetSessionToken")) == 1
    assert person.sessions()[0].stat().st_mode & 0o777 == 0o600


def test_the_prompt_says_whose_device_which_account_and_how_long(person: Somebody) -> None:
    terminal = person.at_terminal("login")
    terminal.expect(r"code of `testuser`, account 123456789012 \(this one for (\d+) s\): ")
    assert isinstance(terminal.match, re.Match)
    assert 1 <= int(terminal.match.group(1)) <= 30
    terminal.sendintr()
    end(terminal, 130)


def test_what_is_typed_is_not_shown(person: Somebody, account: Account) -> None:
    code = account.code()
    terminal = person.at_terminal("login")
    terminal.expect(PROMPT)
    terminal.sendline(code)
    assert code not in end(terminal, 0)


def test_a_good_session_is_not_opened_twice(person: Somebody, account: Account) -> None:
    person.login(account.code())
    again = person.run("login")
    assert again.returncode == 0
    assert "already signed in as" in again.stderr
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_force_opens_a_new_one_and_a_used_code_is_not_sent_twice(person: Somebody, account: Account) -> None:
    code = account.code()
    person.login(code)
    terminal = person.at_terminal("login", "--force")
    terminal.expect(PROMPT)
    terminal.sendline(code)
    terminal.expect("sent already, and a code serves once")
    terminal.expect(r"the next one in \d+ s")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    end(terminal, 0)
    assert [call.outcome for call in account.calls("sts:GetSessionToken")] == ["allowed", "allowed"]


def test_a_wrong_code_is_explained_and_asked_again(person: Somebody, account: Account) -> None:
    terminal = person.at_terminal("login")
    terminal.expect(PROMPT)
    terminal.sendline(account.wrong_codes()[0])
    terminal.expect_exact(
        "refused by AWS: MultiFactorAuthentication failed with invalid MFA one time pass code."
    )
    terminal.expect("mistyped, used already, or not from the device `testuser`")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    end(terminal, 0)


def test_three_refused_codes_end_with_4(person: Somebody, account: Account) -> None:
    terminal = person.at_terminal("login")
    for code in account.wrong_codes(3):
        terminal.expect(PROMPT)
        terminal.sendline(code)
    shown = end(terminal, 4)
    assert "error: AWS took none of 3 codes" in shown
    assert not person.sessions()


def test_what_is_not_six_digits_is_not_sent(person: Somebody, account: Account) -> None:
    terminal = person.at_terminal("login")
    for text in ("12345", "abcdef", "", "1234567", "\uff11\uff12\uff13\uff14\uff15\uff16"):
        terminal.expect(PROMPT)
        terminal.sendline(text)
        terminal.expect("a code is six digits; nothing was sent")
    terminal.expect(PROMPT)
    code = account.code()
    terminal.sendline(f"{code[:3]} {code[3:]}")
    end(terminal, 0)
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_without_a_terminal_it_ends_with_6_at_once_and_sends_nothing(
    person: Somebody, account: Account
) -> None:
    began = time.monotonic()
    result = person.run("login")
    assert time.monotonic() - began < 10
    assert result.returncode == 6
    assert result.stdout == ""
    assert result.stderr.splitlines()[0] == "error: there is no terminal to ask on"
    assert "run `watchword login work` in a terminal first" in result.stderr
    assert account.calls() == []


def test_a_piped_code_is_not_taken(person: Somebody, account: Account) -> None:
    result = person.shell(["sh", "-c", f"echo {account.code()} | {WATCHWORD} login"])
    assert result.returncode == 6


def test_in_the_background_it_ends_with_6_instead_of_stopping_the_job(person: Somebody) -> None:
    terminal = person.terminal("bash", "-c", f"set -m; {WATCHWORD} login & wait $!; echo ended with $?")
    terminal.expect("this runs in the background of its terminal")
    terminal.expect("ended with 6")
    end(terminal, 0)


@pytest.mark.parametrize("leave", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_leaving_at_the_prompt_brings_the_echo_back(person: Somebody, leave: signal.Signals) -> None:
    terminal = person.terminal("bash", "-c", f"{WATCHWORD} login; echo ended with $?; stty -a")
    terminal.expect(PROMPT)
    assert not terminal.getecho()
    if leave is signal.SIGINT:
        terminal.sendintr()
    else:
        child = Path(f"/proc/{terminal.pid}/task/{terminal.pid}/children").read_text().split()[0]
        subprocess.run(["kill", f"-{leave.value}", child], check=True)
    terminal.expect(f"ended with {130 if leave is signal.SIGINT else 128 + leave}")
    shown = end(terminal, 0)
    assert " echo " in shown
    assert "-echo " not in shown


def test_a_closed_terminal_ends_it(person: Somebody) -> None:
    terminal = person.at_terminal("login")
    terminal.expect(PROMPT)
    terminal.sendeof()
    end(terminal, 130)


def test_two_at_once_ask_once(person: Somebody, account: Account) -> None:
    first = person.at_terminal("login")
    first.expect(PROMPT)
    second = person.at_terminal("login")
    second.expect("another watchword is asking for a code of profile `work`; waiting for it")
    first.sendline(account.code())
    assert "already" not in end(first, 0)
    assert "already signed in as" in end(second, 0)
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_a_device_that_is_not_the_users_is_explained(person: Somebody, account: Account) -> None:
    config = Path(person.environment["AWS_CONFIG_FILE"])
    config.write_text(config.read_text() + f"mfa_serial = {account.serial('nobody')}\n")
    terminal = person.at_terminal("login")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    terminal.expect_exact(
        "MultiFactorAuthentication failed, unable to validate MFA code.  "
        "Please verify your MFA serial number is valid and associated with this user."
    )
    terminal.expect_exact(
        f"`{account.serial('nobody')}` (from `mfa_serial` of the profile) is not a device of this user"
    )
    terminal.expect(PROMPT)
    terminal.sendintr()
    end(terminal, 130)


def test_several_devices_are_asked_for_once(person: Somebody, account: Account) -> None:
    account.add_device("phone")
    terminal = person.at_terminal("login")
    terminal.expect(r"  (\d)  phone  arn:")
    assert isinstance(terminal.match, re.Match)
    number = terminal.match.group(1)
    terminal.expect(r"which device shall answer for this key \[1-2\]: ")
    terminal.sendline("3")
    terminal.expect("a number from 1 to 2 is needed")
    terminal.expect(r"\[1-2\]: ")
    terminal.sendline(number)
    terminal.expect("code of `phone`[^\n]*: ")
    terminal.sendline(account.code("phone"))
    end(terminal, 0)
    person.run("logout")
    again = person.at_terminal("login")
    again.expect("code of `phone`[^\n]*: ")
    again.sendintr()
    end(again, 130)


def test_a_remembered_device_that_is_gone_is_looked_for_anew(person: Somebody, account: Account) -> None:
    person.login(account.code())
    wrong = account.wrong_codes()[0]
    account.take_device()
    account.add_device("new")
    terminal = person.at_terminal("login", "--force")
    terminal.expect(PROMPT)
    terminal.sendline(wrong)
    terminal.expect_exact(f"`{account.serial('new')}` is, and is asked from now on")
    terminal.expect("code of `new`[^\n]*: ")
    terminal.sendline(account.code("new"))
    end(terminal, 0)
    assert person.run("status", "work").returncode == 0


def test_a_forbidden_list_leads_to_a_guess(person: Somebody, account: Account) -> None:
    account.forbid_list()
    terminal = person.at_terminal("login")
    terminal.expect_exact(f"so `{account.serial()}` is a guess")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    end(terminal, 0)


def test_security_keys_are_named_as_unusable(person_at_peer: Somebody, peer: Peer) -> None:
    peer.devices = {"arn:aws:iam::123456789012:u2f/user/testuser/yubikey-ABC": "A"}
    terminal = person_at_peer.at_terminal("login")
    shown = end(terminal, 4)
    assert "`testuser` has security keys only (`yubikey-ABC`), and AWS takes those in the console" in shown
    assert "watchword device enroll" in shown


def test_no_device_leads_to_enrolment(person: Somebody, account: Account) -> None:
    account.take_device()
    shown = end(person.at_terminal("login"), 4)
    assert "`testuser` has no MFA device yet" in shown
    assert "`watchword device enroll work` sets one up" in shown


def test_root_gets_one_hour_and_is_told_why(person_at_peer: Somebody, peer: Peer) -> None:
    peer.arn = "arn:aws:iam::123456789012:root"
    peer.devices = {serial("root-account-mfa-device"): OTHER_SEED}
    shown = person_at_peer.login(peer.code("root-account-mfa-device"))
    assert peer.calls("GetSessionToken")[0]["DurationSeconds"] == "3600"
    assert "a session of the root user lives one hour at most" in shown


def test_the_clock_is_named_when_it_is_off(person: Somebody, account: Account) -> None:
    account.skew(-100)
    terminal = person.at_terminal("login")
    terminal.expect(PROMPT)
    terminal.sendline(account.wrong_codes()[0])
    terminal.expect(r"this machine's clock is (99|100|101) s ahead of AWS's")
    terminal.expect(PROMPT)
    terminal.sendintr()
    end(terminal, 130)


def test_spent_checks_are_waited_for(person: Somebody, account: Account) -> None:
    person.login(account.code())
    codes = next((person.cache / "codes").iterdir())
    value = json.loads(codes.read_text())
    value["sent"] = [{"digest": f"{n}", "at_seconds": time.time(), "spent": True} for n in range(9)]
    codes.write_text(json.dumps(value))
    terminal = person.at_terminal("login", "--force")
    if terminal.expect(["AWS looks at 9 codes of a device in three minutes", PROMPT]) == 1:
        pytest.skip("a new window of three minutes has just begun")
    terminal.sendintr()
    end(terminal, 130)
    assert len(account.calls("sts:GetSessionToken")) == 1


@pytest.mark.parametrize(
    "arguments", [("123456",), ("work", "123456"), ("--code", "123456"), ("--token-code=123456",)]
)
def test_a_code_in_argv_is_refused_and_not_repeated(person: Somebody, arguments: tuple[str, ...]) -> None:
    result = person.run("login", *arguments)
    assert result.returncode == 2
    assert "123456" not in result.stderr
    assert "every program on this machine" in result.stderr


@pytest.mark.parametrize("duration", ["", "4", "37h", "14m", "-4h", "4d", "h"])
def test_a_duration_that_aws_does_not_give_is_refused_before_anything(
    person: Somebody, duration: str
) -> None:
    result = person.run("login", "--duration", duration)
    assert result.returncode == 2
    assert result.stderr.startswith(f"error: `{duration}` is not a duration")


def test_json_says_everything_but_the_secrets(person: Somebody, account: Account) -> None:
    person.login(account.code())
    value = json.loads(person.run("login", "--output", "json").stdout)
    assert value["schema"] == "watchword/session/v1"
    assert value["identity"] == account.arn
    assert value["device"] == {"name": "testuser", "serial_number": account.serial()}
    assert value["mfa"] is True
    assert value["state"] == "live"
    held = json.loads(person.sessions()[0].read_text().splitlines()[0])
    assert held["SecretAccessKey"] not in json.dumps(value)
    assert held["SessionToken"] not in json.dumps(value)


def test_a_session_in_the_environment_is_not_used_and_that_is_said(
    person: Somebody, account: Account
) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "ASIAOTHER", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": "y"}
    terminal = person.at_terminal("login", **environment)
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    assert "the session in AWS_SESSION_TOKEN is not used" in end(terminal, 0)


def test_an_inactive_key_is_awss_no(person: Somebody, account: Account) -> None:
    account.deactivate_key()
    shown = end(person.at_terminal("login"), 5)
    assert "AWS refused `sts:GetCallerIdentity` (InvalidClientTokenId)" in shown


def test_offline_is_one_clear_error(person: Somebody) -> None:
    began = time.monotonic()
    shown = end(person.at_terminal("login", AWS_ENDPOINT_URL="http://127.0.0.1:9"), 1)
    assert time.monotonic() - began < 20
    assert (
        "no answer to `sts:GetCallerIdentity` from `http://127.0.0.1:9`: the connection was refused" in shown
    )
    assert "Traceback" not in shown


def test_a_cache_that_cannot_be_made_is_said_before_a_code_is_asked(
    person: Somebody, account: Account
) -> None:
    (person.home / "file").write_text("")
    shown = end(person.at_terminal("login", XDG_CACHE_HOME=str(person.home / "file")), 1)
    assert "error: cannot make the folder" in shown
    assert account.calls("sts:GetSessionToken") == []


def test_a_full_disk_is_said_and_the_code_is_not_burnt(person: Somebody, account: Account) -> None:
    terminal = person.terminal("bash", "-c", f"ulimit -f 0; {WATCHWORD} login")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    assert "error: cannot write" in end(terminal, 1)
    assert account.calls("sts:GetSessionToken") == []


def test_a_cache_folder_that_others_can_enter_is_refused(person: Somebody) -> None:
    person.cache.mkdir(parents=True)
    person.cache.chmod(0o755)
    shown = end(person.at_terminal("login"), 1)
    assert "can be entered by others (mode 0755)" in shown
    assert f"chmod 700 {person.cache}" in shown


def test_a_session_file_that_others_can_read_is_refused_until_logout(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    person.sessions()[0].chmod(0o644)
    shown = end(person.at_terminal("login"), 1)
    assert "can be read by others (mode 0644)" in shown
    assert "watchword logout --all" in shown
    assert person.run("logout", "--all").returncode == 0
    assert person.sessions() == []


@pytest.mark.parametrize(
    "garbage", [b"", b"\x00\xff\xfe", b"{}\n{}\n", b"[1]\n2\n", b"null", b'{"Version": 1']
)
def test_garbage_in_the_cache_is_no_session(person: Somebody, account: Account, garbage: bytes) -> None:
    person.login(account.code())
    for path in person.cache.rglob("*"):
        if path.is_file():
            path.write_bytes(garbage)
    assert person.run("status").returncode == 4
    terminal = person.at_terminal("login")
    terminal.expect(PROMPT)
    terminal.sendline(account.later_code())
    end(terminal, 0)
    assert person.run("status").returncode == 0


def test_a_clock_that_is_days_off_is_said_in_full(person: Somebody, account: Account) -> None:
    account.skew(-3 * 86_400)
    shown = end(person.at_terminal("login"), 5)
    assert "hint: this machine's clock is 3 days, 0:00:0" in shown
    assert "ahead of AWS's; set it" in shown


@pytest.mark.parametrize("serial_number", ["abc", "arn:aws:iam::123456789012:u2f/user/testuser/key"])
def test_a_serial_number_of_no_use_is_said_at_once_and_the_devices_can_still_be_listed(
    person: Somebody, account: Account, serial_number: str
) -> None:
    config = Path(person.environment["AWS_CONFIG_FILE"])
    config.write_text(config.read_text() + f"mfa_serial = {serial_number}\n")
    result = person.run("login")
    assert result.returncode == 4
    assert "`mfa_serial`" in result.stderr
    assert account.serial() in person.run("device", "list").stdout
    assert person.run("logout").returncode == 0


@pytest.mark.parametrize(
    ("profile", "named"), [("my work", "'my work'"), ("-x", "--profile=-x"), ("$(id)", "'$(id)'")]
)
def test_a_hint_can_be_typed_as_it_stands(person: Somebody, profile: str, named: str) -> None:
    for name in ("config", "credentials"):
        path = person.home / "aws" / name
        path.write_text(path.read_text().replace("work]", f"{profile}]"))
    result = person.run("login", f"--profile={profile}")
    assert f"run `watchword login {named}` in a terminal first" in result.stderr


def test_a_session_that_lives_shorter_than_asked_is_said_to(person: Somebody, account: Account) -> None:
    person.login(account.code())
    said = person.run("login", "--duration", "12h").stderr
    assert "note: that is less than `12h`; `--force` opens a new one" in said
    for enough in ((), ("--duration", "4h"), ("--duration", "1h")):
        assert "note" not in person.run("login", *enough).stderr
