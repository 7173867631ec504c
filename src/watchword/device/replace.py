"""A lost phone: a new device in the place of an old one, by its user or by an administrator."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from watchword.device.acting import Acting, acting
from watchword.device.ceremony import Presenter
from watchword.device.enrol import Enrolled, Wish, enrol
from watchword.device.forgotten import Forgotten, forget
from watchword.device.kind import DeviceKind, kind_of
from watchword.device.opens import what_lives_on
from watchword.device.own import OwnDevice
from watchword.device.owner import Owner
from watchword.device.permitted import Talk, signed_in_with
from watchword.device.remove import (
    Removed,
    nothing_at_hand,
    remove_as,
    seen_devices,
    session_to_change,
)
from watchword.device.which import meant, shown_name
from watchword.local.terminal import Terminal
from watchword.session import Entrance


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What is asked for.

    `old` is the device that goes, by name or serial number (None: the only one), `name` what the new one is
    called (None: like its user). `user_name` is whose it is; None for one's own. `set_mfa_serial` is whether
    the profile shall name the new one; None: ask.
    """

    old: str | None = None
    name: str | None = None
    user_name: str | None = None
    set_mfa_serial: bool | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """A new device in the place of the one with the serial number `old`.

    `forgotten` is what this machine held of the old one; None when it stays.
    """

    owner: Owner
    profile: str
    old: str
    enrolled: Enrolled
    forgotten: Forgotten | None


def is_own(entrance: Entrance, user_name: str | None, *, talk: Talk) -> Acting | None:
    """Return who acts when the devices are their own; None when they are another user's."""
    asking = acting(entrance, user_name, say=talk.say)
    return asking if asking.is_own else None


def replace(
    entrance: Entrance,
    wanted: Replacement,
    *,
    presenter: Presenter,
    terminal: Terminal,
    talk: Talk,
    environment: Mapping[str, str],
) -> Replaced:
    """Enrol a device at this terminal, check it, and remove the old one then.

    One's own needs a session with MFA: the one that is open, else one of another device, else one of the old
    device itself, if it is still at hand. For another user no code is needed.
    Raises `OnlyAnAdministrator` when nothing of that is there, `NoSuchDevice`, and what `enrol` raises.
    """
    asking = acting(entrance, wanted.user_name, say=talk.say)
    owner = asking.owner()
    asking, devices = seen_devices(asking, owner, talk=talk, named=False)
    old = meant(devices or (), wanted.old, user_name=owner.user_name, title="replace which device", asks=True)
    if asking.is_own:
        _sign_in(asking, old, devices or (), terminal, talk)
    talk.say(
        f"`{shown_name(old.serial_number)}` goes when the new device is there; {what_lives_on(old.kind)}"
    )
    enrolled = enrol(
        entrance,
        Wish(
            name=wanted.name,
            user_name=wanted.user_name,
            replace=True,
            old=old.serial_number,
            set_mfa_serial=wanted.set_mfa_serial,
        ),
        presenter=presenter,
        terminal=terminal,
        announce=talk.announce,
    )
    return Replaced(
        owner=owner,
        profile=asking.profile,
        old=old.serial_number,
        enrolled=enrolled,
        forgotten=None
        if enrolled.old_stays
        else forget(asking, old.serial_number, [_new(enrolled)], environment),
    )


def make_room(
    entrance: Entrance,
    wanted: Replacement,
    *,
    terminal: Terminal | None,
    talk: Talk,
    environment: Mapping[str, str],
) -> Removed:
    """Remove the lost device of another user, who enrols the new one themselves; as `remove`."""
    asking = acting(entrance, wanted.user_name, say=talk.say)
    return remove_as(asking, wanted.old, terminal=terminal, talk=talk, environment=environment)


def _sign_in(
    asking: Acting, old: OwnDevice, devices: Sequence[OwnDevice], terminal: Terminal, talk: Talk
) -> None:
    """See to it that there is a session with MFA, with a code of what is at hand."""
    name = shown_name(old.serial_number)
    if asking.has_session:
        talk.say(f"the session that is open is enough: no code of `{name}` is needed")
        return
    staying = [device for device in devices if device.serial_number != old.serial_number]
    if any(device.kind.usable_for_cli for device in staying):
        session_to_change(asking, old, staying, talk)
        return
    if not old.kind.usable_for_cli:
        raise nothing_at_hand(asking.identity.name, old, devices)
    talk.say("AWS changes the devices of somebody who has one in a session with MFA only")
    if not terminal.confirm(f"is `{name}` still at hand, so that it can show a code?"):
        raise nothing_at_hand(asking.identity.name, old, staying)
    signed_in_with(asking, old.serial_number, announce=talk.announce)


def _new(enrolled: Enrolled) -> OwnDevice:
    kind: DeviceKind = kind_of(enrolled.serial_number)
    return OwnDevice(serial_number=enrolled.serial_number, kind=kind, enabled_at=enrolled.enabled_at)
