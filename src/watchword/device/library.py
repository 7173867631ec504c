"""What `watchword.device` does for programs: the commands' own functions, without a terminal of their own."""

from __future__ import annotations

import dataclasses
import logging
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, NoReturn

from watchword.aws import Refusal, named
from watchword.device.acting import acting
from watchword.device.ceremony import NewEnrolment
from watchword.device.code import ShownCode, show_code
from watchword.device.enrol import Enrolled, Wish, enrol
from watchword.device.errors import SEE_LIBRARY, BadPair
from watchword.device.kind import DeviceKind
from watchword.device.listing import list_user
from watchword.device.owner import Owner
from watchword.device.permitted import Talk
from watchword.device.refusal import explained
from watchword.device.remove import RemovalWish, remove
from watchword.device.replace import Replacement, replace
from watchword.device.resync import ResyncWish, resync
from watchword.device.which import meant, shown_name
from watchword.errors import NoTerminal, SignInNeeded, WatchwordError
from watchword.local.cache_folder import cache_folder
from watchword.local.dialog import open_terminal_or_dialog
from watchword.local.terminal import Terminal
from watchword.session import Entrance, SessionStore, SignedIn, chain_of, parse_code_from
from watchword.session import Wish as SignInWish
from watchword.session.refreshing import Program

AskCode = Callable[[str, str], str] | Literal["terminal"] | None
AskPair = Callable[[NewEnrolment, str | None], tuple[str, str]]
AskPairOf = Callable[[str, str | None], tuple[str, str]]

_SIX_DIGITS = re.compile(r"[0-9]{6}")
_log = logging.getLogger("watchword.device")


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
    asking = acting(_entrance(profile, ask), user_name, say=_log.info)
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
        _entrance(profile, ask),
        Wish(name=name, user_name=user_name, set_mfa_serial=False),
        presenter=_Shown(ask_pair=ask_pair),
        terminal=_Nobody(),
        announce=_announce,
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
    way_in = _entrance(profile, ask)
    old = _meant(way_in, device, user_name)
    replaced = replace(
        way_in,
        Replacement(old=old, name=name, user_name=user_name, set_mfa_serial=False),
        presenter=_Shown(ask_pair=ask_pair),
        # Whoever can be asked for codes may have the old device at hand still.
        terminal=_Nobody(agrees=ask is not None),
        talk=_TALK,
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
    way_in = _entrance(profile, ask)
    return resync(
        way_in,
        ResyncWish(device=_meant(way_in, device, user_name), user_name=user_name),
        terminal=_Nobody(),
        talk=_TALK,
        clock=time.time,
        asks=lambda serial_number, refused: two_codes(ask_pair(serial_number, refused)),
    ).serial_number


def remove_device(
    profile: str | None, *, device: str | None, user_name: str | None, ask: AskCode
) -> RemovedDevice:
    """See `watchword.device.remove_device`."""
    removed = remove(
        _entrance(profile, ask),
        RemovalWish(device=device, user_name=user_name),
        terminal=None,
        talk=_TALK,
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
    return show_code(_entrance(profile, None, wish), _Nobody(), wait=wait)


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
    asking = acting(way_in, user_name, say=_log.info)
    try:
        (user,) = list_user(asking).users
    except Refusal as refusal:
        if refusal.code != "AccessDenied":
            raise
        return None
    return meant(user.devices, None, user_name=user.user_name, title="", asks=False).serial_number


def _entrance(profile: str | None, ask: AskCode, wish: SignInWish | None = None) -> Entrance:
    wished = wish or SignInWish()
    chain = chain_of(profile, wished)
    hint = f"run `watchword login {named(chain.settings.name)}` in a terminal first"

    def open_terminal() -> Terminal:
        if callable(ask):
            return _Nobody()
        return open_terminal_or_dialog(hint=hint) if ask else _not_asked(hint)

    return Entrance(
        chain=chain,
        store=SessionStore(cache_folder()),
        open_terminal=open_terminal,
        now=lambda: datetime.now(UTC),
        wish=wished,
        code_source=Program(ask=ask) if callable(ask) else None,
    )


def _not_asked(hint: str) -> NoReturn:
    raise SignInNeeded(
        "a session with MFA is needed, and this program asks nobody for a code", hint=hint, see=SEE_LIBRARY
    )


def two_codes(pair: object) -> tuple[str, str]:
    """Return what a program gave as a pair; raise `BadPair`, which does not repeat it."""
    match pair:
        case (str() as first, str() as second):
            if _SIX_DIGITS.fullmatch(first) and _SIX_DIGITS.fullmatch(second) and first != second:
                return first, second
    raise BadPair(
        "the program's `ask_pair` gave no pair of codes",
        hint="two different texts of six digits each",
        see=SEE_LIBRARY,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A program that shows a new device, as a `Presenter`."""

    ask_pair: AskPair

    def prepare(self, owner: Owner) -> None:
        """Everything is the program's own concern."""

    def pair(self, new: NewEnrolment, refused: str | None) -> tuple[str, str]:
        return two_codes(self.ask_pair(new, refused))

    def done(self) -> None:
        """Everything is the program's own concern."""


class _Nobody:
    """A `Terminal` for programs: what is said goes to the log of the program, and waits are quiet.

    `agrees`: a question is answered with yes; else it is an error.
    """

    is_live = False

    def __init__(self, *, agrees: bool = False) -> None:
        self._agrees = agrees

    def say(self, text: str) -> None:
        _log.info(text)

    def ask(self, prompt: object, *, hidden: bool = False) -> str:  # noqa: ARG002 nobody is asked
        raise NoTerminal("a program asked for this, and nobody is at a terminal", see=SEE_LIBRARY)

    def confirm(self, question: str) -> bool:
        return self._agrees or bool(self.ask(question))

    def countdown(self, text: Callable[[int], str], seconds: int) -> None:
        _log.info(text(seconds))
        time.sleep(seconds)


def _announce(signed_in: SignedIn) -> None:
    _log.info("signed in as %s", signed_in.session.arn)


_TALK = Talk(say=_log.info, announce=_announce)
