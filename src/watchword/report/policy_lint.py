"""The findings of `policy lint` as one value; `policy_lint_text` and `sarif` are made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypedDict

from watchword.iam.policy import Lines, Place
from watchword.lint import RULES, Edit, Finding, Severity

SCHEMA: Final = "watchword/policy-lint/v1"
_WINDOW: Final = 200
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
        "text": "".join(_one_sign(sign) for sign in shown),
        "column": at - first,
        "length": max(1, min(length, len(shown) - (at - first))),
    }


def _one_sign(sign: str) -> str:
    """No sign of a document may command the terminal, or turn its text round: one stands for one here."""
    if sign == "\t":
        return " "
    return sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}"
