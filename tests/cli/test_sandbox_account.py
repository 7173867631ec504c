"""`watchword sandbox account`, as typed: a real process, a real folder, the real `aws` command."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from pathlib import Path

import pytest

from watchword.sandbox.folder import Folder

BIN = Path(sys.executable).parent
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("account") / "sandbox")


@pytest.fixture(scope="module")
def run(folder: Folder) -> Iterator[Run]:
    """Run a program against a sandbox that is up."""
    environment = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOME": str(folder.path.parent),
        "WATCHWORD_SANDBOX": str(folder.path),
        "AWS_CONFIG_FILE": str(folder.config),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder.credentials),
    }

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    assert run("watchword", "sandbox", "up").returncode == 0
    yield run
    run("watchword", "sandbox", "down")


def account(run: Run, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run("watchword", "sandbox", "account", *arguments)


def test_an_added_account_is_used_by_its_profile(run: Run, folder: Folder) -> None:
    added = account(run, "add", "111122223333", "--name", "production")
    assert (added.returncode, added.stderr) == (0, "")
    assert "`production-root`" in added.stdout
    keys = ConfigParser()
    keys.read(folder.credentials)
    assert {"root", "production-root"} <= set(keys.sections())
    assert keys["production-root"]["aws_secret_access_key"] not in added.stdout
    assert {stat.S_IMODE(file.stat().st_mode) for file in (folder.config, folder.credentials)} == {0o600}
    who = run("aws", "sts", "get-caller-identity", "--profile", "production-root")
    assert json.loads(who.stdout)["Arn"] == "arn:aws:iam::111122223333:root"

    again = account(run, "add", "111122223333", "--name", "other")
    assert (again.returncode, again.stderr.splitlines()[0]) == (
        1,
        "error: account 111122223333 is there already",
    )
    taken = account(run, "add", "--name", "production")
    assert (taken.returncode, taken.stderr.splitlines()[0]) == (
        2,
        "error: there is a profile `production-root` already",
    )


def test_a_member_is_listed_with_its_place(run: Run) -> None:
    added = json.loads(account(run, "add", "--name", "team", "--member", "--output", "json").stdout)
    assert (added["schema"], added["profile"]) == ("watchword/sandbox-account/v1", "team-root")
    listed = json.loads(account(run, "list", "--output", "json").stdout)
    assert listed["schema"] == "watchword/sandbox-accounts/v1"
    by_name = {each["name"]: each for each in listed["accounts"]}
    assert by_name["team"]["id"] == added["id"]
    assert by_name["team"]["organization"] == by_name["home"]["organization"]
    assert by_name["team"]["organization"].startswith("o-")
    assert account(run).stdout.splitlines()[0].startswith("123456789012  home")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("12",), "error: `12` is not an account number: twelve digits are expected"),
        (("--name", "a b"), "error: `a b` cannot be the name: 1 to 50 of A-Z a-z 0-9 _ . - are expected"),
    ],
)
def test_what_cannot_be_an_account_is_said(run: Run, given: tuple[str, ...], said: str) -> None:
    refused = account(run, "add", *given)
    assert (refused.returncode, refused.stderr.splitlines()[0]) == (2, said)


def test_phones_and_devices_are_of_an_account(run: Run) -> None:
    account(run, "add", "444455556666")
    for profile in ("root", "444455556666-root"):
        run("aws", "iam", "create-user", "--user-name", "ann", "--profile", profile)
    token = ("watchword", "sandbox", "device", "--user", "ann", "--hardware-token", "GAHT12345678")
    assert run(*token, "--account", "444455556666").returncode == 0
    phone = ("watchword", "sandbox", "phone", "--user", "ann", "--code")
    assert run(*phone).returncode == 1
    assert len(run(*phone, "--account", "444455556666").stdout.strip()) == 6
    run("watchword", "sandbox", "account", "add", "555566667777", "--name", "books")
    run("aws", "iam", "create-user", "--user-name", "bea", "--profile", "books-root")
    assert run(*token[:4], "bea", "--security-key", "k", "--account", "books").returncode == 0
    bea = ("watchword", "sandbox", "phone", "--user", "bea")
    assert "security keys only" in run(*bea, "--account", "books").stderr
    for of_another in (
        run(*bea),
        run("watchword", "sandbox", "device", "--user", "bea", "--security-key", "k"),
    ):
        assert of_another.stderr.splitlines()[1] == "hint: with `--account 555566667777` there is one"
    nowhere = run(*phone, "--account", "999999999999")
    assert nowhere.stderr.splitlines()[:2] == [
        "error: there is no account `999999999999`",
        "hint: `watchword sandbox account list` lists those there are",
    ]
