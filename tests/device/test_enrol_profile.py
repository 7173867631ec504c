"""What enrolment leaves: a session that works, a line in the profile if that is wanted, no seed."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from device.account import Account, Person
from device.at_terminal import FIRST, WATCHWORD, YES_OR_NO, AtTerminal, scanned, secret_in
from device.enrolling import enrols, scans_and_types
from device.faulty_wire import Fault, faulty_wire
from local_aws import LocalAws


def value_of(at: AtTerminal) -> dict[str, object]:
    shown = at.ordinary_screen()
    value: dict[str, object] = json.loads(shown[shown.index("{\r") :])
    return value


def types(person: Person, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command where nobody can be asked."""
    return subprocess.run(
        [WATCHWORD, *words],
        env={**os.environ, **person.environment()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        start_new_session=True,
        check=False,
    )


def test_who_has_enrolled_is_signed_in(person: Person, sandbox: LocalAws) -> None:
    at = enrols(person, sandbox, "--output", "json")
    assert "write this line?" not in at.received
    value = value_of(at)
    shown = json.loads(types(person, "status", "--output", "json").stdout)
    assert person.serial_number in json.dumps(shown)
    assert str(value["session_expires_at"]) in json.dumps(shown)
    assert value["checked"] is True
    assert value["why_not_checked"] is None
    next_command = str(value["next"]).split()
    done = types(person, *next_command[1:])
    assert json.loads(done.stdout)["Arn"].endswith(f"user/{person.name}")


@pytest.mark.parametrize("answer", ["y", "n"])
def test_the_line_of_the_profile_is_shown_and_written_after_a_yes(
    person: Person, sandbox: LocalAws, answer: str
) -> None:
    at = person.runs("device", "enroll")
    scans_and_types(at, sandbox)
    asked = at.sees(YES_OR_NO)
    assert f"+ mfa_serial = {person.serial_number}" in asked
    assert f"under [profile {person.name}]" in asked
    at.types(answer)
    assert at.ends() == 0
    assert person.files_hold(f"mfa_serial = {person.serial_number}\n") is (answer == "y")
    assert ("wrote mfa_serial" in at.received) is (answer == "y")


def test_without_being_asked_it_is_written_with_the_option(person: Person, sandbox: LocalAws) -> None:
    at = enrols(person, sandbox, "--set-mfa-serial", "--output", "json")
    assert "write this line?" not in at.received
    assert value_of(at)["config_changed"] is True
    assert person.files_hold(f"mfa_serial = {person.serial_number}\n")


def test_ctrl_c_at_that_question_changes_nothing_but_the_device_is_there(
    account: Account, person: Person, sandbox: LocalAws
) -> None:
    at = person.runs("device", "enroll")
    scans_and_types(at, sandbox)
    at.sees(YES_OR_NO)
    at.process.sendcontrol("c")
    assert at.ends() == 130
    assert "the device is enabled all the same" in at.received
    assert account.devices_of(person) == [person.serial_number]
    assert not person.files_hold("mfa_serial =")


def test_a_network_lost_at_the_check_leaves_the_device_and_says_how_to_go_on(
    account: Account, person: Person, sandbox: LocalAws
) -> None:
    with faulty_wire(account.endpoint_url) as wire:
        wire.befall("GetSessionToken", Fault.LOSE_REQUEST)
        at = person.runs("device", "enroll", "--no-set-mfa-serial", endpoint_url=wire.url)
        scans_and_types(at, sandbox)
        assert at.ends() == 0
    assert "not checked: " in at.received
    assert f"next: watchword login {person.name}" in at.received
    assert account.devices_of(person) == [person.serial_number]


def test_s_shows_the_seed_and_again_hides_it_and_it_is_gone_afterwards(
    person: Person, sandbox: LocalAws
) -> None:
    at = person.runs("device", "enroll", "--no-set-mfa-serial")
    seen = at.sees(FIRST)
    secret = secret_in(scanned(seen))
    groups = [secret[i : i + 4] for i in range(0, len(secret), 4)]
    assert "Cannot scan? Type s and Enter" in seen
    at.types("s")
    shown = at.sees(FIRST)
    assert all(group in shown for group in groups)
    at.types("S")
    hidden = at.sees(FIRST)
    assert not any(group in hidden for group in groups)
    assert scanned(hidden) == scanned(seen)
    scans_and_types(at, sandbox, shown=hidden)
    assert at.ends() == 0
    assert not any(group in at.ordinary_screen() for group in groups)
    assert not person.files_hold(secret)
