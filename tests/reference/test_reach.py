"""The random cases get everywhere: to each outcome, often, and to each layer as the one that decides.

A comparison of which most cases end at the first door shows little.
"""

import json
import random
from collections import Counter

import pytest

from reference.choices import Choices
from reference.condition_choices import OPERATORS
from reference.reading import JsonObject
from reference.strategies import case
from reference.test_agreement import no_files
from watchword.iam import Layer, Outcome
from watchword.iam.cases import read_cases
from watchword.iam.decision import Decision

_CASES = 1500


@pytest.fixture(scope="module")
def drawn() -> list[JsonObject]:
    source = random.Random(3)  # noqa: S311 (no secret)
    return [case(Choices(source.randbytes(700))) for _ in range(_CASES)]


@pytest.fixture(scope="module")
def decisions(drawn: list[JsonObject]) -> list[Decision]:
    named = [{"name": str(number), "expect": "allowed", **each} for number, each in enumerate(drawn)]
    read = read_cases(json.dumps(named), name="random.json", read=no_files)
    return [each.decide() for each in read]


def test_every_outcome_is_frequent(decisions: list[Decision]) -> None:
    outcomes = Counter(decision.outcome for decision in decisions)
    assert outcomes[Outcome.ALLOWED] > _CASES * 0.15
    assert outcomes[Outcome.EXPLICIT_DENY] > _CASES * 0.15
    assert outcomes[Outcome.IMPLICIT_DENY] > _CASES * 0.15
    assert outcomes[Outcome.UNDETERMINED] > _CASES * 0.03


def test_every_layer_decides(decisions: list[Decision]) -> None:
    assert {decision.layer for decision in decisions} == set(Layer)


def test_every_operator_is_asked(drawn: list[JsonObject]) -> None:
    text = json.dumps(drawn)
    missing = [name for name in OPERATORS if f'"{name}"' not in text and f'"{name}IfExists"' not in text]
    assert not missing
