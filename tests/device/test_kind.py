from __future__ import annotations

import pytest

from watchword.device.kind import DeviceKind, kind_of


@pytest.mark.parametrize(
    ("serial_number", "kind"),
    [
        ("arn:aws:iam::123456789012:mfa/testuser", DeviceKind.VIRTUAL),
        ("arn:aws-cn:iam::123456789012:mfa/team/phone", DeviceKind.VIRTUAL),
        ("arn:aws:iam::123456789012:u2f/user/testuser/key-ABC", DeviceKind.FIDO),
        ("arn:aws-us-gov:iam::123456789012:u2f/root-account/key", DeviceKind.FIDO),
        ("GAHT12345678", DeviceKind.HARDWARE),
    ],
)
def test_the_serial_number_tells_the_kind(serial_number: str, kind: DeviceKind) -> None:
    assert kind_of(serial_number) is kind


def test_only_devices_that_give_codes_are_usable_on_the_command_line() -> None:
    assert [kind for kind in DeviceKind if not kind.usable_for_cli] == [DeviceKind.FIDO]
