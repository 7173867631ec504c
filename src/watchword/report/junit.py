"""The results of `policy test` in the XML that CI servers read.

There is no one JUnit format: this is what GitLab, Jenkins and the actions for GitHub read in common.
Source: docs.gitlab.com, ci/testing/unit_test_reports (a name that comes again in a class is dropped there,
and only the text of a failure is shown); the schema of Jenkins' xUnit plugin.
"""

from __future__ import annotations

from collections import Counter
from xml.sax.saxutils import escape, quoteattr

from watchword.errors import printable
from watchword.report.policy_test import CaseValue, FileValue, ResultsValue
from watchword.report.policy_test_text import failure_text


def junit_text(value: ResultsValue) -> str:
    """Return the XML: a suite a file, an `error` for what could not be asked, a `failure` for what failed."""
    by_file: dict[str, list[CaseValue]] = {file["file"]: [] for file in value["files"]}
    for case in value["cases"]:
        by_file[case["file"]].append(case)
    summary = value["summary"]
    errors = summary["broken"] + summary["unreadable"]
    tests = summary["cases"] + summary["unreadable"]
    head = f'<testsuites name="watchword policy test" {_numbers(tests, summary["failed"], errors)}>'
    suites = "".join(_suite(file, by_file[file["file"]]) for file in value["files"])
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{suites}</testsuites>\n'


def _numbers(tests: int, failures: int, errors: int) -> str:
    return f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="0"'


def _suite(file: FileValue, cases: list[CaseValue]) -> str:
    name = quoteattr(printable(file["file"]))
    if file["problem"] is not None:
        why = printable(file["problem"])
        error = f"<error message={quoteattr(why)}>{escape(why)}</error>"
        inner = f'    <testcase classname={name} name="the file is read" file={name}>{error}</testcase>\n'
        return f"  <testsuite name={name} {_numbers(1, 0, 1)}>\n{inner}  </testsuite>\n"
    seen = Counter(case["name"] for case in cases)
    inner = "".join(_case(case, name, again=seen[case["name"]] > 1) for case in cases)
    numbers = _numbers(file["cases"], file["failed"], file["broken"])
    return f"  <testsuite name={name} {numbers}>\n{inner}  </testsuite>\n"


def _case(case: CaseValue, file: str, *, again: bool) -> str:
    name = printable(case["name"]) + (f" (line {case['line']})" if again else "")
    head = f'    <testcase classname={file} name={quoteattr(name)} file={file} line="{case["line"]}"'
    if case["passed"]:
        return f"{head}/>\n"
    element = "error" if case["actual"] is None else "failure"
    short = case["reason"] if case["actual"] is None else f"expected {case['expected']}, got {case['actual']}"
    message, text = quoteattr(printable(short)), escape(failure_text(case))
    return (
        f'{head}>\n      <{element} type="{element}" message={message}>{text}</{element}>\n    </testcase>\n'
    )
