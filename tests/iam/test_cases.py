"""Every case of tests/cases, decided by the engine.

A file is read inside its test, so that reading and compiling are under test there too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from iam.case_files import FILES, cases_of, label, read_cases
from watchword.iam import Decision, Outcome
from watchword.iam.cases import Case

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@each_file
def test_every_case_is_decided_as_expected(path: Path) -> None:
    wrong = {
        case.name: f"expected {case.expect}, got {decision!r}: {decision.trace}"
        for case, decision in _decided(path)
        if decision.outcome is not case.expect
    }
    assert not wrong


@each_file
def test_the_deciding_statement_is_named(path: Path) -> None:
    for case, decision in _decided(path):
        by_itself = decision.layer.value in {"service", "root"}
        if decision.outcome is Outcome.EXPLICIT_DENY or (decision.allowed and not by_itself):
            assert len(decision.statements) == 1, case.name
        if decision.outcome is Outcome.UNDETERMINED:
            assert decision.missing, case.name
            assert decision.statements or decision.layer.value in {"service", "trust", "key"}, case.name
        else:
            assert not decision.missing, case.name


@each_file
def test_every_case_says_where_its_answer_comes_from(path: Path) -> None:
    assert not [case.name for case in cases_of(path) if not case.source]


def test_case_names_are_unique() -> None:
    names = [label(case) for case in read_cases()]
    assert len(set(names)) == len(names)


def _decided(path: Path) -> list[tuple[Case, Decision]]:
    cases = cases_of(path)
    assert cases
    return [(case, case.decide()) for case in cases]
