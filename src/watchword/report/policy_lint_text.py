"""The findings of `policy lint` as text, made from the same value as the data."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from typing import Final

from watchword.errors import printable
from watchword.lint import Severity
from watchword.report.policy_lint import FindingValue, LintValue
from watchword.report.style import Style

_NARROWEST: Final = 40


def lint_text(value: LintValue, style: Style, *, width: int | None) -> str:
    """Return the findings, a blank line between them, and the summary.

    `width` is that of the terminal; None: no line is broken, for those who read it with a program.
    """
    blocks = ["\n".join(_block(found, style, width)) for found in value["findings"]]
    return "\n\n".join([*blocks, _summary(value, style)])


def _block(found: FindingValue, style: Style, width: int | None) -> Iterator[str]:
    where = f"{printable(found['file'])}:{found['line']}:{found['column']}"
    severity = _painted(found["severity"], style)
    first, *others = _lines(found, where, width)
    yield f"{style.strong(where)}: {severity} {found['rule']}: {first}".rstrip()
    yield from (f"  {line}" for line in others)
    yield from _marked(found, style, width)
    if found["fix"] is not None:
        yield from _wrapped(f"hint: `--fix` can do it: {found['fix']['description']}", width)
    yield f"  see: {found['docs']}"


def _lines(found: FindingValue, where: str, width: int | None) -> list[str]:
    """Return the message in lines: the first one has less room, for the place stands before it."""
    if width is None:
        return [printable(found["message"])]
    used = len(f"{where}: {found['severity']} {found['rule']}: ")
    message = printable(found["message"])
    room = max(width, _NARROWEST)
    if used > room // 2 or used + len(message.split(" ", 1)[0]) > room:
        return ["", *_filled(message, room, "  ", "  ")]
    return _filled(message, room, " " * used, "  ")


def _filled(text: str, width: int, first: str, others: str) -> list[str]:
    """Return the text in lines of at most `width` with these indents, which are left out again."""
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.lstrip() for line in lines]


def _wrapped(text: str, width: int | None) -> list[str]:
    if width is None:
        return [f"  {text}"]
    return textwrap.wrap(
        text,
        max(width, _NARROWEST),
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _marked(found: FindingValue, style: Style, width: int | None) -> Iterator[str]:
    """Give the line of the document and, under it, carets."""
    number = str(found["line"])
    snippet = found["snippet"]
    text, column, length = snippet["text"], snippet["column"], snippet["length"]
    dropped = min(len(text) - len(text.lstrip(" ")), column)
    text, column = text[dropped:], column - dropped
    room = max((width or 110) - len(number) - 6, _NARROWEST // 2)
    first = max(0, min(column - room // 3, len(text) - room))
    cut = len(text) > first + room
    text, column = text[first : first + room], column - first
    length = max(1, min(length, len(text) - column))
    before, marked = text[:column], text[column : column + length]
    shown = f"{'…' if first else ''}{text[1:] if first else text}{'…' if cut else ''}"
    yield style.quiet(f"  {number} | ") + shown.rstrip()
    carets = " " * _columns(before) + style.warning("^" * max(1, _columns(marked)))
    yield style.quiet(f"  {' ' * len(number)} | ") + carets


def _columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        for sign in text
    )


def _painted(severity: str, style: Style) -> str:
    match Severity(severity):
        case Severity.ERROR:
            return style.bad(severity)
        case Severity.WARNING:
            return style.warning(severity)
        case Severity.NOTE:
            return style.quiet(severity)


def _summary(value: LintValue, style: Style) -> str:
    summary = value["summary"]
    read = sum(file["problem"] is None or file["kind"] is not None for file in value["files"])
    counts = [
        _count(summary["error"], "error"),
        _count(summary["warning"], "warning"),
        _count(summary["note"], "note"),
    ]
    found = ", ".join(each for each in counts if each)
    parts = [f"{found} in {_count(read, 'document')}" if found else _nothing(read, style)]
    if summary["fixed"]:
        parts.append(f"{summary['fixed']} fixed")
    if summary["fixable"]:
        parts.append(f"`--fix` can fix {summary['fixable']}")
    if summary["failed"] and read:
        parts.append(f"{summary['failed']} failed")
    return "; ".join(parts)


def _nothing(read: int, style: Style) -> str:
    if read == 0:
        return "no document was read"
    return f"{style.good('ok')}: nothing found in {_count(read, 'document')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""
