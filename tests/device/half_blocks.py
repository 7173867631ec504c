"""Reads the terminal's half blocks back to pixels, as a camera would see them."""

from __future__ import annotations

import re

from PIL import Image

_BLOCKS = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}
_ESCAPE = re.compile(r"\x1b\[([0-9;]*)m")
PAINT = "38;5;16;48;5;231"
SCALE = 6


def picture(lines: list[str], *, background: int) -> Image.Image:
    """Draw the lines on a terminal whose own colour is `background` (0 black to 255 white).

    A cell is drawn black on white only while the absolute colours are set; anything drawn in the
    terminal's own colours fails, for nobody knows what those are.
    """
    rows = [pair for line in lines for pair in _rows(line)]
    width, surround = max(len(row) for row in rows), 8
    image = Image.new("L", ((width + 2 * surround) * SCALE, (len(rows) + 2 * surround) * SCALE), background)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            box = ((x + surround) * SCALE, (y + surround) * SCALE)
            image.paste(0 if dark else 255, (*box, box[0] + SCALE, box[1] + SCALE))
    return image


def _rows(line: str) -> tuple[list[bool], list[bool]]:
    upper: list[bool] = []
    lower: list[bool] = []
    painted = False
    for index, part in enumerate(_ESCAPE.split(line)):
        if index % 2:
            painted = part == PAINT
            continue
        assert painted or not part, f"drawn in the terminal's own colours: {part!r}"
        for character in part:
            top, bottom = _BLOCKS[character]
            upper.append(top)
            lower.append(bottom)
    return upper, lower
