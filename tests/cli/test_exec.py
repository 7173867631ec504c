from __future__ import annotations

import json
import signal
import sys

import pytest

from session.account import Account
from session.people import PROMPT, WATCHWORD, Somebody, end

_PRINT = "import json, os; print(json.dumps(dict(os.environ)))"


def test_the_command_gets_the_session_and_no_profile(person: Somebody, account: Account) -> None:
    old = ("AWS_SECURITY_TOKEN", "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_DEFAULT_PROFILE")
    person.login(account.code())
    result = person.run("exec", "--", sys.executable, "-c", _PRINT, **dict.fromkeys(old, "old"), OTHER="kept")
    environment = json.loads(result.stdout)
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
    assert account.is_session(*(environment[name] for name in names))
    assert environment["AWS_CREDENTIAL_EXPIRATION"].endswith("Z")
    assert environment["AWS_REGION"] == environment["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert environment["OTHER"] == "kept"
    assert not {"AWS_PROFILE", *old} & environment.keys()
    assert account.key.access_key_id not in result.stdout
    assert account.key.secret_access_key not in result.stdout


def test_it_signs_in_first_when_needed(person: Somebody, account: Account) -> None:
    terminal = person.at_terminal("exec", "work", "--", "sh", "-c", "echo inside $AWS_ACCESS_KEY_ID")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    terminal.expect("signed in as")
    terminal.expect("inside ASIA")
    end(terminal, 0)


def test_without_a_session_nothing_is_run(person: Somebody, account: Account) -> None:
    result = person.run("exec", "--", "echo", "ran")
    assert result.returncode == 6
    assert result.stdout == ""


def test_an_expired_session_is_not_used(person: Somebody, account: Account) -> None:
    person.login(account.code())
    path = person.sessions()[0]
    first, second = path.read_text().splitlines()
    path.write_text(
        json.dumps(json.loads(first) | {"Expiration": "2020-01-01T00:00:00Z"}) + "\n" + second + "\n"
    )
    assert person.run("exec", "--", "echo", "ran").returncode == 6


@pytest.mark.parametrize("code", [0, 1, 3, 42, 255])
def test_the_exit_code_is_the_commands(person: Somebody, account: Account, code: int) -> None:
    person.login(account.code())
    assert person.run("exec", "--", "sh", "-c", f"exit {code}").returncode == code


def test_a_signal_that_ends_the_command_is_seen_outside(person: Somebody, account: Account) -> None:
    person.login(account.code())
    assert person.run("exec", "--", "sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM


def test_a_broken_pipe_ends_the_command(person: Somebody, account: Account) -> None:
    person.login(account.code())
    result = person.shell(["bash", "-o", "pipefail", "-c", f"{WATCHWORD} exec -- yes | head -1"])
    assert result.stdout == "y\n"
    assert result.returncode == 128 + signal.SIGPIPE
    assert result.stderr == ""


def test_an_unknown_command_is_127_and_no_code_is_asked(person: Somebody, account: Account) -> None:
    result = person.run("exec", "--", "no-such-program")
    assert result.returncode == 127
    assert result.stderr.startswith("error: `no-such-program` is not on the PATH")
    assert account.calls() == []


def test_a_file_that_is_no_program_is_126(person: Somebody) -> None:
    path = person.home / "notes.txt"
    path.write_text("no program")
    assert person.run("exec", "--", str(path)).returncode == 126


@pytest.mark.parametrize(
    "arguments",
    [(), ("--",), ("work",), ("work", "--"), ("work", "aws", "s3", "ls"), ("work", "ls", "--all")],
)
def test_without_a_command_the_way_to_write_it_is_shown(person: Somebody, arguments: tuple[str, ...]) -> None:
    result = person.run("exec", *arguments)
    assert result.returncode == 2
    assert "hint: put `--` before the command: `watchword exec work -- aws s3 ls`" in result.stderr


def test_the_commands_own_options_and_dashes_are_its_own(person: Somebody, account: Account) -> None:
    person.login(account.code())
    result = person.run("exec", "--", "printf", "%s.", "--help", "--", "--profile", "x")
    assert result.stdout == "--help.--.--profile.x."


def test_the_regions_of_the_environment_go_before_the_profile(person: Somebody, account: Account) -> None:
    person.login(account.code())
    result = person.run("exec", "--", sys.executable, "-c", _PRINT, AWS_REGION="us-west-2")
    assert json.loads(result.stdout)["AWS_REGION"] == "us-west-2"


def test_the_profiles_own_endpoint_goes_with_the_session(person: Somebody, account: Account) -> None:
    config = person.home / "aws" / "config"
    config.write_text(
        f"[profile work]\nendpoint_url = {account.url}\nservices = mine\n"
        "[services mine]\nec2 =\n  endpoint_url = http://127.0.0.1:1\n"
    )
    del person.environment["AWS_ENDPOINT_URL"]
    person.login(account.code())
    environment = json.loads(person.run("exec", "--", sys.executable, "-c", _PRINT).stdout)
    assert environment["AWS_ENDPOINT_URL"] == account.url
    assert environment["AWS_ENDPOINT_URL_EC2"] == "http://127.0.0.1:1"


def test_inside_a_session_another_profile_keeps_its_own_settings(person: Somebody, account: Account) -> None:
    config = person.home / "aws" / "config"
    config.write_text(
        f"[profile work]\nendpoint_url = {account.url}\nregion = eu-west-1\n"
        f"[profile other]\nendpoint_url = {account.url}/\nregion = us-east-2\n"
    )
    credentials = person.home / "aws" / "credentials"
    credentials.write_text(credentials.read_text() + credentials.read_text().replace("[work]", "[other]"))
    del person.environment["AWS_ENDPOINT_URL"]
    person.login(account.code())
    terminal = person.at_terminal(
        "exec", "work", "--", WATCHWORD, "exec", "other", "--", sys.executable, "-c", _PRINT
    )
    terminal.expect(PROMPT)
    terminal.sendline(account.later_code())
    environment = json.loads(end(terminal, 0).partition("{")[2].join(["{", ""]))
    assert environment["AWS_REGION"] == "us-east-2"
    assert environment["AWS_ENDPOINT_URL"] == f"{account.url}/"
    assert environment["WATCHWORD_PROFILE"] == "other"


def _roles(person: Somebody, account: Account) -> None:
    """Make a role that wants MFA, and the two profiles that people write for it."""
    account.role_with_mfa("Support")
    role = f"role_arn = arn:aws:iam::{account.sandbox.account}:role/Support\n"
    with (person.home / "aws" / "config").open("a") as config:
        config.write(f"[profile sup]\n{role}credential_source = Environment\n")
        config.write(f"[profile outside]\n{role}source_profile = work\n")


def test_a_role_behind_mfa_is_used_from_inside_the_session(person: Somebody, account: Account) -> None:
    _roles(person, account)
    person.login(account.code())
    identity = ("aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text", "--profile")
    outside = person.run("exec", "work", "--", *identity, "outside")
    assert "AccessDenied" in outside.stderr
    assert "warning: `--profile outside` makes the command use the key of profile `work`" in outside.stderr
    inside = person.run("exec", "work", "--", *identity, "sup")
    assert f":{account.sandbox.account}:assumed-role/Support/" in inside.stdout, inside.stderr
    assert inside.stderr == ""


@pytest.mark.parametrize("option", [("--profile", "work"), ("--profile=work",)])
def test_a_profile_in_the_command_that_leaves_the_session_is_warned_of(
    person: Somebody, account: Account, option: tuple[str, ...]
) -> None:
    person.login(account.code())
    result = person.run("exec", "--", "true", *option)
    assert result.returncode == 0
    assert result.stderr == (
        "warning: `--profile work` makes the command use that profile's key, outside this session"
        " and without its MFA; leave it out\n"
    )
    assert person.run("exec", "--", "true", "--profile", "nobody").stderr == ""
    assert "warning" not in person.run("exec", "--", "watchword", "status", *option).stderr
