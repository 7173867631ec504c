"""The session as SDKs ask for it, and how quickly it is there when it is in the cache."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.cold_callers import answers_in, callers_at_terminal
from session.account import Account
from session.people import BIN, PROMPT, WATCHWORD, Somebody, end
from watchword.fastpath.line import process_line
from watchword.fastpath.session_file import written

LINE = shlex.split(process_line("work"))
COMMAND = [WATCHWORD, "credential-process", "work"]
# What the quick answer may load beside what every Python loads: nothing else is that quick.
_QUICK = {
    "__future__",
    "watchword",
    "watchword.fastpath",
    "watchword.fastpath.answer",
    "watchword.fastpath.hand_out",
    "watchword.fastpath.place",
    "watchword.fastpath.private_file",
    "watchword.fastpath.surroundings",
    "watchword.fastpath.way",
}


@pytest.fixture
def settled(person: Somebody) -> Somebody:
    """A person whose AWS files were not changed just now."""
    time.sleep(2.1)
    return person


def _signed_in(person: Somebody, account: Account) -> str:
    """Sign in, work out the way, and return the session's line."""
    person.login(account.code())
    assert person.run("credential-process").returncode == 0
    assert list((person.cache / "ways").iterdir())
    return person.sessions()[0].read_text().splitlines()[0]


def test_it_prints_what_sdks_expect_and_nothing_else(person: Somebody, account: Account) -> None:
    person.login(account.code())
    for command in (COMMAND, LINE):
        result = person.shell(command)
        assert result.returncode == 0
        assert result.stdout.count("\n") == 1
        given = json.loads(result.stdout)
        assert set(given) == {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"}
        assert account.is_session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def test_a_cached_session_is_answered_with_next_to_nothing_loaded(
    settled: Somebody, account: Account
) -> None:
    line = _signed_in(settled, account)
    result = settled.shell([LINE[0], *LINE[1:3], "-X", "importtime", *LINE[3:]])
    assert result.stdout == f"{line}\n"
    plain = settled.shell([LINE[0], *LINE[1:3], "-X", "importtime", "-c", "import os, time"])
    loaded = {entry.rpartition("|")[2].strip() for entry in result.stderr.splitlines()}
    usual = {entry.rpartition("|")[2].strip() for entry in plain.stderr.splitlines()}
    assert loaded - usual == _QUICK


def test_offline_a_cached_session_is_answered(settled: Somebody, account: Account) -> None:
    line = _signed_in(settled, account)
    account.sandbox.stop()
    for command in (LINE, COMMAND):
        assert settled.shell(command).stdout == f"{line}\n"
    ran = settled.run(
        "exec", "work", "--", "sh", "-c", "echo $AWS_ACCESS_KEY_ID $AWS_REGION $WATCHWORD_PROFILE"
    )
    assert ran.stdout.split() == [json.loads(line)["AccessKeyId"], "eu-west-1", "work"]


def test_cached_exec_hands_out_what_the_whole_program_does(settled: Somebody, account: Account) -> None:
    show = [sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))"]
    settled.login(account.code())
    whole = settled.run("exec", "work", "--color", "never", "--", *show)
    assert list((settled.cache / "ways").iterdir())
    quick = settled.run("exec", "work", "--", *show)
    assert json.loads(quick.stdout) == json.loads(whole.stdout)
    nested = settled.run("exec", "work", "--", WATCHWORD, "exec", "work", "--", *show)
    assert json.loads(nested.stdout) == json.loads(whole.stdout)


@pytest.mark.parametrize(
    ("command", "exit_code"),
    [
        (["sh", "-c", "exit 7"], 7),
        (["no-such-command"], 127),
        (["/etc/passwd"], 126),
        (["sh", "-c", "kill -9 $$"], -9),
    ],
)
def test_cached_exec_ends_as_the_whole_program_does(
    settled: Somebody, account: Account, command: list[str], exit_code: int
) -> None:
    _signed_in(settled, account)
    assert settled.run("exec", "work", "--", *command).returncode == exit_code
    assert settled.run("exec", "work", "--color", "never", "--", *command).returncode == exit_code


def test_cached_exec_lets_pipes_break_and_warns_of_a_key(settled: Somebody, account: Account) -> None:
    _signed_in(settled, account)
    piped = settled.shell(["bash", "-c", f"{WATCHWORD} exec work -- yes | head -1; echo ${{PIPESTATUS[0]}}"])
    assert piped.stdout.split() == ["y", "141"]
    assert "`--profile work`" in settled.run("exec", "work", "--", "echo", "--profile", "work").stderr


def test_without_a_terminal_a_cold_call_ends_with_6_at_once(person: Somebody, account: Account) -> None:
    for command in (COMMAND, LINE):
        began = time.monotonic()
        result = person.shell(command)
        assert time.monotonic() - began < 10
        assert (result.returncode, result.stdout) == (6, "")
        assert "run `watchword login work` in a terminal first" in result.stderr
    assert account.calls() == []


def test_a_key_that_was_exchanged_is_not_answered_for(settled: Somebody, account: Account) -> None:
    """The session of the old key lives on, and is not this profile's any more."""
    _signed_in(settled, account)
    path = Path(settled.environment["AWS_SHARED_CREDENTIALS_FILE"])
    path.write_text(path.read_text().replace(account.key.access_key_id, "AKIAANOTHER"))
    for command in (LINE, COMMAND):
        assert settled.shell(command).returncode == 6


def test_another_endpoint_is_not_answered_for(settled: Somebody, account: Account) -> None:
    _signed_in(settled, account)
    for command in (LINE, COMMAND):
        assert settled.shell(command, AWS_ENDPOINT_URL="http://127.0.0.1:9").returncode == 6
        assert settled.shell(command, AWS_ENDPOINT_URL_STS="http://127.0.0.1:9").returncode == 6


def test_what_was_logged_out_is_not_answered(settled: Somebody, account: Account) -> None:
    _signed_in(settled, account)
    assert settled.run("logout").returncode == 0
    for command in (LINE, COMMAND):
        assert settled.shell(command).returncode == 6
    assert settled.run("exec", "--", "echo", "ran").returncode == 6


def test_a_role_that_is_asked_for_beside_the_profile_is_no_matter_of_the_cache(
    settled: Somebody, account: Account
) -> None:
    line = _signed_in(settled, account)
    account.role_with_mfa("Support")
    role = f"arn:aws:iam::{account.sandbox.account}:role/Support"
    given = settled.run("credential-process", "work", "--role", role).stdout
    assert json.loads(given)["AccessKeyId"] != json.loads(line)["AccessKeyId"]
    assert settled.shell(LINE).stdout == f"{line}\n"


def test_offline_and_cold_is_one_clear_error(person: Somebody) -> None:
    for url, cause in (
        ("http://127.0.0.1:9", "refused"),
        ("http://no-such-host.invalid", "cannot be resolved"),
    ):
        shown = end(person.terminal(*LINE, AWS_ENDPOINT_URL=url), 1)
        assert f"from `{url}`" in shown
        assert cause in shown
        assert shown.count("error:") == 1
        assert "Traceback" not in shown


def test_on_a_full_disk_it_says_so_and_burns_no_code(person: Somebody, account: Account) -> None:
    terminal = person.terminal("bash", "-c", f"ulimit -f 0; {process_line('work')}")
    if terminal.expect([PROMPT, "error: "]) == 0:
        terminal.sendline(account.code())
    assert "cannot write" in end(terminal, 1)
    assert account.calls("sts:GetSessionToken") == []


def test_a_cached_session_is_answered_where_nothing_can_be_written(
    settled: Somebody, account: Account
) -> None:
    line = _signed_in(settled, account)
    for command in (process_line("work"), shlex.join(COMMAND)):
        assert settled.shell(["bash", "-c", f"ulimit -f 0; {command} | cat"]).stdout == f"{line}\n"
    for way in (settled.cache / "ways").iterdir():
        way.unlink()
    assert settled.shell(["bash", "-c", f"ulimit -f 0; {process_line('work')} | cat"]).stdout == f"{line}\n"


def test_a_closed_output_is_a_failure(settled: Somebody, account: Account) -> None:
    _signed_in(settled, account)
    for command in (process_line("work"), shlex.join(COMMAND)):
        result = settled.shell(["bash", "-c", f"{command} >&-"])
        assert result.returncode == 1
        assert "Traceback" not in result.stderr


def test_killed_at_any_moment_it_leaves_nothing_that_is_not_whole(person: Somebody, account: Account) -> None:
    person.login(account.code())
    for milliseconds in range(100, 700, 60):
        for way in (person.cache / "ways").glob("*"):
            way.unlink()
        process = subprocess.Popen(COMMAND, env=person.environment, stdout=subprocess.DEVNULL)
        time.sleep(milliseconds / 1000)
        process.kill()
        process.wait()
    assert person.shell(LINE).returncode == person.shell(LINE).returncode == 0


@pytest.mark.parametrize("what", ["expired", "garbage"])
def test_a_session_that_is_over_or_broken_is_opened_anew(
    settled: Somebody, account: Account, what: str
) -> None:
    line = _signed_in(settled, account)
    (path,) = settled.sessions()
    second = path.read_text().splitlines()[1]
    over = json.loads(line) | {"Expiration": written(datetime.now(UTC) + timedelta(seconds=50))}
    path.write_text(f"{json.dumps(over)}\n{second}\n" if what == "expired" else "\0")
    answers = settled.home / "answers"
    terminal = callers_at_terminal(settled, 2, LINE, answers)
    terminal.expect(PROMPT)
    terminal.sendline(account.later_code())
    end(terminal, 0)
    assert {answer.exit_code for answer in answers_in(answers)} == {0}
    assert len(account.calls("sts:GetSessionToken")) == 2


def test_a_role_is_renewed_ahead_of_the_sdks_and_without_a_code(settled: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    config = Path(settled.environment["AWS_CONFIG_FILE"])
    role = f"role_arn = arn:aws:iam::{account.sandbox.account}:role/Support\nsource_profile = work\n"
    config.write_text(config.read_text() + f"[profile support]\n{role}")
    settled.login(account.code())
    time.sleep(2.1)
    line = shlex.split(process_line("support"))
    first = settled.shell(line).stdout
    assert settled.shell(line).stdout == first
    (path,) = (each for each in settled.sessions() if "role_arn" in each.read_text())
    _end_in(path, minutes=17)
    assert json.loads(settled.shell(line).stdout)["AccessKeyId"] == json.loads(first)["AccessKeyId"]
    _end_in(path, minutes=15)
    renewed = json.loads(settled.shell(line).stdout)
    assert renewed["AccessKeyId"] != json.loads(first)["AccessKeyId"]
    # Once the user's own session is over, what is left of the role's is used up before anybody is asked.
    _end_in(path, minutes=15)
    (user,) = (each for each in settled.sessions() if each != path)
    user.unlink()
    assert json.loads(settled.shell(line).stdout)["AccessKeyId"] == renewed["AccessKeyId"]
    assert json.loads(settled.shell(line).stdout)["AccessKeyId"] == renewed["AccessKeyId"]
    _end_in(path, minutes=0.5)
    assert settled.shell(line).returncode == 6


def _end_in(path: Path, *, minutes: float) -> None:
    first, second = path.read_text().splitlines()
    moment = written(datetime.now(UTC) + timedelta(minutes=minutes))
    begun = written(datetime.now(UTC) + timedelta(minutes=minutes) - timedelta(hours=1))
    about = json.loads(second) | {"issued_at": begun}
    path.write_text(f"{json.dumps(json.loads(first) | {'Expiration': moment})}\n{json.dumps(about)}\n")


def test_the_real_aws_command_gets_in_through_the_line(settled: Somebody, account: Account) -> None:
    config = Path(settled.environment["AWS_CONFIG_FILE"])
    process = f"[profile work-mfa]\nregion = eu-west-1\ncredential_process = {process_line('work')}\n"
    config.write_text(config.read_text() + process)
    settled.login(account.code())
    arn = settled.shell(
        [f"{BIN}/aws", "sts", "get-caller-identity", "--query", "Arn"], AWS_PROFILE="work-mfa"
    )
    assert json.loads(arn.stdout) == account.arn
    assert len(account.calls("sts:GetSessionToken")) == 1
