"""`device enroll --user U`: an administrator enrols somebody else, by key, session or role."""

from __future__ import annotations

import json

import pytest

from device.account import Account, Person
from device.at_terminal import FIRST
from device.changing import administrator, owning
from device.enrolling import CODE, allow, allowing, enrols, scans_and_types
from local_aws import LocalAws


@pytest.fixture
def admin(account: Account) -> Person:
    return administrator(account)


def test_by_key_for_a_user_with_a_path_who_is_told_what_was_not_checked(
    account: Account, admin: Person, sandbox: LocalAws
) -> None:
    account.iam.create_user(UserName="bob", Path="/team/north/")
    at = admin.runs("device", "enroll", "--user", "bob")
    shown = at.sees(FIRST)
    assert "bob scans this with an" in shown
    scans_and_types(at, sandbox, shown=shown)
    assert at.ends() == 0
    text = at.ordinary_screen()
    assert "this is for `bob`: the code is for their phone, not yours" in text
    assert "enabled arn:aws:iam::123456789012:mfa/bob for bob" in text
    assert "not checked: a code of it was not tried, for only the access key of `bob`" in text
    assert "write this line?" not in text
    (device,) = account.iam.list_mfa_devices(UserName="bob")["MFADevices"]
    assert device["SerialNumber"].endswith(":mfa/bob")
    assert not admin.files_hold("mfa_serial")


def test_by_a_role_that_may_for_a_user_who_has_devices_already(
    account: Account, person: Person, sandbox: LocalAws
) -> None:
    bob = owning(sandbox, account)
    bob.gets(bob.person.name)
    admin = owning(sandbox, account)
    arn = f"arn:aws:iam::{sandbox.account}:user/{admin.person.name}"
    trust = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    account.iam.create_role(
        RoleName="mfa-admin",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
    )
    account.iam.put_role_policy(
        RoleName="mfa-admin",
        PolicyName="all",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}}
        ),
    )
    admin.config(
        f"[profile admin]\nrole_arn = arn:aws:iam::{sandbox.account}:role/mfa-admin\n"
        f"source_profile = {admin.person.name}\n"
    )
    serial = admin.gets("own")
    at = admin.runs("enroll", "--user", bob.person.name, "--profile", "admin")
    at.sees(CODE)
    at.types(sandbox.fresh_code(serial))
    scans_and_types(at, sandbox)
    assert at.ends() == 0, at.received
    assert f"{bob.person.serial_number}-2" in bob.has()


def test_an_administrator_who_may_nothing_without_mfa_is_asked_for_a_code_first(
    account: Account, sandbox: LocalAws
) -> None:
    bob = account.person()
    with_mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    admin = owning(sandbox, account, policy=allowing(allow("iam:*", Condition=with_mfa)))
    serial = admin.gets(admin.person.name)
    admin.config(f"mfa_serial = {serial}\n")
    at = admin.runs("enroll", "--user", bob.name)
    assert "AWS denies `iam:ListMFADevices` to the key alone" in at.sees(CODE)
    at.types(sandbox.fresh_code(serial))
    scans_and_types(at, sandbox)
    assert at.ends() == 0, at.received
    assert account.devices_of(bob) == [bob.serial_number]


def test_a_lost_phone_is_replaced_by_an_administrator(
    account: Account, admin: Person, sandbox: LocalAws
) -> None:
    bob = owning(sandbox, account)
    lost = bob.gets("phone")
    at = enrols(admin, sandbox, "--user", bob.person.name, "--replace", "--output", "json")
    value = json.loads(at.ordinary_screen()[at.ordinary_screen().index("{\r") :])
    assert (value["replaced"], value["checked"], value["is_own"]) == (lost, False, False)
    assert bob.has() == [bob.person.serial_number]
    assert lost not in bob.exist()


def test_a_user_who_does_not_exist_is_told_before_anything_is_made(account: Account, admin: Person) -> None:
    at = admin.runs("device", "enroll", "--user", "nobody")
    assert at.ends() == 1
    assert "account 123456789012 has no user `nobody`" in at.received
    assert account.iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_ones_own_name_means_oneself(account: Account, person: Person, sandbox: LocalAws) -> None:
    at = enrols(person, sandbox, "--user", person.name)
    assert "checked with a real code: signed in until" in at.received
    assert account.devices_of(person) == [person.serial_number]


def test_who_is_no_administrator_is_told_what_a_policy_must_allow(account: Account, person: Person) -> None:
    other = account.person()
    at = person.runs("device", "enroll", "--user", other.name)
    assert at.ends() == 5
    assert "AWS refused `iam:CreateVirtualMFADevice`" in at.received
    assert account.leftovers_of(other) == []
