"""What this room raises.

WatchwordError
├── ClaimsInvalid       a file of claims cannot be followed: every problem of it, each with its place
├── NoSuchPrincipal     none of the accounts has the principal that was asked for
├── WitnessRefused      a witness is not allowed when it is asked again: a defect of Watchword
└── RuleUnreadable      a file of the catalogue of escalations is damaged (in `escalation`)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from watchword.errors import WatchwordError, printable

if TYPE_CHECKING:  # a reader of YAML comes with it, which is for claims in files only
    from watchword.account.written import FileProblem

_SHOWN: Final = 3


class ClaimsInvalid(WatchwordError):
    """A file does not hold claims. `problems` holds all that is wrong, in its order."""

    def __init__(self, file: str, problems: tuple[FileProblem, ...]) -> None:
        rest = len(problems) - _SHOWN
        shown = "; ".join(str(problem) for problem in problems[:_SHOWN])
        beside = f"; and {rest} more" if rest > 0 else ""
        super().__init__(f"`{file}` is not a file of claims: {shown}{beside}", see="docs/prove/claims.md")
        self.file = file
        self.problems = problems

    def diagnostics(self) -> str:
        """Return the error with every problem on a line of its own."""
        lines = [f"error: `{printable(self.file)}` is not a file of claims"]
        lines += [f"  {printable(str(problem))}" for problem in self.problems]
        return "\n".join([*lines, f"see: {self.see}"])


class NoSuchPrincipal(WatchwordError):
    """None of the accounts has a principal that was asked for."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        hint = f"did you mean {' or '.join(f'`{each}`' for each in near)}" if near else None
        super().__init__(
            f"no principal of the account is `{name}`",
            hint=hint or "write its ARN, `user/NAME`, `role/NAME` or `root`",
            see="docs/prove/index.md",
        )


class WitnessRefused(WatchwordError):
    """A witness that the engine does not allow when it is asked again. It is not shown: it would be wrong."""

    def __init__(self, action: str, actor: str, outcome: str) -> None:
        super().__init__(
            f"a proof contradicts itself: `{action}` by `{actor}` was taken for allowed and is `{outcome}`",
            hint="this is a defect of watchword: please report it, with the policies if you can",
            see="docs/prove/index.md",
        )
