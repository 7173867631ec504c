"""What a broken-off enrolment left, where it may not be removed; names that policies refuse; two at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from device.account import Account, Person
from device.at_terminal import FIRST
from device.enrolling import allow, allowing, enrols, scans_and_types
from local_aws import LocalAws

OWN_NAME = "arn:aws:iam::*:mfa/${aws:username}"
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
SEES = allow(["iam:ListVirtualMFADevices", "iam:ListMFADevices"])
ENABLES = allow(["iam:EnableMFADevice"], "arn:aws:iam::*:user/${aws:username}")


def leaves_one(account: Account, policy: dict[str, Any]) -> tuple[Person, str]:
    """A person whose name a device that belongs to nobody has."""
    person = account.person(policy=policy)
    made = account.iam.create_virtual_mfa_device(VirtualMFADeviceName=person.name)
    return person, made["VirtualMFADevice"]["SerialNumber"]


def test_a_leftover_that_only_mfa_may_remove_goes_at_the_end(account: Account, sandbox: LocalAws) -> None:
    policy = allowing(
        allow("iam:CreateVirtualMFADevice"),
        SEES,
        ENABLES,
        allow("iam:DeleteVirtualMFADevice", Condition=WITH_MFA),
    )
    person, leftover = leaves_one(account, policy)
    at = enrols(person, sandbox, "--no-set-mfa-serial")
    assert f"AWS denies the removal of `{leftover}`: trying the next name" in at.received
    assert f"removed `{leftover}`, which an enrolment that was broken off had left" in at.received
    assert account.devices_of(person) == [f"{leftover}-2"]
    assert account.leftovers_of(person) == []


def test_a_leftover_that_nobody_here_may_remove_stays_and_is_told(
    account: Account, sandbox: LocalAws
) -> None:
    policy = allowing(allow("iam:CreateVirtualMFADevice"), SEES, ENABLES)
    person, leftover = leaves_one(account, policy)
    at = enrols(person, sandbox, "--no-set-mfa-serial", "--output", "json")
    value = json.loads(at.ordinary_screen()[at.ordinary_screen().index("{") :])
    assert value["leftovers"] == [leftover]
    assert value["serial_number"] == f"{leftover}-2"
    assert account.leftovers_of(person) == [leftover]


def test_a_leftover_in_the_only_name_that_is_allowed_is_what_has_to_go(account: Account) -> None:
    policy = allowing(allow("iam:CreateVirtualMFADevice", OWN_NAME), SEES, ENABLES)
    person, leftover = leaves_one(account, policy)
    at = person.runs("device", "enroll")
    assert at.ends() == 5
    assert f"AWS denies the name `{person.name}-2` as well (AccessDenied)" in at.received
    assert "AWS refused `iam:DeleteVirtualMFADevice`" in at.received
    assert account.leftovers_of(person) == [leftover]


def test_where_only_numbered_names_are_allowed_one_of_those_is_taken(
    account: Account, sandbox: LocalAws
) -> None:
    policy = allowing(allow("iam:CreateVirtualMFADevice", f"{OWN_NAME}-*"), SEES, ENABLES)
    person = account.person(policy=policy)
    enrols(person, sandbox, "--no-set-mfa-serial")
    assert account.devices_of(person) == [f"{person.serial_number}-2"]


def test_a_name_of_ones_choice_that_is_refused_is_explained_and_the_plain_one_works(
    account: Account, sandbox: LocalAws
) -> None:
    policy = allowing(allow("iam:CreateVirtualMFADevice", OWN_NAME), SEES, ENABLES)
    person = account.person(policy=policy)
    at = person.runs("device", "enroll", "--name", "phone")
    assert at.ends() == 5
    assert "AWS refused `iam:CreateVirtualMFADevice`" in at.received
    assert "mfa/phone" in at.received
    enrols(person, sandbox, "--no-set-mfa-serial")
    assert account.devices_of(person) == [person.serial_number]


def test_two_at_once_do_not_take_each_others_device_for_a_leftover(
    account: Account, person: Person, sandbox: LocalAws
) -> None:
    first = person.runs("device", "enroll")
    shown = first.sees(FIRST)
    second = person.runs("device", "enroll")
    assert second.ends() == 1
    assert f"is enrolling `{person.serial_number}` right now" in second.received
    assert account.leftovers_of(person) == [person.serial_number]
    scans_and_types(first, sandbox, shown=shown)
    assert first.ends() == 0, first.received
    assert account.devices_of(person) == [person.serial_number]


def test_a_device_that_somebody_removes_meanwhile_is_told_so(
    account: Account, person: Person, sandbox: LocalAws
) -> None:
    at = person.runs("device", "enroll")
    shown = at.sees(FIRST)
    account.iam.delete_virtual_mfa_device(SerialNumber=person.serial_number)
    scans_and_types(at, sandbox, shown=shown)
    assert at.ends() == 1
    assert f"`{person.serial_number}` was removed while its codes were typed" in at.received
    assert account.devices_of(person) == account.leftovers_of(person) == []


@pytest.mark.parametrize(
    "asked", [("--device", "phone"), ("--user", "other", "--set-mfa-serial"), ("--name", "team/phone")]
)
def test_what_makes_no_sense_is_said_before_anything_is_done(person: Person, asked: tuple[str, ...]) -> None:
    at = person.runs("device", "enroll", *asked)
    assert at.ends() == 2
