"""What this room raises."""

from __future__ import annotations

from dataclasses import dataclass

from watchword.errors import WatchwordError

_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One thing that is wrong with a policy document: where (1-based), and what was expected."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class PolicySyntaxError(WatchwordError):
    """A document is not a policy that AWS would accept.

    `problems` holds what is wrong, in order; `more` is how many there are beyond those, at least when
    not all were `counted`.
    """

    def __init__(
        self, name: str, problems: tuple[Problem, ...], *, more: int = 0, counted: bool = True
    ) -> None:
        shown = "; ".join(str(problem) for problem in problems[:_SHOWN])
        rest = len(problems) - min(len(problems), _SHOWN) + more
        at_least = "" if counted else "at least "
        beside = f"; and {at_least}{rest} more" if rest > 0 else ""
        super().__init__(f"`{name}` is not a valid policy: {shown}{beside}", see="docs/rooms/iam.md")
        self.name = name
        self.problems = problems
        self.more = more
        self.counted = counted

    def diagnostics(self) -> str:
        """Return the error with every problem on a line of its own."""
        lines = [f"error: `{self.name}` is not a valid policy"]
        lines += [f"  {problem}" for problem in self.problems]
        lines += [f"  and {'' if self.counted else 'at least '}{self.more} more"] if self.more else []
        return "\n".join([*lines, f"see: {self.see}"])
