"""The hint of a refusal, as somebody reads it who typed a command: the statement, and what to do now."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from device.account import Account, Person
from device.changing import Owning
from device.faulty_wire import Fault, faulty_wire
from device.listing import runs_here
from local_aws import LocalAws
from watchword.aws import Refusal, create_virtual_mfa_device, resync_mfa_device
from watchword.cli.getting_in import entrance
from watchword.device.acting import Acting, acting
from watchword.device.refusal import explained
from watchword.errors import WatchwordError

ALLOWED = {"Sid": "Devices", "Effect": "Allow", "Action": "iam:*", "Resource": "*"}
LONG_SID = "DenyEverythingButWhatItTakesToEnrolUntilThereIsMFA"
LOCKED = {
    "Sid": LONG_SID,
    "Effect": "Deny",
    "Action": "iam:ListMFADevices",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def hint(person: Person, *arguments: str, **more: str) -> str:
    result = runs_here(person, "device", *arguments, **more)
    assert result.returncode == 5, result.stderr
    error, said, see = result.stderr.rstrip("\n").split("\n")[-3:]
    assert error.startswith("error: AWS refused `iam:")
    assert see == "see: docs/devices/policies.md"
    return said.removeprefix("hint: ")


def test_a_long_sid_is_shown_and_not_taken_for_a_secret(account: Account) -> None:
    person = account.person(policy=policy(ALLOWED, LOCKED))
    denies = f"`{LONG_SID}` in the policy `enrol` denies it without MFA"
    assert hint(person, "list") == f"{denies}: `watchword login {person.name}` first, if there is a device"


def test_in_a_session_the_same_command_works(account: Account, sandbox: LocalAws) -> None:
    person = account.person(policy=policy(ALLOWED, LOCKED))
    owning = Owning(person=person, account=account, aws=sandbox)
    owning.signs_in(owning.gets(person.name))
    assert runs_here(person, "device", "list").returncode == 0


def test_a_session_that_is_too_old_for_a_condition_is_to_be_opened_anew(
    account: Account, sandbox: LocalAws
) -> None:
    within_the_hour = {"NumericGreaterThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}
    old = {**LOCKED, "Sid": "Old", "Condition": within_the_hour}
    person = account.person(policy=policy(ALLOWED, old))
    owning = Owning(person=person, account=account, aws=sandbox)
    owning.signs_in(owning.gets(person.name))
    assert runs_here(person, "device", "list").returncode == 0
    sandbox.move_clock(7200)
    said = hint(person, "list")
    denies = "`Old` in the policy `enrol` denies it, by what it says of `aws:MultiFactorAuthAge`"
    another = f"`watchword login {person.name} --force` opens another"
    assert said == f"{denies}: the session is too old, {another}"


def test_who_may_not_read_policies_is_told_what_lacks_and_that_it_may_want_mfa(account: Account) -> None:
    person = account.person(policy=policy({**ALLOWED, "Action": "sts:*"}))
    needed = f"a policy must allow `iam:ListMFADevices` on `arn:aws:iam::123456789012:user/{person.name}`"
    said = hint(person, "list")
    assert said.startswith(f"{needed} (the policies cannot be read: `iam:ListUserPolicies`)")
    assert said.endswith(f"; or it wants MFA: `watchword login {person.name}` first")


def test_another_users_devices_are_asked_for_by_their_arn(account: Account) -> None:
    own = "arn:aws:iam::*:user/${aws:username}"
    reads = {
        **ALLOWED,
        "Sid": "Reads",
        "Action": ["iam:Get*", "iam:ListUser*", "iam:ListAttached*", "iam:ListGroups*"],
    }
    person = account.person(policy=policy({**ALLOWED, "Resource": own}, reads))
    other = account.person()
    said = hint(person, "list", "--user", other.name)
    assert said.startswith(f"`Devices` in the policy `enrol` allows it on `{own}` alone")


def test_a_role_is_told_the_statement_of_the_role(account: Account, sandbox: LocalAws) -> None:
    admin = account.person("admin", policy=policy(ALLOWED, {**ALLOWED, "Sid": "Roles", "Action": "sts:*"}))
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:user/admin"},
        "Action": "sts:AssumeRole",
    }
    account.iam.create_role(RoleName="Helpdesk", AssumeRolePolicyDocument=json.dumps(policy(trust)))
    held = policy(ALLOWED, {**LOCKED, "Condition": {"StringEquals": {"aws:PrincipalType": "AssumedRole"}}})
    account.iam.put_role_policy(RoleName="Helpdesk", PolicyName="Desk", PolicyDocument=json.dumps(held))
    with (admin.folder / "config").open("a") as config:
        config.write(
            "[profile desk]\nrole_arn = arn:aws:iam::123456789012:role/Helpdesk\nsource_profile = admin\n"
        )
    owning = Owning(person=admin, account=account, aws=sandbox)
    owning.signs_in(owning.gets("admin"))
    assert (
        hint(admin, "list", "--user", "admin", "--profile", "desk")
        == f"`{LONG_SID}` in the policy `Desk` denies it"
    )


def test_a_network_that_is_lost_while_policies_are_read_leaves_aws_refusal(account: Account) -> None:
    person = account.person(policy=policy(ALLOWED, LOCKED))
    with faulty_wire(account.endpoint_url) as wire:
        wire.befall("ListUserPolicies", Fault.LOSE_REQUEST)
        said = hint(person, "list", AWS_ENDPOINT_URL=wire.url)
        assert wire.operations.count("ListAttachedUserPolicies") == 0, "nothing more is asked"
    assert said.startswith("a policy denies `iam:ListMFADevices` on")


def refused(person: Person, call: Callable[[Acting], object]) -> WatchwordError:
    """What is said of a call that AWS denies to the key of this person."""
    with patch.dict(os.environ, person.environment()):
        who = acting(entrance(person.name, None), say=print)
        assert not who.has_session
        with pytest.raises(Refusal) as denied:
            call(who)
        return explained(denied.value, who, resource=who.identity.arn)


def test_who_has_a_device_is_sent_to_sign_in_with_it(account: Account, sandbox: LocalAws) -> None:
    locked = policy(ALLOWED, {**LOCKED, "Action": ["iam:ResyncMFADevice", "iam:EnableMFADevice"]})
    person = account.person(policy=locked)

    def resync(who: Acting) -> None:
        codes = {"first_code": "000000", "second_code": "111111"}
        resync_mfa_device(who.signed, user_name=person.name, serial_number=person.serial_number, **codes)

    denies = f"`{LONG_SID}` in the policy `enrol` denies it without MFA"
    assert refused(person, resync).hint == f"{denies}: `watchword device enroll {person.name}` first"
    Owning(person=person, account=account, aws=sandbox).gets(person.name)
    assert refused(person, resync).hint == f"{denies}: `watchword login {person.name}` first"


def test_a_security_key_is_no_device_to_sign_in_with(account: Account, sandbox: LocalAws) -> None:
    person = account.person(policy=policy(ALLOWED, {**LOCKED, "Action": "iam:CreateVirtualMFADevice"}))
    sandbox.add_security_key(person.name)
    error = refused(person, lambda who: create_virtual_mfa_device(who.signed, person.name))
    assert error.hint is not None
    assert error.hint.endswith("no device to sign in with: it has to except `iam:CreateVirtualMFADevice`")


def test_root_is_denied_by_nothing_that_an_account_holds(sandbox: LocalAws) -> None:
    """What denies root of a member account is a service control policy."""
    text = "User: arn:aws:iam::123456789012:root is not authorized to perform: iam:ListMFADevices"
    refusal = Refusal(
        "AWS refused",
        code="AccessDenied",
        aws_message=f"{text} with an explicit deny in a service control policy",
        status=403,
        operation="iam:ListMFADevices",
        server_time=None,
    )
    with patch.dict(os.environ, sandbox.environment):
        who = acting(entrance("root", None), say=print)
        hint_ = explained(refusal, who, resource=who.identity.arn).hint
    assert (
        hint_
        == "a service control policy of the organization denies it, which only its administrators can see"
    )
