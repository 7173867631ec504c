"""How the device commands are typed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

from session.account import Account
from session.people import Somebody
from watchword.cli.device import device


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--help"], ["enroll", "list", "--color", "Examples:"]),
        (
            ["enroll", "--help"],
            ["--profile", "--name", "--png", "--show-seed", "--output", "--color", "Examples:"],
        ),
        (["list", "--help"], ["--profile", "--output", "--color", "Examples:"]),
    ],
)
def test_help_says_what_there_is(arguments: list[str], says: list[str]) -> None:
    result = CliRunner().invoke(device, arguments)
    assert result.exit_code == 0
    assert all(each in result.output for each in says)


def test_help_loads_neither_the_qr_code_nor_the_ceremony() -> None:
    program = (
        "import sys, watchword.cli.device as d\n"
        "try: d.device(['enroll', '--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('segno', 'watchword.device.enrol') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_devices_are_listed_with_the_key_when_aws_takes_the_session_no_more(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    account.end_sessions()
    result = person.run("device", "list")
    assert result.returncode == 0, result.stderr
    assert account.serial() in result.stdout
    assert "AWS does not take the session any more (ExpiredToken)" in result.stderr


def test_who_may_not_list_is_told_what_a_policy_must_allow(person: Somebody, account: Account) -> None:
    account.forbid_list()
    result = person.run("device", "list", "--color", "never")
    assert result.returncode == 5
    assert f"a policy must allow `iam:ListMFADevices` on `{account.arn}`" in result.stderr
    assert "docs/devices/policies.md" in result.stderr
    assert "`watchword login work` first" in result.stderr
