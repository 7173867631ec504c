"""Enrolment that AWS would not, or does not, let happen: each with its way out."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from device.account import Account, Person, least_policy
from device.at_terminal import FIRST, AtTerminal, codes, scanned, secret_in
from local_aws import LocalAws

NAMES_ARE_FREE = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "iam:*MFADevice*", "Resource": "*"},
}


def enrols(person: Person, *arguments: str) -> tuple[AtTerminal, str]:
    """Enrol, and end well; return the terminal and the secret."""
    terminal = person.runs("device", "enroll", *arguments)
    secret = secret_in(scanned(terminal.sees(FIRST)))
    terminal.types_pair(secret)
    assert terminal.ends() == 0
    return terminal, secret


def without(action: str) -> dict[str, Any]:
    policy = copy.deepcopy(least_policy())
    for statement in policy["Statement"]:
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        statement["Action"] = [each for each in actions if each != action] or ["sts:GetCallerIdentity"]
    return policy


def test_a_name_that_is_somebodys_gets_a_number(account: Account, person: Person) -> None:
    other = account.person(policy=NAMES_ARE_FREE)
    enrols(other, "--name", person.name)
    terminal, _ = enrols(person)
    assert f"there is a device named `{person.name}` already: trying the next name" in terminal.received
    assert account.devices_of(person) == [f"{person.serial_number}-2"]


def test_a_chosen_name_that_is_somebodys_is_refused(account: Account, person: Person) -> None:
    enrols(person)
    other = account.person(policy=NAMES_ARE_FREE)
    terminal = other.runs("device", "enroll", "--name", person.name)
    assert terminal.ends() == 1
    assert f"`{person.serial_number}` already, and it belongs to somebody" in terminal.received
    assert "--name NAME" in terminal.received
    assert account.devices_of(person) == [person.serial_number]


def test_a_leftover_is_found_whatever_the_case_of_its_name(account: Account, person: Person) -> None:
    account.iam.create_virtual_mfa_device(VirtualMFADeviceName=person.name.upper())
    user = account.person(policy=NAMES_ARE_FREE)
    enrols(user, "--name", person.name)
    assert account.devices_of(user) == [person.serial_number]


def test_who_may_not_list_virtual_devices_gets_rid_of_a_leftover_all_the_same(account: Account) -> None:
    person = account.person(policy=without("iam:ListVirtualMFADevices"))
    account.iam.create_virtual_mfa_device(VirtualMFADeviceName=person.name)
    terminal, _ = enrols(person)
    assert f"there is `{person.serial_number}` already" in terminal.received
    assert account.devices_of(person) == [person.serial_number]


def test_and_takes_nobodys_device_away(account: Account) -> None:
    person = account.person(policy=without("iam:ListVirtualMFADevices"))
    other = account.person(policy=NAMES_ARE_FREE)
    enrols(other, "--name", person.name)
    enrols(person)
    assert account.devices_of(other) == [person.serial_number]
    assert account.devices_of(person) == [f"{person.serial_number}-2"]


def test_a_name_with_a_path_is_not_taken_for_another(account: Account, person: Person) -> None:
    terminal = person.runs("device", "enroll", "--name", f"team/{person.name}")
    assert terminal.ends() == 2
    assert account.leftovers_of(person) == []


def test_eight_devices_are_the_most(account: Account, person: Person) -> None:
    for number in range(8):
        device = account.iam.create_virtual_mfa_device(VirtualMFADeviceName=f"{person.name}-x{number}")
        device = device["VirtualMFADevice"]
        first, second = codes(device["Base32StringSeed"].decode())
        account.iam.enable_mfa_device(
            UserName=person.name,
            SerialNumber=device["SerialNumber"],
            AuthenticationCode1=first,
            AuthenticationCode2=second,
        )
    terminal = person.runs("device", "enroll")
    assert terminal.ends() == 1
    assert f"`{person.name}` has 8 devices, the most that AWS allows" in terminal.received
    assert (
        "hint: `watchword device list` shows them; `watchword device remove NAME` makes room"
        in terminal.received
    )
    assert account.leftovers_of(person) == []


@pytest.mark.parametrize("action", ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice"])
def test_a_policy_that_lacks_an_action_is_told_which_and_on_what(account: Account, action: str) -> None:
    person = account.person(policy=without(action))
    terminal = person.runs("device", "enroll")
    if action == "iam:EnableMFADevice":
        terminal.types_pair(secret_in(scanned(terminal.sees(FIRST))))
        resource = person.serial_number.replace(":mfa/", ":user/")
    else:
        resource = person.serial_number
    assert terminal.ends() == 5
    assert f"hint: a policy must allow `{action}` on `{resource}`" in terminal.received
    assert account.leftovers_of(person) == []


def test_a_deny_until_there_is_mfa_is_named_as_such(account: Account) -> None:
    policy = least_policy()
    policy["Statement"].append(
        {
            "Effect": "Deny",
            "Action": "iam:CreateVirtualMFADevice",
            "Resource": "*",
            "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
        }
    )
    terminal = account.person(policy=policy).runs("device", "enroll")
    assert terminal.ends() == 5
    assert "hint: a policy denies `iam:CreateVirtualMFADevice`" in terminal.received


def test_who_may_not_delete_is_told_how_to_remove_it_by_hand(account: Account) -> None:
    person = account.person(policy=without("iam:DeleteVirtualMFADevice"))
    terminal = person.runs("device", "enroll")
    terminal.sees(FIRST)
    terminal.process.sendcontrol("c")
    assert terminal.ends() == 130
    by_hand = f"aws iam delete-virtual-mfa-device --serial-number {person.serial_number}"
    assert f"could not be removed (AccessDenied); by hand: {by_hand}" in terminal.received


def test_root_is_sent_to_the_console(sandbox: LocalAws, person: Person) -> None:
    files = sandbox.folder
    for name in ("config", "credentials"):
        (person.folder / name).write_text((files.path / name).read_text())
    terminal = person.runs("device", "enroll", "--profile", "root")
    assert terminal.ends() == 1
    assert "these are root's credentials" in terminal.received
