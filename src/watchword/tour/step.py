"""A step of the story: what is typed, what must come of it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from watchword.tour.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the person at the keyboard does when a prompt appears.

    `prompt` is a regular expression; `text` is asked for what to type when the prompt is seen;
    `typed` says in words what that is, for codes and keys are not shown.
    """

    prompt: str
    text: Callable[[Stage], str]
    typed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of the story.

    `exit_codes` are the ones that are right, `says` the texts that the output must hold, and
    `never_says` those that it must not. `expectation` says the same to the reader.
    """

    part: str
    title: str
    command: str
    expectation: str
    exit_codes: tuple[int, ...] = (0,)
    says: tuple[str, ...] = ()
    never_says: tuple[str, ...] = ()
    answers: tuple[Answer, ...] = ()
    remember: Callable[[Stage, str], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A step that has been played. `problems` is empty when all went as it should."""

    step: Step
    output: str
    exit_code: int | None
    duration_seconds: float
    problems: tuple[str, ...]

    @property
    def as_expected(self) -> bool:
        """Return whether the step went as it should have."""
        return not self.problems

    def as_data(self) -> dict[str, Any]:
        """Return the played step as an element of `steps` in `watchword/tour/v1`."""
        return {
            "part": self.step.part,
            "title": self.step.title,
            "command": self.step.command,
            "typed": [answer.typed for answer in self.step.answers],
            "expectation": self.step.expectation,
            "as_expected": self.as_expected,
            "problems": list(self.problems),
            "exit_code": self.exit_code,
            "output": self.output,
            "duration_seconds": round(self.duration_seconds, 2),
        }
