"""Enrolment: make a device, have it scanned, take two codes, enable it, check it, put the old one away."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime

from watchword.aws import Refusal, Signed, Unreachable
from watchword.device.acting import Acting, acting, acting_with, with_mfa
from watchword.device.ceremony import Presenter
from watchword.device.check import Checked, check_new_device, unchecked
from watchword.device.errors import SEE, NoSuchUser, replace_command
from watchword.device.interruption import ending_interrupts
from watchword.device.making import Made, Making
from watchword.device.own import OwnDevice, devices_of
from watchword.device.owner import Owner, check_name
from watchword.device.permitted import Talk, permitted
from watchword.device.profile_serial import Offered, offer_mfa_serial
from watchword.device.refusal import MOST_DEVICES, second_device, too_many
from watchword.device.removal import take_away
from watchword.device.unfinished import remove_leftover
from watchword.device.which import meant
from watchword.errors import WatchwordError
from watchword.local.terminal import Terminal
from watchword.session import Entrance, SignedIn, UnusableDevice, device_name
from watchword.session.device import Device


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for.

    `name` is the device's (None: the user's own), `user_name` whose it shall be (None: one's own). `replace`
    puts it in the place of `old`, a name or serial number; None: the only one, or the one that is chosen.
    `set_mfa_serial` is whether the profile shall name it; None: ask.
    """

    name: str | None = None
    user_name: str | None = None
    replace: bool = False
    old: str | None = None
    set_mfa_serial: bool | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A device that was enabled, and what became of all that was wanted with it.

    `enabled_at` is None when AWS's list does not show it, or not yet. `offered` is None where there is no
    profile of this user here. `old` is the serial number that was to be replaced: it is gone, unless
    `old_stays` says why not. `leftovers` are devices of nobody that AWS does not let go.
    """

    serial_number: str
    user_name: str
    account: str
    profile: str
    is_own: bool
    enabled_at: datetime | None
    checked: Checked
    offered: Offered | None
    old: str | None
    old_stays: WatchwordError | None
    leftovers: tuple[str, ...]


def enrol(
    entrance: Entrance,
    wish: Wish,
    *,
    presenter: Presenter,
    terminal: Terminal,
    announce: Callable[[SignedIn], None],
) -> Enrolled:
    """Enrol a virtual device for the user of a profile, or for another one of the account.

    `presenter` shows it to the person who has the phone; `terminal` is told what happens beside that, and
    asked what has to be asked; `announce` is told of a session that AWS wants for it. However this ends, no
    device is left that belongs to nobody, unless the process is killed, AWS is out of reach or it denies the
    removal: then the next enrolment removes it, or takes another name.
    Raises `DeviceError`, `UsageError`, `SignInNeeded`, `AwsRefused`, `Unreachable` and `NoTerminal`;
    `KeyboardInterrupt` when the user or a signal breaks it off.
    """
    if wish.name is not None:
        check_name(wish.name)
    asking = acting(entrance, wish.user_name, say=terminal.say)
    owner = asking.owner()
    presenter.prepare(owner)
    return _Enrolment(
        entrance=entrance,
        wish=wish,
        owner=owner,
        presenter=presenter,
        terminal=terminal,
        announce=announce,
    ).of(asking)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Enrolment:
    entrance: Entrance
    wish: Wish
    owner: Owner
    presenter: Presenter
    terminal: Terminal
    announce: Callable[[SignedIn], None]

    def of(self, asking: Acting) -> Enrolled:
        asking, own = self._look(asking)
        old = self._old(own) if self.wish.replace else None
        asking = self._allowed_to_add(asking, own or ())
        with ending_interrupts():
            made = self._make(asking, own or ())
            # Who had to give a code for it has another device, whether or not it may be listed.
            is_first = not own and made.acting is asking
            return self._after(made, old, is_first=is_first)

    def _look(self, asking: Acting) -> tuple[Acting, tuple[OwnDevice, ...] | None]:
        """Return the user's devices, and who saw them; None when they may not be seen and need not be."""
        user_name = self.owner.user_name
        try:
            if asking.is_own and not self.wish.replace:
                return asking, devices_of(asking.signed, user_name)
            # Administrators are often allowed nothing without MFA: better asked for now than in the end.
            return permitted(
                asking,
                lambda signed: devices_of(signed, user_name),
                resource=self.owner.arn,
                talk=self._talk(),
            )
        except Refusal as refusal:
            if refusal.code == "NoSuchEntity":
                raise _no_such_user(self.owner) from None
            if refusal.code != "AccessDenied" or self.wish.replace:
                raise
            return asking, None  # AWS will say whatever stands in the way

    def _old(self, own: tuple[OwnDevice, ...] | None) -> OwnDevice:
        return meant(
            own or (),
            self.wish.old,
            user_name=self.owner.user_name,
            title="which device shall the new one replace?",
            asks=True,
        )

    def _allowed_to_add(self, asking: Acting, own: tuple[OwnDevice, ...]) -> Acting:
        """Return who may add a device beside those there are; raise when AWS would not take it in the end."""
        if len(own) >= MOST_DEVICES:
            raise too_many(self.owner)
        if not own or not asking.is_own:
            return asking
        if not asking.has_session and not any(device.kind.usable_for_cli for device in own):
            raise second_device(own, profile=asking.profile)
        names = ", ".join(f"`{device_name(device.serial_number)}`" for device in own)
        return self._with_mfa(
            asking, f"you have a device already ({names}), and AWS adds another only with MFA"
        )

    def _with_mfa(self, asking: Acting, why: str) -> Acting:
        if asking.has_session or not asking.is_own:
            return asking
        self.terminal.say(f"{why}: a code of the device that you have is needed")
        if self.wish.replace:
            command = replace_command(self.owner.user_name)
            self.terminal.say(f"if you have lost it, an administrator replaces it: {command}")
        return with_mfa(asking, announce=self.announce)

    def _make(self, asking: Acting, own: tuple[OwnDevice, ...]) -> Made:
        if not asking.is_own:
            self.terminal.say(f"this is for `{self.owner.user_name}`: the code is for their phone, not yours")
        making = Making(
            acting=asking,
            owner=self.owner,
            presenter=self.presenter,
            say=self.terminal.say,
            announce=self.announce,
        )
        return making.under_a_free_name(own) if self.wish.name is None else making.under(self.wish.name)

    def _after(self, made: Made, old: OwnDevice | None, *, is_first: bool) -> Enrolled:
        """Check the device that was made, put the old one away, tidy up, offer the line of the profile."""
        answers_from_now_on = is_first or (old is not None and made.acting.is_own and self._answered(old))
        checked = self._checked(made, old, remember=answers_from_now_on)
        if checked.session is not None:
            self.terminal.say(
                f"`{device_name(made.serial_number)}` is enabled, and you are signed in with it"
            )
        acting = made.acting if checked.session is None else acting_with(made.acting, checked.session)
        old_stays = self._retired(acting, checked, old)
        leftovers = [
            each for each in made.leftovers if not remove_leftover(acting.signed, each, say=self.terminal.say)
        ]
        return Enrolled(
            serial_number=made.serial_number,
            user_name=self.owner.user_name,
            account=self.owner.account,
            profile=made.acting.profile,
            is_own=made.acting.is_own,
            enabled_at=_enabled_at(acting.signed, self.owner.user_name, made.serial_number),
            checked=checked,
            offered=self._offered(made, asks=answers_from_now_on),
            old=None if old is None else old.serial_number,
            old_stays=old_stays,
            leftovers=tuple(leftovers),
        )

    def _answered(self, old: OwnDevice) -> bool:
        """Return whether the old device is the one that answers for the profile's key, as far as is known."""
        try:
            known = self.entrance.of_user().known_device()
        except UnusableDevice:
            return True
        named = {self.entrance.profile.mfa_serial, known.serial_number if known else None} - {None}
        return not named or old.serial_number in named

    def _checked(self, made: Made, old: OwnDevice | None, *, remember: bool) -> Checked:
        if not made.acting.is_own:
            return unchecked(self.owner.user_name)
        try:
            return check_new_device(
                self.entrance,
                Device(serial_number=made.serial_number),
                made.codes,
                say=self.terminal.say,
                countdown=self.terminal.countdown,
                remember=remember,
            )
        except KeyboardInterrupt:
            if old is not None:
                self.terminal.say(f"`{old.serial_number}` is enabled as well: nothing was replaced")
            raise

    def _retired(self, acting: Acting, checked: Checked, old: OwnDevice | None) -> WatchwordError | None:
        """Put the old device away; return why it stays."""
        if old is None:
            return None
        if acting.is_own and checked.session is None:
            return WatchwordError(
                f"`{old.serial_number}` was not removed: no code of the new device was checked",
                hint="when you have signed in with the new one: `watchword device remove`",
                see=SEE,
            )
        try:
            removal = take_away(acting, self.owner, old.serial_number, talk=self._talk())
        except WatchwordError as error:
            return error
        if removal.left is not None:
            self.terminal.say(
                f"`{old.serial_number}` is nobody's now, but was not deleted: {removal.left.message}"
            )
        return None

    def _talk(self) -> Talk:
        return Talk(say=self.terminal.say, announce=self.announce)

    def _offered(self, made: Made, *, asks: bool) -> Offered | None:
        """Offer to name the device in the profile; a second one only if that is wished."""
        if not made.acting.is_own:
            return None
        wished = self.wish.set_mfa_serial
        return offer_mfa_serial(
            self.entrance,
            made.serial_number,
            terminal=self.terminal if wished or (wished is None and asks) else None,
            yes=bool(wished),
        )


def _enabled_at(signed: Signed, user_name: str, serial_number: str) -> datetime | None:
    try:
        own = devices_of(signed, user_name)
    except (Refusal, Unreachable):
        return None  # it is enabled, AWS said so; only the date is not known
    return next((device.enabled_at for device in own if device.serial_number == serial_number), None)


def _no_such_user(owner: Owner) -> NoSuchUser:
    return NoSuchUser(
        f"account {owner.account} has no user `{owner.user_name}`",
        hint="names of users mind case, and are without the path",
        see=SEE,
    )
