"""What was changed in a document."""

from __future__ import annotations

import difflib
import re

from watchword.errors import printable
from watchword.report.style import Style


def diff_text(name: str, before: str, after: str, style: Style, *, to_read: bool) -> str:
    """Return what was changed, as `diff -u` writes it; the empty text when nothing was.

    Without colour, and not `to_read` by people, it can be given to `patch`: lines are as they are then.
    """
    shown = printable(name)
    lines = difflib.unified_diff(_split(before), _split(after), f"a/{shown}", f"b/{shown}")
    return "".join(_diff_line(_readable(line) if to_read else line, style) for line in lines)


def _readable(line: str) -> str:
    """No sign of a document may command the terminal: all but tabs and the end of the line is shown."""
    text = line.removesuffix("\n").removesuffix("\r")
    return "\t".join(map(printable, text.split("\t"))) + line[len(text) :]


def _split(text: str) -> list[str]:
    """Split at U+000A only, as `patch` does."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _diff_line(line: str, style: Style) -> str:
    text = line.removesuffix("\n")
    end = "\n" if line.endswith("\n") else "\n\\ No newline at end of file\n"
    if line.startswith(("---", "+++")):
        return f"{style.strong(text)}{end}"
    if line.startswith("-"):
        return f"{style.bad(text)}{end}"
    if line.startswith("+"):
        return f"{style.good(text)}{end}"
    return f"{text}{end}"
