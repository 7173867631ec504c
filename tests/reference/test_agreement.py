"""The engine and the reference interpreter give the same answer to random cases.

The engine may be too careful: undetermined, where trying everything finds one answer alone. It may never be
sure where there are two.
"""

import json
import os

import pytest
from hypothesis import HealthCheck, given, note, settings

from reference.decide import answer, is_open
from reference.reading import JsonObject
from reference.strategies import cases
from watchword.iam.cases import read_cases

# `WATCHWORD_AGREEMENT_CASES` asks for more, which are other ones each time; unset: always the same.
_ASKED = os.environ.get("WATCHWORD_AGREEMENT_CASES")
_CASES = int(_ASKED or 3000)
_SHARE = 12_500
_SHARES = max(1, _CASES // _SHARE)


def no_files(path: str) -> str:
    """Refuse to read: the random cases hold all of their policies."""
    raise FileNotFoundError(path)


def engine_answer(case: JsonObject) -> str:
    """Ask the engine, through the format of case files."""
    text = json.dumps([{"name": "random", "expect": "allowed", **case}])
    (read,) = read_cases(text, name="random.json", read=no_files)
    return read.decide().outcome.value


def agree(case: JsonObject, found: str, expected: str) -> bool:
    """Say whether both answers can stand together.

    Where anything is open the engine may hold back, and call a denial implicit although some Deny
    matches whatever is true.
    """
    if found == expected:
        return True
    held_back = found == "undetermined" or (found, expected) == ("implicitDeny", "explicitDeny")
    return held_back and is_open(case, no_files)


@pytest.mark.parametrize("share", range(_SHARES))
@settings(
    max_examples=_CASES // _SHARES,
    derandomize=_ASKED is None,
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=cases())
def test_the_engine_agrees_with_the_reference(case: JsonObject, share: int) -> None:
    expected = answer(case, no_files)
    found = engine_answer(case)
    note(json.dumps(case, indent=1))
    assert agree(case, found, expected), f"the engine says {found}, the reference {expected}"
