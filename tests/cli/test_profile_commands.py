from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from session.account import Account
from session.people import AT, PROMPT, WATCHWORD, Somebody, end, somebody

READ = """
import boto3, sys
frozen = boto3.Session(profile_name=sys.argv[1]).get_credentials().get_frozen_credentials()
print(*frozen[:3])
"""


@pytest.fixture
def alone(tmp_path: Path) -> Somebody:
    """Somebody with a key, and no AWS to be reached."""
    return somebody(tmp_path / "person", "http://127.0.0.1:9", "AKIAALONE", "a" * 40)


def credentials(person: Somebody) -> Path:
    return Path(person.environment["AWS_SHARED_CREDENTIALS_FILE"])


def config(person: Somebody) -> Path:
    return Path(person.environment["AWS_CONFIG_FILE"])


def by_boto3(person: Somebody, profile: str) -> list[str]:
    """Return the key, secret and token that boto3 takes for a profile."""
    shown = person.shell([sys.executable, "-c", READ, profile], AWS_PROFILE="")
    assert shown.returncode == 0, shown.stderr
    return shown.stdout.split()


def by_aws(person: Somebody, *arguments: str) -> subprocess.CompletedProcess[str]:
    return person.shell(["env", "-u", "AWS_PROFILE", "aws", "sts", "get-caller-identity", *arguments])


def test_the_session_is_written_beside_the_key_and_aws_and_boto3_use_it(
    person: Somebody, account: Account
) -> None:
    before = credentials(person).read_text()
    terminal = person.at_terminal("profile", "write")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    shown = end(terminal, 0)
    left = "live until " + AT + r" \(4 h left\)"
    assert re.search(r"work_mfa in `.*/credentials`: arn.*testuser, " + left, shown)
    assert credentials(person).read_text().startswith(before + "\n[work_mfa]\naws_access_key_id = ASIA")
    assert stat.S_IMODE(credentials(person).stat().st_mode) == 0o600
    assert account.is_session(*by_boto3(person, "work_mfa"))
    answer = by_aws(person, "--profile", "work_mfa")
    assert json.loads(answer.stdout)["Arn"] == account.arn
    assert "eu-west-1" in person.shell(["aws", "configure", "get", "region", "--profile", "work_mfa"]).stdout


def test_writing_again_changes_the_session_and_nothing_else(person: Somebody, account: Account) -> None:
    person.login(account.code())
    assert person.run("profile", "write").returncode == 0
    text = credentials(person).read_text() + "# the end\n"
    text = text.replace("[work_mfa]\n", "[work_mfa]\n# mine\ncolour=blue\naws_security_token = stale\n")
    credentials(person).write_text(text)
    person.login(account.later_code(), "--force")
    full = person.shell(["sh", "-c", f"ulimit -f 1; exec {WATCHWORD} profile write"])
    assert full.returncode == 1
    assert f"`{credentials(person)}` was not changed: file too large" in full.stderr
    assert credentials(person).read_text() == text
    assert list(credentials(person).parent.glob(".*")) == []
    done = person.run("profile", "write", "--output", "json")
    assert json.loads(done.stdout)["replaced"] == "session"
    after = credentials(person).read_text()
    for name in (
        "aws_access_key_id = ASIA",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_security_token",
    ):
        head, _, tail = after.partition("[work_mfa]")
        assert len(re.findall(f"^{name}", tail, re.MULTILINE)) == 1
    assert "stale" not in after
    assert "[work_mfa]\n# mine\ncolour=blue\n" in after
    assert after.endswith("# the end\n")
    assert head == text.partition("[work_mfa]")[0]
    assert account.is_session(*by_boto3(person, "work_mfa"))


def test_aws_mfas_places_are_written_so_that_aws_mfa_reads_them(person: Somebody, account: Account) -> None:
    text = credentials(person).read_text().replace("[work]", "[work-long-term]\naws_mfa_device = mine")
    credentials(person).write_text(
        text + "[work]\naws_security_token = old\naws_session_token = old\naws_access_key_id = ASIAOLD\n"
    )
    person.login(account.code(), "work-long-term")
    done = person.run("profile", "write", "--convention", "long-term")
    assert done.returncode == 0, done.stderr
    assert "the session that `work` held was made by another program" in done.stderr
    after = credentials(person).read_text()
    assert after.startswith(text)
    assert re.search(r"^assumed_role = False$", after, re.MULTILINE)
    assert re.search(r"^expiration = \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", after, re.MULTILINE)
    assert "= old" not in after
    assert account.is_session(*by_boto3(person, "work"))


def test_logout_takes_the_written_session_out_of_the_files(person: Somebody, account: Account) -> None:
    before = config(person).read_text(), credentials(person).read_text()
    person.login(account.code())
    assert person.run("profile", "write").returncode == 0
    done = person.run("logout")
    assert "taken out of the credentials file: the session in `[work_mfa]`" in done.stderr
    assert (config(person).read_text(), credentials(person).read_text()) == tuple(
        f"{text}\n" for text in before
    )
    credentials(person).write_text("nonsense\n")
    assert person.run("logout", "--all").returncode == 0


def test_logout_with_a_profile_that_stands_for_another_takes_out_what_was_written_for_that(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    assert person.run("profile", "write").returncode == 0
    assert person.run("profile", "add", "work-mfa", "--from", "work").returncode == 0
    done = person.run("logout", "work-mfa")
    assert "signed out of profile `work`" in done.stderr
    assert "aws_session_token" not in credentials(person).read_text()


def test_a_key_is_not_written_over_and_no_code_is_asked(alone: Somebody) -> None:
    text = credentials(alone).read_text()
    text += "[work_mfa]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = x\n"
    credentials(alone).write_text(text)
    done = alone.run("profile", "write")
    assert done.returncode == 1
    assert "profile `work_mfa` holds a key that is no session" in done.stderr
    assert "hint: take another name: `--as NAME`" in done.stderr
    assert credentials(alone).read_text() == text


def test_a_file_that_cannot_be_read_is_named_with_its_line_and_without_its_content(alone: Somebody) -> None:
    credentials(alone).write_text("[work]\naws_secret_access_key topsecret\n")
    for command in (["list"], ["write"]):
        done = alone.run("profile", *command)
        assert done.returncode == 1
        assert "topsecret" not in done.stdout + done.stderr
        assert f"cannot understand `{credentials(alone)}:2`" in done.stderr


def test_without_a_terminal_and_a_session_nothing_is_written(alone: Somebody) -> None:
    before = credentials(alone).read_text(), config(alone).read_text()
    assert alone.run("profile", "write").returncode == 6
    assert (credentials(alone).read_text(), config(alone).read_text()) == before


def test_an_added_profile_asks_watchword_and_aws_and_boto3_get_in(person: Somebody, account: Account) -> None:
    before = config(person).read_text(), credentials(person).read_text()
    added = person.run("profile", "add", "mfa", "--from", "work")
    assert added.returncode == 0, added.stderr
    assert added.stdout.startswith("[profile mfa]\ncredential_process = ")
    assert "region = eu-west-1" in added.stdout
    assert config(person).read_text() == f"{before[0]}\n{added.stdout}"
    assert credentials(person).read_text() == before[1]
    assert by_aws(person, "--profile", "mfa").returncode != 0
    person.login(account.code())
    assert json.loads(by_aws(person, "--profile", "mfa").stdout)["Arn"] == account.arn
    assert account.is_session(*by_boto3(person, "mfa"))
    again = person.run("profile", "add", "mfa", "--from", "work")
    assert again.stdout == added.stdout
    assert "stands unchanged in" in again.stderr


def test_print_writes_nothing(alone: Somebody) -> None:
    before = config(alone).read_text()
    printed = alone.run("profile", "add", "mfa", "--from", "work", "--print", "--output", "json")
    value = json.loads(printed.stdout)
    assert value["sections"]["profile mfa"]["credential_process"] == value["credential_process"]
    assert config(alone).read_text() == before


def test_a_role_by_arn_or_name_gets_a_section_of_its_own_and_the_line_stands_for_it(
    person: Somebody, account: Account
) -> None:
    account.role_with_mfa("Support")
    arn = f"arn:aws:iam::{account.sandbox.account}:role/Support"
    added = person.run("profile", "add", "sup", "--from", "work", "--role", arn)
    assert added.returncode == 0, added.stderr
    assert f"[profile sup-role]\nrole_arn = {arn}\nsource_profile = work\n" in added.stdout
    assert "[profile sup]\ncredential_process" in added.stdout
    person.login(account.code())
    answer = by_aws(person, "--profile", "sup")
    assert answer.returncode == 0, answer.stderr
    assert ":assumed-role/Support/" in json.loads(answer.stdout)["Arn"]
    listed = json.loads(person.run("profile", "list", "--output", "json").stdout)["profiles"]
    assert [each["name"] for each in listed if each["session"]] == ["work", "sup", "sup-role"]
    by_name = person.run("profile", "add", "again", "--from", "work", "--role", "Support", "--output", "json")
    assert json.loads(by_name.stdout)["role_arn"] == arn, by_name.stderr
    missing = person.run("profile", "add", "other", "--from", "work", "--role", "Suppor")
    assert missing.returncode == 5
    assert "profile other" not in config(person).read_text()


def test_the_default_stands_for_a_profile_and_can_be_taken_back(person: Somebody, account: Account) -> None:
    config(person).write_text(
        "# mine\n[profile work]\nregion = eu-west-1\noutput = text\n\n[default]\noutput = json\n"
    )
    before = config(person).read_text()
    person.login(account.code())
    done = person.run("profile", "default", "work")
    assert done.returncode == 0, done.stderr
    assert "[default]: session of work, by watchword" in done.stdout
    assert "AWS_PROFILE is `work` in this shell" in done.stderr
    assert "output = json" in config(person).read_text().partition("[default]")[2]
    answer = by_aws(person)
    assert json.loads(answer.stdout)["Arn"] == account.arn, answer.stderr
    assert person.run("profile", "default", "--unset").returncode == 0
    assert config(person).read_text() == before
    assert "settings only" in person.run("profile", "default").stdout


KINDS = """
[profile work]
region = eu-west-1
[profile sup]
role_arn = arn:aws:iam::123456789012:role/Support
source_profile = work
[profile corp]
sso_session = corp
sso_account_id = 1
[profile console]
login_session = arn
[profile other]
credential_process = /bin/other
[sso-session corp]
sso_region = eu-west-1
[profile plain]
output = json
"""


def test_list_says_what_each_profile_is_and_which_has_a_session(person: Somebody, account: Account) -> None:
    config(person).write_text(KINDS)
    person.login(account.code())
    assert person.run("profile", "add", "mfa", "--from", "work").returncode == 0
    assert person.run("profile", "write").returncode == 0
    value = json.loads(person.run("profile", "list", "--output", "json").stdout)
    assert value["schema"] == "watchword/profiles/v1"
    assert value["in_use"] == "work"
    found = {
        entry["name"]: (entry["kind"], entry["source"], entry["session"] is None)
        for entry in value["profiles"]
    }
    assert found == {
        "work": ("key", None, False),
        "sup": ("role", "work", True),
        "corp": ("identityCenter", "corp", True),
        "console": ("awsLogin", None, True),
        "other": ("otherProcess", None, True),
        "plain": ("none", None, True),
        "mfa": ("watchword", "work", False),
        "work_mfa": ("session", "work", False),
    }
    text = person.run("profile", "list").stdout
    assert re.search(r"^\* work +access key +eu-west-1 +live until .* left\)$", text, re.MULTILINE)
    assert re.search(r"^  work_mfa +session of work, written +eu-west-1 +live until", text, re.MULTILINE)
    secret = account.key.secret_access_key
    assert secret not in text
