"""Enrolment: make a device, show its seed as a QR code, take two codes, enable it."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from watchword.aws import Refusal, Signed, Unreachable
from watchword.device.acting import Acting, acting
from watchword.device.ceremony import Presenter, enable
from watchword.device.errors import NameTaken
from watchword.device.interruption import ending_interrupts
from watchword.device.own import OwnDevice, devices_of
from watchword.device.owner import Owner, check_name
from watchword.device.refusal import MOST_DEVICES, explained, resource_of, second_device, too_many
from watchword.device.unfinished import Say, new_device
from watchword.session import Entrance

_LAST_SUFFIX = 9


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: a `name` for the device (None: the user's own)."""

    name: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A device that was enabled; `enabled_at` is None when AWS's list does not show it, or not yet.

    `configured_serial` is what the profile has as `mfa_serial`; nothing was changed there.
    """

    serial_number: str
    user_name: str
    account: str
    profile: str
    enabled_at: datetime | None
    configured_serial: str | None


def enrol(entrance: Entrance, wish: Wish, *, presenter: Presenter, say: Say) -> Enrolled:
    """Enrol a virtual device for the user of a profile.

    `presenter` shows it to the person who has the phone; `say` is told what happens beside that. However this
    ends, no device is left that belongs to nobody, unless the process is killed or AWS is out of reach: then
    the next enrolment removes it.
    Raises `DeviceError`, `UsageError`, `SignInNeeded`, `AwsRefused`, `Unreachable` and `NoTerminal`;
    `KeyboardInterrupt` when the user or a signal breaks it off.
    """
    if wish.name is not None:
        check_name(wish.name)
    asking = acting(entrance, say=say)
    signed, owner = asking.signed, asking.owner()
    own = _own_devices(asking, owner)
    presenter.prepare(owner)
    with ending_interrupts():
        attempt = _Attempt(asking=asking, owner=owner, presenter=presenter, say=say)
        serial_number = attempt.under_a_free_name(own) if wish.name is None else attempt.under(wish.name)
        return Enrolled(
            serial_number=serial_number,
            user_name=owner.user_name,
            account=owner.account,
            profile=asking.profile,
            enabled_at=_enabled_at(signed, owner.user_name, serial_number),
            configured_serial=asking.entrance.profile.mfa_serial,
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    asking: Acting
    owner: Owner
    presenter: Presenter
    say: Say

    def under(self, name: str) -> str:
        """Make and enable a device of this name; return its serial number."""
        serial_number = self.owner.serial_number(name)
        try:
            with new_device(self.asking.signed, serial_number, say=self.say) as device:
                enable(self.asking.signed, self.owner, device, self.presenter)
        except Refusal as refusal:
            resource = resource_of(refusal.operation, self.owner, serial_number)
            raise explained(refusal, self.asking, resource=resource) from None
        return serial_number

    def under_a_free_name(self, own: tuple[OwnDevice, ...]) -> str:
        """The same, named after the user; with a number behind where that name is somebody's."""
        taken = {device.serial_number for device in own}
        names = [self.owner.user_name, *(f"{self.owner.user_name}-{n}" for n in range(2, _LAST_SUFFIX + 1))]
        free = [name for name in names if self.owner.serial_number(name) not in taken]
        for name in free[:-1]:
            try:
                return self.under(name)
            except NameTaken:
                self.say(f"there is a device named `{name}` already: trying the next name")
        return self.under(free[-1])


def _own_devices(asking: Acting, owner: Owner) -> tuple[OwnDevice, ...]:
    """Return the user's devices; raise when AWS would not take one more in the end."""
    try:
        own = devices_of(asking.signed, owner.user_name)
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        return ()  # not allowed to look: AWS will say whatever stands in the way
    if len(own) >= MOST_DEVICES:
        raise too_many(owner)
    if own and not asking.has_session:
        raise second_device(own, profile=asking.profile)
    return own


def _enabled_at(signed: Signed, user_name: str, serial_number: str) -> datetime | None:
    try:
        own = devices_of(signed, user_name)
    except (Refusal, Unreachable):
        return None  # it is enabled, AWS said so; only the date is not known
    return next((device.enabled_at for device in own if device.serial_number == serial_number), None)
