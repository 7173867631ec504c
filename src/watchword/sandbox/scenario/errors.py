"""What can be wrong with a scenario.

WatchwordError
├── ScenarioInvalid     the file cannot be followed: every problem of it, each with its place
└── ScenarioRefused     the sandbox refused something that the file asks for
"""

from __future__ import annotations

from typing import Final, TypeAlias

from watchword.account.written import FileProblem
from watchword.errors import WatchwordError, printable

SEE: Final = "docs/sandbox/scenario.md"
_SHOWN: Final = 3

ScenarioProblem: TypeAlias = FileProblem
"""One thing that is wrong with a scenario, and where."""


class ScenarioInvalid(WatchwordError):
    """A file is not a scenario. `problems` holds all that is wrong, in the order of the files."""

    def __init__(self, file: str, problems: tuple[ScenarioProblem, ...]) -> None:
        rest = len(problems) - _SHOWN
        shown = "; ".join(str(problem) for problem in problems[:_SHOWN])
        beside = f"; and {rest} more" if rest > 0 else ""
        super().__init__(f"`{file}` is not a scenario: {shown}{beside}", see=SEE)
        self.file = file
        self.problems = problems

    def diagnostics(self) -> str:
        """Return the error with every problem on a line of its own."""
        lines = [f"error: `{printable(self.file)}` is not a scenario"]
        lines += [f"  {printable(str(problem))}" for problem in self.problems]
        return "\n".join([*lines, f"see: {self.see}"])


class ScenarioRefused(WatchwordError):
    """The sandbox refused a call that a scenario needs. Nothing of the scenario is left in it."""
