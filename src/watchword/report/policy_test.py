"""The results of `policy test` as one value; `policy_test_text` and `junit` are made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypedDict

from watchword.iam.cases import CaseProblem

SCHEMA: Final = "watchword/policy-test/v1"


class ProblemValue(TypedDict):
    """What keeps a file or a case from being read."""

    file: str
    line: int
    column: int
    message: str


class StatementValue(TypedDict):
    """A statement, and where it stands."""

    file: str
    line: int
    column: int
    sid: str | None
    index: int


class AppliedValue(StatementValue):
    """A statement whose action matches. `match`: yes, no, or unknown; `failed`: the element that did not."""

    effect: str
    match: str
    failed: str | None


class LayerValue(TypedDict):
    """One layer of the decision. `level` counts from 0, and is there for SCPs, RCPs and endpoints."""

    layer: str
    level: int | None
    outcome: str
    statements: list[AppliedValue]
    note: str | None


class CaseValue(TypedDict):
    """How one case went.

    `expected` and `actual` are null where they cannot be known: the case is broken, and `problems` says why.
    `layers` and `notes` are there for a case that failed. `warnings`: fields that are not read, and what AWS
    would refuse to store.
    """

    name: str
    file: str
    line: int
    expected: str | None
    actual: str | None
    passed: bool
    reason: str
    layer: str | None
    statements: list[StatementValue]
    missing: list[str]
    layers: list[LayerValue]
    notes: list[str]
    problems: list[ProblemValue]
    warnings: list[ProblemValue]


class FileValue(TypedDict):
    """How the cases of one file went; `problem` and `problems` say why it could not be read."""

    file: str
    cases: int
    passed: int
    failed: int
    broken: int
    problem: str | None
    problems: list[ProblemValue]


class Summary(TypedDict):
    """How many there are of each."""

    files: int
    unreadable: int
    cases: int
    passed: int
    failed: int
    broken: int


class ResultsValue(TypedDict):
    """All that `--output json` prints."""

    schema: str
    cases: list[CaseValue]
    files: list[FileValue]
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """A file of cases and how they went; `problem` and `problems` are why it holds none that can be asked."""

    name: str
    cases: tuple[CaseValue, ...] = ()
    problem: str | None = None
    problems: tuple[CaseProblem, ...] = ()


def results_value(files: Sequence[FileResult]) -> ResultsValue:
    """Return the value that `--output json` prints and the text is made from."""
    cases = [case for file in files for case in file.cases]
    return {
        "schema": SCHEMA,
        "cases": cases,
        "files": [_file(file) for file in files],
        "summary": {
            "files": len(files),
            "unreadable": sum(file.problem is not None for file in files),
            "cases": len(cases),
            "passed": sum(case["passed"] for case in cases),
            "failed": sum(_failed(case) for case in cases),
            "broken": sum(case["actual"] is None for case in cases),
        },
    }


def _file(file: FileResult) -> FileValue:
    return {
        "file": file.name,
        "cases": len(file.cases),
        "passed": sum(case["passed"] for case in file.cases),
        "failed": sum(_failed(case) for case in file.cases),
        "broken": sum(case["actual"] is None for case in file.cases),
        "problem": file.problem,
        "problems": [problem_value(problem) for problem in file.problems],
    }


def _failed(case: CaseValue) -> bool:
    return not case["passed"] and case["actual"] is not None


def problem_value(problem: CaseProblem) -> ProblemValue:
    """Return what is wrong as data."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
    }
