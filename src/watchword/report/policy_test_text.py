"""The results of `policy test` as text, made from the same value as the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from watchword.errors import printable
from watchword.iam import Layer, Match
from watchword.report.policy_test import (
    AppliedValue,
    CaseValue,
    FileValue,
    LayerValue,
    ProblemValue,
    ResultsValue,
    Summary,
)
from watchword.report.policy_test_case import POLICIES, where
from watchword.report.style import Style

_WARNINGS: Final = 10
_WIDTH: Final = max(map(len, POLICIES.values())) + len(", level 1")


def results_text(value: ResultsValue, style: Style, *, verbose: bool) -> str:
    """Return a line a file, or a case when `verbose`; what failed, at length; and the summary."""
    lines = list(_verbose(value, style) if verbose else _by_file(value, style))
    blocks = ["\n".join(_block(case, style)) for case in value["cases"] if not case["passed"]]
    warnings = list(_warnings(value, style))
    told = ["\n".join(warnings)] if warnings else []
    return "\n\n".join(["\n".join(lines), *blocks, *told, _summary(value["summary"], style)])


def _warnings(value: ResultsValue, style: Style) -> Iterator[str]:
    """Say once what is said of many cases, and where it is so first."""
    found = [warning for case in value["cases"] for warning in case["warnings"]]
    first = {warning["message"]: warning for warning in reversed(found)}
    count = Counter(warning["message"] for warning in found)
    for message in list(count)[:_WARNINGS]:
        times = f" ({count[message]} times)" if count[message] > 1 else ""
        yield f"{style.warning('NOTE')}  {_at(first[message])}: {printable(message)}{times}"
    if len(count) > _WARNINGS:
        yield f"      and {len(count) - _WARNINGS} more, in --output json"


def _by_file(value: ResultsValue, style: Style) -> Iterator[str]:
    for file in value["files"]:
        whole = file["problem"] is None and file["passed"] == file["cases"]
        yield f"{_word(passed=whole, style=style)}{printable(file['file'])}  {_counts(file)}"


def _verbose(value: ResultsValue, style: Style) -> Iterator[str]:
    for case in value["cases"]:
        head = _word(passed=case["passed"], style=style, broken=case["actual"] is None)
        place = style.quiet(f"{printable(case['file'])}:{case['line']}")
        yield f"{head}{printable(case['name'])}  {place}"
        if case["passed"]:
            yield f"      {case['actual']}: {printable(case['reason'])}"
    for file in value["files"]:
        if file["problem"] is not None:
            yield f"{_word(passed=False, style=style)}{printable(file['file'])}  {_counts(file)}"


def _word(*, passed: bool, style: Style, broken: bool = False) -> str:
    """Return the word that a line begins with, as wide as the longest."""
    if passed:
        return style.good("PASS") + "  "
    return style.bad("ERROR") + " " if broken else style.bad("FAIL") + "  "


def _counts(file: FileValue) -> str:
    if file["problem"] is not None:
        return "not read"
    return counts(file["passed"], file["failed"], file["broken"])


def counts(passed: int, failed: int, broken: int) -> str:
    """Return `3 passed, 1 failed, 1 broken`, without what there is none of."""
    parts = [(passed, "passed"), (failed, "failed"), (broken, "broken")]
    return ", ".join(f"{count} {word}" for count, word in parts if count) or "0 passed"


def _block(case: CaseValue, style: Style) -> Iterator[str]:
    broken = case["actual"] is None
    head = _word(passed=False, style=style, broken=broken)
    yield f"{head}{style.strong(printable(case['name']))}"
    yield f"      at        {printable(case['file'])}:{case['line']}"
    if broken:
        for problem in case["problems"]:
            yield f"      {_at(problem)}: {printable(problem['message'])}"
        return
    yield f"      expected  {style.good(str(case['expected']))}"
    yield f"      actual    {style.bad(str(case['actual']))}"
    yield f"      because   {printable(case['reason'])}"
    for layer in case["layers"]:
        yield from _rung(layer)
    for note in case["notes"]:
        yield f"      {style.warning('note')}      {printable(note)}"


def failure_text(case: CaseValue) -> str:
    """Return what is shown of a case that did not pass, without colour."""
    return "\n".join(_block(case, Style(color=False)))


def _rung(layer: LayerValue) -> Iterator[str]:
    level = "" if layer["level"] is None else f", level {layer['level'] + 1}"
    name = f"{POLICIES[Layer(layer['layer'])]}{level}"
    note = f"  {printable(layer['note'])}" if layer["note"] else ""
    yield f"      | {name:{_WIDTH}}  {layer['outcome']}{note}".rstrip()
    for statement in layer["statements"]:
        yield f"      |   {statement['effect']:5} {where(statement)}: {_applies(statement)}"


def _applies(statement: AppliedValue) -> str:
    match Match(statement["match"]):
        case Match.YES:
            return "matches"
        case Match.UNKNOWN:
            return "may match"
        case Match.NO:
            failed = statement["failed"]
            return f"its {failed} does not match" if failed else "does not match"


def _at(problem: ProblemValue) -> str:
    return printable(f"{problem['file']}:{problem['line']}:{problem['column']}")


def _summary(summary: Summary, style: Style) -> str:
    text = counts(summary["passed"], summary["failed"], summary["broken"])
    files = f"{summary['files']} file" + ("" if summary["files"] == 1 else "s")
    text = f"{text} in {files}"
    if summary["unreadable"]:
        text += f", {summary['unreadable']} not read"
    whole = summary["passed"] == summary["cases"] and not summary["unreadable"]
    return f"{_word(passed=whole, style=style)}{text}"
