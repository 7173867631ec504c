"""What the eye sees: a photograph of a real terminal emulator, scanned as a phone would."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from device.account import Account
from device.at_terminal import WATCHWORD, codes, secret_in
from device.in_xterm import CELLS, CELLS_FILE, DARK, LIGHT, OUTLINES, in_xterm
from local.desktop import missing
from local_aws import LocalAws

LONGEST_NAME = "n" * 64
ENROLL = [WATCHWORD, "device", "enroll", "--no-set-mfa-serial"]

pytestmark = pytest.mark.skipif(
    missing("xterm") is not None,
    reason=f"a terminal in a window needs what is not installed: {missing('xterm')}",
)


def white_part(image: Image.Image) -> float:
    """Return how much of a photograph is the white that QR codes are drawn on."""
    grey = image.convert("L")
    return grey.histogram()[255] / (grey.width * grey.height)


@pytest.mark.parametrize("name", ["first.last@example.com", LONGEST_NAME], ids=["usual", "longest"])
@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_a_photograph_of_the_terminal_scans_and_its_codes_enrol(
    account: Account, sandbox: LocalAws, tmp_path: Path, theme: tuple[str, ...], name: str
) -> None:
    person = account.person(name)
    with in_xterm(ENROLL, person.environment(), *theme, *OUTLINES, folder=tmp_path) as terminal:
        seed = secret_in(terminal.scans())
        with_code = terminal.still()
        for code in codes(seed, at=sandbox.inner.clock.now().timestamp()):
            terminal.types(code)
        assert terminal.exit_code() == 0
        assert len(account.devices_of(person)) == 1
        assert white_part(with_code) > 0.15
        assert_nothing_is_left(terminal.still())
        terminal.scrolls_back()
        assert_nothing_is_left(terminal.still())
        terminal.turns_to_the_other_screen()
        assert_nothing_is_left(terminal.still())


def assert_nothing_is_left(image: Image.Image) -> None:
    assert zxingcpp.read_barcodes(image) == []
    assert white_part(image) < 0.02


@pytest.mark.skipif(not CELLS_FILE.exists(), reason="there are no bitmap fonts (Debian: xfonts-base)")
def test_a_bitmap_font_as_of_the_console_scans_as_well(account: Account, tmp_path: Path) -> None:
    person = account.person(LONGEST_NAME)
    with in_xterm(ENROLL, person.environment(), *DARK, *CELLS, folder=tmp_path) as terminal:
        assert secret_in(terminal.scans())
