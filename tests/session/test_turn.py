from __future__ import annotations

import re
import subprocess
import time

from session.account import Account
from session.people import PROMPT, WATCHWORD, Somebody, end


def _without_terminal(person: Somebody, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [WATCHWORD, *arguments],
        env=person.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_one_that_can_ask_nobody_waits_for_one_that_asks(person: Somebody, account: Account) -> None:
    asking = person.at_terminal("login")
    asking.expect(PROMPT)
    waiting = [_without_terminal(person, "login") for _ in range(3)]
    for process in waiting:
        assert process.stderr
        assert process.stderr.readline() == (
            "another watchword is asking for a code of profile `work`; waiting for it\n"
        )
    asking.sendline(account.code())
    end(asking, 0)
    for process in waiting:
        _, talk = process.communicate(timeout=20)
        assert process.returncode == 0
        assert "already signed in as" in talk
    assert len(account.calls("sts:GetSessionToken")) == 1


def test_when_the_one_that_asks_gives_up_the_other_ends_with_6(person: Somebody, account: Account) -> None:
    asking = person.at_terminal("login")
    asking.expect(PROMPT)
    waiting = _without_terminal(person, "login")
    assert waiting.stderr
    waiting.stderr.readline()
    asking.sendintr()
    end(asking, 130)
    began = time.monotonic()
    _, talk = waiting.communicate(timeout=20)
    assert waiting.returncode == 6
    assert time.monotonic() - began < 3
    assert "there is no terminal to ask on" in talk
    assert account.calls("sts:GetSessionToken") == []


def test_two_at_once_choose_the_device_once(person: Somebody, account: Account) -> None:
    account.add_device("phone")
    first = person.at_terminal("login")
    first.expect(r"  (\d)  phone  arn:")
    assert isinstance(first.match, re.Match)
    number = first.match.group(1)
    first.expect(r"which device shall answer for this key \[1-2\]: ")
    second = person.at_terminal("login")
    second.expect("another watchword is asking for a code of profile `work`; waiting for it")
    first.sendline(number)
    first.expect(PROMPT)
    first.sendline(account.code("phone"))
    end(first, 0)
    assert "which device" not in end(second, 0)
