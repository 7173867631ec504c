"""The lines of an AWS file: which is a section, a setting, the rest of one, or nobody's."""

from __future__ import annotations

import configparser
import enum
import re
from dataclasses import dataclass, field
from typing import Final

# Lines end as `open` ends them in text mode: not at form feeds or at Unicode's own separators.
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_SECTION: Final = configparser.RawConfigParser.SECTCRE
_SETTING: Final = configparser.RawConfigParser.OPTCRE


class Kind(enum.Enum):
    """What a line is."""

    SECTION = "section"
    SETTING = "setting"
    CONTINUATION = "continuation"
    NOBODYS = "comment or blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line with its end. `section` is the one that it stands in or begins (None: before the first).

    `name` is the setting, in small letters, that it begins or goes on with. `value_at` is where the value
    begins and ends in the text of a line that begins a setting.
    """

    text: str = field(repr=False)
    kind: Kind
    section: str | None
    name: str | None = None
    value_at: tuple[int, int] = (0, 0)

    @property
    def indent(self) -> str:
        """Return the blanks at the beginning."""
        return self.text[: len(self.text) - len(self.text.lstrip())]

    @property
    def end(self) -> str:
        r"""Return `\n`, `\r\n` or `\r`; nothing for a last line without one."""
        return self.text[len(self.text.rstrip("\r\n")) :]


def lines_of(text: str) -> tuple[Line, ...]:
    """Return the lines of a text that `settings_of` could read. Together they are the text, to the byte.

    Source: `RawConfigParser._read` of the standard library: a line that is indented deeper than the line
    that began the setting goes on with it, across comments and blank lines; a section begins no setting.
    """
    found: list[Line] = []
    section, name, depth = None, None, 0
    for each in _LINE.findall(text):
        said = each.strip()
        if not said or said[0] in "#;":
            found.append(Line(text=each, kind=Kind.NOBODYS, section=section))
            continue
        indent = len(each) - len(each.lstrip())
        if section is not None and name is not None and indent > depth:
            found.append(Line(text=each, kind=Kind.CONTINUATION, section=section, name=name))
            continue
        depth = indent
        if header := _SECTION.match(said):
            section, name = header.group("header"), None
            found.append(Line(text=each, kind=Kind.SECTION, section=section))
        elif setting := _SETTING.match(said):
            name = setting.group("option").rstrip().lower()
            begin, end = setting.span("value")
            found.append(
                Line(
                    text=each,
                    kind=Kind.SETTING,
                    section=section,
                    name=name,
                    value_at=(indent + begin, indent + end),
                )
            )
    return tuple(found)
