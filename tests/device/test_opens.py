"""What a removal opens, by what stays."""

from __future__ import annotations

import pytest

from watchword.device.kind import kind_of
from watchword.device.opens import Opens, what_lives_on, what_opens
from watchword.device.own import OwnDevice

PHONE = "arn:aws:iam::123456789012:mfa/phone"
TABLET = "arn:aws:iam::123456789012:mfa/tablet"
TOKEN = "GAHT12345678"
KEY = "arn:aws:iam::123456789012:u2f/user/alice/yubikey-K5FLKXRZ2JIRBAMZJ7Z2JEXAMP"
OTHER_KEY = "arn:aws:iam::123456789012:u2f/user/alice/spare-K5FLKXRZ2JIRBAMZJ7Z2JEXAMP"


def own(*serials: str) -> list[OwnDevice]:
    return [OwnDevice(serial_number=each, kind=kind_of(each), enabled_at=None) for each in serials]


@pytest.mark.parametrize(
    ("going", "devices", "opens"),
    [
        (PHONE, [PHONE], Opens.LAST_DEVICE),
        (KEY, [KEY], Opens.LAST_DEVICE),
        (TOKEN, [TOKEN], Opens.LAST_DEVICE),
        (PHONE, [PHONE, TABLET], Opens.NOTHING),
        (PHONE, [PHONE, TOKEN], Opens.NOTHING),
        (KEY, [PHONE, KEY], Opens.NOTHING),
        (PHONE, [PHONE, KEY], Opens.NO_CODES),
        (TOKEN, [TOKEN, KEY, OTHER_KEY], Opens.NO_CODES),
        (KEY, [KEY, OTHER_KEY], Opens.NOTHING),
        (PHONE, None, Opens.UNKNOWN),
    ],
)
def test_what_opens_follows_from_what_stays(going: str, devices: list[str] | None, opens: Opens) -> None:
    found = what_opens("alice", going, None if devices is None else own(*devices))
    assert found.kind is opens
    assert bool(found.lines) is (opens is not Opens.NOTHING)


@pytest.mark.parametrize("devices", [own(PHONE), None])
def test_without_a_device_whoever_has_the_key_can_enrol(devices: list[OwnDevice] | None) -> None:
    lines = "\n".join(what_opens("alice", PHONE, devices).lines)
    assert "can enrol a device of their own" in lines
    assert "shut for `alice`" in lines


def test_sessions_of_a_security_key_are_those_of_the_console() -> None:
    assert "12 hours" in what_lives_on(kind_of(KEY))
    assert "36 hours" in what_lives_on(kind_of(PHONE))
