"""A first sign-in at a real terminal: a key, a first password, no device, and a policy that wants MFA."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import Any

import pytest

from device.account import Account, Person, least_policy
from device.at_terminal import FIRST, WATCHWORD, AtTerminal, scanned, secret_in
from device.changing import Owning, administrator
from device.faulty_wire import Fault, faulty_wire
from device.published import ALLOW_ALL, PUBLISHED, seed
from local_aws import LocalAws
from watchword.aws import caller_identity, read_chain
from watchword.device.first_sign_in_user import judge_user
from watchword.device.owner import owner_named

FIRST_PASSWORD, NEW_PASSWORD = "First-Passw0rd", "My-0wn-new-password"
COMMAND = ("device", "first-sign-in")
OLD, NEW, AGAIN = "present password: ", "new password: ", "new password again: "
GIVEN_ONE = r"were you given a password for the console that you have to change\? \[y/N\] "


@pytest.fixture
def newcomer(account: Account) -> Person:
    """Seed 0's test user: in the group whose Deny excepts enrolling alone, allowed everything beside it."""
    person = account.person(policy=ALLOW_ALL)
    account.iam.create_group(GroupName="ForceMFA")
    account.iam.put_group_policy(
        GroupName="ForceMFA", PolicyName="force-mfa", PolicyDocument=seed("0-force-mfa")
    )
    account.iam.add_user_to_group(GroupName="ForceMFA", UserName=person.name)
    give_password(account, person)
    return person


@pytest.fixture
def halfway(sandbox: LocalAws, account: Account, newcomer: Person) -> Owning:
    """The same person, enrolled and signed in: only the password is left."""
    owning = Owning(person=newcomer, account=account, aws=sandbox)
    owning.signs_in(owning.gets(newcomer.name))
    return owning


def give_password(account: Account, person: Person, *, reset: bool = True) -> None:
    account.iam.create_login_profile(
        UserName=person.name, Password=FIRST_PASSWORD, PasswordResetRequired=reset
    )


def must_change(account: Account, person: Person) -> bool:
    return bool(account.iam.get_login_profile(UserName=person.name)["LoginProfile"]["PasswordResetRequired"])


def enrols(terminal: AtTerminal) -> None:
    terminal.types_pair(secret_in(scanned(terminal.sees(FIRST))))
    terminal.sees(r"write this line\? \[y/N\] ")
    terminal.types("y")


def changes(terminal: AtTerminal, *, old: str = FIRST_PASSWORD, new: str = NEW_PASSWORD) -> None:
    terminal.sees(OLD)
    terminal.types(old)
    terminal.sees(NEW)
    terminal.types(new)
    terminal.sees(AGAIN)
    terminal.types(new)


def without_terminal(person: Person, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [WATCHWORD, *COMMAND, *arguments],
        env={**os.environ, **person.environment()},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        start_new_session=True,
    )


def as_json(person: Person, *arguments: str) -> dict[str, Any]:
    done = without_terminal(person, *arguments, "--output", "json")
    value: dict[str, Any] = json.loads(done.stdout)
    return {**value, "exit": done.returncode}


# --- the order that works ------------------------------------------------------------------------------


def test_seed_0s_user_enrols_signs_in_and_changes_the_first_password(
    sandbox: LocalAws, account: Account, newcomer: Person
) -> None:
    account.iam.update_account_password_policy(MinimumPasswordLength=12, RequireNumbers=True)
    terminal = newcomer.runs(*COMMAND)
    enrols(terminal)
    changes(terminal)
    assert terminal.ends() == 0
    assert "a new password needs at least 12 characters, a digit" in terminal.received
    assert (account.devices_of(newcomer), must_change(account, newcomer)) == ([newcomer.serial_number], False)
    change = next(each for each in sandbox.log if each.action == "iam:ChangePassword")
    assert (change.mfa, change.outcome) == ("true", "allowed")
    shown = terminal.ordinary_screen()
    assert shown.index("1. to do    enrol") < shown.index("2. to do    sign in") < shown.index("3. perhaps")
    assert "password  changed" in shown
    assert (
        f"https://123456789012.signin.aws.amazon.com/console: account 123456789012, user {newcomer.name}"
        in (shown.replace("\r\n", ""))
    )
    assert "the password before is void" in shown
    again = as_json(newcomer)  # nothing is left, so nobody need be asked
    assert (again["exit"], again["enrolled_now"], again["password"]) == (0, False, "kept")
    assert again["serial_number"] == newcomer.serial_number


def test_interrupted_between_any_two_steps_it_goes_on_with_what_is_left(
    account: Account, newcomer: Person
) -> None:
    terminal = newcomer.runs(*COMMAND)
    enrols(terminal)
    terminal.sees(OLD)
    terminal.process.sendcontrol("c")
    assert (terminal.ends(), must_change(account, newcomer)) == (130, True)
    assert "the password stays as it was; run this again to go on" in terminal.received
    terminal = newcomer.runs(*COMMAND)
    terminal.sees("1. done")
    terminal.sees("3. to do")
    terminal.sees(OLD)
    terminal.types(FIRST_PASSWORD)
    terminal.sees(NEW)
    terminal.process.kill(signal.SIGTERM)
    assert (terminal.ends(), must_change(account, newcomer)) == (130, True)
    terminal = newcomer.runs(*COMMAND)
    changes(terminal)
    assert (terminal.ends(), must_change(account, newcomer)) == (0, False)


# --- passwords -------------------------------------------------------------------------------------------


def test_refused_passwords_are_asked_again_in_aws_words(account: Account, halfway: Owning) -> None:
    terminal = halfway.person.runs(*COMMAND)
    terminal.sees(OLD)
    terminal.types("")
    terminal.sees("a password is needed")
    changes(terminal, old="not-the-0ne", new="tiny")
    terminal.sees("refused by AWS: The old password was incorrect.")
    terminal.sees(OLD)
    terminal.types(FIRST_PASSWORD)
    terminal.sees("refused by AWS: Password should have a minimum length of 8")
    terminal.sees(NEW)
    terminal.types(FIRST_PASSWORD)
    terminal.sees("that is the present one")
    for typed, said in [("x" * 129, "at most 128 characters"), ("пароль-пароль", "western Europe")]:
        terminal.sees(NEW)
        terminal.types(typed)
        terminal.sees(said)
    for again, said in [("Größe-und-Mass", "the two differ"), ("Größe-und-Maß", "changed")]:
        terminal.sees(NEW)
        terminal.types("Größe-und-Maß")
        terminal.sees(AGAIN)
        terminal.types(again)
        terminal.sees(said)
    assert (terminal.ends(), must_change(account, halfway.person)) == (0, False)


def test_three_refusals_are_enough_and_nothing_typed_is_told(
    sandbox: LocalAws, account: Account, halfway: Owning
) -> None:
    terminal = halfway.person.runs(*COMMAND)
    changes(terminal, old="not-the-0ne")
    for _ in range(2):
        terminal.sees(OLD)
        terminal.types("nor-this-0ne")
    assert (terminal.ends(), must_change(account, halfway.person)) == (1, True)
    assert "AWS refused 3 times, and the password stays as it was" in terminal.received
    logged = "".join(file.read_text() for file in sandbox.folder.path.iterdir() if file.is_file())
    for password in ("not-the-0ne", "nor-this-0ne", NEW_PASSWORD):
        assert password not in terminal.received
        assert not halfway.person.files_hold(password)
        assert password not in logged


def test_a_lost_answer_leaves_no_claim_behind(account: Account, halfway: Owning) -> None:
    with faulty_wire(halfway.person.endpoint_url) as wire:
        halfway.signs_in(halfway.person.serial_number, endpoint_url=wire.url)
        wire.befall("ChangePassword", Fault.LOSE_ANSWER)
        terminal = halfway.person.runs(*COMMAND, endpoint_url=wire.url)
        changes(terminal)
        assert terminal.ends() == 1
        assert wire.operations.count("ChangePassword") == 1
    assert "whether the password was changed is not known" in terminal.received.replace("\r\n", " ")
    assert must_change(account, halfway.person) is False


def test_ctrl_c_while_aws_is_asked_says_that_either_may_be_good(account: Account, halfway: Owning) -> None:
    with faulty_wire(halfway.person.endpoint_url) as wire:
        halfway.signs_in(halfway.person.serial_number, endpoint_url=wire.url)
        wire.befall("ChangePassword", Fault.HOLD_ANSWER)
        terminal = halfway.person.runs(*COMMAND, endpoint_url=wire.url)
        changes(terminal)
        assert wire.passed_on.wait(20)
        terminal.process.sendcontrol("c")
        assert terminal.ends() == 130
    assert "AWS was just being asked: try the new password first, then the old one" in terminal.received


def test_an_answer_beforehand_is_kept_to(account: Account, halfway: Owning) -> None:
    left = as_json(halfway.person, "--no-change-password")
    assert (left["exit"], left["password"], left["password_changed_now"]) == (0, "must-change", False)
    terminal = halfway.person.runs(*COMMAND)
    changes(terminal)
    assert terminal.ends() == 0
    terminal = halfway.person.runs(*COMMAND, "--change-password")
    terminal.sees("3. to do")
    changes(terminal, old=NEW_PASSWORD, new="Another-0ne-of-mine")
    assert terminal.ends() == 0
    assert "password  changed" in terminal.received


def test_without_a_terminal_nothing_is_begun(account: Account, newcomer: Person) -> None:
    done = without_terminal(newcomer)
    assert (done.returncode, account.devices_of(newcomer), account.leftovers_of(newcomer)) == (6, [], [])
    assert "1. to do    enrol an authenticator app" in done.stderr


# --- others than seed 0's ----------------------------------------------------------------------------------


def test_who_may_only_enrol_is_asked_whether_there_is_a_password_and_told_who_denies_its_change(
    account: Account, person: Person
) -> None:
    give_password(account, person)
    terminal = person.runs(*COMMAND)
    enrols(terminal)
    terminal.sees(GIVEN_ONE)
    terminal.types("y")
    changes(terminal)
    assert terminal.ends() == 5
    assert "the account's rules for passwords may not be read" in terminal.received
    assert "AWS refused `iam:ChangePassword` (AccessDenied)" in terminal.received
    assert (account.devices_of(person), must_change(account, person)) == ([person.serial_number], True)
    judged = as_json(administrator(account), "--user", person.name)
    assert judged["blocking_change_with_mfa"] == (
        "`iam:ChangePassword`: no policy allows it,"
        " and the account does not let every user change their password"
    )
    account.iam.update_account_password_policy(AllowUsersToChangePassword=True, MinimumPasswordLength=6)
    terminal = person.runs(*COMMAND, "--change-password")
    changes(terminal)
    assert (terminal.ends(), must_change(account, person)) == (0, False)


def test_who_was_given_no_password_has_none_to_change(sandbox: LocalAws, account: Account) -> None:
    person = account.person(policy=ALLOW_ALL)
    owning = Owning(person=person, account=account, aws=sandbox)
    owning.signs_in(owning.gets(person.name))
    done = as_json(person)
    assert (done["exit"], done["password"], done["console"]) == (0, "none", None)


def test_who_cannot_enrol_is_told_which_statement_before_anything_is_made(
    account: Account, person: Person
) -> None:
    deny = {"Sid": "NoDevices", "Effect": "Deny", "Action": "iam:EnableMFADevice", "Resource": "*"}
    read = {"Sid": "Read", "Effect": "Allow", "Action": ["iam:Get*", "iam:List*"], "Resource": "*"}
    policy = least_policy()
    policy["Statement"] += [deny, read]
    account.iam.put_user_policy(UserName=person.name, PolicyName="enrol", PolicyDocument=json.dumps(policy))
    done = without_terminal(person)
    assert done.returncode == 1
    assert f"error: `{person.name}` cannot enrol a device: `iam:EnableMFADevice`" in done.stderr
    assert (
        "`NoDevices` in your policy `enrol`" in done.stderr
        or "`NoDevices` in the policy `enrol`" in done.stderr
    )
    assert account.leftovers_of(person) == []


# --- another user's, judged by an administrator --------------------------------------------------------


def test_the_console_alone_deadlocks_until_there_is_a_device_and_the_key_goes_round_it(
    sandbox: LocalAws, account: Account, newcomer: Person
) -> None:
    admin = administrator(account)
    judged = as_json(admin, "--user", newcomer.name)
    assert (judged["works_in_console"], judged["works_with_key"], judged["exit"]) == (False, True, 0)
    by = (
        "`DenyAllExceptListedIfNoMFA` in the policy `force-mfa` of the group `ForceMFA` denies it without MFA"
    )
    assert judged["blocking_in_console"] == [
        f"`iam:ChangePassword`: {by}",
        f"`iam:GetAccountPasswordPolicy`: {by}",
    ]
    assert (judged["password"], judged["blocking_change_with_mfa"]) == ("must-change", None)
    Owning(person=newcomer, account=account, aws=sandbox).gets(newcomer.name)
    enrolled = as_json(admin, "--user", newcomer.name)
    assert (enrolled["works_in_console"], enrolled["blocking_in_console"]) == (True, [])


def test_with_a_password_and_no_key_there_is_no_way_until_one_is_opened(
    account: Account, newcomer: Person
) -> None:
    for key in account.iam.list_access_keys(UserName=newcomer.name)["AccessKeyMetadata"]:
        account.iam.delete_access_key(UserName=newcomer.name, AccessKeyId=key["AccessKeyId"])
    admin = administrator(account)
    stuck = as_json(admin, "--user", newcomer.name)
    assert (stuck["exit"], stuck["stuck"], stuck["active_access_keys"]) == (3, True, 0)
    account.iam.update_login_profile(UserName=newcomer.name, PasswordResetRequired=False)
    open_now = as_json(admin, "--user", newcomer.name)
    assert (open_now["exit"], open_now["works_in_console"]) == (0, True)
    account.iam.update_login_profile(UserName=newcomer.name, PasswordResetRequired=True)
    text = seed("0-force-mfa").replace(
        '"iam:ListUsers"', '"iam:ListUsers", "iam:ChangePassword", "iam:GetAccountPasswordPolicy"'
    )
    account.iam.put_group_policy(GroupName="ForceMFA", PolicyName="force-mfa", PolicyDocument=text)
    excepted = as_json(admin, "--user", newcomer.name)
    assert (excepted["works_in_console"], excepted["blocking_in_console"]) == (True, [])


def test_who_has_no_key_is_told_the_way_of_the_console(account: Account, person: Person) -> None:
    (person.folder / "credentials").write_text("")
    done = without_terminal(person)
    assert done.returncode == 1
    assert "with a password alone, sign in to the console" in done.stderr
    assert "see: docs/devices/first-sign-in.md" in done.stderr


# Whether the console's way is open under each, and whether the password can be changed with MFA.
EXPECTED = {
    "seed-0": (False, True),
    "seed-0-shorter-list": (False, True),
    "seed-4": (True, True),
    "aws-mfa-only": (False, False),
    "aws-credentials": (False, True),
    "aws-by-command-line": (False, False),
}


def test_under_the_policies_that_people_copy_the_console_stops_at_the_first_password_but_once(
    sandbox: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in sandbox.environment.items():
        monkeypatch.setenv(variable, value)
    root = read_chain("root").key
    found = {}
    for name, policies in PUBLISHED.items():
        account.iam.create_user(UserName=name)
        for policy, text in policies.items():
            account.iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=text)
        account.iam.create_login_profile(UserName=name, Password=FIRST_PASSWORD, PasswordResetRequired=True)
        owner = owner_named(root, caller_identity(root), name)
        judged = judge_user(root, owner)
        found[name] = (judged.works_in_console, judged.change_with_mfa is None)
    assert found == EXPECTED


@pytest.mark.parametrize("is_forced", [True, False], ids=["password unreadable", "password readable"])
def test_killed_after_the_device_was_enabled_a_code_is_asked_for_and_it_goes_on(
    sandbox: LocalAws, account: Account, newcomer: Person, *, is_forced: bool
) -> None:
    if not is_forced:
        account.iam.remove_user_from_group(GroupName="ForceMFA", UserName=newcomer.name)
    serial = Owning(person=newcomer, account=account, aws=sandbox).gets(newcomer.name)
    sandbox.move_clock(30)
    terminal = newcomer.runs(*COMMAND)
    terminal.sees("1. done")
    terminal.sees(r"code[^\n]*: ")
    terminal.types(sandbox.phone(serial))
    changes(terminal)
    assert (terminal.ends(), must_change(account, newcomer)) == (0, False)
    assert [each.mfa for each in sandbox.log if each.action == "iam:ChangePassword"] == ["true"]


def test_a_security_key_alone_is_no_way_in_from_here(
    sandbox: LocalAws, account: Account, newcomer: Person
) -> None:
    sandbox.add_security_key(newcomer.name)
    terminal = newcomer.runs(*COMMAND)
    assert (terminal.ends(), account.leftovers_of(newcomer)) == (4, [])
    assert "sign in to the AWS console with it and add an authenticator app there" in terminal.received


@pytest.mark.parametrize("has_it", [False, True])
def test_a_device_that_only_the_profile_names_is_asked_about(
    account: Account, sandbox: LocalAws, has_it: bool
) -> None:
    policy = least_policy()
    policy["Statement"].append({"Effect": "Deny", "Action": "iam:ListMFADevices", "Resource": "*"})
    person = account.person(policy=policy)
    owning = Owning(person=person, account=account, aws=sandbox)
    owning.config(f"mfa_serial = {person.serial_number}\n")
    if has_it:
        owning.gets(person.name)
    terminal = person.runs(*COMMAND, "--no-change-password")
    said = terminal.sees(r"which the profile names, already\? \[y/N\] ")
    assert f"1. perhaps  enrol an authenticator app, unless {person.serial_number} gives your codes" in said
    terminal.types("y" if has_it else "n")
    if not has_it:
        terminal.types_pair(secret_in(scanned(terminal.sees(FIRST))))
    assert terminal.ends() == 0, terminal.received
    assert account.devices_of(person) == [person.serial_number]
