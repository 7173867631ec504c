from __future__ import annotations

import subprocess

import pytest

from session.account import Account
from session.people import WATCHWORD, Somebody

_TYPED_BY_A_YUBIKEY = "cccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded"


def _piped(person: Somebody, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WATCHWORD, *arguments],
        env=person.environment,
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
    )


def test_a_piped_code_opens_a_session_without_any_terminal(person: Somebody, account: Account) -> None:
    result = _piped(person, f"{account.code()}\n", "login", "--mfa-code", "-")
    assert result.returncode == 0, result.stderr
    assert "signed in as" in result.stderr
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_what_is_behind_the_code_is_left_to_the_command(person: Somebody, account: Account) -> None:
    text = f"{account.code()}\nfor the command\n"
    result = _piped(person, text, "exec", "--mfa-code", "-", "--", "cat")
    assert (result.returncode, result.stdout) == (0, "for the command\n"), result.stderr


def test_a_code_that_was_sent_is_not_sent_again(person: Somebody, account: Account) -> None:
    code = account.code()
    person.login(code)
    result = _piped(person, code, "login", "--force", "--mfa-code", "-")
    assert result.returncode == 4
    assert "the code from standard input was sent already, and a code serves once" in result.stderr
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_a_refused_code_is_tried_once(person: Somebody, account: Account) -> None:
    result = _piped(person, account.wrong_codes()[0], "login", "--mfa-code", "-")
    assert result.returncode == 4
    assert "AWS did not take the code" in result.stderr
    assert len({call.request_id for call in account.calls("sts:GetSessionToken")}) == 1


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a code is six digits"),
        ("\uff11\uff12\uff13\uff14\uff15\uff16\n", "a code is six digits"),
        ("9" * 500, "a code is six digits"),
        (f"{_TYPED_BY_A_YUBIKEY}\n", "that is a YubiKey's one-time password, AWS wants the six digits"),
    ],
)
def test_what_is_no_code_is_named_and_neither_sent_nor_repeated(
    person: Somebody, account: Account, text: str, why: str
) -> None:
    result = _piped(person, text, "login", "--mfa-code", "-")
    assert result.returncode == 4
    assert f"error: standard input gave no code: {why}" in result.stderr
    assert not text.strip() or text.strip() not in result.stderr
    assert account.calls("sts:GetSessionToken") == []


@pytest.mark.parametrize(
    "arguments", [("--mfa-code", "123456"), ("--mfa-code=123456",), ("--mfa-from", "123456")]
)
def test_a_code_as_an_argument_is_refused_and_not_repeated(
    person: Somebody, account: Account, arguments: tuple[str, ...]
) -> None:
    result = person.run("login", *arguments)
    assert result.returncode == 2
    assert "every program on this machine can read it" in result.stderr
    assert "123456" not in result.stderr
    assert account.calls() == []


def test_with_a_terminal_as_stdin_it_is_said_that_the_option_is_not_needed(person: Somebody) -> None:
    terminal = person.at_terminal("login", "--mfa-code", "-")
    terminal.expect("leave `--mfa-code -` out, and the code is asked for")
