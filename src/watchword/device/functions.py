"""What `watchword.device` does for programs: the commands' own functions, without a terminal of their own."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable
from datetime import datetime

from watchword.aws import Refusal
from watchword.device.acting import acting
from watchword.device.code import ShownCode, show_code
from watchword.device.enrol import Enrolled, Wish, enrol
from watchword.device.kind import DeviceKind
from watchword.device.listing import list_user
from watchword.device.program import (
    LOG,
    TALK,
    AskCode,
    AskPair,
    Nobody,
    Shown,
    announce,
    entrance_of,
    two_codes,
)
from watchword.device.refusal import explained
from watchword.device.remove import RemovalWish, remove
from watchword.device.replace import Replacement, replace
from watchword.device.resync import ResyncWish, resync
from watchword.device.which import meant, shown_name
from watchword.errors import WatchwordError
from watchword.session import Entrance, parse_code_from
from watchword.session import Wish as SignInWish

AskPairOf = Callable[[str, str | None], tuple[str, str]]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of a user.

    `name` is what people call it; `enabled_at` is aware UTC, None when AWS did not say. `usable_for_cli` is
    whether codes of it open sessions.
    """

    serial_number: str
    name: str
    kind: DeviceKind
    user_name: str
    enabled_at: datetime | None
    usable_for_cli: bool


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledDevice:
    """A device that was enabled.

    `session_expires_at` (aware UTC) is when the session ends that its first code opened; None when none was
    opened, and `why_unchecked` says why. `replaced` is the serial number of the device that it replaces: that
    is gone, unless `old_stays` says why not. `leftovers` are devices of nobody that AWS does not let go.
    """

    serial_number: str
    user_name: str
    account: str
    enabled_at: datetime | None
    session_expires_at: datetime | None
    why_unchecked: str | None
    replaced: str | None
    old_stays: WatchwordError | None
    leftovers: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemovedDevice:
    """A device that was taken from its user; `opens` are sentences that say what that opens.

    `deleted` is whether it was deleted too, which only virtual devices are; `left` is why one still exists,
    belonging to nobody.
    """

    serial_number: str
    user_name: str
    deleted: bool
    opens: tuple[str, ...]
    left: WatchwordError | None


def list_devices(profile: str | None, *, user_name: str | None, ask: AskCode) -> tuple[Device, ...]:
    """See `watchword.device.list_devices`."""
    asking = acting(entrance_of(profile, ask), user_name, say=LOG.info)
    try:
        (user,) = list_user(asking).users
    except Refusal as refusal:
        raise explained(refusal, asking, resource=asking.owner().arn) from None
    return tuple(
        Device(
            serial_number=device.serial_number,
            name=shown_name(device.serial_number),
            kind=device.kind,
            user_name=user.user_name,
            enabled_at=device.enabled_at,
            usable_for_cli=user.usable_for_cli(device),
        )
        for device in user.devices
    )


def enroll_device(
    profile: str | None, *, ask_pair: AskPair, name: str | None, user_name: str | None, ask: AskCode
) -> EnrolledDevice:
    """See `watchword.device.enroll_device`."""
    enrolled = enrol(
        entrance_of(profile, ask),
        Wish(name=name, user_name=user_name, set_mfa_serial=False),
        presenter=Shown(ask_pair=ask_pair),
        terminal=Nobody(),
        announce=announce,
    )
    return _enrolled(enrolled)


def replace_device(
    profile: str | None,
    *,
    ask_pair: AskPair,
    device: str | None,
    name: str | None,
    user_name: str | None,
    ask: AskCode,
) -> EnrolledDevice:
    """See `watchword.device.replace_device`."""
    way_in = entrance_of(profile, ask)
    old = _meant(way_in, device, user_name)
    replaced = replace(
        way_in,
        Replacement(old=old, name=name, user_name=user_name, set_mfa_serial=False),
        presenter=Shown(ask_pair=ask_pair),
        # Whoever can be asked for codes may have the old device at hand still.
        terminal=Nobody(agrees=ask is not None),
        talk=TALK,
        environment=os.environ,
    )
    return _enrolled(replaced.enrolled)


def resync_device(
    profile: str | None,
    *,
    ask_pair: AskPairOf,
    device: str | None,
    user_name: str | None,
    ask: AskCode,
) -> str:
    """See `watchword.device.resync_device`."""
    way_in = entrance_of(profile, ask)
    return resync(
        way_in,
        ResyncWish(device=_meant(way_in, device, user_name), user_name=user_name),
        terminal=Nobody(),
        talk=TALK,
        clock=time.time,
        asks=lambda serial_number, refused: two_codes(ask_pair(serial_number, refused)),
    ).serial_number


def remove_device(
    profile: str | None, *, device: str | None, user_name: str | None, ask: AskCode
) -> RemovedDevice:
    """See `watchword.device.remove_device`."""
    removed = remove(
        entrance_of(profile, ask),
        RemovalWish(device=device, user_name=user_name),
        terminal=None,
        talk=TALK,
        environment=os.environ,
    )
    return RemovedDevice(
        serial_number=removed.serial_number,
        user_name=removed.owner.user_name,
        deleted=removed.removal.deleted,
        opens=tuple(removed.opening.lines) if removed.opening else (),
        left=removed.removal.left,
    )


def device_code(profile: str | None, *, source: str | None, wait: bool) -> ShownCode:
    """See `watchword.device.device_code`."""
    wish = SignInWish(code_from=parse_code_from(source) if source else None)
    return show_code(entrance_of(profile, None, wish), Nobody(), wait=wait)


def _enrolled(found: Enrolled) -> EnrolledDevice:
    session = found.checked.session
    return EnrolledDevice(
        serial_number=found.serial_number,
        user_name=found.user_name,
        account=found.account,
        enabled_at=found.enabled_at,
        session_expires_at=session.expires_at if session else None,
        why_unchecked=found.checked.why_not,
        replaced=found.old,
        old_stays=found.old_stays,
        leftovers=found.leftovers,
    )


def _meant(way_in: Entrance, device: str | None, user_name: str | None) -> str | None:
    """Return which device is meant, so that nobody is asked; None where the list is denied."""
    if device is not None:
        return device
    asking = acting(way_in, user_name, say=LOG.info)
    try:
        (user,) = list_user(asking).users
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        return None
    return meant(user.devices, None, user_name=user.user_name, title="", asks=False).serial_number
