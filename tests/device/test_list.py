from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime

from device.account import Account, Person
from device.at_terminal import FIRST, WATCHWORD, scanned, secret_in
from watchword.device.kind import DeviceKind
from watchword.device.own import OwnDevice, OwnDevices
from watchword.report.device import list_as_text, list_value


def lists(person: Person, *arguments: str) -> str:
    return subprocess.run(
        [WATCHWORD, "device", "list", *arguments],
        env=person.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    ).stdout


def test_who_has_no_device_is_told_how_to_get_one(person: Person) -> None:
    assert f"`watchword device enroll {person.name}` makes one" in lists(person)
    assert json.loads(lists(person, "--output", "json"))["devices"] == []


def test_an_enrolled_device_is_listed(account: Account, person: Person) -> None:
    terminal = person.runs("device", "enroll")
    terminal.types_pair(secret_in(scanned(terminal.sees(FIRST))))
    assert terminal.ends() == 0
    value = json.loads(lists(person, "--output", "json"))
    assert value["schema"] == "watchword/device-list/v1"
    assert value["profile"] == person.name
    assert value["user_arn"] == person.serial_number.replace(":mfa/", ":user/")
    (device,) = value["devices"]
    assert device["serial_number"] == person.serial_number
    assert (device["kind"], device["usable_for_cli"]) == ("virtual", True)
    age = datetime.now(UTC) - datetime.fromisoformat(device["enabled_at"])
    assert abs(age.total_seconds()) < 60
    assert lists(person).splitlines()[-1].endswith(f"yes          {person.serial_number}")


def test_the_table_says_of_each_kind_whether_the_command_line_can_use_it() -> None:
    serial_numbers = {
        "arn:aws:iam::123456789012:mfa/phone": DeviceKind.VIRTUAL,
        "arn:aws:iam::123456789012:u2f/user/me/key": DeviceKind.FIDO,
        "GAHT12345678": DeviceKind.HARDWARE,
    }
    enabled_at = datetime(2026, 11, 22, 4, 5, 6, tzinfo=UTC)
    devices = tuple(
        OwnDevice(serial_number=serial_number, kind=kind, enabled_at=enabled_at)
        for serial_number, kind in serial_numbers.items()
    )
    own = OwnDevices(profile="me", user_arn="arn:aws:iam::123456789012:user/me", devices=devices)
    head, *rows = list_as_text(list_value(own)).splitlines()
    assert head.split() == ["kind", "enabled", "for", "the", "CLI", "device"]
    assert len(head) < 80
    assert [row.split()[3:] for row in rows] == [
        [answer, serial_number]
        for answer, serial_number in zip(("yes", "no", "yes"), serial_numbers, strict=True)
    ]
    local = datetime(2026, 11, 22, 4, 5, 6, tzinfo=UTC).astimezone()
    assert rows[1].split()[:3] == ["fido", *f"{local:%Y-%m-%d %H:%M}".split()]
    assert {row.index(row.split()[-1]) for row in rows} == {head.index("device")}
