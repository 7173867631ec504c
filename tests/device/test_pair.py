from __future__ import annotations

from collections.abc import Callable

from watchword.device.card import Card
from watchword.device.pair import ask_pair


class TypedScreen:
    """A screen on which the lines are typed that a test gives; keeps the prompts as they were first shown."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.prompts: list[str] = []

    def display(self, card: Card) -> None:
        raise AssertionError("only prompts here")

    def ask(self, prompt: Callable[[], str]) -> str:
        self.prompts.append(prompt())
        return self.lines.pop(0)


def test_two_codes_are_taken_as_typed() -> None:
    screen = TypedScreen("123456", "654321")
    assert ask_pair(screen, clock=lambda: 1000.0) == ("123456", "654321")


def test_the_prompt_tells_when_the_app_shows_the_second_code() -> None:
    screen = TypedScreen("123456", "654321")
    ask_pair(screen, clock=lambda: 60.0 + 13.5)
    assert screen.prompts[1] == "second code (your app shows it in 17 s): "


def test_when_the_step_is_over_the_second_code_is_there() -> None:
    times = iter([60.0 + 13.5, 90.0])
    screen = TypedScreen("123456", "654321")
    ask_pair(screen, clock=lambda: next(times))
    assert screen.prompts[1] == "second code (your app shows it now): "


def test_spaces_as_apps_show_them_are_fine() -> None:
    assert ask_pair(TypedScreen("123 456", " 654 321 "), clock=lambda: 0.0) == ("123456", "654321")


def test_anything_but_six_digits_is_asked_again_at_once() -> None:
    screen = TypedScreen("12345", "", "abcdef", "١٢٣٤٥٦", "123456", "1234567", "654321")
    assert ask_pair(screen, clock=lambda: 0.0) == ("123456", "654321")
    assert screen.prompts[1] == "six digits are needed; first code: "
    assert screen.prompts[6].startswith("six digits are needed; second code (")


def test_the_same_code_twice_is_not_a_pair() -> None:
    screen = TypedScreen("123456", "123 456", "654321")
    assert ask_pair(screen, clock=lambda: 0.0) == ("123456", "654321")
    assert screen.prompts[2].startswith("that is the first one again; second code (")
