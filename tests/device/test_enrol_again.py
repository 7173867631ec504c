"""An enrolment that is broken off at any step, by whatever, one after the other: the last one ends well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from device.account import Account, Person
from device.at_terminal import FIRST, SECOND, AtTerminal, scanned, secret_in
from device.enrolling import scans_and_types
from device.faulty_wire import Fault, FaultyWire, faulty_wire
from local_aws import LocalAws

# What is on its way, and lost there.
LOST = [
    ("ListMFADevices", Fault.LOSE_REQUEST),
    ("CreateVirtualMFADevice", Fault.LOSE_REQUEST),
    ("CreateVirtualMFADevice", Fault.LOSE_ANSWER),
    ("EnableMFADevice", Fault.LOSE_REQUEST),
]


@pytest.fixture
def wire(person: Person) -> Iterator[FaultyWire]:
    with faulty_wire(person.endpoint_url) as running:
        yield running


def enrols_well(account: Account, person: Person, sandbox: LocalAws) -> None:
    """One more enrolment, over a wire without faults: the device has the first name, and it is signed in."""
    at = person.runs("device", "enroll", "--no-set-mfa-serial")
    scans_and_types(at, sandbox)
    assert at.ends() == 0, at.received
    assert "signed in until" in at.ordinary_screen()
    assert account.devices_of(person) == [person.serial_number]
    assert account.leftovers_of(person) == []


def ends_with_nothing(account: Account, person: Person, at: AtTerminal, *, code: int, step: str) -> None:
    assert at.ends() == code, (step, at.received)
    assert account.devices_of(person) == account.leftovers_of(person) == [], step


def test_ctrl_c_at_each_step_and_then_a_clean_run(
    account: Account, person: Person, sandbox: LocalAws, wire: FaultyWire
) -> None:
    for step in ("ListMFADevices", "CreateVirtualMFADevice", FIRST, SECOND, "EnableMFADevice"):
        wire.held.clear()
        wire.released.clear()
        wire.befall(step, Fault.HOLD_AND_LOSE_REQUEST)
        at = person.runs("device", "enroll", endpoint_url=wire.url)
        reaches(step, at, wire, sandbox)
        at.process.sendcontrol("c")
        if step not in {FIRST, SECOND}:
            at.sees(r"\^C")  # the terminal shows it once the signal is on its way
        wire.released.set()
        ends_with_nothing(account, person, at, code=130, step=step)
    enrols_well(account, person, sandbox)


def reaches(step: str, at: AtTerminal, wire: FaultyWire, sandbox: LocalAws) -> None:
    if step == "EnableMFADevice":
        scans_and_types(at, sandbox)
    elif step in {FIRST, SECOND}:
        at.sees(FIRST)
        if step == SECOND:
            at.types("123456")
            at.sees(SECOND)
        return
    assert wire.held.wait(15), step


def test_a_network_lost_at_each_step_and_then_a_clean_run(
    account: Account, person: Person, sandbox: LocalAws, wire: FaultyWire
) -> None:
    for operation, fault in LOST:
        wire.befall(operation, fault)
        at = person.runs("device", "enroll", endpoint_url=wire.url)
        if operation == "EnableMFADevice":
            scans_and_types(at, sandbox)
        ends_with_nothing(account, person, at, code=1, step=f"{operation}: {fault}")
        assert f"no answer to `iam:{operation}`" in at.received
    enrols_well(account, person, sandbox)


def test_three_wrong_pairs_and_then_a_clean_run(account: Account, person: Person, sandbox: LocalAws) -> None:
    at = person.runs("device", "enroll")
    secret = secret_in(scanned(at.sees(FIRST)))
    for first, second in (("000000", "111111"), ("222222", "333333"), ("444444", "555555")):
        at.types(first)
        at.sees(SECOND)
        at.types(second)
        if first != "444444":
            at.sees(FIRST)
    ends_with_nothing(account, person, at, code=1, step="wrong pairs")
    enrols_well(account, person, sandbox)
    assert not person.files_hold(secret)


def test_the_prompt_counts_down_to_the_second_code(person: Person) -> None:
    at = person.runs("device", "enroll")
    at.sees(FIRST)
    at.types("123456")
    shown = [at.sees(SECOND).rpartition("second code (")[2] for _ in range(2)]
    assert shown[0] != shown[1]
    at.process.sendcontrol("c")
    assert at.ends() == 130
