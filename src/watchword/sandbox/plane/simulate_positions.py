"""Where a statement stands in its policy, as the simulator counts.

AWS's reader says where it was before it took the statement's `{`, and where it was after its `}`: a statement
begins just behind the `[` of the list, or behind the `}` of the statement before it; one that stands alone
begins behind its own `{`. Lines and columns count from 1; a column counts characters.

Source: API_Statement and the examples of the AWS CLI (simulate-custom-policy); observed on AWS.
"""

from __future__ import annotations

from dataclasses import dataclass

from watchword.iam.policy import Policy

_SPACES = " \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Position:
    """A line and a column."""

    line: int
    column: int

    def as_result(self) -> dict[str, int]:
        """Return the element `Position`."""
        return {"Line": self.line, "Column": self.column}


def positions(policy: Policy, text: str, index: int) -> tuple[Position, Position]:
    """Return where the statement `index` of a policy begins and ends in its `text`."""
    statement = policy.statements[index]
    return _position(text, _beginning(policy, text, index)), _position(text, statement.end)


def _beginning(policy: Policy, text: str, index: int) -> int:
    opening = policy.statements[index].offset
    before = len(text[:opening].rstrip(_SPACES))
    match text[before - 1]:
        case "[":
            return before
        case ",":
            return policy.statements[index - 1].end
        case _:
            return opening + 1


def _position(text: str, offset: int) -> Position:
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    lines = before.split("\n")
    return Position(line=len(lines), column=len(lines[-1]) + 1)
