"""The smallest change that closes a way in, proved again before it is offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from watchword.account.accounts import Accounts
from watchword.iam import Assumptions, Universe
from watchword.proof.findings import Group
from watchword.proof.result import Fix


@dataclass(kw_only=True)
class Fixing:
    """Looks for changes."""

    accounts: Accounts
    universe: Universe
    assumptions: Assumptions
    today: date

    def fix(self, group: Group) -> Fix | None:
        """Return the smallest change of those tried that closes a group's way in."""

    def why_none(self, group: Group) -> str:
        """Say why there is no fix."""
        return "none of the changes that were tried closes it"
