"""Devices that belong to nobody and stand in somebody's way: whose they are, and when they are cleared."""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from watchword.aws import Refusal, Signed, delete_virtual_mfa_device
from watchword.device.invite_account import AccountFacts, name_of
from watchword.device.invite_person import Person

STALE_AFTER: Final = timedelta(hours=1)
"""Nobody sits before a QR code for that long; AWS does not tell how old an unassigned device is."""

_NUMBERED: Final = re.compile(r"(.+)-[2-9]")


class Clear(enum.StrEnum):
    """Which leftovers are removed."""

    STALE = "stale"
    ALL = "all"
    NONE = "none"


class Fate(enum.StrEnum):
    """What became of a leftover."""

    CLEARED = "cleared"
    WOULD_GO = "would_go"
    YOUNG = "young"
    KEPT = "kept"
    REFUSED = "refused"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """An unassigned device that enrolment would have named after a person; `why` says what AWS refused."""

    serial_number: str
    user_name: str
    first_seen_at: datetime
    fate: Fate
    why: str | None = None


def leftovers_of(people: Sequence[Person], facts: AccountFacts) -> Iterator[tuple[str, Person]]:
    """Yield the unassigned devices that are certainly named after one of these people, with whom.

    Those are called like the user, or like the user and a number from 2 to 9, as enrolment does when the name
    is taken; the latter only when it is known that no user has that name.
    """
    by_name = {person.user_name.casefold(): person for person in people}
    users = None if facts.user_names is None else {name.casefold() for name in facts.user_names}
    for serial_number in facts.unassigned:
        name = name_of(serial_number).casefold()
        person = by_name.get(name)
        numbered = _NUMBERED.fullmatch(name)
        if person is None and numbered and users is not None and name not in users:
            person = by_name.get(numbered.group(1))
        if person is not None:
            yield serial_number, person


def clear_leftovers(
    signed: Signed,
    found: Sequence[tuple[str, Person]],
    seen: Mapping[str, datetime],
    *,
    clear: Clear,
    dry_run: bool,
    now: datetime,
) -> tuple[Leftover, ...]:
    """Remove those that may go (none in a `dry_run`), and say what became of each.

    `seen` says when a run saw each first. A device that was enabled meanwhile stays: AWS deletes none that
    belongs to somebody (`DeleteConflict`). Raises what is neither a refusal for that nor for a permission.
    """
    leftovers = []
    for serial_number, person in found:
        first_seen_at = seen.get(serial_number, now)
        fate, why = _fate(clear, now - first_seen_at), None
        if fate is Fate.CLEARED:
            fate, why = (Fate.WOULD_GO, None) if dry_run else _removed(signed, serial_number)
        leftovers.append(
            Leftover(
                serial_number=serial_number,
                user_name=person.user_name,
                first_seen_at=first_seen_at,
                fate=fate,
                why=why,
            )
        )
    return tuple(leftovers)


def _removed(signed: Signed, serial_number: str) -> tuple[Fate, str | None]:
    try:
        delete_virtual_mfa_device(signed, serial_number)
    except Refusal as refusal:
        match refusal.code:
            case "NoSuchEntity":
                pass  # somebody else removed it a moment ago
            case "DeleteConflict":
                return Fate.REFUSED, "it was enabled meanwhile"
            case "AccessDenied":
                return Fate.REFUSED, f"`{refusal.operation}` is denied"
            case _:
                raise
    return Fate.CLEARED, None


def _fate(clear: Clear, age: timedelta) -> Fate:
    match clear:
        case Clear.NONE:
            return Fate.KEPT
        case Clear.STALE if age < STALE_AFTER:
            return Fate.YOUNG
        case Clear.STALE | Clear.ALL:
            return Fate.CLEARED
