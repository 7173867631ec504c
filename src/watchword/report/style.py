"""The rules of colour and of the terminal. A word or a sign stands beside every colour."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

_RESET = "\x1b[0m"


class ColorChoice(enum.StrEnum):
    """What `--color` says."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def wants_color(choice: ColorChoice, environment: Mapping[str, str], *, is_terminal: bool) -> bool:
    """Return whether to colour; the option goes before the environment, that before the terminal.

    Source: no-color.org (NO_COLOR, not empty) and bixense.com/clicolors (CLICOLOR_FORCE, not 0).
    """
    match choice:
        case ColorChoice.ALWAYS:
            return True
        case ColorChoice.NEVER:
            return False
        case ColorChoice.AUTO:
            if environment.get("NO_COLOR"):
                return False
            if environment.get("CLICOLOR_FORCE", "0") not in ("", "0"):
                return True
            return is_terminal and environment.get("TERM") != "dumb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Text for one stream. Without colour, every method returns its text as it is."""

    color: bool

    def good(self, text: str) -> str:
        """Return text for what is as it should be."""
        return self._painted("32", text)

    def bad(self, text: str) -> str:
        """Return text for what is wrong."""
        return self._painted("1;31", text)

    def warning(self, text: str) -> str:
        """Return text for what wants attention."""
        return self._painted("33", text)

    def strong(self, text: str) -> str:
        """Return text that stands out."""
        return self._painted("1", text)

    def quiet(self, text: str) -> str:
        """Return text that steps back."""
        return self._painted("2", text)

    def _painted(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}{_RESET}" if self.color and text else text
