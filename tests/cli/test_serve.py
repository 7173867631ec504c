"""`watchword serve`: real programs ask the endpoint, and a person is asked when a code is needed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pexpect
import pytest

from session.account import Account
from session.people import AT, PROMPT, WATCHWORD, Somebody, end

_IDENTITY = ("aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text")
_BOTO3 = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
_PRINT = "import json, os; print(json.dumps(dict(os.environ)))"
_ASK = """
import os, sys, time, urllib.request, urllib.error
request = urllib.request.Request(
    os.environ['AWS_CONTAINER_CREDENTIALS_FULL_URI'],
    headers={'Authorization': os.environ['AWS_CONTAINER_AUTHORIZATION_TOKEN']})
while True:
    try:
        print('GOT', urllib.request.urlopen(request).read().decode(), flush=True)
        break
    except urllib.error.HTTPError as error:
        print('NOT', error.code, flush=True)
        time.sleep(0.5)
"""


def _expire(person: Somebody, **span: float) -> None:
    """Let the kept session end after `span` from now, by this machine's clock."""
    path = person.sessions()[0]
    first, second = path.read_text().splitlines()
    until = (datetime.now(UTC) + timedelta(**span)).strftime("%Y-%m-%dT%H:%M:%SZ")
    path.write_text(f"{json.dumps(json.loads(first) | {'Expiration': until})}\n{second}\n")


def test_the_command_gets_an_address_and_a_token_and_no_key(person: Somebody, account: Account) -> None:
    person.login(account.code())
    old = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_WEB_IDENTITY_TOKEN_FILE")
    more = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")
    result = person.run(
        "serve", "work", "--", sys.executable, "-c", _PRINT, **dict.fromkeys((*old, *more), "/old")
    )
    assert result.returncode == 0, result.stderr
    environment = json.loads(result.stdout)
    assert re.fullmatch(
        r"http://127\.0\.0\.1:\d+/credentials", environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    )
    assert len(environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]) >= 40
    assert environment["AWS_REGION"] == "eu-west-1"
    assert environment["WATCHWORD_PROFILE"] == "work"
    assert not {"AWS_PROFILE", *old, *more} & environment.keys()
    secrets = json.loads(person.sessions()[0].read_text().splitlines()[0])
    for text in (account.key.access_key_id, secrets["SecretAccessKey"], secrets["SessionToken"]):
        assert text not in result.stdout


@pytest.mark.parametrize("program", [_IDENTITY, (sys.executable, "-c", _BOTO3)], ids=["aws", "boto3"])
def test_real_programs_get_in(person: Somebody, account: Account, program: tuple[str, ...]) -> None:
    person.login(account.code())
    result = person.run("serve", "--", *program)
    assert (result.returncode, result.stdout) == (0, f"{account.arn}\n"), result.stderr


@pytest.mark.parametrize("code", [0, 3, 255])
def test_it_ends_as_the_command_ends(person: Somebody, account: Account, code: int) -> None:
    person.login(account.code())
    assert person.run("serve", "--", "sh", "-c", f"exit {code}").returncode == code


def test_a_signal_that_ends_the_command_is_seen_outside(person: Somebody, account: Account) -> None:
    person.login(account.code())
    assert person.run("serve", "--", "sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM


def test_without_a_session_nothing_is_run(person: Somebody, account: Account) -> None:
    result = person.run("serve", "--", "echo", "ran")
    assert (result.returncode, result.stdout) == (6, "")
    assert person.run("serve", "--", "no-such-program").returncode == 127


def test_a_default_profile_with_a_key_does_not_go_before_what_is_served(
    person: Somebody, account: Account
) -> None:
    credentials = person.home / "aws" / "credentials"
    credentials.write_text(credentials.read_text() + credentials.read_text().replace("[work]", "[default]"))
    person.login(account.code())
    result = person.run("serve", "work", "--", sys.executable, "-c", f"{_BOTO3.partition(';')[0]}\n{_METHOD}")
    assert result.stdout == "container-role\n"
    assert "programs would take the profile `default` instead" in result.stderr


_METHOD = "print(boto3.Session().get_credentials().method)"


@contextmanager
def _serving(
    person: Somebody, *arguments: str, **more: str
) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Serve without a command; the second value is what the lines for another shell set."""
    process = subprocess.Popen(
        [WATCHWORD, "serve", "--shell", "bash", *arguments],
        env=person.environment | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        told = ""
        while "until Ctrl-C" not in told:
            line = process.stderr.readline()
            assert line, told
            told += line
        os.set_blocking(process.stdout.fileno(), False)
        lines = process.stdout.read()
        found = re.findall(r"^export (\w+)='?([^'\n]*)'?$", lines, re.MULTILINE)
        yield process, dict(found) | {"lines": lines}
    finally:
        process.kill()
        process.communicate()


def _get(url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310 our own
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 as above
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def test_another_shell_is_led_to_it_by_lines_without_the_token(person: Somebody, account: Account) -> None:
    person.login(account.code())
    with _serving(person) as (process, values):
        file = Path(values["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.read_text() not in values["lines"]
        shell = person.shell(["bash", "-c", f"{values['lines']}\n{' '.join(_IDENTITY)}"])
        assert shell.stdout == f"{account.arn}\n", shell.stderr
        out = person.shell(
            [
                "bash",
                "-c",
                f'{values["lines"]}\neval "$(watchword logout --shell bash)"; env | grep -c CONTAINER',
            ]
        )
        assert out.stdout == "0\n"
        process.terminate()
        assert process.wait(20) == -signal.SIGTERM
        assert not file.exists()


def test_only_who_knows_the_token_is_answered(person: Somebody, account: Account) -> None:
    person.login(account.code())
    with _serving(person) as (_, values):
        url = values["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        token = Path(values["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read_text()
        status, answer = _get(url, Authorization=token)
        assert status == 200
        assert answer.keys() == {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId"}
        assert account.is_session(answer["AccessKeyId"], answer["SecretAccessKey"], answer["Token"])
        for wrong in (
            {},
            {"Authorization": "x"},
            {"Authorization": f"Bearer {token}"},
            {"Authorization": token[:-1]},
        ):
            assert _get(url, **wrong)[0] == 401
        assert _get(url, Authorization=token, Host="evil.example")[0] == 421
        assert _get(f"{url}/", Authorization=token)[0] == 404
        assert _get(f"{url}?x", Authorization=token)[0] == 404
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert _get(url, method=method, Authorization=token)[0] == 501
        assert _get(url, Authorization=token)[0] == 200


def test_a_port_that_is_taken_is_said(person: Somebody, account: Account) -> None:
    person.login(account.code())
    with _serving(person) as (_, values):
        port = re.findall(r":(\d+)/", values["AWS_CONTAINER_CREDENTIALS_FULL_URI"])[0]
        result = person.run("serve", "--port", port, "--", "true")
        assert result.returncode == 1
        assert f"error: cannot listen on port {port} of 127.0.0.1: address already in use" in result.stderr


def test_when_the_session_is_over_and_nobody_is_there_it_says_so_at_once(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    _expire(person, seconds=63)
    with _serving(person) as (_, values):
        token = Path(values["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read_text()
        url = values["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
        assert _get(url, Authorization=token)[0] == 200
        end_of_it = time.monotonic() + 70
        while (answer := _get(url, Authorization=token))[0] == 200:
            assert time.monotonic() < end_of_it
            time.sleep(2)
        began = time.monotonic()
        assert _get(url, Authorization=token)[0] == 503
        assert time.monotonic() - began < 5  # 0.7 s, on a busy machine
        assert answer[1]["code"] == answer[1]["Code"] == "SignInNeeded"
        person.login(account.later_code())  # in another terminal
        assert _get(url, Authorization=token)[0] == 200


def test_a_code_is_asked_for_while_the_job_runs_and_the_job_cannot_read_it(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    _expire(person, seconds=200)  # due at once, and alive still
    script = f'cat & {sys.executable} -c "$ASK"; sleep 3; {sys.executable} -c "$ASK"; exit 9'
    terminal = person.at_terminal("serve", "--", "bash", "-c", script, ASK=_ASK)
    terminal.expect(r"the session of `work` that is served ends at " + AT)
    terminal.expect(PROMPT)
    code = account.later_code()
    terminal.sendline(code)
    terminal.expect("signed in as")
    shown = (terminal.before or "") + end(terminal, 9)
    assert code not in shown
    got = [json.loads(each) for each in re.findall(r"GOT ({.*?})", shown)]
    assert got
    assert account.is_session(got[-1]["AccessKeyId"], got[-1]["SecretAccessKey"], got[-1]["Token"])
    assert len(account.calls("sts:GetSessionToken")) == 2


def test_a_job_that_ends_meanwhile_ends_the_question(person: Somebody, account: Account) -> None:
    person.login(account.code())
    _expire(person, seconds=200)
    terminal = person.at_terminal("serve", "--", "sh", "-c", "sleep 4; exit 5")
    terminal.expect(PROMPT)
    end(terminal, 5)


def test_ctrl_c_at_the_question_lets_the_job_run_on(person: Somebody, account: Account) -> None:
    person.login(account.code())
    _expire(person, seconds=200)
    terminal = person.at_terminal("serve", "--", "sh", "-c", "sleep 6; echo ran on; exit 5")
    terminal.expect(PROMPT)
    terminal.sendintr()
    terminal.expect("nobody signed in; the command runs on")
    terminal.expect("ran on")
    end(terminal, 5)


def test_ctrl_c_is_the_jobs_own(person: Somebody, account: Account) -> None:
    person.login(account.code())
    terminal = person.at_terminal(
        "serve", "--", "bash", "-c", "trap 'echo caught; exit 4' INT; echo up; sleep 60 & wait"
    )
    terminal.expect("up")
    terminal.sendintr()
    terminal.expect("caught")
    end(terminal, 4)


def test_ctrl_z_stops_both_and_fg_continues_both(person: Somebody, account: Account) -> None:
    person.login(account.code())
    shell = person.terminal("bash", "--norc", "-i", PS1="ready> ")
    shell.expect("ready> ")
    shell.sendline("watchword serve -- bash -c 'echo up; read line; echo got $line; exit 3'")
    shell.expect("up\r\n")
    time.sleep(0.3)
    shell.sendcontrol("z")
    shell.expect("Stopped")
    shell.expect("ready> ")
    shell.sendline("fg")
    shell.expect("watchword serve.*\r\n")
    time.sleep(0.5)
    shell.sendline("hello")
    shell.expect("got hello")
    shell.expect("ready> ")
    shell.sendline("echo code $?; exit")
    shell.expect("code 3\r\n")
    shell.expect(pexpect.EOF)


def test_sigterm_is_passed_on_and_awaited(person: Somebody, account: Account) -> None:
    person.login(account.code())
    process = subprocess.Popen(
        [
            WATCHWORD,
            "serve",
            "--",
            "bash",
            "-c",
            "trap 'echo cleaned; exit 8' TERM; echo up; sleep 60 & wait",
        ],
        env=person.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.terminate()
    assert process.stdout.readline() == "cleaned\n"
    assert process.wait(20) == 8
    process.stdout.close()


def test_sigterm_at_the_question_reaches_the_job_and_leaves_no_orphan(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    _expire(person, seconds=200)
    script = "trap 'echo cleaned; exit 8' TERM; while true; do sleep 0.2; done"
    terminal = person.at_terminal("serve", "--", "bash", "-c", script)
    terminal.expect(PROMPT)
    terminal.kill(signal.SIGTERM)
    terminal.expect("cleaned")
    end(terminal, 8)


def test_the_session_of_a_role_is_renewed_without_a_code(person: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    arn = f"arn:aws:iam::{account.sandbox.account}:role/Support"
    person.login(account.code())
    of_user = person.sessions()
    assert person.run("login", "--role", arn).returncode == 0
    (of_role,) = set(person.sessions()) - set(of_user)
    first, second = of_role.read_text().splitlines()
    soon = (datetime.now(UTC) + timedelta(minutes=14)).strftime("%Y-%m-%dT%H:%M:%SZ")
    of_role.write_text(f"{json.dumps(json.loads(first) | {'Expiration': soon})}\n{second}\n")
    with _serving(person, "--role", arn) as (_, values):
        token = Path(values["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]).read_text()
        end_of_it = time.monotonic() + 30
        while (
            _get(values["AWS_CONTAINER_CREDENTIALS_FULL_URI"], Authorization=token)[1]["Expiration"] == soon
        ):
            assert time.monotonic() < end_of_it
            time.sleep(0.5)
    assert len(account.calls("sts:GetSessionToken")) == 1
    assert len(account.calls("sts:AssumeRole")) == 2
