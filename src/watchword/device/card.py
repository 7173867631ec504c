"""What the screen shows while a device is enrolled: the QR code, and the words beside it."""

from __future__ import annotations

import dataclasses
import textwrap

from watchword.device.qr import QrCode

LEAST_WORDS_COLUMNS = 26
_GAP = "  "
# One line for the prompt, and one below it for the Enter key, so that nothing scrolls.
_LINES_BELOW = 2


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The size of a terminal, in characters."""

    columns: int
    lines: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A QR code (or none, where it cannot be shown) and paragraphs of text; "" is an empty line."""

    code: QrCode | None
    words: tuple[str, ...]


def fits(code: QrCode, size: Size) -> bool:
    """Tell whether a terminal of this size can show `code`, words beside it and a prompt below."""
    enough_columns = size.columns >= code.columns + len(_GAP) + LEAST_WORDS_COLUMNS
    return enough_columns and size.lines >= code.least_lines() + _LINES_BELOW


def compose(card: Card, size: Size) -> list[str]:
    """Lay the card out in lines that leave room for the prompt; words that do not fit are dropped."""
    at_most = max(1, size.lines - _LINES_BELOW)
    if card.code is None or not fits(card.code, size):
        return _wrapped(card.words, size.columns)[:at_most]
    drawn = card.code.lines(at_most=at_most)
    words = _wrapped(card.words, size.columns - card.code.columns - len(_GAP))
    # The words start level with the code, not with its margin.
    beside = ([""] + words + [""] * len(drawn))[: len(drawn)]
    return [f"{code}{_GAP}{text}".rstrip(" ") for code, text in zip(drawn, beside, strict=True)]


def _wrapped(words: tuple[str, ...], columns: int) -> list[str]:
    return [line for paragraph in words for line in textwrap.wrap(paragraph, columns) or [""]]
