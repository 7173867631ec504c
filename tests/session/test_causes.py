from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from session.account import Account
from session.people import PROMPT, WATCHWORD, Somebody, end
from session.sts_peer import Peer, serial

_TYPED_BY_A_YUBIKEY = "cccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded"
_SECURITY_KEY = "arn:aws:iam::123456789012:u2f/user/testuser/yubikey-ABC"


def _mfa_serial(person: Somebody, serial_number: str) -> None:
    config = Path(person.environment["AWS_CONFIG_FILE"])
    kept = [line for line in config.read_text().splitlines() if not line.startswith("mfa_serial")]
    config.write_text("\n".join([*kept, f"mfa_serial = {serial_number}", ""]))


def test_what_a_yubikey_types_by_touch_is_named_and_not_sent(person: Somebody, account: Account) -> None:
    terminal = person.at_terminal("login")
    terminal.expect(PROMPT)
    terminal.sendline(_TYPED_BY_A_YUBIKEY)
    terminal.expect_exact(
        "that is a YubiKey's one-time password, AWS wants the six digits; `--mfa-from ykman` gets them;"
        " nothing was sent"
    )
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    end(terminal, 0)
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_a_device_enabled_seconds_ago_is_waited_for_and_its_code_is_still_good(
    person: Somebody, account: Account
) -> None:
    account.sandbox.inner.devices.propagation_delay = timedelta(seconds=10)
    account.add_device("new")
    account.take_device()
    code = account.code("new")
    terminal = person.at_terminal("login")
    terminal.expect("code of `new`[^\n]*: ")
    terminal.sendline(code)
    terminal.expect_exact("`new` was enabled seconds ago, and STS takes its codes a little later")
    terminal.expect(r"tried again in \d+ s")
    terminal.expect("code of `new`[^\n]*: ")
    terminal.sendline(code)
    end(terminal, 0)


def test_checks_that_others_have_spent_are_told_from_a_wrong_device(
    person: Somebody, account: Account
) -> None:
    account.sandbox.move_clock(-3600)
    account.add_device("old")
    account.sandbox.move_clock(3600)
    account.take_device()
    account.sandbox.begin_window_of_checks()
    sts = account.sandbox.client("sts", account.key)
    right = {account.code("old"), account.later_code("old")}
    for code in [f"{n}" for n in range(111_111, 111_122) if f"{n}" not in right][:9]:
        with pytest.raises(ClientError):
            sts.get_session_token(SerialNumber=account.serial("old"), TokenCode=code)
    terminal = person.at_terminal("login")
    terminal.expect("code of `old`[^\n]*: ")
    terminal.sendline(account.code("old"))
    terminal.expect_exact("MultiFactorAuthentication failed, unable to validate MFA code.  Please verify")
    terminal.expect_exact(
        "`old` is a device of this user: AWS looks at 9 codes in three minutes,"
        " and other programs have spent them"
    )
    terminal.expect(r"tried again in \d+ s")
    terminal.sendintr()
    end(terminal, 130)


def test_a_serial_number_that_is_not_the_users_is_replaced_by_one_that_is_and_remembered(
    person: Somebody, account: Account
) -> None:
    _mfa_serial(person, account.serial("nobody"))
    terminal = person.at_terminal("login")
    terminal.expect("code of `nobody`[^\n]*: ")
    terminal.sendline(account.code())
    terminal.expect_exact(
        f"`{account.serial('nobody')}` (from `mfa_serial` of the profile) is not a device of this user;"
        f" `{account.serial()}` is, and is asked from now on"
    )
    terminal.expect(PROMPT)
    terminal.sendline(account.code())
    end(terminal, 0)
    assert person.run("login").returncode == 0


def test_an_edited_mfa_serial_goes_before_what_is_remembered(person: Somebody, account: Account) -> None:
    account.add_device("phone")
    _mfa_serial(person, account.serial())
    person.login(account.code())
    _mfa_serial(person, account.serial("phone"))
    terminal = person.at_terminal("login")
    terminal.expect("code of `phone`[^\n]*: ")
    terminal.sendintr()
    end(terminal, 130)


def test_where_the_list_is_forbidden_the_possible_causes_are_told_as_possible(
    person: Somebody, account: Account
) -> None:
    account.forbid_list()
    _mfa_serial(person, account.serial("nobody"))
    terminal = person.at_terminal("login")
    terminal.expect("code of `nobody`[^\n]*: ")
    terminal.sendline(account.code())
    terminal.expect_exact(
        "is not a device of this user,\r\nor it was enabled in the last seconds (wait 15 s),"
    )
    terminal.expect("code of `nobody`[^\n]*: ")
    terminal.sendintr()
    end(terminal, 130)


def test_the_device_is_chosen_anew_when_that_is_wanted_and_remembered(
    person: Somebody, account: Account
) -> None:
    person.login(account.code())
    account.add_device("phone")
    terminal = person.at_terminal("login", "--choose-device")
    terminal.expect(r"  (\d)  phone  arn:")
    number = terminal.match.group(1)  # type: ignore[union-attr] # it was found
    terminal.expect(r"which device shall answer for this key \[1-2\]: ")
    terminal.sendline(number)
    terminal.expect("code of `phone`[^\n]*: ")
    terminal.sendline(account.code("phone"))
    end(terminal, 0)
    assert '"name": "phone"' in person.run("login", "--output", "json").stdout


def test_a_security_key_is_in_the_choice_as_unusable_here(person_at_peer: Somebody, peer: Peer) -> None:
    peer.devices = {serial("a"): "A" * 16, serial("b"): "B" * 16, _SECURITY_KEY: "C"}
    terminal = person_at_peer.at_terminal("login")
    terminal.expect(r"  1  a  arn:aws:iam")
    terminal.expect(r"  2  b  arn:aws:iam")
    terminal.expect(r"  -  yubikey-ABC  a security key: the console takes it, STS not")
    terminal.expect(r"which device shall answer for this key \[1-2\]: ")
    terminal.sendintr()
    end(terminal, 130)


def test_with_security_keys_only_the_ways_out_are_told(person_at_peer: Somebody, peer: Peer) -> None:
    peer.devices = {_SECURITY_KEY: "C"}
    shown = end(person_at_peer.at_terminal("login"), 4)
    assert "has security keys only (`yubikey-ABC`)" in shown
    assert "`watchword device enroll`" in shown
    assert "`aws login`" in shown


def test_a_clock_that_is_off_makes_the_codes_made_here_wrong(person: Somebody, account: Account) -> None:
    account.skew(-100)
    wrong = account.wrong_codes()[0]
    result = person.shell(["sh", "-c", f"echo {wrong} | {WATCHWORD} login --mfa-code -"])
    assert "codes that are made here are wrong then: set it" in result.stderr
    assert "used already by somebody else, or not a code of the device `testuser`" in result.stderr
