from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from session.account import Account
from session.codes.programs import put
from session.people import WATCHWORD, Somebody, end
from watchword.local.stderr_only import StderrOnly
from watchword.session.codes import CodeSource, Occasion
from watchword.session.codes.bitwarden import Bitwarden
from watchword.session.codes.onepassword import OnePassword
from watchword.session.codes.pass_otp import PassOtp
from watchword.session.codes.process import Process
from watchword.session.codes.ykman import Ykman
from watchword.session.device import Device
from watchword.session.errors import NoCode

_YKMAN = """
if arguments == ["oath", "accounts", "list"]:
    print(os.environ["ACCOUNTS"])
elif arguments[:4] == ["oath", "accounts", "code", "--single"] and len(arguments) == 5:
    hits = [each for each in os.environ["ACCOUNTS"].splitlines() if arguments[4].lower() in each.lower()]
    exact = [each for each in hits if each == arguments[4]] or hits
    if len(exact) != 1:
        sys.exit("Error: Multiple matches, make the query more specific.")
    print("Touch your YubiKey...", file=sys.stderr)
    print(os.environ["CODE"])
else:
    sys.exit("Usage: ykman [OPTIONS] COMMAND [ARGS]...")
"""
_OP = """
if arguments != ["item", "get", "AWS work", "--otp"]:
    sys.exit("[ERROR] unknown command")
print(os.environ["CODE"])
"""
_BW = """
if arguments != ["get", "totp", "AWS work"] or os.environ["BW_SESSION"] != "key of the vault":
    sys.exit("Not found.")
sys.stdout.write(os.environ["CODE"])
"""
_PASS = """
if arguments != ["otp", "aws/work"]:
    sys.exit("Error: aws/work is not in the password store.")
print(os.environ["CODE"])
"""


@pytest.mark.parametrize(
    ("name", "body", "source", "more"),
    [
        ("ykman", _YKMAN, "ykman", {"ACCOUNTS": "GitHub:me\nAmazon Web Services:testuser@company"}),
        ("ykman", _YKMAN, "ykman:mine", {"ACCOUNTS": "mine\nnot mine"}),
        ("ykman", _YKMAN, "ykman", {"ACCOUNTS": "AWS:testuser@999999999999\ntestuser@123456789012"}),
        ("ykman", _YKMAN, "ykman", {"ACCOUNTS": "AWS:other\narn:aws:iam::123456789012:mfa/testuser"}),
        ("op", _OP, "op:AWS work", {}),
        ("bw", _BW, "bw:AWS work", {"BW_SESSION": "key of the vault"}),
        ("pass", _PASS, "pass:aws/work", {}),
    ],
)
def test_a_program_that_keeps_the_seed_gives_the_code(
    person: Somebody, account: Account, name: str, body: str, source: str, more: dict[str, str]
) -> None:
    result = person.run("login", "--mfa-from", source, **put(person, name, body), CODE=account.code(), **more)
    assert result.returncode == 0, result.stderr
    assert len(account.calls("sts:GetSessionToken")) == 1


_OCCASION = Occasion(
    profile="work",
    device=Device(serial_number="arn:aws:iam::123456789012:mfa/testuser"),
    account="123456789012",
    terminal=StderrOnly(),
    now=lambda: datetime.now(UTC),
)


@pytest.mark.parametrize(
    ("source", "install"),
    [
        (Ykman(None), "install YubiKey Manager's command-line tool (`ykman`"),
        (OnePassword("x"), "install 1Password's command-line tool (`op`"),
        (Bitwarden("x"), "install Bitwarden's command-line tool (`bw`)"),
        (PassOtp("x"), "install `pass` and its extension pass-otp"),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_one_that_is_not_installed_is_named_with_what_to_install(
    source: CodeSource, install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("BW_SESSION", "x")
    with pytest.raises(NoCode, match="gave no code: it is not on the PATH") as error:
        source.code(_OCCASION)
    assert error.value.exit_code == 4
    assert install in str(error.value.hint)
    assert source.name in error.value.message


def test_a_locked_bitwarden_vault_is_said_before_bw_is_run(person: Somebody) -> None:
    result = person.run("login", "--mfa-from", "bw:x", **put(person, "bw", "open(sys.argv[0] + '.ran', 'w')"))
    assert result.returncode == 4
    assert 'hint: `export BW_SESSION="$(bw unlock --raw)"`' in result.stderr
    assert not (person.home / "bin" / "bw.ran").exists()


@pytest.mark.parametrize(
    ("accounts", "why"),
    [
        ("GitHub:testuser", "no account on it is AWS's and called like `testuser`"),
        ("AWS:testuser2\nAWS:atestuser", "no account on it is AWS's and called like `testuser`"),
        ("AWS:testuser@999999999999", "no account on it is AWS's and called like `testuser`"),
        ("AWS:testuser\nAmazon:testuser", "more than one account on it is AWS's"),
    ],
)
def test_an_account_on_a_yubikey_is_never_guessed(
    person: Somebody, account: Account, accounts: str, why: str
) -> None:
    result = person.run(
        "login", "--mfa-from", "ykman", **put(person, "ykman", _YKMAN), ACCOUNTS=accounts, CODE="111111"
    )
    assert result.returncode == 4
    assert why in result.stderr
    assert f"there is `{accounts.splitlines()[0]}`" in result.stderr
    assert account.calls("sts:GetSessionToken") == []


def test_a_named_account_is_a_whole_name(person: Somebody, account: Account) -> None:
    ykman = put(person, "ykman", _YKMAN)
    result = person.run("login", "--mfa-from", "ykman:min", **ykman, ACCOUNTS="mine", CODE="111111")
    assert result.returncode == 4
    assert "there is no account `min` on it" in result.stderr
    assert account.calls("sts:GetSessionToken") == []


def test_the_touch_that_a_yubikey_wants_is_said_on_the_terminal(person: Somebody, account: Account) -> None:
    variables = {**put(person, "ykman", _YKMAN), "ACCOUNTS": "AWS:testuser", "CODE": account.code()}
    terminal = person.terminal(
        "sh", "-c", f"{WATCHWORD} login --mfa-from ykman </dev/null >/dev/null 2>&1", **variables
    )
    terminal.expect_exact("code of `AWS:testuser` from the YubiKey; touch it if it blinks")
    terminal.expect_exact("Touch your YubiKey...")
    end(terminal, 0)


def _mfa_process(person: Somebody, command: str) -> None:
    config = Path(person.environment["AWS_CONFIG_FILE"])
    config.write_text(config.read_text() + f"mfa_process = {command}\n")


def test_the_command_of_the_profile_gives_the_code(person: Somebody, account: Account) -> None:
    _mfa_process(person, f"printf '%s\\n' {account.code()}")
    assert person.run("login").returncode == 0


def test_what_is_wished_goes_before_the_profile(person: Somebody, account: Account) -> None:
    _mfa_process(person, "false")
    result = person.run("login", "--mfa-from", f"process:echo {account.code()}")
    assert result.returncode == 0, result.stderr


def test_a_command_is_split_into_words_and_run_without_a_shell(person: Somebody, account: Account) -> None:
    variables = put(
        person,
        "code-of",
        "open(sys.argv[0] + '.argv', 'w').write(repr(arguments))\nprint(os.environ['CODE'])",
    )
    result = person.run(
        "login", "--mfa-from", "process:code-of 'a b' $HOME; c\\ d", **variables, CODE=account.code()
    )
    assert result.returncode == 0, result.stderr
    argv = (person.home / "bin" / "code-of.argv").read_text()
    assert argv == "['a b', '$HOME;', 'c d']"


def test_a_command_that_gives_no_code_is_an_error_and_nothing_is_sent(
    person: Somebody, account: Account
) -> None:
    variables = put(person, "code-of", "print('987654'); sys.exit(3)")
    result = person.run("login", "--mfa-from", "process:code-of", **variables)
    assert result.returncode == 4
    assert "error: `code-of` gave no code: it ended with 3" in result.stderr
    assert "987654" not in result.stderr
    assert account.calls("sts:GetSessionToken") == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("print('12345')", "it printed something else than six digits and a newline"),
        ("print('987654\\n987654')", "it printed something else than six digits and a newline"),
        ("print('the code is 987654')", "it printed something else than six digits and a newline"),
        ("print('987654'); sys.exit(3)", "it ended with 3"),
        ("sys.exit(1)", "it ended with 1"),
        ("os.kill(os.getpid(), 9)", "it ended with -9"),
        ("print('9' * 100_000)", "it printed without end"),
    ],
)
def test_what_a_command_prints_in_the_place_of_a_code_is_no_code_and_not_repeated(
    body: str, why: str
) -> None:
    program = shlex.join([sys.executable, "-IS", "-c", f"import os, sys\n{body}"])
    with pytest.raises(NoCode) as error:
        Process(program, said_by="`it`").code(_OCCASION)
    assert error.value.message == f"`{sys.executable}` gave no code: {why}"
    assert "98765" not in f"{error.value.hint}{error.value.__cause__}{error.value.__context__}"


@pytest.mark.parametrize(
    ("command", "why"), [("'open", "a quote in it is not closed"), (" ", "does not say which")]
)
def test_a_command_that_is_none_is_said(person: Somebody, command: str, why: str) -> None:
    result = person.run("login", "--mfa-from", f"process:{command}")
    assert result.returncode in {2, 4}
    assert why in result.stderr


def test_a_command_may_ask_on_the_terminal_even_when_our_streams_are_swallowed(
    person: Somebody, account: Account
) -> None:
    body = "print('the passphrase: ', file=sys.stderr)\nassert input() == 'open'\nprint(os.environ['CODE'])"
    variables = {**put(person, "code-of", body), "CODE": account.code()}
    terminal = person.terminal(
        "sh", "-c", f"{WATCHWORD} login --mfa-from process:code-of </dev/null >/dev/null 2>&1", **variables
    )
    terminal.expect_exact("the passphrase: ")
    terminal.sendline("open")
    end(terminal, 0)


def test_ctrl_c_ends_the_command_too(person: Somebody) -> None:
    body = (
        "print(os.getpid(), file=open(sys.argv[0] + '.pid', 'w'), flush=True)\n"
        "print('waiting', file=sys.stderr)\ntime.sleep(60)"
    )
    terminal = person.at_terminal("login", "--mfa-from", "process:code-of", **put(person, "code-of", body))
    terminal.expect_exact("waiting")
    terminal.sendintr()
    end(terminal, 130)
    pid = (person.home / "bin" / "code-of.pid").read_text().strip()
    assert not Path(f"/proc/{pid}").exists()


def test_a_program_gets_no_secret_of_ours(person: Somebody, account: Account) -> None:
    body = "open(sys.argv[0] + '.env', 'w').write(repr(dict(os.environ)))\nprint(os.environ['CODE'])"
    variables = put(person, "code-of", body)
    assert (
        person.run("login", "--mfa-from", "process:code-of", **variables, CODE=account.code()).returncode == 0
    )
    environment = (person.home / "bin" / "code-of.env").read_text()
    assert account.key.access_key_id not in environment
    assert account.key.secret_access_key not in environment


def test_a_program_whose_code_was_used_waits_for_the_next_and_sends_none_twice(
    person: Somebody, account: Account
) -> None:
    first = account.code()
    person.login(first)
    body = "print(open(os.environ['PHONE']).read())"
    phone = person.home / "phone"
    phone.write_text(first)
    variables = {**put(person, "code-of", body), "PHONE": str(phone)}
    terminal = person.at_terminal("login", "--force", "--mfa-from", "process:code-of", **variables)
    terminal.expect_exact("the present code of `--mfa-from process` was sent already, and a code serves once")
    terminal.expect(r"the next one in \d+ s")
    phone.write_text(account.later_code())
    end(terminal, 0)
    assert [call.outcome for call in account.calls("sts:GetSessionToken")] == ["allowed", "allowed"]


def test_without_a_source_that_works_nobody_is_asked_instead(person: Somebody) -> None:
    terminal = person.at_terminal("login", "--mfa-from", "process:false")
    shown = end(terminal, 4)
    assert "`false` gave no code: it ended with 1" in shown
    assert "code of `testuser`" not in shown


def test_an_unknown_source_is_refused(person: Somebody) -> None:
    result = person.run("login", "--mfa-from", "carrier-pigeon")
    assert result.returncode == 2
    assert "there is no such source of codes" in result.stderr
