"""What the room's page says is what happens."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "rooms" / "lint.md"


def test_the_example_of_the_page_prints_what_the_page_shows() -> None:
    code, shown = re.findall(r"```(?:python|text)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})  # noqa: S102 -- our own page
    assert printed.getvalue() == shown


def test_every_file_of_the_room_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    room = Path(__file__).parents[2] / "src" / "watchword" / "lint"
    named = {"__init__.py", "errors.py"}
    assert [
        path.name for path in room.glob("*.py") if path.name not in named and f"`{path.name}`" not in text
    ] == []
