"""`watchword sandbox run`, `up --scenario` and `check-scenario`, as a person types them."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from pathlib import Path

import pexpect
import pytest

WATCHWORD = str(Path(sys.executable).parent / "watchword")
SCENARIO = """\
schema: watchword/sandbox-scenario/v1
users:
  alice:
    access_keys: 2
    devices: [{virtual: alice}]
accounts:
  production: {id: "222222222222", users: {ops: {}}}
"""
WHO = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith(("AWS_", "WATCHWORD_")):
            monkeypatch.delenv(name)
    for name, below in (("HOME", "home"), ("TMPDIR", "tmp")):
        (tmp_path / below).mkdir()
        monkeypatch.setenv(name, str(tmp_path / below))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "team.yaml").write_text(SCENARIO)
    return tmp_path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WATCHWORD, "sandbox", *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def eventually(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def nothing_is_left(home: Path) -> bool:
    return eventually(lambda: list((home / "tmp").iterdir()) == [])


def lives(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_command_has_a_sandbox_of_its_own_and_its_exit_code_is_passed_on(home: Path) -> None:
    asks = f"{WHO}; import os, sys; print(os.environ['WATCHWORD_SANDBOX']); sys.exit(7)"
    told = run(
        "run", "--scenario", "team.yaml", "--profile", "production-ops", "--cloudtrail", "trail",
        "--", sys.executable, "-c", asks,
    )  # fmt: skip
    assert told.returncode == 7, told.stderr
    arn, folder = told.stdout.splitlines()
    assert arn == "arn:aws:iam::222222222222:user/ops"
    assert Path(folder).parent == home / "tmp"
    assert nothing_is_left(home)
    assert list((home / "trail").rglob("*.json.gz")) != []


def test_the_command_finds_phone_and_devices_and_nobody_is_the_default(home: Path) -> None:
    script = (
        "watchword sandbox phone --user alice --code && cat $WATCHWORD_SANDBOX/devices.json"
        " && ! aws sts get-caller-identity"
    )
    told = run("run", "--scenario", "team.yaml", "--", "sh", "-c", script)
    assert told.returncode == 0, told.stderr
    code, _, devices = told.stdout.partition("\n")
    assert code.isdigit()
    (device,) = json.loads(devices)["devices"]
    assert (device["user"], device["kind"], len(device["seed"])) == ("alice", "virtual", 64)
    assert "Unable to locate credentials" in told.stderr


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (("--", "no-such-program"), 127, "`no-such-program` is not on the PATH"),
        (("--", "./team.yaml"), 126, "`./team.yaml` is not a program that can be run"),
        (("--scenario", "bad.yaml", "--", "true"), 1, "bad.yaml:2:8: expected a mapping of names, found `5`"),
        (("--profile", "bob", "--", "true"), 2, "there will be no profile `bob`"),
        (("true",), 2, "put `--` before the command: `watchword sandbox run -- aws s3 ls`"),
        (("--account", "12", "--", "true"), 2, "`12` is not an account number"),
    ],
)
def test_what_cannot_be_run_is_said_before_anything_starts(
    home: Path, arguments: tuple[str, ...], exit_code: int, says: str
) -> None:
    (home / "bad.yaml").write_text("schema: watchword/sandbox-scenario/v1\nusers: 5\n")
    told = run("run", *arguments)
    assert told.returncode == exit_code
    assert says in told.stderr
    assert list((home / "tmp").iterdir()) == []


def test_a_scenario_that_the_sandbox_refuses_runs_nothing_and_leaves_nothing(home: Path) -> None:
    (home / "bad.yaml").write_text(
        "schema: watchword/sandbox-scenario/v1\nusers:\n  alice: {policies: [arn:aws:iam::aws:policy/Nope]}\n"
    )
    told = run("run", "--scenario", "bad.yaml", "--", "echo", "ran")
    assert (told.returncode, told.stdout) == (1, "")
    assert "bad.yaml:3:3: AttachUserPolicy was refused: " in told.stderr
    assert nothing_is_left(home)


@pytest.fixture
def sleeping(home: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, int]]:
    """A command that sleeps in its sandbox: `run`, the process of the sandbox, and the command's."""
    script = "import json, os, pathlib, time; print(os.getpid(), flush=True); time.sleep(60)"
    running = subprocess.Popen(
        [WATCHWORD, "sandbox", "run", "--", sys.executable, "-c", script], stdout=subprocess.PIPE
    )
    assert running.stdout is not None
    command = int(running.stdout.readline())
    (folder,) = (home / "tmp").iterdir()
    sandbox = json.loads((folder / "door.json").read_text())["process_id"]
    yield running, sandbox, command
    running.stdout.close()
    for process_id in (command, sandbox):
        if lives(process_id):
            os.kill(process_id, signal.SIGKILL)


def test_a_signal_is_passed_on_and_the_sandbox_ends_with_the_command(
    home: Path, sleeping: tuple[subprocess.Popen[bytes], int, int]
) -> None:
    running, sandbox, command = sleeping
    running.send_signal(signal.SIGTERM)
    assert running.wait(30) == -signal.SIGTERM
    assert not lives(command)
    assert nothing_is_left(home)
    assert not lives(sandbox)


def test_a_killed_command_takes_its_sandbox_along(
    home: Path, sleeping: tuple[subprocess.Popen[bytes], int, int]
) -> None:
    running, sandbox, command = sleeping
    os.kill(command, signal.SIGKILL)
    assert running.wait(30) == -signal.SIGKILL
    assert nothing_is_left(home)
    assert not lives(sandbox)


def test_even_when_watchword_itself_is_killed_the_sandbox_ends_and_its_folder_goes(
    home: Path, sleeping: tuple[subprocess.Popen[bytes], int, int]
) -> None:
    running, sandbox, _command = sleeping
    running.kill()
    assert running.wait(30) == -signal.SIGKILL
    assert eventually(lambda: not lives(sandbox))
    assert nothing_is_left(home)


def test_control_c_reaches_the_command_and_nothing_is_left(home: Path) -> None:
    script = "import time; print('ready', flush=True); time.sleep(60)"
    terminal = pexpect.spawn(
        WATCHWORD, ["sandbox", "run", "--", sys.executable, "-c", script], encoding="utf-8", timeout=60
    )
    terminal.expect("ready")
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    assert terminal.signalstatus == signal.SIGINT
    assert nothing_is_left(home)


# --- up --scenario, check-scenario ------------------------------------------------------------------------


def test_a_sandbox_begins_with_a_scenario_and_a_profile_for_each_key(home: Path) -> None:
    up = run("up", "--dir", "box", "--scenario", "team.yaml")
    try:
        assert up.returncode == 0, up.stderr
        config, credentials = ConfigParser(), ConfigParser()
        config.read(home / "box/config")
        credentials.read(home / "box/credentials")
        assert credentials.sections() == ["root", "alice", "alice-2", "production-root", "production-ops"]
        assert config["profile alice"]["mfa_serial"] == "arn:aws:iam::123456789012:mfa/alice"
        for file in ("config", "credentials", "devices.json"):
            assert stat.S_IMODE((home / "box" / file).stat().st_mode) == 0o600
    finally:
        run("down", "--dir", "box")
    assert not (home / "box/devices.json").exists()


@pytest.mark.parametrize("more", [(), ("--foreground",)])
def test_a_sandbox_that_cannot_have_its_scenario_does_not_stay_up(home: Path, more: tuple[str, ...]) -> None:
    (home / "bad.yaml").write_text(
        "schema: watchword/sandbox-scenario/v1\nusers:\n  alice: {policies: [arn:aws:iam::aws:policy/Nope]}\n"
    )
    told = run("up", "--dir", "box", "--scenario", "bad.yaml", *more)
    assert (told.returncode, told.stdout) == (1, "")
    assert "bad.yaml:3:3: AttachUserPolicy was refused: " in told.stderr
    assert "no sandbox is up" in run("clock", "--dir", "box").stderr


def test_a_scenario_is_a_beginning_and_goes_on_no_state(home: Path) -> None:
    (home / "kept").mkdir()
    (home / "kept/file").touch()
    told = run("up", "--dir", "box", "--state", "kept", "--scenario", "team.yaml")
    assert told.returncode == 2
    assert "`kept` holds a state already" in told.stderr


def test_a_scenario_can_be_checked_by_itself(home: Path) -> None:
    good = run("check-scenario", "team.yaml")
    assert (good.returncode, good.stdout) == (0, "team.yaml: 2 accounts, 2 users, 0 roles, no problem\n")
    (home / "bad.yaml").write_text("schema: watchword/sandbox-scenario/v1\nusers: 5\ngroups: 6\n")
    bad = run("check-scenario", "bad.yaml")
    assert (bad.returncode, bad.stdout) == (1, "")
    assert bad.stderr.splitlines() == [
        "error: `bad.yaml` is not a scenario",
        "  bad.yaml:2:8: expected a mapping of names, found `5`",
        "  bad.yaml:3:9: expected a mapping of names, found `6`",
        "see: docs/sandbox/scenario.md",
    ]
    schema = run("check-scenario", "--schema")
    assert json.loads(schema.stdout)["title"] == "A scenario of the Watchword sandbox"
    assert run("check-scenario").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "warned"),
    [
        (("sqs", "list-queues"), True),
        (("sqs", "list-queues", "--endpoint-url", "http://127.0.0.1:9"), False),
        (("sts", "get-caller-identity"), False),
    ],
)
def test_an_aws_command_that_would_leave_is_warned_of(
    home: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], warned: bool
) -> None:
    aws = home / "old" / "aws"
    aws.parent.mkdir()
    aws.write_text("#!/bin/sh\necho aws-cli/1.46.0 Python/3.11\n")
    aws.chmod(0o755)
    monkeypatch.setenv("PATH", f"{aws.parent}:{os.environ['PATH']}")
    told = run("run", "--", "aws", *arguments)
    assert told.returncode == 0
    assert ("would call the real AWS" in told.stderr) is warned
