"""Enrolment from a shell: standard output is data, and Ctrl-Z hides what is on the screen."""

from __future__ import annotations

import json
import os
import shlex

import pexpect
import pytest

from device.account import Account, Person
from device.at_terminal import FIRST, SECOND, WATCHWORD, YES_OR_NO, codes, scanned, secret_in


@pytest.fixture
def shell(person: Person) -> pexpect.spawn[str]:
    process = pexpect.spawn(
        "bash",
        ["--norc", "--noprofile", "-i"],
        env={**os.environ, **person.environment(), "TERM": "xterm-256color", "PS1": "ready> "},
        dimensions=(24, 80),
        encoding="utf-8",
        timeout=20,
    )
    process.expect("ready> ")
    return process


def types_pair(shell: pexpect.spawn[str], seen: str) -> None:
    first, second = codes(secret_in(scanned(seen)))
    shell.sendline(first)
    shell.expect(SECOND)
    shell.sendline(second)
    if shell.expect(["ready> ", YES_OR_NO]):
        shell.sendline("n")
        shell.expect("ready> ")


def test_standard_output_holds_the_data_and_standard_error_nothing(
    account: Account, person: Person, shell: pexpect.spawn[str]
) -> None:
    out, err = person.folder / "out", person.folder / "err"
    shell.sendline(f"{shlex.quote(WATCHWORD)} device enroll --output json > {out} 2> {err}")
    shell.expect(FIRST)
    seen = f"{shell.before}"
    types_pair(shell, seen)
    value = json.loads(out.read_text())
    assert value["schema"] == "watchword/device/v1"
    assert value["serial_number"] == person.serial_number == account.devices_of(person)[0]
    assert value["enabled_at"].endswith("Z")
    assert value["config"]["section"] == f"profile {person.name}"
    assert value["config"]["line"] == f"mfa_serial = {person.serial_number}"
    assert err.read_text() == ""
    assert secret_in(scanned(seen)) not in out.read_text()


def test_ctrl_z_hides_the_code_and_fg_shows_it_again(
    account: Account, person: Person, shell: pexpect.spawn[str]
) -> None:
    shell.sendline(f"{shlex.quote(WATCHWORD)} device enroll")
    shell.expect(FIRST)
    shown = scanned(f"{shell.before}")
    shell.sendcontrol("z")
    shell.expect("ready> ")
    hidden = f"{shell.before}"
    assert "\x1b[?1049l" in hidden
    assert not any(block in hidden for block in "▀▄█")
    shell.sendline("echo the shell echoes; stty -a | grep -o ' echo '")
    shell.expect("ready> ")
    assert " echo " in f"{shell.before}"
    shell.sendline("fg")
    shell.expect(FIRST)
    again = f"{shell.before}"
    assert scanned(again) == shown
    types_pair(shell, again)
    assert account.devices_of(person) == [person.serial_number]


def test_the_terminal_is_as_it_was_after_ctrl_c(person: Person, shell: pexpect.spawn[str]) -> None:
    before = person.folder / "stty"
    shell.sendline(f"stty -a > {before}")
    shell.expect("ready> ")
    shell.sendline(f"{shlex.quote(WATCHWORD)} device enroll")
    shell.expect(FIRST)
    shell.sendcontrol("c")
    shell.expect("ready> ")
    shell.sendline(f"stty -a | diff - {before} && echo just the same")
    shell.expect("just the same\r\n")
