"""`watchword device remove` at a terminal and without one."""

from __future__ import annotations

import json
import signal

import pytest

from device.account import Account
from device.changing import EVERYTHING_ABOUT_DEVICES, Owning, administrator, owning
from device.faulty_wire import Fault, faulty_wire
from local_aws import LocalAws


@pytest.fixture
def alice(sandbox: LocalAws, account: Account) -> Owning:
    return owning(sandbox, account)


def test_the_last_device_is_removed_after_saying_what_that_opens(alice: Owning) -> None:
    phone = alice.gets("phone")
    at = alice.runs("remove")
    said = at.sees(r"remove `phone`\? \[y/N\] ")
    assert f"`phone` is the last MFA device of `{alice.person.name}`" in said
    assert "can enrol a device of their own" in said
    assert "live on, for 36 hours at most" in said
    at.types("y")
    at.sees("only `phone` itself can open one")
    at.sees("code[^\n]*: ")
    at.types(alice.aws.fresh_code(phone))
    assert at.ends() == 0, at.received
    assert f"removed {phone}" in at.received
    assert alice.has() == []
    assert alice.exist() == []


def test_any_other_answer_than_yes_removes_nothing(alice: Owning) -> None:
    phone = alice.gets("phone")
    at = alice.runs("remove")
    at.sees(r"\[y/N\] ")
    at.types("")
    assert at.ends() == 1
    assert "nothing was removed" in at.received
    assert alice.has() == [phone]


def test_the_device_that_stays_opens_the_session(alice: Owning) -> None:
    phone, tablet = alice.gets("phone"), alice.gets("tablet")
    at = alice.runs("remove", "phone", "--yes")
    at.sees("opened with `tablet`, which stays")
    at.sees("code[^\n]*: ")
    at.types(alice.aws.fresh_code(tablet))
    assert at.ends() == 0, at.received
    assert "last MFA device" not in at.received
    assert alice.has() == [tablet]
    assert alice.exist() == [tablet]
    assert phone in at.received


def test_of_several_the_terminal_asks_which(alice: Owning) -> None:
    phone, tablet = alice.gets("phone"), alice.gets("tablet")
    alice.signs_in(tablet)
    at = alice.runs("remove")
    at.sees("remove which device")
    at.process.send("phone\r")
    at.sees(r"remove `phone`\? \[y/N\] ")
    at.types("y")
    assert at.ends() == 0, at.received
    assert alice.has() == [tablet]
    assert phone not in alice.exist()


def test_without_a_terminal_nothing_is_asked_and_nothing_removed(alice: Owning) -> None:
    phone = alice.gets("phone")
    done = alice.without_terminal("device", "remove", "phone")
    assert done.returncode == 6
    assert "watchword device remove phone --yes" in done.stderr
    assert alice.has() == [phone]


def test_what_asks_nothing_names_the_same_user_and_profile(alice: Owning) -> None:
    done = alice.without_terminal("device", "remove", "--user", "bob", "--profile", alice.person.name)
    assert done.returncode == 6
    assert f"watchword device remove NAME --user bob --profile {alice.person.name} --yes" in done.stderr


def test_without_a_device_it_is_said_whose_key_makes_one(alice: Owning) -> None:
    done = alice.asks_nothing("device", "remove", "--yes")
    assert done.returncode == 1
    assert f"with the access key of `{alice.person.name}`, makes one" in done.stderr


def test_with_yes_the_sentence_is_said_and_nothing_is_asked(alice: Owning) -> None:
    phone = alice.gets("phone")
    alice.signs_in(phone)
    done = alice.asks_nothing("device", "remove", "--yes", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert "`phone` is the last MFA device" in done.stderr
    value = json.loads(done.stdout)
    assert value["schema"] == "watchword/device-change/v1"
    assert (value["action"], value["serial_number"], value["kind"]) == ("remove", phone, "virtual")
    assert (value["deactivated"], value["deleted"], value["last"]) == (True, True, True)
    assert value["signed_out"] == [alice.person.name]
    assert alice.exist() == []


def test_with_yes_one_of_several_must_be_named(alice: Owning) -> None:
    alice.gets("phone")
    alice.gets("tablet")
    done = alice.asks_nothing("device", "remove", "--yes")
    assert done.returncode == 2
    assert "`phone`, `tablet`" in done.stderr
    assert len(alice.has()) == 2


def test_without_a_session_yes_alone_is_not_enough(alice: Owning) -> None:
    phone = alice.gets("phone")
    done = alice.without_terminal("device", "remove", "--yes")
    assert done.returncode == 6
    assert "watchword login" in done.stderr
    assert alice.has() == [phone]


def test_the_session_and_the_memory_of_the_device_are_forgotten(alice: Owning) -> None:
    phone, tablet = alice.gets("phone"), alice.gets("tablet")
    alice.signs_in(phone)
    alice.config(f"mfa_serial = {phone}\n[profile twin]\nmfa_serial = {phone}\n")
    alice.signs_in(phone)
    done = alice.asks_nothing("device", "remove", "phone", "--yes", "--output", "json")
    assert done.returncode == 0, done.stderr
    value = json.loads(done.stdout)
    assert value["signed_out"] == [alice.person.name]
    assert value["still_named"] == [alice.person.name, "twin"]
    assert value["instead"] == tablet
    assert alice.asks_nothing("status").returncode == 4
    at = alice.person.runs("login")
    at.sees("`?tablet`?[^\n]*: ")  # asked at once, although the profile still names the phone
    at.types(alice.aws.fresh_code(tablet))
    assert at.ends() == 0, at.received


def test_a_device_that_deletion_is_denied_for_is_left_and_said(alice: Owning) -> None:
    phone = alice.gets("phone")
    alice.signs_in(phone)
    denied = {"Sid": "KeepThem", "Effect": "Deny", "Action": "iam:DeleteVirtualMFADevice", "Resource": "*"}
    alice.may({**EVERYTHING_ABOUT_DEVICES, "Statement": [*EVERYTHING_ABOUT_DEVICES["Statement"], denied]})
    done = alice.asks_nothing("device", "remove", "--yes", "--output", "json")
    assert done.returncode == 5
    assert "iam:DeleteVirtualMFADevice" in done.stderr
    value = json.loads(done.stdout)
    assert (value["deactivated"], value["deleted"]) == (True, False)
    assert "iam:DeleteVirtualMFADevice" in value["left_because"]
    assert alice.has() == []
    assert alice.exist() == [phone]


def test_a_removal_killed_between_the_two_calls_is_finished_by_the_next(alice: Owning) -> None:
    phone, tablet = alice.gets("phone"), alice.gets("tablet")
    with faulty_wire(alice.aws.endpoint_url) as wire:
        wire.befall("DeleteVirtualMFADevice", Fault.HOLD_REQUEST)
        alice.signs_in(tablet, endpoint_url=wire.url)
        at = alice.runs("remove", "phone", "--yes", endpoint_url=wire.url)
        assert wire.held.wait(20)
        at.process.kill(signal.SIGKILL)
        at.ends()
        assert alice.exist() == [phone, tablet]
        assert alice.has() == [tablet]
        wire.befall("", Fault.NONE)
        # Nobody is named: what was begun is finished, and nothing else is removed.
        done = alice.asks_nothing("device", "remove", "--yes", endpoint_url=wire.url)
    assert done.returncode == 0, done.stderr
    assert "a removal that was broken off" in done.stderr
    assert alice.exist() == alice.has() == [tablet]


def test_a_removal_killed_before_the_first_call_changes_nothing(alice: Owning) -> None:
    phone = alice.gets("phone")
    with faulty_wire(alice.aws.endpoint_url) as wire:
        alice.signs_in(phone, endpoint_url=wire.url)
        wire.befall("DeactivateMFADevice", Fault.LOSE_REQUEST)
        done = alice.asks_nothing("device", "remove", "--yes", endpoint_url=wire.url)
        assert done.returncode == 1
        assert alice.has() == [phone]
        wire.befall("", Fault.NONE)
        done = alice.asks_nothing("device", "remove", "--yes", endpoint_url=wire.url)
    assert done.returncode == 0, done.stderr
    assert "broken off" not in done.stderr
    assert alice.exist() == []


def test_a_lost_answer_to_the_deactivation_is_looked_up(alice: Owning) -> None:
    phone = alice.gets("phone")
    with faulty_wire(alice.aws.endpoint_url) as wire:
        alice.signs_in(phone, endpoint_url=wire.url)
        wire.befall("DeactivateMFADevice", Fault.LOSE_ANSWER)
        done = alice.asks_nothing("device", "remove", "--yes", endpoint_url=wire.url)
    assert done.returncode == 0, done.stderr
    assert alice.exist() == []


def test_a_lost_answer_to_the_deletion_is_made_good_by_the_next_run(alice: Owning) -> None:
    phone = alice.gets("phone")
    with faulty_wire(alice.aws.endpoint_url) as wire:
        alice.signs_in(phone, endpoint_url=wire.url)
        wire.befall("DeleteVirtualMFADevice", Fault.LOSE_REQUEST)
        done = alice.asks_nothing("device", "remove", "--yes", endpoint_url=wire.url)
        assert done.returncode == 1
        assert "no answer" in done.stderr
        assert alice.exist() == [phone]
        wire.befall("", Fault.NONE)
        done = alice.asks_nothing("device", "remove", "phone", "--yes", endpoint_url=wire.url)
    assert done.returncode == 0, done.stderr
    assert alice.exist() == []


def test_a_leftover_of_nobody_is_deleted_by_its_name(alice: Owning) -> None:
    alice.aws.client("iam").create_virtual_mfa_device(VirtualMFADeviceName="old")
    at = alice.runs("remove", "old")
    at.sees(r"belongs to nobody[^\r]*\r\ndelete it\? \[y/N\] ")
    at.types("y")
    assert at.ends() == 0, at.received
    assert alice.exist() == []


def test_a_name_that_none_has_is_said_with_those_there_are(alice: Owning) -> None:
    alice.gets("phone")
    done = alice.asks_nothing("device", "remove", "phne", "--yes")
    assert done.returncode == 1
    assert "no device `phne`" in done.stderr
    assert "`phone`" in done.stderr


def test_two_at_once_remove_it_once(alice: Owning) -> None:
    phone, tablet = alice.gets("phone"), alice.gets("tablet")
    with faulty_wire(alice.aws.endpoint_url) as wire:
        alice.signs_in(tablet, endpoint_url=wire.url)
        wire.befall("DeactivateMFADevice", Fault.HOLD_REQUEST)
        first = alice.runs("remove", "phone", "--yes", endpoint_url=wire.url)
        assert wire.held.wait(20)
        wire.befall("", Fault.NONE)
        second = alice.asks_nothing("device", "remove", "phone", "--yes", endpoint_url=wire.url)
        wire.released.set()
        assert first.ends() == 0, first.received
    assert second.returncode == 0, second.stderr
    assert alice.exist() == alice.has() == [tablet]
    assert phone in first.received


def test_security_keys_and_hardware_tokens_are_deactivated(alice: Owning) -> None:
    phone = alice.gets("phone")
    alice.aws.add_security_key(alice.person.name)
    token = alice.aws.add_hardware_token(alice.person.name)
    alice.signs_in(phone)
    for name in ("yubikey", token):
        done = alice.asks_nothing("device", "remove", name, "--yes", "--output", "json")
        assert done.returncode == 0, done.stderr
        value = json.loads(done.stdout)
        assert (value["deactivated"], value["deleted"], value["left_because"]) == (True, False, None)
    assert alice.has() == [phone]


def test_when_security_keys_alone_stay_that_is_said(alice: Owning) -> None:
    phone = alice.gets("phone")
    key = alice.aws.add_security_key(alice.person.name)
    alice.signs_in(phone)
    done = alice.asks_nothing("device", "remove", "phone", "--yes", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert "the last device" in done.stderr
    assert "`yubikey` is for the AWS console only" in done.stderr
    assert json.loads(done.stdout)["last"] is False
    assert alice.has() == [key]


def test_a_user_with_a_security_key_alone_is_told_who_can(alice: Owning) -> None:
    alice.aws.add_security_key(alice.person.name)
    done = alice.asks_nothing("device", "remove", "--yes")
    assert done.returncode == 4
    assert "only an administrator" in done.stderr
    assert f"watchword device replace --user {alice.person.name}" in done.stderr


def test_an_administrator_removes_the_device_of_another_without_a_code(
    alice: Owning, account: Account
) -> None:
    alice.gets("phone")
    admin = administrator(account)
    at = admin.runs("device", "remove", "--user", alice.person.name)
    said = at.sees(r"remove `phone`\? \[y/N\] ")
    assert f"last MFA device of `{alice.person.name}`" in said
    at.types("y")
    assert at.ends() == 0, at.received
    assert alice.exist() == []


def test_one_who_may_not_is_told_so_and_nothing_changes(alice: Owning) -> None:
    phone = alice.gets("phone")
    alice.signs_in(phone)
    denied = {"Sid": "Stay", "Effect": "Deny", "Action": "iam:DeactivateMFADevice", "Resource": "*"}
    alice.may({**EVERYTHING_ABOUT_DEVICES, "Statement": [*EVERYTHING_ABOUT_DEVICES["Statement"], denied]})
    done = alice.asks_nothing("device", "remove", "--yes")
    assert done.returncode == 5
    assert "iam:DeactivateMFADevice" in done.stderr
    assert alice.has() == [phone]
    # Nothing was begun, so nothing is to be finished either.
    alice.may(EVERYTHING_ABOUT_DEVICES)
    done = alice.asks_nothing("device", "remove", "--yes")
    assert done.returncode == 0, done.stderr
    assert "broken off" not in done.stderr


def test_who_may_not_list_is_warned_of_the_last_device_all_the_same(alice: Owning) -> None:
    phone = alice.gets("phone")
    alice.signs_in(phone)
    denied = {"Effect": "Deny", "Action": "iam:ListMFADevices", "Resource": "*"}
    alice.may({**EVERYTHING_ABOUT_DEVICES, "Statement": [*EVERYTHING_ABOUT_DEVICES["Statement"], denied]})
    done = alice.asks_nothing("device", "remove", "phone", "--yes", "--output", "json")
    assert done.returncode == 0, done.stderr
    assert "cannot be seen" in done.stderr
    assert json.loads(done.stdout)["last"] is None
    assert alice.exist() == []


def test_a_device_that_cannot_be_seen_is_not_said_to_be_gone_when_it_is_not(
    alice: Owning, account: Account
) -> None:
    token = alice.aws.add_hardware_token(alice.person.name)
    denied = {"Effect": "Deny", "Action": "iam:ListMFADevices", "Resource": "*"}
    alice.gets("phone")
    blind = Owning(person=administrator(account), account=account, aws=alice.aws)
    blind.may({**EVERYTHING_ABOUT_DEVICES, "Statement": [*EVERYTHING_ABOUT_DEVICES["Statement"], denied]})
    bob = account.person("bob", policy=EVERYTHING_ABOUT_DEVICES)
    for wanted, user in ((token, alice.person.name), ("no-such", alice.person.name), ("phone", bob.name)):
        done = blind.asks_nothing("device", "remove", wanted, "--user", user, "--yes")
        assert done.returncode == 1, done.stdout
        assert done.stdout == ""
        assert f"`{user}` has no device `" in done.stderr
    assert token in alice.has()
    assert len(alice.has()) == 2
