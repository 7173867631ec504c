"""Tests of policies: files of cases, each a question to the engine with the answer that it should give.

The format is public; `docs/policy/test.md` describes it for those who write such files.
"""

from __future__ import annotations

from watchword.iam._case import BrokenCase, Case, CaseFileError
from watchword.iam._case_documents import CaseDocument, CaseProblem, Library, Read, Shelf, Show
from watchword.iam._case_reader import CaseReader
from watchword.iam._case_text import CaseText, NotJson
from watchword.iam.policy import Lines

__all__ = [
    "BrokenCase",
    "Case",
    "CaseDocument",
    "CaseFileError",
    "CaseProblem",
    "Library",
    "read_case_file",
    "read_cases",
]


def read_cases(text: str, *, name: str, read: Read) -> tuple[Case, ...]:
    """Return the cases of a file's text.

    `name` is the file's, as it is shown; `read` returns the text of a policy by its path as the case has
    it. Raises CaseFileError when the text is no file of cases, or one of them is broken.
    """
    entries = read_case_file(text, name=name, read=read)
    problems = tuple(
        problem for entry in entries if isinstance(entry, BrokenCase) for problem in entry.problems
    )
    if problems:
        raise CaseFileError(name, problems)
    return tuple(entry for entry in entries if isinstance(entry, Case))


def read_case_file(
    text: str, *, name: str, read: Read, show: Show | None = None, library: Library | None = None
) -> tuple[Case | BrokenCase, ...]:
    """Return the cases of a file's text in their order, those that are broken among them.

    `name` and `read` are as in `read_cases`. `show` returns how the path of a policy is shown; without it,
    that is the path from where `name` starts. `library` keeps what is compiled: give one to all the files
    of a run. Raises CaseFileError when the text is not a JSON array of at least one case.
    """
    try:
        source = CaseText(text)
    except NotJson as error:
        raise CaseFileError(name, _in_order(name, text, error.problems)) from None
    root = source.root
    if not isinstance(root.value, list):
        raise _not_an_array(name, source)
    reader = CaseReader(source, name, Shelf(source, name, read, show, library or Library()))
    entries = tuple(reader.entry(item, index) for index, item in enumerate(source.items(root)))
    if not entries:
        place = source.place(root.at)
        empty = CaseProblem(
            file=name, line=place.line, column=place.column, message="expected a case, found none"
        )
        raise CaseFileError(name, (empty,), hint="a test without cases cannot fail")
    return entries


def _in_order(name: str, text: str, found: list[tuple[int, str]]) -> tuple[CaseProblem, ...]:
    first: dict[int, str] = {}
    for offset, message in found:
        first.setdefault(offset, message.replace("a policy document", "an array of cases"))
    lines = Lines.of(text)
    places = ((lines.place(offset), message) for offset, message in sorted(first.items()))
    return tuple(
        CaseProblem(file=name, line=place.line, column=place.column, message=message)
        for place, message in places
    )


def _not_an_array(name: str, source: CaseText) -> CaseFileError:
    place = source.place(source.root.at)
    problem = CaseProblem(
        file=name, line=place.line, column=place.column, message="expected an array of cases"
    )
    value, hint = source.root.value, None
    if isinstance(value, dict) and "Statement" in value:
        hint = "this is a policy; a case names it in `identity_policies`, by its path"
    elif isinstance(value, dict) and "expect" in value:
        hint = "put `[` and `]` around the case"
    return CaseFileError(name, (problem,), hint=hint)
