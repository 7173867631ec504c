"""The QR code of a new device: as half blocks for a terminal, and as a PNG."""

from __future__ import annotations

import dataclasses
import io

import segno

QUIET_MODULES = 4  # Source: ISO/IEC 18004, 9.1: a light margin four modules wide on all sides
# The absolute black and white of the 256-colour cube: themes recolour the first 16, not these.
_PAINT = "\x1b[38;5;16;48;5;231m"
_RESET = "\x1b[0m"
# (upper module dark, lower module dark) -> what is drawn in black on white
_HALF_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """A QR code: `rows` of modules, `True` where dark, without the quiet zone."""

    rows: tuple[tuple[bool, ...], ...]
    png: bytes = dataclasses.field(repr=False)

    @property
    def columns(self) -> int:
        """The columns it takes on a terminal, quiet zone included."""
        return len(self.rows) + 2 * QUIET_MODULES

    def least_lines(self) -> int:
        """The lines it takes at least: one light module above and below still separates it."""
        return (len(self.rows) + 2 + 1) // 2

    def lines(self, *, at_most: int) -> list[str]:
        """Draw it in half blocks, black on white whatever the terminal's own colours.

        `at_most` is the number of lines there are; the quiet zone above and below shrinks to fit,
        but never below one module. Raises `ValueError` when not even that fits.
        """
        if at_most < self.least_lines():
            raise ValueError(f"the code takes {self.least_lines()} lines, there are {at_most}")
        count = min(at_most, (len(self.rows) + 2 * QUIET_MODULES + 1) // 2)
        above = (2 * count - len(self.rows)) // 2
        below = 2 * count - len(self.rows) - above
        light = (False,) * self.columns
        margin = (False,) * QUIET_MODULES
        pixels = [light] * above + [margin + row + margin for row in self.rows] + [light] * below
        pairs = zip(pixels[::2], pixels[1::2], strict=True)
        return [_PAINT + _draw(upper, lower) + _RESET for upper, lower in pairs]


def draw(pieces: tuple[str, ...]) -> QrCode:
    """Make the code whose text is `pieces` joined, each in the most compact mode that holds it.

    Error level L, raised as far as the same size allows: the screen is clean, small is what counts.
    """
    # segno takes a sequence of segments, although its annotations name only the single text.
    code = segno.make(pieces, error="l", micro=False)  # type: ignore[arg-type]
    buffer = io.BytesIO()
    code.save(buffer, kind="png", scale=8, border=QUIET_MODULES)
    rows = tuple(tuple(bool(module) for module in row) for row in code.matrix)
    return QrCode(rows=rows, png=buffer.getvalue())


def _draw(upper: tuple[bool, ...], lower: tuple[bool, ...]) -> str:
    return "".join(_HALF_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
