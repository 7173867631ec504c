"""A device that was just enabled is signed in with, once AWS knows it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from device.account import Account
from device.faulty_wire import Fault, faulty_wire
from device.new_device import NewDevice, at_this_machine, config_of, enabled
from local_aws import LocalAws, local_aws
from watchword.device import check
from watchword.device.check import unchecked
from watchword.local.audit_log import audit_folder, entries
from watchword.session import Session, login
from watchword.session.refreshing import Program
from watchword.session.turn import turn_to_ask
from watchword.session.used_codes import UsedCodes


@pytest.fixture(scope="module")
def one_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with local_aws(tmp_path_factory.mktemp("check")) as running:
        yield running


@pytest.fixture(scope="module")
def account(one_sandbox: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Account:
    return Account(one_sandbox.client("iam"), one_sandbox.endpoint_url, tmp_path_factory.mktemp("people"))


@pytest.fixture
def new(one_sandbox: LocalAws, account: Account, monkeypatch: pytest.MonkeyPatch) -> NewDevice:
    one_sandbox.inner.devices.propagation_delay = timedelta(0)
    person = account.person()
    at_this_machine(person, monkeypatch)
    return enabled(one_sandbox, account, person)


def delay(new: NewDevice, seconds: float) -> None:
    new.sandbox.inner.devices.propagation_delay = timedelta(seconds=seconds)


def key_of(session: Session | None) -> str:
    assert session is not None
    return session.credentials.access_key_id


def ctrl_c() -> str:
    raise KeyboardInterrupt


# -- AWS takes the code


def test_the_session_is_the_one_that_login_then_uses(new: NewDevice) -> None:
    checked = new.check()
    assert checked.why_not is None
    assert new.terminal.prompts == []
    assert new.terminal.waits == []
    signed_in = login(new.entrance())
    assert not signed_in.fresh
    assert key_of(signed_in.session) == key_of(checked.session)


def test_the_session_is_in_the_audit_log_and_no_code_is_anywhere(new: NewDevice) -> None:
    session = new.check().session
    assert session is not None
    (line,) = (entry.event for entry in entries())
    assert line is not None
    assert line["serial_number"] == new.device.serial_number
    assert line["access_key_id"] == session.credentials.access_key_id
    assert not any(new.person.files_hold(code) for code in new.codes)


def test_the_code_is_not_sent_a_second_time_afterwards(new: NewDevice) -> None:
    new.check()
    new.will_type(lambda: new.codes[1], new.next_code)
    login(new.entrance(), force=True)
    assert any("was sent already" in text for text in new.terminal.said)
    assert new.checks() == 2


# -- AWS does not know the device yet


def test_a_device_that_aws_sees_twelve_seconds_later_is_waited_for(new: NewDevice) -> None:
    delay(new, 12)
    checked = new.check()
    assert checked.session is not None
    assert new.terminal.waits == [8, 5]
    assert new.terminal.prompts == []
    assert new.checks() == 3
    assert new.terminal.said == [
        f"`{new.device.name}` is enabled; AWS takes codes of a new device some seconds later"
    ]


def test_after_four_of_the_nine_checks_the_next_code_is_asked_for(new: NewDevice) -> None:
    delay(new, 40)
    new.will_type(new.next_code)
    assert new.check().session is not None
    assert new.terminal.waits == [8, 5, 7]
    assert len(new.terminal.prompts) == 1
    assert new.checks() == 5


def test_checks_that_this_window_has_had_before_leave_the_rest_to_the_person(new: NewDevice) -> None:
    used = UsedCodes(new.store.codes_path(new.entrance().key_with(new.device)))
    for code in ("000001", "000002", "000003"):
        used.send(code, new.now())
    delay(new, 12)
    new.will_type(new.next_code)
    assert new.check().session is not None
    assert new.checks() == 2


def test_a_code_whose_time_is_over_is_not_sent_again(new: NewDevice) -> None:
    delay(new, 12)
    new.terminal.pass_seconds = lambda _: new.sandbox.move_clock(3600)  # the lid was closed
    new.will_type(new.next_code)
    assert new.check().session is not None
    assert new.checks() == 2


def test_a_clock_that_is_set_back_meanwhile_makes_no_code_live_longer(new: NewDevice) -> None:
    delay(new, 12)

    def set_back(seconds: float) -> None:
        new.sandbox.move_clock(seconds)
        new.machine_ahead_seconds -= 7200

    new.terminal.pass_seconds = set_back
    new.will_type(new.next_code)
    assert new.check().session is not None
    assert new.checks() == 2


def test_a_wrong_clock_of_this_machine_does_not_matter(new: NewDevice) -> None:
    new.machine_ahead_seconds = -7200
    delay(new, 12)
    assert new.check().session is not None
    assert new.terminal.prompts == []


def test_a_wrong_clock_of_the_phone_does_not_matter(new: NewDevice, account: Account) -> None:
    ahead = enabled(new.sandbox, account, new.person, f"{new.person.name}-ahead", phone_ahead_seconds=7200)
    delay(ahead, 12)
    assert ahead.check().session is not None
    assert ahead.terminal.prompts == []


def test_a_code_that_somebody_else_has_used_is_not_sent_again(new: NewDevice) -> None:
    key = new.entrance().profile
    key.get_session_token(
        serial_number=new.device.serial_number, token_code=new.codes[1], duration_seconds=900
    )
    new.will_type(new.next_code)
    assert new.check().session is not None
    assert new.checks() == 3
    assert "refused by AWS: MultiFactorAuthentication failed with invalid MFA" in new.terminal.said[0]


# -- it does not come to a session


@pytest.mark.parametrize("while_asked", [False, True], ids=["countdown", "question"])
def test_ctrl_c_leaves_the_device_enabled_and_says_how_to_sign_in_later(
    new: NewDevice, account: Account, while_asked: bool
) -> None:
    delay(new, 40)
    if while_asked:
        new.will_type(ctrl_c)
    else:
        new.terminal.pass_seconds = lambda _: [ctrl_c()].clear()
    with pytest.raises(KeyboardInterrupt):
        new.check()
    assert new.terminal.said[-1] == (
        f"`{new.device.name}` is enabled, but no code of it was checked;"
        f" `watchword login {new.person.name}` signs in with it"
    )
    assert account.devices_of(new.person) == [new.device.serial_number]
    assert list(new.store.all()) == []
    new.sandbox.move_clock(180)
    new.will_type(new.next_code)
    assert login(new.entrance()).session.key.serial_number == new.device.serial_number


@pytest.mark.parametrize("fault", [Fault.LOSE_REQUEST, Fault.LOSE_ANSWER], ids=["way", "way back"])
def test_a_network_that_is_lost_is_said_and_the_code_is_not_sent_again(
    new: NewDevice, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    with faulty_wire(new.sandbox.endpoint_url) as wire:
        monkeypatch.setenv("AWS_ENDPOINT_URL", wire.url)
        wire.befall("GetSessionToken", fault)
        checked = new.check()
        used = UsedCodes(new.store.codes_path(new.entrance().key_with(new.device)))
    assert checked.session is None
    assert "no answer to `sts:GetSessionToken`" in str(checked.why_not)
    assert used.is_spent(new.codes[1], new.now())


def test_where_nobody_can_be_asked_that_is_why_not(new: NewDevice) -> None:
    delay(new, 40)
    new.has_terminal = False
    checked = new.check()
    assert (checked.session, checked.why_not) == (None, "there is no terminal to ask on")
    assert checked.sign_in == f"watchword login {new.person.name}"


def test_a_program_that_gives_codes_is_asked_instead_of_a_person(new: NewDevice) -> None:
    asked: list[tuple[str, str]] = []

    def ask(device: str, account: str) -> str:
        asked.append((device, account))
        return new.next_code()

    delay(new, 40)
    new.has_terminal, new.program = False, Program(ask=ask)
    assert new.check().session is not None
    assert asked == [(new.device.name, "123456789012")]


def test_what_the_profile_says_gives_codes_of_the_old_device_and_is_not_run(new: NewDevice) -> None:
    with config_of(new.person).open("a") as config:
        config.write("mfa_process = touch /should/not/be/run\n")
    delay(new, 40)
    new.will_type(new.next_code)
    assert new.check().session is not None


def test_a_device_seen_in_time_needs_no_terminal(new: NewDevice) -> None:
    delay(new, 12)
    new.has_terminal = False
    assert new.check().session is not None


def test_an_audit_log_that_others_can_read_is_why_not_before_a_code_is_sent(
    new: NewDevice, account: Account
) -> None:
    new.check()
    second = enabled(new.sandbox, account, new.person, f"{new.person.name}-second")
    for file in audit_folder(os.environ).glob("*"):
        file.chmod(0o644)
    assert "audit" in str(second.check().why_not)
    assert new.checks() == 1


def test_another_watchword_that_asks_is_not_waited_for_until_the_code_is_over(
    new: NewDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "_LONGEST_WAIT_SECONDS", 0.2)
    with turn_to_ask(new.entrance().asking_path(), "this test"):
        checked = new.check()
    assert "another watchword" in str(checked.why_not)
    assert new.checks() == 0


def test_a_device_that_was_taken_away_meanwhile_is_not_replaced_by_another(
    new: NewDevice, account: Account
) -> None:
    old = enabled(new.sandbox, account, new.person, f"{new.person.name}-old")
    account.iam.deactivate_mfa_device(UserName=new.person.name, SerialNumber=new.device.serial_number)
    new.will_type(*[lambda: "000000"] * 3)
    checked = new.check()
    assert checked.session is None
    assert "AWS took none of 3 codes" in str(checked.why_not)
    assert not any(old.device.name in prompt for prompt in new.terminal.prompts)


def test_for_somebody_else_it_says_why_no_code_was_tried() -> None:
    assert unchecked("mary").why_not == (
        "a code of it was not tried, for only the access key of `mary` can sign in with it"
    )


# -- which device answers from now on


def test_a_second_device_is_checked_and_the_first_still_answers(new: NewDevice, account: Account) -> None:
    first = new.check().session
    second = enabled(new.sandbox, account, new.person, f"{new.person.name}-second")
    checked = second.check(remember=False)
    assert checked.session is not None
    assert key_of(login(new.entrance()).session) == key_of(first)


def test_a_second_device_that_the_profile_names_then_answers_without_a_code(
    new: NewDevice, account: Account
) -> None:
    new.check()
    second = enabled(new.sandbox, account, new.person, f"{new.person.name}-second")
    checked = second.check(remember=False)
    with config_of(new.person).open("a") as config:
        config.write(f"mfa_serial = {second.device.serial_number}\n")
    assert key_of(login(new.entrance()).session) == key_of(checked.session)


def test_one_that_replaces_another_answers_though_the_profile_names_the_old_one(
    new: NewDevice, account: Account
) -> None:
    with config_of(new.person).open("a") as config:
        config.write(f"mfa_serial = {new.device.serial_number}\n")
    new.check()
    newer = enabled(new.sandbox, account, new.person, f"{new.person.name}-newer")
    checked = newer.check()
    assert key_of(login(new.entrance()).session) == key_of(checked.session)


def test_a_second_device_that_was_not_checked_is_signed_in_with_by_choosing_it(
    new: NewDevice, account: Account
) -> None:
    assert new.check().sign_in == f"watchword login {new.person.name}"
    second = enabled(new.sandbox, account, new.person, f"{new.person.name}-second")
    delay(second, 40)
    second.has_terminal = False
    assert second.check(remember=False).sign_in == f"watchword login {new.person.name} --choose-device"
