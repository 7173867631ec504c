"""Whoever has one of the policies that people copy enrols, or is told which statement prevents it."""

from __future__ import annotations

import pytest

from device.account import Account, Person
from device.at_terminal import FIRST, AtTerminal, scanned, secret_in
from device.published import ACCOUNT, ALLOW_ALL, OLD_MFA_ONLY, PUBLISHED, seed
from local_aws import LocalAws
from watchword.aws import read_chain
from watchword.aws.user_policies import read_user_policies
from watchword.device.may_enroll import MayEnroll, Step, may_enroll
from watchword.device.owner import Owner
from watchword.iam import Outcome

# Under these a device that belongs to nobody can be removed without MFA.
REMOVES_LEFTOVERS = {"seed-0", "seed-4"}


@pytest.fixture
def root(sandbox: LocalAws, monkeypatch: pytest.MonkeyPatch) -> LocalAws:
    """The administrator's profile is this process's."""
    for name, value in sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return sandbox


def somebody_under(account: Account, policies: dict[str, str], *, path: str = "/") -> Person:
    """A person in a group for each policy, as the seeds have it."""
    person = account.person()
    account.iam.delete_user_policy(UserName=person.name, PolicyName="enrol")
    if path != "/":
        account.iam.update_user(UserName=person.name, NewPath=path)
    for name, document in policies.items():
        group = f"{name}-{person.name}"
        account.iam.create_group(GroupName=group)
        account.iam.put_group_policy(GroupName=group, PolicyName=name, PolicyDocument=document)
        account.iam.add_user_to_group(GroupName=group, UserName=person.name)
    return person


def foretold(person: Person, *, device_name: str | None = None) -> MayEnroll:
    """What an administrator is told beforehand, by what the account says of the person."""
    policies = read_user_policies(read_chain("root").key, person.name)
    assert not policies.unread
    assert policies.arn is not None
    owner = Owner(arn=policies.arn, user_name=person.name, account=ACCOUNT, partition="aws")
    return may_enroll(policies, owner, device_name=device_name or person.name)


def enrols(person: Person, *arguments: str) -> AtTerminal:
    terminal = person.runs("device", "enroll", "--no-set-mfa-serial", *arguments)
    terminal.types_pair(secret_in(scanned(terminal.sees(FIRST))))
    assert terminal.ends() == 0, terminal.received
    return terminal


def refused(person: Person, *arguments: str) -> str:
    """The hint of the refusal."""
    terminal = person.runs("device", "enroll", *arguments, columns=400)
    assert terminal.ends() == 5, terminal.received
    assert "see: docs/devices/policies.md" in terminal.received
    return terminal.received.partition("hint: ")[2].partition("\r\n")[0]


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.usefixtures("root")
def test_a_user_under_a_published_policy_enrols_as_foretold(account: Account, name: str) -> None:
    person = somebody_under(account, PUBLISHED[name])
    may = foretold(person)
    assert may.can_enroll is True, (may.blocking, may.undetermined)
    enrols(person)
    assert account.devices_of(person) == [person.serial_number]


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.usefixtures("root")
def test_and_with_a_leftover_in_the_way_as_foretold(account: Account, name: str) -> None:
    person = somebody_under(account, PUBLISHED[name])
    account.iam.create_virtual_mfa_device(VirtualMFADeviceName=person.name)
    removes = foretold(person).of(Step.DELETE_LEFTOVER).without_mfa.outcome is Outcome.ALLOWED
    assert removes is (name in REMOVES_LEFTOVERS)
    enrols(person)
    serial_number = person.serial_number if removes else f"{person.serial_number}-2"
    assert account.devices_of(person) == [serial_number]


@pytest.mark.parametrize("name", ["seed-0", "aws-mfa-only"])
@pytest.mark.usefixtures("root")
def test_a_name_of_ones_own_is_free_where_the_policy_leaves_it_free(account: Account, name: str) -> None:
    person = somebody_under(account, PUBLISHED[name])
    phone = f"phone-of-{person.name}"
    assert foretold(person, device_name=phone).can_enroll is True
    enrols(person, "--name", phone)
    assert account.devices_of(person) == [f"arn:aws:iam::{ACCOUNT}:mfa/{phone}"]


@pytest.mark.usefixtures("root")
def test_seed_4_takes_no_other_name_and_says_which_statement_wants_which(account: Account) -> None:
    person = somebody_under(account, PUBLISHED["seed-4"])
    sid = "AllowUsersToCreateDeleteTheirOwnVirtualMFADevices"
    assert any(sid in line for line in foretold(person, device_name="phone").blocking)
    hint = refused(person, "--name", "phone")
    assert f"`{sid}` in the policy `ManageMFA` of the group `ManageMFA-{person.name}`" in hint
    assert f"on `arn:aws:iam::{ACCOUNT}:mfa/${{aws:username}}` alone" in hint
    assert f"with `--name {person.name}` it goes through" in hint
    enrols(person, "--name", person.name)


@pytest.mark.usefixtures("root")
def test_the_old_edition_of_aws_lets_a_leftover_lock_out_and_that_is_told(account: Account) -> None:
    """A device of the user's name that stays, and no other name: only an administrator can undo it."""
    person = somebody_under(account, {"SelfManageMFA": OLD_MFA_ONLY})
    account.iam.create_virtual_mfa_device(VirtualMFADeviceName=person.name)
    assert foretold(person).can_enroll is True
    assert foretold(person).of(Step.DELETE_LEFTOVER).without_mfa.outcome is Outcome.EXPLICIT_DENY
    assert foretold(person, device_name=f"{person.name}-2").can_enroll is False
    hint = refused(person)
    by_hand = f"aws iam delete-virtual-mfa-device --serial-number {person.serial_number}"
    assert hint.endswith(f"an administrator can remove it: `{by_hand}`")
    assert "the policies cannot be read: `iam:ListUserPolicies`" in hint
    account.iam.delete_virtual_mfa_device(SerialNumber=person.serial_number)
    enrols(person)


def test_seed_4_as_it_was_printed_is_about_another_account(account: Account) -> None:
    printed = {
        "ManageMFA": seed("4-ManageMFA-corrected", repaired=False),
        "ForceMFA": seed("4-ForceMFA", repaired=False),
        "ReadOnly": seed("4-ReadOnly"),
    }
    hint = refused(somebody_under(account, printed))
    assert "`AllowUsersToCreateDeleteTheirOwnVirtualMFADevices` in the policy `ManageMFA`" in hint
    assert f"allows it in the account 111122223333, and this is {ACCOUNT}" in hint


@pytest.mark.usefixtures("root")
def test_seed_4_leaves_out_users_with_a_path(account: Account) -> None:
    person = somebody_under(account, PUBLISHED["seed-4"], path="/team/")
    (line,) = foretold(person).blocking
    assert "`iam:EnableMFADevice`" in line
    terminal = person.runs("device", "enroll", columns=400)
    terminal.types_pair(secret_in(scanned(terminal.sees(FIRST))))
    assert terminal.ends() == 5
    assert "`AllowUsersToEnableSyncDisableTheirOwnMFADevices` in the policy `ManageMFA`" in terminal.received
    assert "the path `/team/` of the user is not in it" in terminal.received
    assert account.leftovers_of(person) == []


@pytest.mark.usefixtures("root")
def test_a_list_that_forgets_a_call_is_named(account: Account) -> None:
    """The Deny of seed 0, with an exception too few, and so that the user may read it."""
    forgetful = (
        seed("0-force-mfa")
        .replace('"iam:EnableMFADevice",', "")
        .replace('"iam:ListUsers",', '"iam:ListGroup*", "iam:GetGroup*", "iam:ListUser*",')
    )
    person = somebody_under(account, {"ForceMFA": forgetful, "Everything": str(ALLOW_ALL).replace("'", '"')})
    assert foretold(person).can_enroll is False
    terminal = person.runs("device", "enroll", columns=400)
    terminal.types_pair(secret_in(scanned(terminal.sees(FIRST))))
    assert terminal.ends() == 5
    policy = f"the policy `ForceMFA` of the group `ForceMFA-{person.name}`"
    assert f"`DenyAllExceptListedIfNoMFA` in {policy} denies it without MFA" in terminal.received
    wanted = "there is no device to sign in with: it has to except `iam:EnableMFADevice`"
    assert wanted in terminal.received
    assert account.leftovers_of(person) == []
