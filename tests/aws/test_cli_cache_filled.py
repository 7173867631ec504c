from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from session.account import Account
from session.people import Somebody, end


@pytest.fixture
def at_role(person: Somebody, account: Account) -> Somebody:
    """Somebody whose profile `sup` is a role that demands MFA, written as for the AWS CLI."""
    account.role_with_mfa("Support")
    with (person.home / "aws" / "config").open("a") as file:
        file.write(
            f"[profile sup]\nrole_arn = arn:aws:iam::{account.sandbox.account}:role/Support\n"
            f"source_profile = work\nmfa_serial = {account.serial()}\nregion = eu-west-1\n"
        )
    return person


def _aws(person: Somebody) -> subprocess.CompletedProcess[str]:
    return person.shell(["aws", "sts", "get-caller-identity", "--profile", "sup", "--output", "text"])


def _entries(person: Somebody) -> list[Path]:
    return sorted((person.home / ".aws" / "cli" / "cache").glob("*"))


def test_one_code_serves_plain_aws_too_and_logout_ends_that(at_role: Somebody, account: Account) -> None:
    without = _aws(at_role)
    assert without.returncode != 0
    assert "assumed-role" not in without.stdout
    shown = at_role.login(account.code(), "sup", "--fill-cli-cache")
    assert "the AWS CLI uses it for `sup` until" in shown
    answered = _aws(at_role)
    assert answered.returncode == 0, answered.stderr
    assert "assumed-role/Support" in answered.stdout
    (entry,) = _entries(at_role)
    (entry.with_name(f"{'0' * 40}.json")).write_text("{}")
    assert "taken out of the AWS CLI's cache: 1" in at_role.run("logout", "sup").stderr
    assert [path.name for path in _entries(at_role)] == [f"{'0' * 40}.json"]
    assert _aws(at_role).returncode != 0


def test_without_the_option_the_aws_command_gets_nothing(at_role: Somebody, account: Account) -> None:
    at_role.login(account.code(), "sup")
    assert _entries(at_role) == []
    assert _aws(at_role).returncode != 0


def test_logout_of_the_user_and_of_everybody_ends_it_as_well(at_role: Somebody, account: Account) -> None:
    at_role.login(account.code(), "sup", "--fill-cli-cache")
    at_role.run("logout", "work")
    assert _entries(at_role) == []
    at_role.login(account.later_code(), "sup", "--fill-cli-cache")
    assert len(_entries(at_role)) == 1
    at_role.run("logout", "--all")
    assert _entries(at_role) == []


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (["work"], 1, "assumes no role"),
        (["sup", "--role", "Another"], 2, "do not go together"),
    ],
)
def test_what_the_aws_command_would_not_find_is_refused_before_a_code_is_asked(
    at_role: Somebody, arguments: list[str], exit_code: int, says: str
) -> None:
    terminal = at_role.at_terminal("login", *arguments, "--fill-cli-cache")
    shown = end(terminal, exit_code)
    assert says in shown
    assert "code of" not in shown
    assert _entries(at_role) == []
