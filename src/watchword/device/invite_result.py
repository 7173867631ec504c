"""What a run of a round found and did, and how it is said that one could not go on."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from watchword.aws import Refusal
from watchword.device.errors import RoundStopped, login_command
from watchword.device.invite_instructions import Written
from watchword.device.invite_leftovers import Leftover
from watchword.device.invite_pace import THROTTLED, Pace
from watchword.device.invite_person import NotChecked, Standing
from watchword.device.invite_round import Entry
from watchword.errors import SignInNeeded, WatchwordError

SEE: Final = "docs/devices/invite.md"

Progress = Callable[[int, int, "Counter[Standing]"], None]
"""Told how many of how many people were looked at, and how many stand where."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A person of the list, and what this run did for them; `written` is None when it wrote nothing."""

    entry: Entry
    written: Written | None
    newly_enrolled: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """What a run found and did.

    `not_checked` is about the whole account; `not_listed` counts those in the round whom the list does not
    name (any more).
    """

    account: str
    folder: Path
    dry_run: bool
    began_at: datetime
    guests: tuple[Guest, ...]
    leftovers: tuple[Leftover, ...] = ()
    not_checked: tuple[NotChecked, ...] = ()
    notes: tuple[str, ...] = ()
    not_listed: int = 0

    def count(self, standing: Standing) -> int:
        """Return how many people stand there."""
        return sum(guest.entry.finding.standing is standing for guest in self.guests)


def stopped_after(pace: Pace, done: int, total: int, *, profile: str) -> WatchwordError:
    """Return the error of a run that could not go on, with how far it came and why."""
    cause = pace.cause
    message = f"stopped after {done} of {total} people: {cause.message if cause else 'nobody wanted more'}"
    again = "type the same again: it goes on from there"
    if isinstance(cause, Refusal) and cause.code not in THROTTLED:
        return SignInNeeded(message, hint=f"`{login_command(profile)} --force`, then {again}", see=SEE)
    return RoundStopped(
        message, hint=f"{cause.hint}; then {again}" if cause and cause.hint else again, see=SEE
    )
