"""What docs/getting-in/migrating.md says of files that other programs have left."""

from __future__ import annotations

from pathlib import Path

from session.account import Account
from session.people import PROMPT, Somebody, end

_WHO = ("--", "aws", "sts", "get-caller-identity", "--query", "Arn", "--output", "text")


def _config(person: Somebody) -> Path:
    return person.home / "aws" / "config"


def _sign_in(person: Somebody, code: str, *arguments: str) -> str:
    terminal = person.at_terminal(*arguments)
    terminal.expect(PROMPT)
    terminal.sendline(code)
    return end(terminal, 0)


def test_a_profile_as_aws_vault_reads_it_serves_as_it_is(person: Somebody, account: Account) -> None:
    account.role_with_mfa("Support")
    person.environment["CODE"] = account.code()
    with _config(person).open("a") as file:
        file.write(
            f"mfa_serial = {account.serial()}\n"
            "mfa_process = printenv CODE\n"
            f"[profile sup]\nrole_arn = arn:aws:iam::{account.sandbox.account}:role/Support\n"
            "source_profile = work\nrole_session_name = me\nregion = eu-west-1\n"
        )
    ended = person.run("exec", "sup", *_WHO)
    assert (ended.returncode, ended.stdout.strip().rpartition("/")[2]) == (0, "me"), ended.stderr


def test_settings_that_aws_vault_takes_from_elsewhere_are_not_read(
    person: Somebody, account: Account
) -> None:
    role_arn = f"arn:aws:iam::{account.sandbox.account}:role/Support"
    with _config(person).open("a") as file:
        file.write(
            f"[default]\nsource_profile = work\n[profile common]\nsource_profile = work\n"
            f"[profile mixed]\ninclude_profile = common\nrole_arn = {role_arn}\n"
        )
    ended = person.run("login", "mixed")
    assert ended.returncode == 1
    assert "hint: add `source_profile = NAME`" in ended.stderr


def test_files_of_aws_mfa_go_on_serving(person: Somebody, account: Account) -> None:
    files = person.home / "aws"
    text = (files / "credentials").read_text()
    (files / "credentials").write_text(
        "# mine\n" + text.replace("[work]", "[dev-long-term]") + "aws_mfa_device = ignored\n"
        "[dev]\naws_access_key_id = ASIAOLD\naws_secret_access_key = old\naws_session_token = old\n"
        "aws_security_token = old\nexpiration = 2020-01-01 00:00:00\n"
    )
    person.environment["AWS_PROFILE"] = "dev"
    shown = _sign_in(person, account.code(), "profile", "write", "dev", "--convention", "long-term")
    assert "dev" in shown
    who = person.shell(["aws", *_WHO[2:], "--profile", "dev", "--region", "eu-west-1"])
    assert (who.returncode, who.stdout.strip()) == (0, account.arn), who.stderr
    after = (files / "credentials").read_text()
    assert after.startswith("# mine\n")
    tokens = {line.partition(" = ")[2] for line in after.splitlines() if "_token" in line.partition(" = ")[0]}
    assert len(tokens) == 1
    assert tokens != {"old"}


def test_a_session_that_mfa_login_wrote_is_told_from_a_key(person: Somebody) -> None:
    with (person.home / "aws" / "credentials").open("a") as file:
        file.write(
            "[session-abc12]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\n"
        )
    ended = person.run("login", "session-abc12")
    assert ended.returncode == 1
    assert "AKIA" in ended.stderr or "access key" in ended.stderr, ended.stderr


def test_a_code_in_the_arguments_is_refused_as_awsume_would_take_it(person: Somebody) -> None:
    ended = person.run("login", "work", "--mfa-code", "123456")
    assert ended.returncode == 2
    assert "123456" not in ended.stderr
