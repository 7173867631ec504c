from __future__ import annotations

import json
import shutil

import pytest

from session.account import Account
from session.people import PROMPT, WATCHWORD, Somebody, end


def test_eval_takes_the_session_into_the_shell(person: Somebody, account: Account) -> None:
    person.login(account.code())
    script = f'eval "$({WATCHWORD} env)"; '
    script += 'echo "$AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN "'
    script += '"${AWS_PROFILE-none} $AWS_REGION $WATCHWORD_PROFILE"'
    result = person.shell(["bash", "-euc", script])
    *credentials, profile, region, ours = result.stdout.split()
    assert account.is_session(*credentials)
    assert (profile, region, ours) == ("none", "eu-west-1", "work")


def test_at_a_terminal_it_says_until_when(person: Somebody, account: Account) -> None:
    person.login(account.code())
    terminal = person.terminal("bash", "-c", f'eval "$({WATCHWORD} env)"; echo in $WATCHWORD_PROFILE')
    terminal.expect(r"the session of `work`, until [^\n]* \((4 h|3 h 59 min) left\)")
    terminal.expect("in work")
    end(terminal, 0)


def test_logout_gives_the_shell_back_what_it_had(person: Somebody, account: Account) -> None:
    person.login(account.code())
    script = (
        f'eval "$({WATCHWORD} env)"; eval "$({WATCHWORD} env)"; eval "$({WATCHWORD} logout --shell bash)"; '
        "env | grep -E '^(AWS|WATCHWORD)' | cut -d= -f1 | sort"
    )
    result = person.shell(["bash", "-euc", script])
    assert result.stdout.split() == [
        "AWS_CONFIG_FILE",
        "AWS_ENDPOINT_URL",
        "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE",
    ]
    assert person.sessions() == []


def test_status_and_exec_know_the_profile_inside_such_a_shell(person: Somebody, account: Account) -> None:
    person.login(account.code())
    result = person.shell(
        ["bash", "-euc", f'eval "$({WATCHWORD} env)"; {WATCHWORD} login; {WATCHWORD} exec -- echo ran']
    )
    assert result.stdout == "ran\n"
    assert "already signed in" in result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_reads_its_own_lines(person: Somebody, account: Account, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    person.login(account.code())
    lines = person.run("env", "--shell", shell).stdout
    result = person.shell(
        [shell, "-c", f"{lines}\necho $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN"]
    )
    assert account.is_session(*result.stdout.split())


def test_fish_gets_fish(person: Somebody, account: Account) -> None:
    person.login(account.code())
    lines = person.run("env", SHELL="/usr/bin/fish").stdout.splitlines()
    assert "set -e AWS_PROFILE" in lines
    assert "set -gx AWS_REGION 'eu-west-1'" in lines


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/dash", "/usr/bin/zsh"])
def test_the_shell_is_guessed(person: Somebody, account: Account, shell: str) -> None:
    person.login(account.code())
    assert "export AWS_REGION=eu-west-1" in person.run("env", SHELL=shell).stdout.splitlines()


@pytest.mark.parametrize("shell", ["", "/bin/elvish", "/bin/tcsh"])
def test_an_unknown_shell_is_asked_for_before_a_code(person: Somebody, account: Account, shell: str) -> None:
    result = person.run("env", SHELL=shell)
    assert (result.returncode, result.stdout) == (2, "false\n")
    assert "--shell bash" in result.stderr
    assert account.calls() == []


def test_without_a_session_the_eval_fails_too(person: Somebody) -> None:
    result = person.run("env")
    assert (result.returncode, result.stdout) == (6, "false\n")
    for arguments in ("", "nosuch", "--shell tcsh", "--froce"):
        for shell in ("bash", "zsh"):
            script = f'set -e; eval "$({WATCHWORD} env {arguments})"; echo went on with the key alone'
            ran = person.shell([shell, "-c", script])
            assert (ran.returncode, ran.stdout) == (1, ""), arguments
    fish = person.shell(["fish", "-c", f"{WATCHWORD} env --shell fish | source; and echo went on"])
    assert fish.stdout == ""
    assert "false" not in person.run("env", "--help").stdout.splitlines()


def test_no_text_in_a_profile_is_run_by_the_shell(person: Somebody, account: Account) -> None:
    person.login(account.code())
    wish = f"eu $(touch {person.home}/run) `touch {person.home}/run` '; touch {person.home}/run # \\"
    config = person.home / "aws" / "config"
    config.write_text(config.read_text().replace("eu-west-1", wish))
    for shell in ("bash", "zsh", "fish"):
        lines = person.run("env", "--shell", shell).stdout
        shown = person.shell([shell, "-c", f'{lines}\nprintf %s "$AWS_REGION"']).stdout
        assert shown == wish
    assert not (person.home / "run").exists()


def test_talk_is_not_in_the_lines_when_a_code_is_asked(person: Somebody, account: Account) -> None:
    terminal = person.terminal(
        "bash", "-c", f'LINES_TO_EVAL="$({WATCHWORD} env)"; echo "$LINES_TO_EVAL" > {person.home}/lines'
    )
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    terminal.expect("signed in as")
    end(terminal, 0)
    lines = (person.home / "lines").read_text().splitlines()
    assert all(line.startswith(("unset ", "export ")) for line in lines)
    assert account.key.access_key_id not in "".join(lines)
    assert account.key.secret_access_key not in "".join(lines)


def test_on_a_terminal_it_warns_of_secrets(person: Somebody, account: Account) -> None:
    person.login(account.code())
    assert "warning: secrets follow" in end(person.at_terminal("env"), 0)


def test_a_full_stdout_is_a_failure(person: Somebody, account: Account) -> None:
    person.login(account.code())
    result = person.shell(["sh", "-c", f"{WATCHWORD} env > /dev/full"])
    assert result.returncode == 1
    assert "error: no space left on device" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("shell", "printed"),
    [
        ("bash", "false\n"),
        ("fish", "false\n"),
        ("powershell", "throw 'watchword failed'\n"),
        ("cmd", "cmd /d /c exit 1\n"),
        ("nushell", 'error make { msg: "watchword failed" }\n'),
        ("json", ""),
        ("dotenv", ""),
    ],
)
def test_a_failure_fails_in_the_language_that_was_asked_for(
    person: Somebody, shell: str, printed: str
) -> None:
    for arguments, code in ((("--shell", shell), 6), ((f"--shell={shell}", "--froce"), 2)):
        result = person.run("env", *arguments)
        assert (result.returncode, result.stdout) == (code, printed)


def test_data_holds_the_session_and_what_to_unset(person: Somebody, account: Account) -> None:
    person.login(account.code())
    value = json.loads(person.run("env", "--shell", "json").stdout)
    assert "AWS_PROFILE" in value["unset"]
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    assert account.is_session(*(value["set"][name] for name in names))
    lines = dict(line.split("=", 1) for line in person.run("env", "--shell", "dotenv").stdout.splitlines())
    assert account.is_session(*(lines[name] for name in names))
    assert account.key.access_key_id not in "".join(lines.values())


def test_a_value_that_a_language_would_change_is_refused_and_nothing_is_printed(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    config = person.home / "aws" / "config"
    config.write_text(config.read_text().replace("eu-west-1", "eu-%PATH%"))
    result = person.run("env", "--shell", "cmd")
    assert (result.returncode, result.stdout) == (1, "cmd /d /c exit 1\n")
    assert "error: the value of `AWS_REGION` has a `%`, which cmd cannot carry unchanged" in result.stderr


def test_the_session_of_a_role_comes_out_as_well(person: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    person.login(account.code())
    arn = f"arn:aws:iam::{account.sandbox.account}:role/Support"
    identity = "aws sts get-caller-identity --query Arn --output text"
    result = person.shell(["bash", "-euc", f'eval "$({WATCHWORD} env --role {arn})"; {identity}'])
    assert ":assumed-role/Support/testuser" in result.stdout, result.stderr
