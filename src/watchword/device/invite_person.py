"""What is known of a person who is invited to enrol: where they stand, and why."""

from __future__ import annotations

import dataclasses
import enum
from datetime import datetime

from watchword.device.own import OwnDevice


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A line of the list: a user's name without its path, and what the list says beside it.

    `account` is that of an ARN in the list, None where only a name stands.
    """

    user_name: str
    line: int
    account: str | None = None
    full_name: str | None = None
    email: str | None = None


class Standing(enum.StrEnum):
    """Where a person stands."""

    ENROLLED = "enrolled"
    READY = "ready"
    FIDO_ONLY = "fido_only"
    CANNOT_ENROL = "cannot_enrol"
    NO_SUCH_USER = "no_such_user"
    NOT_KNOWN = "not_known"

    @property
    def is_settled(self) -> bool:
        """Whether nobody has to do anything but the person themselves."""
        return self in {Standing.ENROLLED, Standing.READY, Standing.FIDO_ONLY}

    @property
    def is_invited(self) -> bool:
        """Whether instructions are written: they lead somewhere, or may."""
        return self in {Standing.READY, Standing.FIDO_ONLY, Standing.NOT_KNOWN}


class Way(enum.StrEnum):
    """Where a person enrols."""

    TERMINAL = "terminal"
    CONSOLE = "console"


class Password(enum.StrEnum):
    """What is known of a person's console password."""

    NONE = "none"
    SET = "set"
    MUST_CHANGE = "must_change"
    NOT_KNOWN = "not_known"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class NotChecked:
    """Something that could not be looked at: what, and the operation that AWS refused."""

    what: str
    operation: str


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a look at one person found; `checked_at` is aware UTC.

    `reasons` say why nobody can tell, or why they cannot enrol; `remarks` what is worth knowing beside.
    `active_keys` is None where it was not told.
    """

    user_name: str
    standing: Standing
    checked_at: datetime
    reasons: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    devices: tuple[OwnDevice, ...] = ()
    way: Way = Way.TERMINAL
    active_keys: int | None = None
    password: Password = Password.NOT_KNOWN
    not_checked: tuple[NotChecked, ...] = ()

    @property
    def enrolled_at(self) -> datetime | None:
        """Return when the first device that gives codes was enabled; None without one, or without a date."""
        dates = [each.enabled_at for each in self.devices if each.kind.usable_for_cli and each.enabled_at]
        return min(dates, default=None)
