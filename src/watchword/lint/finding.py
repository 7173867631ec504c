"""What a rule found: where, what it lets happen, and, where that is safe, the change that puts it right."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from watchword.iam.policy import Place


class Severity(enum.StrEnum):
    """How much a finding matters. The values are SARIF's levels."""

    ERROR = "error"
    """The policy does not do what it says: it lets something through, or it locks somebody out."""
    WARNING = "warning"
    """It is weaker, or wider, than it looks."""
    NOTE = "note"
    """Worth knowing; it may be what was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace `length` characters at `offset` of the document's text by `text`."""

    offset: int
    length: int
    text: str

    @property
    def end(self) -> int:
        """The offset just past what is replaced."""
        return self.offset + self.length


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """A change that puts a finding right.

    INVARIANT: applied to its document it allows nothing that the document did not allow.
    """

    description: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong or weak.

    `message` says what is wrong here and what it lets happen. `place` is where it begins, `end` just
    past where it ends; `statement` and `sid` name the statement, None where it is about the whole
    document.
    """

    rule: str
    severity: Severity
    message: str
    place: Place
    end: Place | None = None
    sid: str | None = None
    statement: int | None = None
    fix: Fix | None = None
