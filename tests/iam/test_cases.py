"""Every case of tests/cases, decided by the engine."""

from __future__ import annotations

import pytest

from iam.case_files import Case, read_cases
from watchword.iam import Outcome, evaluate

CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_case_is_decided_as_expected(case: Case) -> None:
    decision = evaluate(case.request, case.policies)
    assert decision.outcome is case.expect, decision.trace


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_deciding_statement_is_named(case: Case) -> None:
    decision = evaluate(case.request, case.policies)
    by_itself = decision.layer.value in {"service", "root"}
    if decision.outcome is Outcome.EXPLICIT_DENY or (decision.allowed and not by_itself):
        assert len(decision.statements) == 1
    if decision.outcome is Outcome.UNDETERMINED:
        assert decision.missing
        assert decision.statements
    else:
        assert not decision.missing


def test_case_names_are_unique() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
