"""Where a statement stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRef:
    """A statement's address.

    The policy's name, the Sid, the place in the list (from 0) and in the text (from 1).
    """

    policy: str
    sid: str | None
    index: int
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.policy}:{self.line}:{self.column} ({self.sid or f'statement {self.index}'})"
