"""The findings of `policy lint`: one value, and the text made from it."""

from __future__ import annotations

import difflib
import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, TypedDict

from watchword.iam.policy import Lines, Place
from watchword.lint import RULES, Edit, Finding, Severity
from watchword.report.style import Style

SCHEMA: Final = "watchword/policy-lint/v1"
_WINDOW: Final = 200
_NARROWEST: Final = 40
_TITLES: Final = {rule.ident: rule.title for rule in RULES}


@dataclass(frozen=True, slots=True, kw_only=True)
class LintedFile:
    """One document that was looked at: its text as it is now, what is left in it, and how much was fixed.

    `kind` is what it was judged as; None where it does not parse, or could not be read. `problem` says
    why it could not be read, or not be fixed.
    """

    name: str
    text: str = ""
    kind: str | None = None
    findings: tuple[Finding, ...] = ()
    fixed: int = 0
    problem: str | None = None
    lines: Lines = field(default_factory=lambda: Lines((0,)), repr=False)


class FileValue(TypedDict):
    """A document, and how it went."""

    file: str
    kind: str | None
    findings: int
    fixed: int
    problem: str | None


class Snippet(TypedDict):
    """Part of the line of a finding: `length` characters from `column` (from 0) are what it is about."""

    text: str
    column: int
    length: int


class EditValue(TypedDict):
    """A piece of text to replace: places count from 1, `offset` and `length` are characters."""

    line: int
    column: int
    end_line: int
    end_column: int
    offset: int
    length: int
    text: str


class FixValue(TypedDict):
    """What `--fix` would do."""

    description: str
    edits: list[EditValue]


class FindingValue(TypedDict):
    """One finding."""

    file: str
    line: int
    column: int
    end_line: int | None
    end_column: int | None
    severity: str
    rule: str
    title: str
    message: str
    sid: str | None
    statement: int | None
    docs: str
    snippet: Snippet
    fix: FixValue | None


class Summary(TypedDict):
    """How many there are of each."""

    files: int
    failed: int
    error: int
    warning: int
    note: int
    fixable: int
    fixed: int


class LintValue(TypedDict):
    """All that `--output json` prints."""

    schema: str
    files: list[FileValue]
    findings: list[FindingValue]
    summary: Summary


def lint_value(files: Sequence[LintedFile]) -> LintValue:
    """Return the value that `--output json` prints and the text is made from."""
    findings = [_finding(file, finding) for file in files for finding in file.findings]
    counts = {each: sum(found["severity"] == each for found in findings) for each in Severity}
    return {
        "schema": SCHEMA,
        "files": [
            {
                "file": file.name,
                "kind": file.kind,
                "findings": len(file.findings),
                "fixed": file.fixed,
                "problem": file.problem,
            }
            for file in files
        ],
        "findings": findings,
        "summary": {
            "files": len(files),
            "failed": sum(file.problem is not None for file in files),
            "error": counts[Severity.ERROR],
            "warning": counts[Severity.WARNING],
            "note": counts[Severity.NOTE],
            "fixable": sum(found["fix"] is not None for found in findings),
            "fixed": sum(file.fixed for file in files),
        },
    }


def docs_page(rule: str) -> str:
    """Return the page of our docs that explains a rule."""
    return f"docs/lint/{rule}.md"


def _finding(file: LintedFile, finding: Finding) -> FindingValue:
    place, end = finding.place, finding.end
    return {
        "file": file.name,
        "line": place.line,
        "column": place.column,
        "end_line": end.line if end else None,
        "end_column": end.column if end else None,
        "severity": finding.severity.value,
        "rule": finding.rule,
        "title": _TITLES.get(finding.rule, finding.rule),
        "message": finding.message,
        "sid": finding.sid,
        "statement": finding.statement,
        "docs": docs_page(finding.rule),
        "snippet": _snippet(file, place, end),
        "fix": None
        if finding.fix is None
        else {
            "description": finding.fix.description,
            "edits": [_edit(file.lines, edit) for edit in finding.fix.edits],
        },
    }


def _edit(lines: Lines, edit: Edit) -> EditValue:
    start, end = lines.place(edit.offset), lines.place(edit.end)
    return {
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "offset": edit.offset,
        "length": edit.length,
        "text": edit.text,
    }


def _snippet(file: LintedFile, place: Place, end: Place | None) -> Snippet:
    """Cut the line down to what surrounds the finding: a policy may be one line of 100 000 characters."""
    begin = file.lines.starts[place.line - 1] if place.line <= len(file.lines.starts) else 0
    newline = file.text.find("\n", begin)
    line = file.text[begin : newline if newline >= 0 else len(file.text)].rstrip("\r")
    at = min(place.column - 1, len(line))
    if end is None or end == place:
        length = 1
    elif end.line == place.line:
        length = end.column - place.column
    else:
        length = len(line) - at
    first = max(0, at - _WINDOW)
    last = at + min(length, _WINDOW) + _WINDOW
    shown = line[first:last]
    return {
        "text": "".join(_printable(sign) for sign in shown),
        "column": at - first,
        "length": max(1, min(length, len(shown) - (at - first))),
    }


def _printable(sign: str) -> str:
    """No sign of a document may command the terminal, or turn its text round."""
    if sign == "\t":
        return " "
    return sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}"


# -- as text


def lint_text(value: LintValue, style: Style, *, width: int | None) -> str:
    """Return the findings, a blank line between them, and the summary.

    `width` is that of the terminal; None: no line is broken, for those who read it with a program.
    """
    blocks = ["\n".join(_block(found, style, width)) for found in value["findings"]]
    return "\n\n".join([*blocks, _summary(value, style)])


def _block(found: FindingValue, style: Style, width: int | None) -> Iterator[str]:
    where = f"{_clean(found['file'])}:{found['line']}:{found['column']}"
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
        return [_clean(found["message"])]
    used = len(f"{where}: {found['severity']} {found['rule']}: ")
    message = _clean(found["message"])
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


def _clean(text: str) -> str:
    return "".join(_printable(sign) for sign in text)


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
    parts = [f"{found} in {_count(read, 'document')}" if found else _clean_word(read, style)]
    if summary["fixed"]:
        parts.append(f"{summary['fixed']} fixed")
    if summary["fixable"]:
        parts.append(f"`--fix` can fix {summary['fixable']}")
    if summary["failed"] and read:
        parts.append(f"{summary['failed']} failed")
    return "; ".join(parts)


def _clean_word(read: int, style: Style) -> str:
    if read == 0:
        return "no document was read"
    return f"{style.good('ok')}: nothing found in {_count(read, 'document')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


def diff_text(name: str, before: str, after: str, style: Style) -> str:
    """Return what was changed, as `diff -u` writes it; the empty text when nothing was.

    Without colour it can be given to `patch`. Line ends are shown as they are.
    """
    lines = difflib.unified_diff(_split(before), _split(after), f"a/{name}", f"b/{name}")
    return "".join(_diff_line(line, style) for line in lines)


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
