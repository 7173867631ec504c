from __future__ import annotations

import pytest

from watchword.report.style import ColorChoice, Style, wants_color


@pytest.mark.parametrize(
    ("choice", "environment", "is_terminal", "wanted"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"CLICOLOR_FORCE": "0"}, False, False),
        ("auto", {"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"CLICOLOR_FORCE": "1"}, True, False),
    ],
)
def test_when_to_colour(choice: str, environment: dict[str, str], is_terminal: bool, wanted: bool) -> None:
    assert wants_color(ColorChoice(choice), environment, is_terminal=is_terminal) is wanted


def test_without_colour_text_stays_as_it_is() -> None:
    plain = Style(color=False)
    assert [plain.good("a"), plain.bad("a"), plain.warning("a"), plain.strong("a"), plain.quiet("a")] == [
        "a"
    ] * 5
    assert Style(color=True).good("a") == "\x1b[32ma\x1b[0m"
    assert Style(color=True).good("") == ""
