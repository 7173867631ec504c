"""What this machine knows of a device: which profiles name it, and when it opened a session.

AWS keeps no date of a device's last use; the audit log of this machine does, for what was opened here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime

from watchword.local.audit_log import entries
from watchword.session import AWS_ITSELF, How, SessionStore
from watchword.session.profile_files import KEY_ID, read_profile_files


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class KnownHere:
    """`last_used_at` is when its code last opened a session from here, None when none is known of.

    `mfa_serial_of` are the profiles that name it as `mfa_serial`, `remembered_for` those it answered for.
    """

    last_used_at: datetime | None = None
    mfa_serial_of: tuple[str, ...] = ()
    remembered_for: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """This machine's memory, for one account at one endpoint, by serial number."""

    last_used: Mapping[str, datetime]
    named: Mapping[str, str]
    remembered: Mapping[str, str]

    def of(self, serial_number: str) -> KnownHere:
        """Return what is known of the device with this serial number."""
        return KnownHere(
            last_used_at=self.last_used.get(serial_number),
            mfa_serial_of=_profiles(self.named, serial_number),
            remembered_for=_profiles(self.remembered, serial_number),
        )


def known_here(
    store: SessionStore, environment: Mapping[str, str], *, endpoint: str | None, account: str
) -> Here:
    """Return what this machine knows. `endpoint` is the STS endpoint of the profile, None for AWS's own.

    Raises `UnsafeAuditLog`, `UnusableCache`, `UnreadableAwsFile`.
    """
    where, files = endpoint or AWS_ITSELF, read_profile_files(environment)
    named, remembered = {}, {}
    for profile in files.names():
        settings = files.settings(profile)
        if serial_number := settings.get("mfa_serial"):
            named[profile] = serial_number
        key = settings.get(KEY_ID)
        if key and (answered := store.device_of(where, key)):
            remembered[profile] = answered.serial_number
    return Here(last_used=_last_used(environment, where, account), named=named, remembered=remembered)


def _last_used(environment: Mapping[str, str], endpoint: str, account: str) -> dict[str, datetime]:
    """Return when a code of each device last opened a session; one that another session opened took none."""
    found: dict[str, datetime] = {}
    for entry in entries(environment):
        event = entry.event or {}
        if (event.get("how"), event.get("endpoint"), event.get("account")) == (How.CODE, endpoint, account):
            at = datetime.fromisoformat(event["time"]).astimezone(UTC)
            serial_number = str(event.get("serial_number"))
            found[serial_number] = max(at, found.get(serial_number, at))
    return found


def _profiles(named: Mapping[str, str], serial_number: str) -> tuple[str, ...]:
    return tuple(profile for profile, its in named.items() if its == serial_number)
