from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.credentials import RefreshableCredentials

import watchword
from local_aws import LocalAws
from session.account import USER, Account, account_in
from session.people import PROMPT, Somebody, end
from watchword.aws import ProfileNotFound
from watchword.errors import NoTerminal, SignInNeeded, WatchwordError
from watchword.session import CodesRefused
from watchword.session.errors import NoCode

PYTHON = sys.executable
ARN = "boto3_session().client('sts').get_caller_identity()['Arn']"


@pytest.fixture
def account(sandbox: LocalAws) -> Account:
    """An account that was made two hours ago: its clock can be set back without going before that."""
    sandbox.move_clock(timedelta(hours=-2))
    return account_in(sandbox)


@pytest.fixture
def here(person: Somebody, monkeypatch: pytest.MonkeyPatch) -> Somebody:
    """That person, at the keyboard of this very process."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "WATCHWORD_", "XDG_")):
            monkeypatch.delenv(name)
    for name, text in person.environment.items():
        monkeypatch.setenv(name, text)
    # The clients of the tests themselves are not of that profile.
    monkeypatch.delenv("AWS_PROFILE")
    return person


def asked(account: Account, times: list[tuple[str, str]]) -> Callable[[str, str], str]:
    """Return an `ask` that looks at the phone, each time at a new code."""

    def ask(device: str, account_id: str) -> str:
        times.append((device, account_id))
        return account.sandbox.fresh_code(account.serial())

    return ask


def arn(session: boto3.Session) -> str:
    return str(session.client("sts").get_caller_identity()["Arn"])


def access_key(session: boto3.Session) -> str:
    credentials = session.get_credentials()
    assert isinstance(credentials, RefreshableCredentials)
    return str(credentials.get_frozen_credentials().access_key)


# -- which session


def test_it_is_a_real_session_with_the_region_and_the_endpoint_of_the_profile(
    here: Somebody, account: Account
) -> None:
    here.login(account.code())
    session = watchword.boto3_session("work", ask=None)
    assert type(session) is boto3.Session
    assert session.region_name == "eu-west-1"
    assert session.client("iam").meta.endpoint_url == account.url
    assert arn(session) == account.arn
    assert watchword.boto3_session("work", region_name="us-west-2").region_name == "us-west-2"


def test_who_has_signed_in_with_a_command_is_not_asked(here: Somebody, account: Account) -> None:
    here.login(account.code())
    assert arn(watchword.boto3_session("work", ask=None)) == account.arn
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_a_command_uses_the_session_of_a_program(here: Somebody, account: Account) -> None:
    assert arn(watchword.boto3_session("work", ask=asked(account, []))) == account.arn
    assert "already signed in as" in here.run("login", "work").stderr


def test_credentials_in_the_environment_are_not_used(
    here: Somebody, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.login(account.code())
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAOTHER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")
    assert arn(watchword.boto3_session("work", ask=None)) == account.arn


def test_a_profile_that_is_not_there_is_said_at_once(here: Somebody) -> None:
    with pytest.raises(ProfileNotFound, match="`nobody`"):
        watchword.boto3_session("nobody")


def test_a_role_beside_the_profile(here: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    set_clock(account, timedelta(0))
    here.login(account.code())
    session = watchword.boto3_session(
        "work", role=f"arn:aws:iam::{account.sandbox.account}:role/Support", ask=None
    )
    assert arn(session).endswith(f":assumed-role/Support/{USER}")
    assert len(account.calls("sts:GetSessionToken")) == 1


# -- who is asked


def test_the_program_is_asked_for_the_code_of_a_device_in_an_account(
    here: Somebody, account: Account
) -> None:
    times: list[tuple[str, str]] = []
    session = watchword.boto3_session("work", ask=asked(account, times))
    assert times == []
    assert arn(session) == account.arn
    assert times == [(USER, account.sandbox.account)]


def test_it_is_asked_again_when_a_code_is_refused(here: Somebody, account: Account) -> None:
    codes = [account.wrong_codes()[0], account.code()]
    assert arn(watchword.boto3_session("work", ask=lambda *_: codes.pop(0))) == account.arn
    assert codes == []


def test_after_three_refused_codes_it_is_over(here: Somebody, account: Account) -> None:
    codes = list(account.wrong_codes(4))
    with pytest.raises(CodesRefused) as caught:
        arn(watchword.boto3_session("work", ask=lambda *_: codes.pop(0)))
    assert isinstance(caught.value, SignInNeeded)
    assert len(codes) == 1
    assert not here.sessions()


@pytest.mark.parametrize("answer", ["12345", "", "abcdef", 123456, None])
def test_what_is_no_code_is_not_sent_and_not_repeated(here: Somebody, account: Account, answer: Any) -> None:  # noqa: ANN401
    with pytest.raises(NoCode, match="a code is a text of six digits"):
        arn(watchword.boto3_session("work", ask=lambda *_: answer))
    assert account.calls("sts:GetSessionToken") == []


def test_what_the_program_raises_comes_through(here: Somebody) -> None:
    def ask(_device: str, _account: str) -> str:
        raise LookupError("no phone here")

    with pytest.raises(LookupError, match="no phone here"):
        arn(watchword.boto3_session("work", ask=ask))


def test_a_session_that_asks_nobody_says_so_and_sends_nothing(here: Somebody, account: Account) -> None:
    session = watchword.boto3_session("work", ask=None)
    with pytest.raises(SignInNeeded, match="this program asks nobody") as caught:
        session.client("sts")
    assert caught.value.hint == "run `watchword login work` in a terminal first"
    assert account.calls() == []


def test_without_a_terminal_it_ends_at_once(person: Somebody, account: Account) -> None:
    program = f"from watchword import boto3_session\n{ARN}"
    done = person.shell([PYTHON, "-c", program])
    assert done.returncode == 1
    assert f"{NoTerminal.__module__}.NoTerminal: there is no terminal to ask on" in done.stderr
    assert account.calls() == []


def test_the_code_is_asked_on_the_terminal_of_the_program(person: Somebody, account: Account) -> None:
    out = person.home / "out"
    program = f"from watchword import boto3_session; print({ARN})"
    terminal = person.terminal("sh", "-c", f'{PYTHON} -c "{program}" </dev/null >{out} 2>&1')
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    end(terminal, 0)
    assert out.read_text() == f"{account.arn}\n"


# -- many at once

_THREADS = """
import sys, threading
from watchword import boto3_session
shared = boto3_session()
found, gate = [], threading.Barrier(20)
def work(number):
    gate.wait()
    session = shared if number % 2 else boto3_session()
    found.append(session.client("sts").get_caller_identity()["Arn"])
threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(found), set(found))
"""


def test_twenty_threads_are_asked_once(person: Somebody, account: Account) -> None:
    terminal = person.terminal(PYTHON, "-c", _THREADS)
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    assert f"20 {{'{account.arn}'}}" in end(terminal, 0)
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_leaving_at_the_prompt_of_a_thread_brings_the_echo_back(person: Somebody) -> None:
    program = (
        f"import threading; from watchword import boto3_session; "
        f"thread = threading.Thread(target=lambda: {ARN}, daemon=True); thread.start(); thread.join()"
    )
    terminal = person.terminal(
        "bash", "-c", f'trap : INT; {PYTHON} -c "{program}"; echo ended with $?; stty -a'
    )
    terminal.expect(PROMPT)
    assert not terminal.getecho()
    terminal.sendintr()
    terminal.expect("ended with 130")
    shown = end(terminal, 0)
    assert " echo " in shown


def test_a_thread_gets_the_code_from_the_program_that_the_profile_names(
    person: Somebody, account: Account
) -> None:
    config = Path(person.environment["AWS_CONFIG_FILE"])
    config.write_text(f"{config.read_text()}mfa_process = cat {person.home}/code\n")
    (person.home / "code").write_text(account.code())
    program = (
        f"import threading; from watchword import boto3_session; "
        f"thread = threading.Thread(target=lambda: print({ARN})); thread.start(); thread.join()"
    )
    done = person.shell([PYTHON, "-c", program])
    assert done.stdout == f"{account.arn}\n", done.stderr


def test_a_child_that_was_forked_while_a_code_was_asked_does_not_hang(
    here: Somebody, account: Account
) -> None:
    program = f"""
import os, sys, threading
from watchword import boto3_session
asked, answer = threading.Event(), threading.Event()
def ask(device, account):
    asked.set()
    answer.wait()
    return {account.code()!r}
session = boto3_session(ask=ask)
session.client  # loaded before the fork
other = threading.Thread(target=lambda: print("parent", session.client("sts").get_caller_identity()["Arn"]))
other.start()
asked.wait()
child = os.fork()
if child == 0:
    print("child", session.client("sts").get_caller_identity()["Arn"], flush=True)
    os._exit(0)
answer.set()
other.join()
sys.exit(os.waitpid(child, 0)[1])
"""
    done = here.shell([PYTHON, "-c", program])
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == [f"child {account.arn}", f"parent {account.arn}"]
    assert len(account.calls("sts:GetSessionToken")) == 1


# -- renewal


def set_clock(account: Account, ahead: timedelta) -> None:
    """Set AWS's clock to so much more than this machine's."""
    clock = account.sandbox.inner.clock
    clock.move(datetime.now(UTC) + ahead - clock.now())


def ends_in(account: Account, seconds: int, *, of: int) -> None:
    """Set AWS's clock so that a session of `of` seconds ends when this machine's has gone on by `seconds`."""
    set_clock(account, timedelta(seconds=seconds - of))


def test_it_asks_anew_when_a_minute_is_left(here: Somebody, account: Account) -> None:
    ends_in(account, 70 - 30, of=900)
    times: list[tuple[str, str]] = []
    session = watchword.boto3_session("work", duration_seconds=900, ask=asked(account, times))
    client = session.client("sts")
    first = access_key(session)
    assert client.get_caller_identity()["Arn"] == account.arn
    assert len(times) == 1
    set_clock(account, timedelta(0))
    time.sleep(11)
    assert client.get_caller_identity()["Arn"] == account.arn
    assert len(times) == 2
    assert access_key(session) != first


def test_a_session_that_a_command_opened_meanwhile_is_taken_over(here: Somebody, account: Account) -> None:
    ends_in(account, 70 - 30, of=900)
    times: list[tuple[str, str]] = []
    session = watchword.boto3_session("work", duration_seconds=900, ask=asked(account, times))
    first = access_key(session)
    set_clock(account, timedelta(0))
    here.login(account.sandbox.fresh_code(account.serial()), "--force")
    time.sleep(11)
    assert access_key(session) != first
    assert len(times) == 1


def test_a_role_is_assumed_anew_without_a_code(here: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    here.login(account.code())
    ends_in(account, 70, of=3600)
    session = watchword.boto3_session(
        "work", role=f"arn:aws:iam::{account.sandbox.account}:role/Support", duration_seconds=3600, ask=None
    )
    first = access_key(session)
    set_clock(account, timedelta(0))
    time.sleep(11)
    assert access_key(session) != first
    assert len(account.calls("sts:AssumeRole")) == 2
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_a_wrong_clock_is_said_instead_of_asking_for_ever(here: Somebody, account: Account) -> None:
    ends_in(account, -100, of=900)
    times: list[tuple[str, str]] = []
    with pytest.raises(WatchwordError, match="is over already, by this machine's clock"):
        arn(watchword.boto3_session("work", duration_seconds=900, ask=asked(account, times)))
    assert len(times) == 1


# -- the module itself


def test_importing_watchword_loads_nothing_else() -> None:
    script = "import sys; before = {*sys.modules}; import watchword; print(*{*sys.modules} - before)"
    assert subprocess.check_output([PYTHON, "-c", script], text=True) == "watchword\n"


def test_it_says_that_it_is_typed() -> None:
    assert (Path(watchword.__file__).parent / "py.typed").exists()
