from __future__ import annotations

import base64
import io

import PIL.Image
import pyotp
import zxingcpp

from sandbox.identity.small_world import ACCOUNT, World
from watchword.sandbox.identity.device import new_seed, serial_number_of
from watchword.sandbox.identity.devices import Devices


def test_a_seed_is_sixty_four_characters_of_base32() -> None:
    seed = new_seed()
    assert len(seed) == 64
    assert len(base64.b32decode(seed)) == 40
    assert new_seed() != seed


def test_a_serial_number_is_an_arn_with_path_and_name() -> None:
    assert serial_number_of(ACCOUNT, "/", "anna") == f"arn:aws:iam::{ACCOUNT}:mfa/anna"
    assert serial_number_of(ACCOUNT, "/phones/", "anna") == f"arn:aws:iam::{ACCOUNT}:mfa/phones/anna"


def test_an_authenticator_that_scans_the_qr_code_shows_the_devices_codes(world: World) -> None:
    device = world.devices.create_virtual(account=ACCOUNT, name="anna@home")
    scanned = zxingcpp.read_barcodes(PIL.Image.open(io.BytesIO(device.qr_png)))
    uri = scanned[0].text
    assert uri.startswith(
        f"otpauth://totp/Amazon%20Web%20Services:anna%40home@{ACCOUNT}?secret={device.seed}"
    )
    app = pyotp.parse_uri(uri)
    assert isinstance(app, pyotp.TOTP)
    assert app.issuer == "Amazon Web Services"
    assert app.at(world.clock.now()) == world.code(device)


def test_no_repr_shows_a_seed_or_a_code(world: World) -> None:
    user = world.add_user("anna")
    device = world.enrolled(user)
    assert device.seed not in repr(device)
    assert device.seed not in repr(world.devices.get(device.serial_number))
    held = Devices.__dict__  # the class itself shows nothing
    assert device.seed not in repr(held)
    assert device.seed not in repr(world.devices._devices)
