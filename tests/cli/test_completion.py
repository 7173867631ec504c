"""Completion in the shells themselves: what a person who presses TAB is shown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import pexpect
import pytest

from session.people import BIN, WATCHWORD, Somebody, somebody
from watchword.cli import watchword
from watchword.cli.completion import OF_A_PROFILE
from watchword.fastpath import session_file

_CONFIG = """\
[default]
[profile work]
region = eu-west-1
[profile workshop]
role_arn = arn:aws:iam::123456789012:role/teams/Support
source_profile = work
[profile "my work"]
[profile $(touch hurt)]
[sso-session corp]
"""


@pytest.fixture
def typist(tmp_path: Path) -> Somebody:
    """Somebody with profiles, roles, and nothing that answers: completion asks nobody."""
    person = somebody(tmp_path / "typist", "http://127.0.0.1:9", "AKIAX", "x")
    (person.home / "aws" / "config").write_text(_CONFIG)
    return person


def asked(person: Somebody, line: str) -> list[str]:
    """Return what bash would be told for a line whose last word is not finished."""
    words = line.split(" ")
    run = subprocess.run(
        [WATCHWORD],
        env=person.environment
        | {
            "_WATCHWORD_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    return [each.removeprefix("plain,") for each in run.stdout.splitlines() if each]


def test_commands_are_completed_from_the_table(typist: Somebody) -> None:
    assert asked(typist, "watchword log") == ["login", "logout"]
    assert "console" in asked(typist, "watchword ")
    assert asked(typist, "watchword --vers") == ["--version"]
    assert asked(typist, "watchword policy ex") == ["explain"]


def test_profiles_are_those_of_the_aws_files_that_a_shell_reads_as_they_stand(typist: Somebody) -> None:
    assert asked(typist, "watchword login ") == ["default", "work", "workshop"]
    assert asked(typist, "watchword login --profile works") == ["workshop"]
    assert asked(typist, "watchword exec w") == ["work", "workshop"]
    (typist.home / "aws" / "config").write_text("[broken\n")
    assert asked(typist, "watchword login ") == ["work"]


def test_roles_are_those_of_profiles(typist: Somebody) -> None:
    assert asked(typist, "watchword console work --role S") == ["Support"]


def test_roles_are_those_of_sessions_too(typist: Somebody) -> None:
    folder = typist.cache / "sessions"
    folder.mkdir(parents=True, mode=0o700)
    typist.cache.chmod(0o700)
    credentials = session_file.Credentials(
        access_key_id="ASIAX",
        secret_access_key="x",
        session_token="x",
        expires_at=datetime(2030, 1, 1, tzinfo=UTC),
    )
    session_file.write(
        str(folder / "a.session"), credentials, {"role_arn": "arn:aws:iam::123456789012:role/Supervisor"}
    )
    session_file.write(str(folder / "b.session"), credentials, {"profile": "work"})
    (folder / "c.session").write_text("broken")
    assert asked(typist, "watchword exec work --role Su") == ["Supervisor", "Support"]


def test_the_commands_of_a_profile_are_known_without_asking_them() -> None:
    context = click.Context(watchword)
    found = set()
    for name in watchword.list_commands(context):
        command = watchword.get_command(context, name)
        arguments = (
            [param.name for param in command.params if isinstance(param, click.Argument)] if command else []
        )
        found |= {name} if arguments[:1] == ["profile"] else set()
    assert found == OF_A_PROFILE


def test_a_profile_is_completed_without_aws_s_sdk(typist: Somebody) -> None:
    run = typist.shell(
        [sys.executable, "-X", "importtime", WATCHWORD],
        _WATCHWORD_COMPLETE="bash_complete",
        COMP_WORDS="watchword console w",
        COMP_CWORD="2",
    )
    assert run.stdout == "plain,work\nplain,workshop\n"
    assert "watchword.cli.completion" in run.stderr
    assert "botocore" not in run.stderr


def test_after_the_dashes_files_are_completed(typist: Somebody) -> None:
    assert asked(typist, "watchword exec work -- ca") == ["file,ca"]


@pytest.mark.parametrize(
    "line",
    ["watchword no-such-command ", "watchword login 123456 ", 'watchword login "', "watchword login a b "],
)
def test_what_cannot_be_completed_says_nothing(typist: Somebody, line: str) -> None:
    assert asked(typist, line) in ([], ["default", "work", "workshop"])


def script(person: Somebody, shell: str) -> str:
    run = person.run("completion", shell)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_an_unknown_shell_is_a_usage_error(typist: Somebody) -> None:
    run = typist.run("completion", "tcsh")
    assert (run.returncode, run.stdout) == (2, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_tab_in_bash(typist: Somebody) -> None:
    source = typist.home / "completion.bash"
    source.write_text(script(typist, "bash"))
    bash = typist.terminal("bash", "--norc", "--noprofile", "-i", PS1="ready> ", INPUTRC="/dev/null")
    bash.expect("ready> ")
    bash.sendline(f". {source}")
    bash.expect("ready> ")
    assert_tab_completes(bash)


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_tab_in_zsh(typist: Somebody) -> None:
    source = typist.home / "completion.zsh"
    source.write_text(script(typist, "zsh"))
    zsh = typist.terminal("zsh", "-f", "-i", PS1="ready> ")
    zsh.expect("ready> ")
    zsh.sendline(f"autoload -Uz compinit; compinit -u -d {typist.home}/dump; . {source}; echo done")
    zsh.expect("done\r\n")
    assert_tab_completes(zsh)


def assert_tab_completes(shell: pexpect.spawn[str]) -> None:
    """Type half a command and half a profile with TAB, and run what has come of it."""
    shell.send("echo watchword-is-there\r")
    shell.expect("watchword-is-there\r\n")
    shell.send("watchword conso\t")
    shell.expect("watchword conso.*le ")
    shell.send("works\t")
    shell.expect("hop ")
    shell.send("--ser\t")
    shell.expect("vice ")
    shell.send("ec2 --destination x\r")
    shell.expect("two ways to name one page")
    shell.close(force=True)


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_completion_in_fish(typist: Somebody) -> None:
    source = typist.home / "completion.fish"
    source.write_text(script(typist, "fish"))
    lines = ("watchword conso", "watchword console works", "watchword console --ser")
    commands = "; ".join(f"complete --do-complete '{line}'" for line in lines)
    run = subprocess.run(
        ["fish", "--no-config", "-c", f"source {source}; {commands}"],
        env=typist.environment | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = [re.split(r"\t", line)[0] for line in run.stdout.splitlines()]
    assert (found, run.stderr) == (["console", "workshop", "--service"], "")
