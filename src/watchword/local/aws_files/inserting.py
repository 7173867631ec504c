"""Where a new line of an AWS file goes, how far it is indented and how it ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from watchword.local.aws_files.lines import Kind, Line


def with_section(lines: Sequence[Line], section: str) -> list[Line]:
    """Return the lines and another section at the end, after a blank line."""
    end = _end_near(lines, len(lines))
    found = list(lines)
    if found:
        found[-1] = _ended(found[-1], end)
        if found[-1].text.strip():
            found.append(Line(text=end, kind=Kind.NOBODYS, section=found[-1].section))
    return [*found, Line(text=f"[{section}]{end}", kind=Kind.SECTION, section=section)]


def with_setting(lines: Sequence[Line], section: str, name: str, value: str) -> list[Line]:
    """Return the lines with one value changed, or with a new setting after the last of its section.

    Of a value over several lines only the first stays; comments that stood among them stay too.
    """
    for at, line in enumerate(lines):
        if line.kind is Kind.SETTING and (line.section, line.name) == (section, name):
            after = [each for each in lines[at + 1 :] if not _goes_on_with(each, line)]
            return [*lines[:at], _with_value(line, value), *after]
    at = max(i for i, line in enumerate(lines) if line.section == section and line.kind is not Kind.NOBODYS)
    end = _end_near(lines, at + 1)
    text = f"{_indent(lines, at, section)}{name} ={' ' if value else ''}{value}{end}"
    new = Line(text=text, kind=Kind.SETTING, section=section, name=name)
    return [*lines[:at], _ended(lines[at], end), new, *lines[at + 1 :]]


def _goes_on_with(line: Line, setting: Line) -> bool:
    return line.kind is Kind.CONTINUATION and (line.section, line.name) == (setting.section, setting.name)


def _with_value(line: Line, value: str) -> Line:
    begin, end = line.value_at
    before = line.text[:begin]
    blank = " " if value and begin == end and before[-1] in "=:" else ""
    return dataclasses.replace(line, text=f"{before}{blank}{value}{line.text[end:]}")


def _indent(lines: Sequence[Line], at: int, section: str) -> str:
    """Return the blanks before a new setting after the line `at`, the last of its section.

    It is indented as the setting before it, for deeper it would go on with that one. Where it is the first,
    it must not be indented less than the section that follows, which would go on with it.
    """
    for line in reversed(lines[: at + 1]):
        if line.kind is Kind.SETTING and line.section == section:
            return line.indent
    following = [line.indent for line in lines[at + 1 :] if line.kind is Kind.SECTION][:1]
    return max([lines[at].indent, *following], key=len)


def _ended(line: Line, end: str) -> Line:
    return line if line.end else dataclasses.replace(line, text=f"{line.text}{end}")


def _end_near(lines: Sequence[Line], at: int) -> str:
    """Return how the line before `at` ends, else the nearest one above it; a newline when none does."""
    return next((line.end for line in reversed(lines[:at]) if line.end), "\n")
