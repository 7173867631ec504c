"""A second device: AWS wants a code of the first one (AWS-2023-001), and the enrolment asks for it."""

from __future__ import annotations

import json

import pytest

from device.account import Account
from device.changing import Owning, owning
from device.enrolling import CODE, allow, allowing, enrols, scans_and_types
from device.faulty_wire import faulty_wire
from local_aws import LocalAws


@pytest.fixture
def alice(sandbox: LocalAws, account: Account) -> Owning:
    return owning(sandbox, account)


def test_a_code_of_the_first_device_is_asked_for_and_it_is_said_why(alice: Owning) -> None:
    phone = alice.gets("phone")
    with faulty_wire(alice.person.endpoint_url) as wire:
        at = alice.runs("enroll", endpoint_url=wire.url)
        why = at.sees(CODE)
        assert "CreateVirtualMFADevice" not in wire.operations
        at.types(alice.aws.fresh_code(phone))
        scans_and_types(at, alice.aws)
        assert at.ends() == 0, at.received
    assert "you have a device already (`phone`), and AWS adds another only with MFA" in why
    assert sorted(alice.has()) == sorted([phone, alice.person.serial_number])


def test_in_a_session_that_is_open_no_code_is_asked_for(alice: Owning) -> None:
    alice.signs_in(alice.gets("phone"))
    at = enrols(alice.person, alice.aws)
    assert "code of" not in at.received
    assert len(alice.has()) == 2


def test_a_session_that_aws_takes_no_more_is_replaced_by_a_new_one(alice: Owning) -> None:
    phone = alice.gets("phone")
    alice.signs_in(phone)
    alice.aws.move_clock(37 * 3600)
    at = alice.runs("enroll")
    assert "AWS does not take the session any more (ExpiredToken)" in at.sees(CODE)
    at.types(alice.aws.fresh_code(phone))
    scans_and_types(at, alice.aws)
    assert at.ends() == 0, at.received
    assert len(alice.has()) == 2


def test_ctrl_c_where_the_code_is_asked_for_makes_nothing(alice: Owning) -> None:
    phone = alice.gets("phone")
    at = alice.runs("enroll")
    at.sees(CODE)
    at.process.sendcontrol("c")
    assert at.ends() == 130
    assert alice.exist() == [phone]


def test_with_security_keys_alone_the_way_leads_to_the_console(alice: Owning) -> None:
    alice.aws.add_security_key(alice.person.name)
    at = alice.runs("enroll")
    assert at.ends() == 4
    assert "it gives no codes to sign in with here" in at.received
    assert "sign in to the AWS console with it and add an authenticator app there" in at.received
    assert alice.exist() == []


def test_who_may_not_list_learns_it_from_aws_and_the_two_codes_stay_good(
    sandbox: LocalAws, account: Account
) -> None:
    policy = allowing(
        allow(["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:DeleteVirtualMFADevice"])
    )
    alice = owning(sandbox, account, policy=policy)
    phone = alice.gets(alice.person.name)
    at = alice.runs("enroll")
    scans_and_types(at, sandbox)
    assert "you have a device already" in at.sees(CODE)
    at.types(sandbox.fresh_code(phone))
    assert at.ends() == 0, at.received
    assert alice.has() == [phone, f"{phone}-2"]


def test_the_first_device_goes_on_answering_and_the_profile_is_left_alone(alice: Owning) -> None:
    phone = alice.gets("phone")
    alice.config(f"mfa_serial = {phone}\n")
    alice.signs_in(phone)
    at = enrols(alice.person, alice.aws)
    assert "write this line?" not in at.received
    shown = json.loads(alice.without_terminal("status", "--output", "json").stdout)
    assert phone in json.dumps(shown)
    assert alice.person.files_hold(f"mfa_serial = {phone}\n")


def test_a_name_of_ones_own_is_not_taken_twice_whatever_its_case(alice: Owning) -> None:
    alice.signs_in(alice.gets(alice.person.name.upper()))
    enrols(alice.person, alice.aws)
    assert f"{alice.person.serial_number}-2" in alice.has()
