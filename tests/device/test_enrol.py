"""Enrolment at a real terminal, against an AWS that really checks the codes."""

from __future__ import annotations

import signal
import stat
import subprocess

import pytest
import zxingcpp
from PIL import Image

from device.account import Account, Person
from device.at_terminal import FIRST, SECOND, WATCHWORD, codes, scanned, secret_in
from device.faulty_wire import Fault, faulty_wire


def grouped(secret: str) -> list[str]:
    return [secret[i : i + 4] for i in range(0, len(secret), 4)]


def test_scanning_and_two_codes_make_a_device(account: Account, person: Person) -> None:
    terminal = person.runs("device", "enroll")
    terminal.types_pair(secret_in(scanned(terminal.sees(FIRST))))
    assert terminal.ends() == 0
    assert account.devices_of(person) == [person.serial_number]
    shown = terminal.ordinary_screen()
    assert f"enabled {person.serial_number} for {person.name}" in shown
    assert "checked with a real code: signed in until" in shown
    assert f"next: watchword exec {person.name} -- aws sts get-caller-identity" in shown


def test_the_secret_is_nowhere_when_it_is_over(person: Person) -> None:
    terminal = person.runs("device", "enroll")
    seen = terminal.sees(FIRST)
    secret = secret_in(scanned(seen))
    assert secret not in seen
    assert not any(group in seen for group in grouped(secret))
    terminal.types_pair(secret)
    terminal.ends()
    assert not any(block in terminal.ordinary_screen() for block in "▀▄█")
    assert terminal.received.rindex("\x1b[2J") < terminal.received.rindex("\x1b[?1049l")
    assert not person.files_hold(secret)


def test_the_codes_typed_are_not_shown(person: Person) -> None:
    terminal = person.runs("device", "enroll")
    pair = codes(secret_in(scanned(terminal.sees(FIRST))))
    terminal.types(pair[0])
    terminal.sees(SECOND)
    terminal.types(pair[1])
    terminal.ends()
    assert not any(code in terminal.received for code in pair)


@pytest.mark.parametrize("background", [0, 255], ids=["dark", "light"])
@pytest.mark.parametrize("length", [1, 27, 64])
def test_any_user_name_scans_from_an_ordinary_terminal(
    account: Account, length: int, background: int
) -> None:
    name = (("L" if background else "D") + "+@.x=,_-" * 8)[:length]
    terminal = account.person(name).runs("device", "enroll")
    seen = terminal.sees(FIRST)
    assert scanned(seen, background=background).startswith("otpauth://totp/AWS:")
    assert seen.count("\r\n") <= 22
    terminal.process.sendcontrol("c")
    assert terminal.ends() == 130


def test_a_wrong_pair_is_refused_in_aws_words_and_asked_again(account: Account, person: Person) -> None:
    terminal = person.runs("device", "enroll")
    secret = secret_in(scanned(terminal.sees(FIRST)))
    terminal.types("000000")
    terminal.sees(SECOND)
    terminal.types("111111")
    again = terminal.sees(FIRST)
    assert "Authentication code for" in again
    assert secret_in(scanned(again)) == secret
    terminal.types_pair(secret)
    assert terminal.ends() == 0
    assert account.devices_of(person) == [person.serial_number]


def test_three_wrong_pairs_leave_nothing_behind(account: Account, person: Person) -> None:
    terminal = person.runs("device", "enroll")
    for _ in range(3):
        terminal.sees(FIRST)
        terminal.types("000000")
        terminal.sees(SECOND)
        terminal.types("111111")
    assert terminal.ends() == 1
    assert "AWS refused 3 pairs of codes: Authentication code for device is not valid." in terminal.received
    assert "nothing is left behind" in terminal.ordinary_screen()
    assert account.leftovers_of(person) == account.devices_of(person) == []


@pytest.mark.parametrize("prompt", [FIRST, SECOND], ids=["first", "second"])
@pytest.mark.parametrize("key", ["c", "d"])
def test_ctrl_c_and_ctrl_d_leave_nothing_behind(
    account: Account, person: Person, prompt: str, key: str
) -> None:
    terminal = person.runs("device", "enroll")
    terminal.sees(FIRST)
    if prompt == SECOND:
        terminal.types("123456")
        terminal.sees(SECOND)
    terminal.process.sendcontrol(key)
    assert terminal.ends() == 130
    assert account.leftovers_of(person) == []


def test_a_second_ctrl_c_does_not_break_off_the_removal(account: Account, person: Person) -> None:
    with faulty_wire(account.endpoint_url) as wire:
        wire.befall("DeleteVirtualMFADevice", Fault.HOLD_REQUEST)
        terminal = person.runs("device", "enroll", endpoint_url=wire.url)
        terminal.sees(FIRST)
        terminal.process.sendcontrol("c")
        assert wire.held.wait(15)
        terminal.process.sendcontrol("c")
        terminal.process.kill(signal.SIGTERM)
        wire.released.set()
        assert terminal.ends() == 130
    assert "nothing is left behind" in terminal.received
    assert account.leftovers_of(person) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_that_ends_it_leaves_nothing_behind(
    account: Account, person: Person, number: signal.Signals
) -> None:
    terminal = person.runs("device", "enroll")
    terminal.sees(FIRST)
    terminal.process.kill(number)
    assert terminal.ends() == 130
    assert terminal.received.rstrip().endswith("removed again")
    assert account.leftovers_of(person) == []


def test_a_closed_window_leaves_nothing_behind(account: Account, person: Person) -> None:
    terminal = person.runs("device", "enroll")
    terminal.sees(FIRST)
    terminal.process.close(force=False)
    terminal.process.wait()
    assert account.leftovers_of(person) == []


def test_what_a_kill_leaves_the_next_run_finds_and_removes(account: Account, person: Person) -> None:
    terminal = person.runs("device", "enroll")
    first_secret = secret_in(scanned(terminal.sees(FIRST)))
    terminal.process.kill(signal.SIGKILL)
    assert terminal.ends() == -signal.SIGKILL
    assert account.leftovers_of(person) == [person.serial_number]
    terminal = person.runs("device", "enroll")
    second_secret = secret_in(scanned(terminal.sees(FIRST)))
    assert second_secret != first_secret
    terminal.types_pair(second_secret)
    assert terminal.ends() == 0
    assert f"has left `{person.serial_number}`, which belongs to nobody: removing it" in terminal.received
    assert account.devices_of(person) == [person.serial_number]
    assert account.leftovers_of(person) == []


def test_an_answer_to_create_that_is_lost_leaves_nothing_behind(account: Account, person: Person) -> None:
    with faulty_wire(account.endpoint_url) as wire:
        wire.befall("CreateVirtualMFADevice", Fault.LOSE_ANSWER)
        terminal = person.runs("device", "enroll", endpoint_url=wire.url)
        assert terminal.ends() == 1
        assert wire.passed_on.is_set()
    assert "nothing is left behind" in terminal.received
    assert account.leftovers_of(person) == []


def test_ctrl_c_while_create_is_under_way_leaves_nothing_behind(account: Account, person: Person) -> None:
    with faulty_wire(account.endpoint_url) as wire:
        wire.befall("CreateVirtualMFADevice", Fault.HOLD_ANSWER)
        terminal = person.runs("device", "enroll", endpoint_url=wire.url)
        assert wire.passed_on.wait(15)
        assert account.leftovers_of(person) == [person.serial_number]
        terminal.process.sendcontrol("c")
        assert terminal.ends() == 130
    assert account.leftovers_of(person) == []


def test_a_network_lost_at_the_last_step_leaves_nothing_behind(account: Account, person: Person) -> None:
    with faulty_wire(account.endpoint_url) as wire:
        terminal = person.runs("device", "enroll", endpoint_url=wire.url)
        secret = secret_in(scanned(terminal.sees(FIRST)))
        wire.befall("EnableMFADevice", Fault.LOSE_REQUEST)
        terminal.types_pair(secret)
        assert terminal.ends() == 1
    assert account.leftovers_of(person) == []
    assert account.devices_of(person) == []


def test_a_device_that_was_enabled_after_all_stays(account: Account, person: Person) -> None:
    with faulty_wire(account.endpoint_url) as wire:
        terminal = person.runs("device", "enroll", endpoint_url=wire.url)
        secret = secret_in(scanned(terminal.sees(FIRST)))
        wire.befall("EnableMFADevice", Fault.LOSE_ANSWER)
        terminal.types_pair(secret)
        assert terminal.ends() == 0
    assert "AWS's answer was lost; its list of devices says that the device is enabled" in terminal.received
    assert f"enabled {person.serial_number} for {person.name}" in terminal.received
    assert account.devices_of(person) == [person.serial_number]
    assert account.leftovers_of(person) == []


def test_a_network_that_stays_lost_says_so_and_the_next_run_tidies(account: Account, person: Person) -> None:
    with faulty_wire(account.endpoint_url) as wire:
        terminal = person.runs("device", "enroll", endpoint_url=wire.url)
        secret = secret_in(scanned(terminal.sees(FIRST)))
        wire.befall("*", Fault.LOSE_REQUEST)
        terminal.types_pair(secret)
        assert terminal.ends() == 1
    assert "could not be removed, AWS is out of reach; the next enrolment does it" in terminal.received
    assert account.leftovers_of(person) == [person.serial_number]
    terminal = person.runs("device", "enroll")
    terminal.types_pair(secret_in(scanned(terminal.sees(FIRST))))
    assert terminal.ends() == 0
    assert account.leftovers_of(person) == []


def test_without_a_terminal_nothing_is_made(account: Account, person: Person) -> None:
    done = subprocess.run(
        [WATCHWORD, "device", "enroll"],
        env=person.environment(),
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        timeout=20,
    )
    assert done.returncode == 6
    assert "there is no terminal" in done.stderr
    assert account.leftovers_of(person) == []


def test_a_window_too_small_is_told_before_anything_is_made(account: Account, person: Person) -> None:
    with faulty_wire(account.endpoint_url) as wire:
        terminal = person.runs("device", "enroll", endpoint_url=wire.url, columns=60, lines=20)
        assert terminal.ends() == 1
        assert "CreateVirtualMFADevice" not in wire.operations
    assert "does not fit into 60 columns and 20 lines" in terminal.received
    assert "--show-seed" in terminal.received


def test_a_window_made_larger_or_smaller_is_drawn_anew(person: Person) -> None:
    terminal = person.runs("device", "enroll")
    uri = scanned(terminal.sees(FIRST))
    terminal.process.setwinsize(40, 120)
    assert scanned(terminal.sees(FIRST)) == uri
    terminal.process.setwinsize(10, 40)
    assert "█" not in terminal.sees(FIRST)
    terminal.process.sendcontrol("c")
    assert terminal.ends() == 130


def test_in_a_small_window_the_seed_does(account: Account, person: Person) -> None:
    terminal = person.runs("device", "enroll", "--show-seed", columns=40, lines=20)
    seen = terminal.sees(FIRST)
    assert not any(block in seen for block in "▀▄█")
    terminal.types_pair("".join(word for word in seen.split() if len(word) == 4 and word.isupper()))
    assert terminal.ends() == 0
    assert account.devices_of(person) == [person.serial_number]


def test_the_seed_is_shown_in_groups_of_four_when_asked_for(person: Person) -> None:
    terminal = person.runs("device", "enroll", "--show-seed")
    seen = terminal.sees(FIRST)
    secret = secret_in(scanned(seen))
    assert all(group in seen for group in grouped(secret))
    terminal.types_pair(secret)
    assert terminal.ends() == 0
    assert not any(group in terminal.ordinary_screen() for group in grouped(secret))


def test_the_png_is_for_its_owner_alone_and_scans(person: Person) -> None:
    png = person.folder / "code.png"
    terminal = person.runs("device", "enroll", "--png", str(png))
    uri = scanned(terminal.sees(FIRST))
    (found,) = zxingcpp.read_barcodes(Image.open(png))
    assert found.text == uri
    assert stat.S_IMODE(png.stat().st_mode) == 0o600
    terminal.types_pair(secret_in(uri))
    assert terminal.ends() == 0
    assert png.exists()


def test_the_png_overwrites_nothing(account: Account, person: Person) -> None:
    png = person.folder / "mine.png"
    png.write_text("mine")
    with faulty_wire(account.endpoint_url) as wire:
        terminal = person.runs("device", "enroll", "--png", str(png), endpoint_url=wire.url)
        assert terminal.ends() == 1
        assert "CreateVirtualMFADevice" not in wire.operations
    assert "overwrites nothing" in terminal.received
    assert png.read_text() == "mine"


def test_the_png_of_a_broken_off_enrolment_goes_too(person: Person) -> None:
    png = person.folder / "code.png"
    terminal = person.runs("device", "enroll", "--png", str(png))
    terminal.sees(FIRST)
    assert png.exists()
    terminal.process.sendcontrol("c")
    terminal.ends()
    assert not png.exists()
