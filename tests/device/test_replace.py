"""`watchword device replace`: with a second device, an open session, the old device, and for others."""

from __future__ import annotations

import json

import pytest

from device.account import Account
from device.at_terminal import FIRST, AtTerminal, codes, scanned, secret_in
from device.changing import EVERYTHING_ABOUT_DEVICES, Owning, administrator, owning
from local_aws import LocalAws


@pytest.fixture
def alice(sandbox: LocalAws, account: Account) -> Owning:
    return owning(sandbox, account)


def scans_and_types(at: AtTerminal, aws: LocalAws) -> None:
    """Scan the QR code and type two codes, by AWS's clock."""
    secret = secret_in(scanned(at.sees(FIRST)))
    first, second = codes(secret, at=aws.inner.clock.now().timestamp())
    at.types(first)
    at.sees(r"second code[^\n]*: ")
    at.types(second)


def test_with_a_second_device_the_lost_one_is_replaced(alice: Owning) -> None:
    lost, tablet = alice.gets("phone"), alice.gets("tablet")
    at = alice.runs("replace", "phone", "--name", "new-phone")
    at.sees("opened with `tablet`, which stays")
    at.sees("code[^\n]*: ")
    at.types(alice.aws.fresh_code(tablet))
    scans_and_types(at, alice.aws)
    assert at.ends() == 0, at.received
    assert sorted(alice.has()) == [lost.replace("phone", "new-phone"), tablet]
    assert lost not in alice.exist()


def test_with_an_open_session_no_code_of_the_old_one_is_needed(alice: Owning) -> None:
    lost = alice.gets("phone")
    alice.signs_in(lost)
    alice.config(f"[profile twin]\nmfa_serial = {lost}\n")
    at = alice.runs("replace")
    at.sees("no code of `phone` is needed")
    scans_and_types(at, alice.aws)
    assert at.ends() == 0, at.received
    (new,) = alice.has()
    assert alice.exist() == [new]
    assert f"aws configure set mfa_serial {new} --profile twin" in at.received
    # The session of the old device is forgotten, that of the new one is there.
    shown = json.loads(alice.asks_nothing("status", "--output", "json").stdout)
    assert new in json.dumps(shown)
    assert lost not in json.dumps(shown)


def test_a_phone_that_is_new_and_not_lost_is_replaced_with_a_code_of_the_old(alice: Owning) -> None:
    old = alice.gets("phone")
    at = alice.runs("replace")
    at.sees(r"is `phone` still at hand[^\n]*\[y/N\] ")
    at.types("y")
    at.sees("code[^\n]*: ")
    at.types(alice.aws.fresh_code(old))
    scans_and_types(at, alice.aws)
    assert at.ends() == 0, at.received
    assert len(alice.has()) == 1
    assert old not in alice.exist()


def test_with_nothing_at_hand_only_an_administrator_can(alice: Owning) -> None:
    lost = alice.gets("phone")
    at = alice.runs("replace")
    at.sees(r"is `phone` still at hand[^\n]*\[y/N\] ")
    at.types("n")
    assert at.ends() == 4
    assert "only an administrator can help" in at.received
    assert f"`watchword device replace --user {alice.person.name}`" in at.received
    assert "`watchword device enroll`" in at.received
    assert alice.has() == [lost]


def test_an_enrolment_that_is_broken_off_leaves_the_old_device(alice: Owning) -> None:
    old = alice.gets("phone")
    alice.signs_in(old)
    at = alice.runs("replace")
    at.sees(FIRST)
    at.process.sendcontrol("c")
    assert at.ends() == 130
    assert alice.has() == alice.exist() == [old]


def test_an_administrator_removes_it_and_reads_what_to_tell(alice: Owning, account: Account) -> None:
    alice.gets("phone")
    at = administrator(account).runs("device", "replace", "--user", alice.person.name)
    said = at.sees(r"remove `phone`\? \[y/N\] ")
    assert "can enrol a device of their own" in said
    assert "live on, for 36 hours at most" in said
    at.types("y")
    assert at.ends() == 0, at.received
    assert f"next, {alice.person.name} enrols the new device, and needs no code for that" in at.received
    assert "watchword device enroll" in at.received
    assert alice.exist() == []
    # And so it is.
    at = alice.runs("enroll")
    scans_and_types(at, alice.aws)
    assert at.ends() == 0, at.received
    assert len(alice.has()) == 1


def test_an_administrator_without_a_terminal_says_yes_beforehand(alice: Owning, account: Account) -> None:
    phone = alice.gets("phone")
    boss = Owning(person=administrator(account), account=account, aws=alice.aws)
    asked = boss.without_terminal("device", "replace", "--user", alice.person.name)
    assert asked.returncode == 6
    assert f"watchword device replace --user {alice.person.name} --yes" in asked.stderr
    done = boss.without_terminal(
        "device", "replace", "--user", alice.person.name, "--yes", "--output", "json"
    )
    assert done.returncode == 0, done.stderr
    assert "last MFA device" in done.stderr
    value = json.loads(done.stdout)
    assert (value["action"], value["serial_number"], value["user_name"]) == (
        "replace",
        phone,
        alice.person.name,
    )
    assert value["next_for_user"] == "watchword device enroll"


def test_an_administrator_enrols_the_new_one_here(alice: Owning, account: Account) -> None:
    lost = alice.gets("phone")
    at = administrator(account).runs("device", "replace", "--user", alice.person.name, "--enroll-here")
    scans_and_types(at, alice.aws)
    assert at.ends() == 0, at.received
    assert len(alice.has()) == 1
    assert lost not in alice.exist()


def test_an_administrator_who_may_not_is_told_why(alice: Owning, account: Account) -> None:
    phone = alice.gets("phone")
    deputy = account.person("deputy", policy=EVERYTHING_ABOUT_DEVICES | {"Statement": [OWN_ALONE]})
    boss = Owning(person=deputy, account=account, aws=alice.aws)
    done = boss.asks_nothing("device", "replace", "phone", "--user", alice.person.name, "--yes")
    assert done.returncode == 5
    assert "iam:DeactivateMFADevice" in done.stderr
    assert alice.has() == [phone]


OWN_ALONE = {
    "Sid": "OwnAlone",
    "Effect": "Allow",
    "Action": "iam:*MFADevice*",
    "Resource": ["arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::*:mfa/*"],
}


def test_who_has_no_device_is_sent_to_enrol(alice: Owning) -> None:
    at = alice.runs("replace")
    assert at.ends() == 1
    assert "has no MFA device" in at.received
    assert "watchword device enroll" in at.received
