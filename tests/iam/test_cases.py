"""Every case of tests/cases, decided by the engine."""

from __future__ import annotations

import pytest

from iam.case_files import label, read_cases
from watchword.iam import Outcome
from watchword.iam.cases import Case

CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=label)
def test_the_case_is_decided_as_expected(case: Case) -> None:
    decision = case.decide()
    assert decision.outcome is case.expect, decision.trace


@pytest.mark.parametrize("case", CASES, ids=label)
def test_a_deciding_statement_is_named(case: Case) -> None:
    decision = case.decide()
    by_itself = decision.layer.value in {"service", "root"}
    if decision.outcome is Outcome.EXPLICIT_DENY or (decision.allowed and not by_itself):
        assert len(decision.statements) == 1
    if decision.outcome is Outcome.UNDETERMINED:
        assert decision.missing
        assert decision.statements or decision.layer.value in {"service", "trust", "key"}
    else:
        assert not decision.missing


@pytest.mark.parametrize("case", CASES, ids=label)
def test_the_case_says_where_its_answer_comes_from(case: Case) -> None:
    assert case.source


def test_case_names_are_unique() -> None:
    names = [label(case) for case in CASES]
    assert len(set(names)) == len(names)
