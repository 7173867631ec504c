from __future__ import annotations

from pathlib import Path

import pytest

from session.account import Account
from session.people import PROMPT, WATCHWORD, Somebody, end


@pytest.fixture
def choosing(person: Somebody) -> Somebody:
    """That person, with several profiles, none of them named by the environment."""
    config = Path(person.environment["AWS_CONFIG_FILE"])
    config.write_text(
        config.read_text()
        + "[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/Admin\nsource_profile = work\n"
        "[profile only-region]\nregion = eu-west-1\n"
        "[profile people]\nsso_session = people\nsso_account_id = 123456789012\nsso_role_name = Ops\n"
    )
    environment = {name: text for name, text in person.environment.items() if name != "AWS_PROFILE"}
    return Somebody(home=person.home, environment=environment | {"TERM": "xterm", "NO_COLOR": "1"})


def test_login_offers_the_profiles_with_what_they_are(choosing: Somebody, account: Account) -> None:
    terminal = choosing.at_terminal("login")
    terminal.expect("which profile")
    terminal.expect(r"work +access key")
    terminal.expect(r"admin +role arn:aws:iam::123456789012:role/Admin of work")
    terminal.send("wor")
    terminal.expect("wor")
    terminal.send("\r")
    terminal.expect(PROMPT)
    assert "only-region" not in str(terminal.before)
    assert "people" not in str(terminal.before)
    terminal.sendline(account.code())
    assert f"signed in as {account.arn}" in end(terminal, 0)
    again = choosing.at_terminal("login")
    again.expect(r"work +access key · live, 4 h left")
    again.sendintr()
    end(again, 130)


def test_only_data_goes_to_stdout(choosing: Somebody, account: Account) -> None:
    out = choosing.home / "out"
    terminal = choosing.terminal("sh", "-c", f"{WATCHWORD} login --output json >{out}")
    terminal.expect("which profile")
    terminal.send("\r")
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    end(terminal, 0)
    assert out.read_text().startswith('{\n  "schema": "watchword/session/v1"')
    assert "\x1b" not in out.read_text()


@pytest.mark.parametrize("arguments", [("login",), ("console", "--print"), ("exec", "--", "true"), ("exec",)])
def test_leaving_the_list_ends_with_130_and_nothing_was_sent(
    choosing: Somebody, account: Account, arguments: tuple[str, ...]
) -> None:
    terminal = choosing.at_terminal(*arguments)
    terminal.expect("which profile")
    terminal.send("\x03")
    end(terminal, 130)
    assert account.calls() == []


def test_a_profile_of_the_environment_is_not_asked_about(choosing: Somebody) -> None:
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "WATCHWORD_PROFILE"):
        terminal = choosing.at_terminal("login", **{name: "work"})
        assert terminal.expect([PROMPT, "which profile"]) == 0
        terminal.sendintr()
        end(terminal, 130)


def test_one_profile_alone_is_no_question(person: Somebody) -> None:
    environment = {name: text for name, text in person.environment.items() if name != "AWS_PROFILE"}
    terminal = Somebody(home=person.home, environment=environment).at_terminal("login")
    assert "there is no profile `default`" in end(terminal, 1)


def test_without_a_terminal_nothing_is_offered(choosing: Somebody) -> None:
    result = choosing.run("login")
    assert result.returncode == 1
    assert "there is no profile `default`" in result.stderr


def test_env_and_status_offer_nothing(choosing: Somebody) -> None:
    assert "there is no profile `default`" in end(choosing.at_terminal("env"), 1)
    assert "no session" in end(choosing.at_terminal("status"), 4)


def test_with_a_role_the_profiles_that_sign_in_elsewhere_are_offered_too(choosing: Somebody) -> None:
    terminal = choosing.at_terminal("login", "--role", "Support")
    terminal.expect("people +Identity Center people")
    terminal.sendintr()
    end(terminal, 130)


def test_default_is_the_first(choosing: Somebody) -> None:
    credentials = Path(choosing.environment["AWS_SHARED_CREDENTIALS_FILE"])
    credentials.write_text(credentials.read_text() + credentials.read_text().replace("[work]", "[default]"))
    terminal = choosing.at_terminal("login")
    terminal.expect(r"default +access key")
    assert "work" not in str(terminal.before)
    terminal.send("\r")
    terminal.expect(PROMPT)
    terminal.sendintr()
    end(terminal, 130)
