"""What the person at the keyboard types."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from watchword.tour import Stage, open_stage
from watchword.tour.people import code, next_code

# A phone whose code changes at every look.
PHONE = """#!/bin/sh
echo x >> "$HOME/looks"
looks=$(wc -l < "$HOME/looks")
printf '{"devices": [{"code": "00000%d", "next_code": "00000%d"}]}' "$looks" "$((looks + 1))"
"""


@pytest.fixture
def stage() -> Iterator[Stage]:
    with open_stage() as stage:
        phone = stage.folder / "bin" / "watchword"
        phone.parent.mkdir()
        phone.write_text(PHONE, encoding="utf-8")
        phone.chmod(0o700)
        stage.environment["PATH"] = f"{phone.parent}{os.pathsep}{stage.environment['PATH']}"
        yield stage


def test_the_second_code_follows_the_first_however_late_it_is_typed(stage: Stage) -> None:
    assert [code(stage), next_code(stage)] == ["000001", "000002"]
    assert [code(stage), next_code(stage)] == ["000002", "000003"]
