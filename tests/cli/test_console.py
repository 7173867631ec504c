"""`watchword console` in a sandbox that signs in for real; the browser is a program that fetches."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from session.account import Account
from session.people import PROMPT, Somebody, end
from watchword.session.console import refuse_no_address
from watchword.session.errors import BadDestination

_BROWSER = """\
import sys, urllib.request
url = sys.argv[1]
with urllib.request.urlopen(url, timeout=30) as page:
    text = page.read().decode()
with open(sys.argv[0] + ".opened", "w") as told:
    told.write(url + "\\n" + text)
"""


@pytest.fixture
def ops(person: Somebody, account: Account) -> str:
    """A role behind MFA, and a profile of that name which assumes it from `work`."""
    account.role_with_mfa("ops")
    arn = f"arn:aws:iam::{account.sandbox.account}:role/ops"
    config = person.home / "aws" / "config"
    config.write_text(
        f"{config.read_text()}[profile ops]\nrole_arn = {arn}\nsource_profile = work\nregion = eu-west-1\n"
    )
    return arn


def opened(url: str) -> str:
    """Return the page behind a sign-in URL of the sandbox."""
    parts = urlsplit(url)
    with closing(HTTPConnection(parts.netloc, timeout=30)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read().decode()


def browser(person: Somebody) -> Path:
    """Make a browser: a program that gets an address as its argument, and fetches it."""
    program = person.home / "browser"
    program.write_text(f"#!{sys.executable}\n{_BROWSER}")
    program.chmod(0o755)
    return program


def test_without_a_terminal_the_url_alone_is_on_stdout_and_signs_in(
    person: Somebody, account: Account, ops: str
) -> None:
    person.login(account.code())
    result = person.run("console", "ops", "--service", "ec2")
    assert result.returncode == 0, result.stderr
    (url,) = result.stdout.splitlines()
    assert url.startswith(f"{account.url}/federation?Action=login&")
    page = opened(url)
    assert "assumed-role/ops/" in page
    assert "https://console.aws.amazon.com/ec2/home?region=eu-west-1" in page
    token = parse_qs(urlsplit(url).query)["SigninToken"][0]
    assert token not in result.stderr
    assert "15 minutes" in result.stderr
    assert "this console session may lack MFA" in result.stderr
    assert "`aws:MultiFactorAuthPresent` false" in result.stderr


def test_a_role_assumed_with_a_code_lacks_mfa_and_its_console_lasts_as_asked(
    person: Somebody, account: Account, ops: str
) -> None:
    account.sandbox.client("iam").update_role(RoleName="ops", MaxSessionDuration=43_200)
    terminal = person.at_terminal("console", "ops", "--duration", "10h", "--print", "--output", "json")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    shown = end(terminal, 0)
    assert "this console session lacks MFA" in shown
    assert "may lack" not in shown
    value = json.loads(shown[shown.index("{") : shown.rindex("}") + 1])
    assert value["schema"] == "watchword/console/v1"
    assert value["role_arn"] == ops
    assert value["mfa"]["multi_factor_auth_present"] == "false"
    assert value["mfa"]["contested"] is None
    assert 9.9 * 3600 < value["seconds_left"] <= 36_000
    until = datetime.fromisoformat(value["expires_at"])
    assert f"{until:%Y-%m-%d %H:%M}" in opened(value["url"])


def test_a_chained_role_s_console_ends_with_its_session_and_that_is_said(
    person: Somebody, account: Account, ops: str
) -> None:
    person.login(account.code())
    assert person.run("exec", "work", "--role", ops, "--", "true").returncode == 0
    result = person.run("console", "work", "--role", ops, "--duration", "8h", "--output", "json")
    assert result.returncode == 0, result.stderr
    value = json.loads(result.stdout)
    assert "assumed-role/ops/" in opened(value["url"])
    (line,) = [
        entry
        for entry in json.loads(person.run("audit-log", "--output", "json").stdout)["entries"]
        if entry["how"] == "console"
    ]
    assert (line["who"], line["role_arn"]) == (value["identity"], ops)
    assert line["expires_at"] == value["expires_at"]
    assert line["source_access_key_id"].startswith("ASIA")
    left = datetime.fromisoformat(value["url_valid_until"]) - datetime.now().astimezone()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)
    assert value["seconds_left"] <= 3600
    assert "ends with the role's own session" in value["note"]
    assert value["note"] in result.stderr


def test_without_a_role_or_a_session_nothing_is_handed_out(person: Somebody, account: Account) -> None:
    result = person.run("console")
    assert (result.returncode, result.stdout) == (1, "")
    assert "`work` is a user" in result.stderr
    assert "`watchword console work --role ROLE`" in result.stderr
    assert account.calls() == []
    result = person.run("console", "work", "--role", "ops")
    assert (result.returncode, result.stdout) == (6, "")


def test_the_browser_signs_in_and_its_argument_is_no_secret(
    person: Somebody, account: Account, ops: str
) -> None:
    person.login(account.code())
    program = browser(person)
    terminal = person.at_terminal("console", "ops", BROWSER=str(program))
    shown = end(terminal, 0)
    assert "opened in the browser" in shown
    assert "SigninToken" not in shown
    address, _, page = program.with_name("browser.opened").read_text().partition("\n")
    assert address.startswith("http://127.0.0.1:")
    assert "SigninToken" not in address
    assert f"arn:aws:sts::{account.sandbox.account}:assumed-role/ops/" in page


def test_a_terminal_without_a_screen_gets_the_url_and_a_missing_browser_is_an_error(
    person: Somebody, account: Account, ops: str
) -> None:
    person.login(account.code())
    shown = end(person.at_terminal("console", "ops"), 0)
    assert f"{account.url}/federation?Action=login&" in shown
    shown = end(person.at_terminal("console", "ops", BROWSER="false"), 0)
    assert "there is no browser to open, so here is the URL" in shown
    assert f"{account.url}/federation?Action=login&" in shown
    result = person.run("console", "ops", "--open", BROWSER="false")
    assert (result.returncode, result.stdout) == (1, "")
    assert "there is no browser to open" in result.stderr


def test_aws_s_no_is_told_and_nothing_is_printed(person: Somebody, account: Account, ops: str) -> None:
    person.login(account.code())
    assert person.run("exec", "ops", "--", "true").returncode == 0
    account.sandbox.client("iam").delete_role(RoleName="ops")
    result = person.run("console", "ops")
    assert (result.returncode, result.stdout) == (5, "")
    assert "AWS refused `signin:GetSigninToken` (400)" in result.stderr
    assert "Invalid credentials parameter" in result.stderr


def test_a_page_that_is_none_is_a_usage_error(person: Somebody, account: Account, ops: str) -> None:
    for arguments in (
        ("--service", "ec2", "--destination", "https://console.aws.amazon.com/"),
        ("--destination", "http://console.aws.amazon.com/"),
    ):
        result = person.run("console", "ops", *arguments)
        assert (result.returncode, result.stdout) == (2, ""), arguments


@pytest.mark.parametrize("address", ["ec2", "https://", "https://[", "ftp://console.aws.amazon.com/", ""])
def test_what_no_browser_can_be_sent_to_is_no_address(address: str) -> None:
    with pytest.raises(BadDestination):
        refuse_no_address(address)
