"""Removing a device: what it opens is said first, then it is taken away and forgotten here."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from watchword.aws import Refusal, Unreachable, list_virtual_mfa_devices
from watchword.device.acting import Acting, acting
from watchword.device.errors import SEE_CHANGE, NoSuchDevice, OnlyAnAdministrator, replace_command
from watchword.device.forgotten import Forgotten, forget
from watchword.device.kind import DeviceKind, kind_of
from watchword.device.opens import Opening, what_lives_on, what_opens
from watchword.device.own import OwnDevice, devices_of
from watchword.device.owner import Owner
from watchword.device.permitted import Talk, permitted, signed_in_with
from watchword.device.removal import Removal, delete_unassigned, finish_begun, take_away
from watchword.device.which import is_called, meant, none_called, shown_name
from watchword.errors import WatchwordError
from watchword.local.terminal import Terminal
from watchword.session import Entrance


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RemovalWish:
    """What is asked for: a device by name or serial number (None: the only one); whose (None: one's own)."""

    device: str | None = None
    user_name: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A device that was removed. `opening` is None for one that belonged to nobody.

    `forgotten` is what this machine held of it; nothing is forgotten of a device of nobody.
    """

    owner: Owner
    is_own: bool
    profile: str
    serial_number: str
    removal: Removal
    opening: Opening | None
    forgotten: Forgotten | None


def remove(
    entrance: Entrance,
    wish: RemovalWish,
    *,
    terminal: Terminal | None,
    talk: Talk,
    environment: Mapping[str, str],
) -> Removed:
    """Remove a device of a user, or one of that name that belongs to nobody.

    What that opens is said before anything is done. `terminal` is asked whether to go on; None asks nothing.
    One's own devices need a session with MFA: one is opened with a device that stays, if there is one.
    `environment` says where the AWS files are.
    Raises `NoSuchDevice`, `NotAUser`, `NoSuchUser`, `OnlyAnAdministrator`, `WatchwordError` when the answer
    was no, and what `take_away` raises.
    """
    asking = acting(entrance, wish.user_name, say=talk.say)
    return remove_as(asking, wish.device, terminal=terminal, talk=talk, environment=environment)


def remove_as(
    asking: Acting,
    wanted: str | None,
    *,
    terminal: Terminal | None,
    talk: Talk,
    environment: Mapping[str, str],
) -> Removed:
    """Remove a device of the user on whose devices `asking` acts; as `remove`."""
    owner = asking.owner()
    finished = finish_begun(asking, owner, talk=talk)
    if finished and (wanted is None or is_called(finished.serial_number, wanted)):
        return _of_nobody(asking, owner, finished.serial_number, finished.removal)
    asking, devices = seen_devices(asking, owner, talk=talk, named=wanted is not None)
    if devices is not None and wanted is not None and not _has(devices, wanted):
        return _remove_unassigned(asking, owner, wanted, devices, terminal, talk)
    going = (
        meant(devices, wanted, user_name=owner.user_name, title="remove which device", asks=bool(terminal))
        if devices is not None
        else unseen(owner, str(wanted))
    )
    opening = say_what_opens(owner, going, devices, talk)
    _agreed(terminal, f"remove `{shown_name(going.serial_number)}`?")
    return remove_device(asking, owner, going, devices, opening=opening, talk=talk, environment=environment)


def remove_device(
    asking: Acting,
    owner: Owner,
    going: OwnDevice,
    devices: Sequence[OwnDevice] | None,
    *,
    opening: Opening,
    talk: Talk,
    environment: Mapping[str, str],
) -> Removed:
    """Take away a device, and forget it here. `devices` are all of the user's, None when not to be seen.

    Raises `NoSuchDevice` when it was not to be seen, and is none of theirs; and what `take_away` raises.
    """
    staying = [one for one in devices or () if one.serial_number != going.serial_number]
    if asking.is_own and not asking.has_session:
        asking = session_to_change(asking, going, staying, talk)
    removal = take_away(asking, owner, going.serial_number, talk=talk)
    if devices is None and _was_never_theirs(removal):
        raise not_found(owner, going)
    return Removed(
        owner=owner,
        is_own=asking.is_own,
        profile=asking.profile,
        serial_number=going.serial_number,
        removal=removal,
        opening=opening,
        forgotten=forget(asking, going.serial_number, staying, environment),
    )


def seen_devices(
    asking: Acting, owner: Owner, *, talk: Talk, named: bool
) -> tuple[Acting, tuple[OwnDevice, ...] | None]:
    """Return the user's devices, and who could see them.

    None where the list is denied and the device that is meant was `named`: then it is not needed.
    Raises the explained refusal, and what `permitted` raises.
    """
    if named:
        try:
            return asking, devices_of(asking.signed, owner.user_name)
        except Refusal as refusal:
            if refusal.code != "AccessDenied":
                raise
            return asking, None
    return permitted(
        asking, lambda signed: devices_of(signed, owner.user_name), resource=owner.arn, talk=talk
    )


def unseen(owner: Owner, wanted: str) -> OwnDevice:
    """Return the device with this serial number, or the virtual one of this name, that nobody may see."""
    serial_number = wanted if _is_serial_number(wanted) else owner.serial_number(wanted)
    return OwnDevice(serial_number=serial_number, kind=kind_of(serial_number), enabled_at=None)


def not_found(owner: Owner, device: OwnDevice) -> NoSuchDevice:
    """Return the error for a device that was taken for theirs without a look, and is not, or not any more."""
    return NoSuchDevice(
        f"`{owner.user_name}` has no device `{device.serial_number}`",
        hint=f"`watchword device list --user {owner.user_name}` shows which there are, to whoever may look",
        see=SEE_CHANGE,
    )


def _was_never_theirs(removal: Removal) -> bool:
    """Return whether AWS knew of no such device of theirs, and nothing of that name was deleted."""
    return not (removal.deactivated or removal.deleted or isinstance(removal.left, Unreachable))


def say_what_opens(
    owner: Owner, going: OwnDevice, devices: Sequence[OwnDevice] | None, talk: Talk
) -> Opening:
    """Say which device goes, what that opens, and what lives on; return what it opens."""
    opening = what_opens(owner.user_name, going.serial_number, devices)
    talk.say(f"{going.kind.value} device of `{owner.user_name}` to be removed: {going.serial_number}")
    for line in (*opening.lines, what_lives_on(going.kind)):
        talk.say(line)
    return opening


def session_to_change(asking: Acting, going: OwnDevice, staying: Sequence[OwnDevice], talk: Talk) -> Acting:
    """Return somebody with a session to change their own devices, opened with one that stays, if possible.

    Source: AWS security bulletin AWS-2023-001.
    """
    at_hand = [device for device in staying if device.kind.usable_for_cli]
    if at_hand:
        using = _preferred(asking, at_hand)
        talk.say(f"AWS wants a session with MFA for this: opened with `{shown_name(using)}`, which stays")
        return signed_in_with(asking, using, announce=talk.announce)
    if going.kind.usable_for_cli:
        name = shown_name(going.serial_number)
        talk.say(f"AWS wants a session with MFA for this, and only `{name}` itself can open one")
        return signed_in_with(asking, going.serial_number, announce=talk.announce)
    raise nothing_at_hand(asking.identity.name, going, [going, *staying])


def nothing_at_hand(user_name: str, going: OwnDevice, at_hand: Sequence[OwnDevice]) -> OnlyAnAdministrator:
    """Return the error of a user who has nothing to open a session with; `at_hand` gives no codes, if any."""
    keys = ", ".join(f"`{shown_name(device.serial_number)}`" for device in at_hand)
    console = f"; or you, signed in to the AWS console with {keys}" if keys else ""
    return OnlyAnAdministrator(
        f"there is no open session, and no device that gives codes but `{shown_name(going.serial_number)}`"
        if going not in at_hand
        else f"there is no open session, and no device that gives codes to open one (only {keys})",
        hint=f"only an administrator can help: `{replace_command(user_name)}`,"
        f" and then you: `watchword device enroll`{console}",
        see=SEE_CHANGE,
    )


def _preferred(asking: Acting, at_hand: Sequence[OwnDevice]) -> str:
    """Return the device that answered before, if it is one of these, else the first."""
    known = asking.entrance.known_device()
    serials = [device.serial_number for device in at_hand]
    return known.serial_number if known and known.serial_number in serials else serials[0]


def _remove_unassigned(
    asking: Acting,
    owner: Owner,
    wanted: str,
    devices: Sequence[OwnDevice],
    terminal: Terminal | None,
    talk: Talk,
) -> Removed:
    """Delete a device of that name that belongs to nobody: what a removal or an enrolment may leave."""
    try:
        entries = list_virtual_mfa_devices(asking.signed, assignment="Unassigned")
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        entries = ()
    serials = [each.serial_number for each in entries if is_called(each.serial_number, wanted)]
    if len(serials) != 1:
        raise none_called(devices, wanted, user_name=owner.user_name)
    talk.say(f"{serials[0]} belongs to nobody: an enrolment or a removal that was broken off has left it")
    _agreed(terminal, "delete it?")
    return _of_nobody(asking, owner, serials[0], delete_unassigned(asking, serials[0], talk=talk))


def _of_nobody(asking: Acting, owner: Owner, serial_number: str, removal: Removal) -> Removed:
    return Removed(
        owner=owner,
        is_own=asking.is_own,
        profile=asking.profile,
        serial_number=serial_number,
        removal=removal,
        opening=None,
        forgotten=None,
    )


def _agreed(terminal: Terminal | None, question: str) -> None:
    if terminal is not None and not terminal.confirm(question):
        raise WatchwordError("nothing was removed", hint="only `y` or `yes` removes it", see=SEE_CHANGE)


def _has(devices: Sequence[OwnDevice], wanted: str) -> bool:
    return any(is_called(device.serial_number, wanted) for device in devices)


def _is_serial_number(wanted: str) -> bool:
    return kind_of(wanted) is not DeviceKind.HARDWARE
