from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image, ImageFilter

from device.half_blocks import picture
from watchword.device.provisioning import LABEL_LIMIT, Provisioning, provision, seed_groups
from watchword.device.qr import QrCode, draw

SEED = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 2
ACCOUNT = "123456789012"
LINES_ON_24 = 22
NAMES = ["a", "testuser", "first.last@example.com", "a+b=c,d@e", "n" * 36, "n" * 64, "+" * 64]


def scan(image: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(image)
    return str(found.text)


def code_for(user_name: str) -> tuple[Provisioning, QrCode]:
    made = provision(user_name=user_name, account=ACCOUNT, seed=SEED)
    return made, draw(made.pieces())


def width(line: str) -> int:
    return len(re.sub(r"\x1b\[[0-9;]*m", "", line))


@pytest.mark.parametrize("name", NAMES)
def test_the_code_of_any_user_name_fits_80_columns_and_22_lines(name: str) -> None:
    _, code = code_for(name)
    lines = code.lines(at_most=LINES_ON_24)
    assert len(lines) <= 22
    assert {width(line) for line in lines} == {code.columns}
    assert code.columns <= 50  # so that 30 columns are left for the words beside it


@pytest.mark.parametrize("background", [0, 255], ids=["dark", "light"])
@pytest.mark.parametrize("name", NAMES)
def test_what_the_terminal_shows_scans_on_dark_and_light(name: str, background: int) -> None:
    made, code = code_for(name)
    assert scan(picture(code.lines(at_most=LINES_ON_24), background=background)) == made.uri()


@pytest.mark.parametrize("name", ["a", "n" * 64])
def test_it_scans_held_askew_out_of_focus_and_stretched_on_dark(name: str) -> None:
    # The narrow margin of the larger code must not cost what a hand-held camera needs.
    made, code = code_for(name)
    image = picture(code.lines(at_most=LINES_ON_24), background=0)
    seen = image.resize((image.width, int(image.height * 1.15))).rotate(20, expand=True)
    assert scan(seen.filter(ImageFilter.GaussianBlur(2))) == made.uri()


@pytest.mark.parametrize("name", NAMES)
def test_the_png_scans_to_the_same(name: str) -> None:
    made, code = code_for(name)
    assert scan(Image.open(io.BytesIO(code.png))) == made.uri()


def test_a_tall_terminal_gets_the_whole_quiet_zone() -> None:
    _, code = code_for("testuser")
    lines = code.lines(at_most=50)
    assert len(lines) == 23
    blank = [not re.sub(r"\x1b\[[0-9;]*m", "", line).strip() for line in lines]
    assert blank[:2] == blank[-2:] == [True, True]


def test_a_code_is_never_drawn_cut() -> None:
    _, code = code_for("testuser")
    with pytest.raises(ValueError, match="takes 20 lines"):
        code.lines(at_most=19)


def test_a_short_name_makes_the_smaller_code_with_a_wide_margin() -> None:
    _, code = code_for("testuser")
    assert len(code.rows) == 37


def test_the_address_names_issuer_and_account_and_nothing_needless() -> None:
    made, _ = code_for("testuser")
    assert made.uri() == f"otpauth://totp/AWS:testuser@{ACCOUNT}?secret={SEED}&issuer=AWS"


def test_a_plus_in_a_name_is_escaped() -> None:
    made, _ = code_for("a+b")
    assert made.label == f"a%2Bb@{ACCOUNT}"


def test_a_name_too_long_is_cut_with_a_mark_and_keeps_the_account() -> None:
    made, _ = code_for("n" * 64)
    assert len(made.label) == LABEL_LIMIT
    assert made.label.endswith(f"n~@{ACCOUNT}")


def test_padding_is_not_part_of_the_seed() -> None:
    assert provision(user_name="a", account=ACCOUNT, seed="MFRGG===").seed == "MFRGG"


def test_the_seed_does_not_print() -> None:
    made, code = code_for("testuser")
    assert SEED not in repr(made)
    assert "•••" in repr(made)
    assert "png" not in repr(code)


def test_the_seed_is_written_in_groups_of_four() -> None:
    assert seed_groups("ABCDEFGHIJ", per_line=2) == ["ABCD EFGH", "IJ"]
