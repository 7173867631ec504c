"""The reference interpreter gives the answer that every case file expects."""

import json
from pathlib import Path

import pytest

from reference.decide import answer
from reference.reading import JsonObject

_FOLDER = Path(__file__).parent.parent / "cases"


def _cases() -> list[tuple[str, JsonObject]]:
    return [
        (f"{path.stem}: {case['name']}", case)
        for path in sorted(_FOLDER.glob("*.json"))
        for case in json.loads(path.read_text(encoding="utf-8"))
        # The reference knows the assumptions' defaults alone.
        if not case.get("assumptions")
    ]


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in _cases()])
def test_the_reference_gives_the_expected_answer(case: JsonObject) -> None:
    found = answer(case, lambda path: (_FOLDER / path).read_text(encoding="utf-8"))
    assert found == case["expect"]
