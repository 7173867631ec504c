"""What an AWS file says, as botocore reads it: with the standard library's `RawConfigParser`.

A file that botocore refuses is refused here too, with the line and without what stands there.
"""

from __future__ import annotations

import configparser
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from watchword.local.aws_files.errors import UnreadableAwsFile
from watchword.local.aws_files.lines import Kind, lines_of

Sections = Mapping[str, Mapping[str, str]]

_HINT = "put the line right, or a `#` before it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file says: the settings of each section, and those of `[DEFAULT]`, which are in all of them."""

    sections: Sections = field(repr=False)
    inherited: Mapping[str, str] = field(repr=False)


def decoded(content: bytes, path: Path) -> str:
    """Return the text of a file, line ends and all; raise UnreadableAwsFile when it is not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = len(
            io.StringIO(content[: error.start].decode(errors="replace") + ".", newline=None).readlines()
        )
        raise unreadable(path, line, "the line is not UTF-8") from None


def read(text: str, path: Path) -> Reading:
    """Return what is set, by section and by name in small letters; nested settings are one text, as written.

    Raises UnreadableAwsFile where botocore raises `ConfigParseError`.
    Source: `raw_config_parse` of botocore.configloader, which is what the AWS CLI uses.
    """
    parser = configparser.RawConfigParser()
    try:
        # `newline=None` ends lines as `open` does: at \n, \r\n and \r.
        parser.read_file(io.StringIO(text, newline=None), source="file")
    except configparser.Error as error:
        raise _in_our_words(error, text, path) from None
    sections = {
        section: {name: parser.get(section, name) for name in parser.options(section)}
        for section in parser.sections()
    }
    values = (value for settings in sections.values() for value in settings.values())
    if not all(_is_nested(value) for value in values if value.startswith("\n")):
        raise _broken_nest(text, path)
    return Reading(sections=sections, inherited=parser.defaults())


def unreadable(path: Path, line: int, why: str) -> UnreadableAwsFile:
    """Return the error for a file in which a line (from 1) is wrong."""
    return UnreadableAwsFile(f"cannot understand `{path}:{line}`: {why}", line=line, hint=_HINT)


def _is_nested(value: str) -> bool:
    return all("=" in part for part in value.splitlines() if part.strip())


def _broken_nest(text: str, path: Path) -> UnreadableAwsFile:
    """Return the error for settings within a setting of which one has no `=`: botocore refuses the file."""
    for number, line in enumerate(lines_of(text), start=1):
        if line.kind is Kind.CONTINUATION and not _is_nested(line.text):
            return unreadable(path, number, "it stands within a setting and has no `=`")
    return unreadable(path, 1, "a setting within a setting has no `=`")


def _in_our_words(error: configparser.Error, text: str, path: Path) -> UnreadableAwsFile:
    match error:
        case configparser.MissingSectionHeaderError():
            if text.startswith("\ufeff"):
                return unreadable(
                    path, 1, "the file begins with a byte order mark, which AWS programs refuse"
                )
            if error.line.lstrip().startswith("["):
                return unreadable(path, error.lineno, "it begins like a `[section]`, and has no `]`")
            return unreadable(path, error.lineno, "it stands before the first `[section]`")
        case configparser.DuplicateSectionError():
            return unreadable(path, error.lineno or 1, "a section of that name was there before")
        case configparser.DuplicateOptionError():
            return unreadable(path, error.lineno or 1, "the section had a setting of that name before")
        case configparser.ParsingError(errors=[(line, _), *_]):
            return unreadable(path, line, "it is neither a `[section]` nor a setting with a `=`")
        case _:
            return unreadable(path, 1, "it is not a valid AWS file")
