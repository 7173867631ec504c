"""Many at once, with nothing in the cache: one prompt, one session, as many good answers."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
import time
from pathlib import Path

import pexpect
import pytest

from cli.cold_callers import Answer, answers_in, callers_at_terminal
from session.account import Account
from session.people import BIN, PROMPT, WATCHWORD, Somebody, end
from watchword.fastpath.line import process_line

MANY = 50
# Each of them costs a second of two busy cores, and it is the same lock that they wait for.
MANY_IN_A_ROLE = 20
_WHO = "import boto3; print(boto3.Session().client('sts').get_caller_identity()['Arn'])"


def test_fifty_cold_callers_are_asked_once(person: Somebody, account: Account, tmp_path: Path) -> None:
    """Through the line that stands in a profile."""
    answers = _ask_once(person, account, shlex.split(process_line("work")), tmp_path / "answers", MANY)
    assert len(account.calls("sts:GetSessionToken")) == 1
    assert len(account.calls("sts:GetCallerIdentity")) == 1
    assert len(account.calls("iam:ListMFADevices")) == 1
    given = _all_the_same(answers, MANY)
    assert account.is_session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


def test_twenty_cold_callers_of_a_role_are_asked_once(
    person: Somebody, account: Account, tmp_path: Path
) -> None:
    account.role_with_mfa("Support")
    _add_profile(
        person,
        "support",
        role_arn=f"arn:aws:iam::{account.sandbox.account}:role/Support",
        source_profile="work",
    )
    command = [WATCHWORD, "credential-process", "support"]
    answers = _ask_once(person, account, command, tmp_path / "answers", MANY_IN_A_ROLE)
    given = _all_the_same(answers, MANY_IN_A_ROLE)
    assert given["AccessKeyId"].startswith("ASIA")
    assert len(account.calls("sts:GetSessionToken")) == 1
    assert len(_assumptions(account)) == 1


def test_the_aws_command_and_boto3_get_in_at_once_with_one_code(
    person: Somebody, account: Account, tmp_path: Path
) -> None:
    """`aws` and boto3 run the line themselves, and swallow what it says."""
    _add_profile(person, "work-mfa", credential_process=process_line("work"), region="eu-west-1")
    who = f"{shlex.quote(sys.executable)} -c {shlex.quote(_WHO)}"
    aws = f"{BIN}/aws sts get-caller-identity --query Arn --output text"
    both = ["sh", "-c", f"{aws} & {who}; wait $!"]
    terminal = callers_at_terminal(person, 3, both, tmp_path / "answers", AWS_PROFILE="work-mfa")
    _give_code(terminal, account)
    answers = answers_in(tmp_path / "answers")
    assert [answer.exit_code for answer in answers] == [0] * 3, answers
    assert [answer.stdout.split() for answer in answers] == [[account.arn] * 2] * 3
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_when_the_one_that_asks_is_killed_another_asks(
    person: Somebody, account: Account, tmp_path: Path
) -> None:
    terminal = callers_at_terminal(person, 3, shlex.split(process_line("work")), tmp_path / "answers")
    terminal.expect(PROMPT)
    _wait_for_callers(person, 3)
    os.kill(_holder(person), 9)
    _give_code(terminal, account)
    codes = sorted(answer.exit_code for answer in answers_in(tmp_path / "answers"))
    assert codes == [-9, 0, 0]
    assert len(account.calls("sts:GetSessionToken")) == 1


def _ask_once(person: Somebody, account: Account, command: list[str], path: Path, count: int) -> list[Answer]:
    terminal = callers_at_terminal(person, count, command, path)
    terminal.expect(PROMPT, timeout=240)
    _wait_for_callers(person, count)
    terminal.sendline(account.code())
    assert not re.search(PROMPT, end(terminal, 0))
    return answers_in(path)


def _give_code(terminal: pexpect.spawn[str], account: Account) -> None:
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    assert not re.search(PROMPT, end(terminal, 0))


def _all_the_same(answers: list[Answer], count: int) -> dict[str, str]:
    assert [answer.exit_code for answer in answers] == [0] * count, answers
    assert len({answer.stdout for answer in answers}) == 1
    given = json.loads(answers[0].stdout)
    assert given.pop("Version") == 1
    return dict(given)


def _wait_for_callers(person: Somebody, count: int) -> None:
    """Wait until so many processes stand before the lock: then all of them were cold."""
    end_of_patience = time.monotonic() + 240
    while len(_callers(person)) < count:
        assert time.monotonic() < end_of_patience, len(_callers(person))
        time.sleep(1)


def _callers(person: Somebody) -> set[int]:
    found = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith(str(person.cache / "locks")):
            found.add(int(link.parts[2]))
    return found


def _holder(person: Somebody) -> int:
    """Return the process that asks: the one that holds a lock (`/proc/locks` says which)."""
    held = {int(line.split()[4]) for line in Path("/proc/locks").read_text().splitlines() if "->" not in line}
    (holder,) = held & _callers(person)
    return holder


def _assumptions(account: Account) -> list[object]:
    own = account.sandbox.log[account.since :]
    return [record for record in own if record.action == "sts:AssumeRole" and record.outcome == "allowed"]


def _add_profile(person: Somebody, name: str, **settings: str) -> None:
    config = Path(person.environment["AWS_CONFIG_FILE"])
    lines = [f"[profile {name}]", *(f"{key} = {value}" for key, value in settings.items())]
    config.write_text("\n".join([config.read_text().rstrip("\n"), *lines, ""]))


if not Path("/proc/locks").exists():
    pytest.skip("needs /proc to tell who waits", allow_module_level=True)
